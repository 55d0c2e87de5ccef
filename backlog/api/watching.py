"""Following an item: each person for themselves."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from accounts.api.http import MemberApiRequest, member_api
from activity.api import ORGANIZATION, read_query, refusals
from backlog.api.items import KEY, TAGS
from backlog.permissions import readable_item
from backlog.selectors.watching import is_watching
from backlog.services.watching import set_watching


class WatchingSerializer(serializers.Serializer[Any]):
    is_watching = serializers.BooleanField(help_text="Whether you follow it: what others change is under “Waiting for me”.")


@extend_schema(
    methods=["GET"],
    operation_id="read_watching",
    summary="Whether you follow an item",
    tags=TAGS,
    parameters=[ORGANIZATION, KEY],
    responses={200: WatchingSerializer, **refusals(400)},
)
@extend_schema(
    methods=["PUT"],
    operation_id="watch_item",
    summary="Follow an item",
    description="Who takes part in an item follows it by themselves. Twice is once.",
    tags=TAGS,
    parameters=[ORGANIZATION, KEY],
    request=None,
    responses={200: WatchingSerializer, **refusals(400, 403)},
)
@extend_schema(
    methods=["DELETE"],
    operation_id="unwatch_item",
    summary="No longer follow an item",
    description="Then nothing but you turns it on again. Twice is once.",
    tags=TAGS,
    parameters=[ORGANIZATION, KEY],
    responses={204: None, **refusals(400, 403)},
)
@member_api("GET", "PUT", "DELETE")
def watching(request: MemberApiRequest, key: str) -> Response:
    read_query(request)
    item = readable_item(access=request.access, key=key)
    if request.method != "GET":
        set_watching(item=item, person=request.user, is_watching=request.method == "PUT")
    if request.method == "DELETE":
        return Response(status=204)
    return Response(WatchingSerializer({"is_watching": is_watching(item=item, access=request.access)}).data)
