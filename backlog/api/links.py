"""Links of an item: listed, made, taken away."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from accounts.api.http import MemberApiRequest, member_api
from accounts.roles import Verb
from activity.api import ORGANIZATION, StrictSerializer, in_path, read_query, refusals
from activity.errors import UnknownReferenceError
from backlog.api.items import KEY, TAGS
from backlog.permissions import readable_item, visible_items
from backlog.selectors.dependencies import Link, list_links
from backlog.services.dependencies import RELATIONS, ends_of, link_dependency, unlink_between

_RELATION = "How the item stands to the other one. Only `waits_for` and `unblocks` count for the order."


class LinkSerializer(serializers.Serializer[Link]):
    """A link of an item, as its reader may see it."""

    relation = serializers.ChoiceField(choices=RELATIONS, help_text=_RELATION)
    item = serializers.SerializerMethodField(help_text="The key of the other item; null where you may not see it.")
    title = serializers.CharField()
    status = serializers.CharField(help_text="Its status in words; empty where you may not see it.")
    is_open = serializers.BooleanField(help_text="It is open, planned or in progress.")

    def get_item(self, link: Link) -> str | None:
        return link.key or None


class LinkListSerializer(serializers.Serializer[Any]):
    links = LinkSerializer(many=True)


@extend_schema_serializer(examples=[OpenApiExample("It waits", {"relation": "waits_for", "item": "CHK-231"}, request_only=True)])
class NewLinkSerializer(StrictSerializer):
    relation = serializers.ChoiceField(choices=RELATIONS, help_text=_RELATION)
    item = serializers.CharField(help_text="The key of the other item.")


@extend_schema(
    methods=["GET"],
    operation_id="list_links",
    summary="The links of an item",
    description="What it waits for, what waits for it, then the softer ones; each oldest first.",
    tags=TAGS,
    parameters=[ORGANIZATION, KEY],
    responses={200: LinkListSerializer, **refusals(400)},
)
@extend_schema(
    methods=["POST"],
    operation_id="add_link",
    summary="Link an item with another one",
    description="A link that stands already is answered as it is, so the same twice is one. Items that would wait for each other are refused: "
    "409 `dependency_cycle`, and the message prints the circle.",
    tags=TAGS,
    parameters=[ORGANIZATION, KEY],
    request=NewLinkSerializer,
    responses={200: LinkListSerializer, **refusals(400, 403, 409, 413, 415, 422)},
)
@member_api("GET", "POST")
def links(request: MemberApiRequest, key: str) -> Response:
    read_query(request)
    item = readable_item(access=request.access, key=key)
    if request.method == "POST":
        request.access.require(Verb.EDIT, item.team or item.train)
        given = NewLinkSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = given.validated_data
        other = visible_items(request.access).select_related("team", "train").filter(key=wanted["item"]).first()
        if other is None:
            raise UnknownReferenceError("There is no such item.", field="item")
        blocker, blocked, kind = ends_of(item, other, wanted["relation"])
        link_dependency(blocker=blocker, blocked=blocked, kind=kind, by=request.user, access=request.access)
    found = list_links(item=item, access=request.access)
    return Response(LinkListSerializer({"links": [*found.waits_for, *found.unblocks, *found.others]}).data)


@extend_schema(
    methods=["DELETE"],
    operation_id="remove_link",
    summary="Take a link away",
    tags=TAGS,
    parameters=[
        ORGANIZATION,
        KEY,
        in_path("relation", f"One of {', '.join(f'`{name}`' for name in RELATIONS)}."),
        in_path("other", "The key of the other item."),
    ],
    responses={204: OpenApiResponse(description="It is gone."), **refusals(400, 403)},
)
@member_api("DELETE")
def link_detail(request: MemberApiRequest, key: str, relation: str, other: str) -> Response:
    read_query(request)
    item, far = readable_item(access=request.access, key=key), readable_item(access=request.access, key=other)
    if relation not in RELATIONS:
        raise NotFound
    request.access.require(Verb.EDIT, item.team or item.train)
    if not unlink_between(item=item, other=far, relation=relation, by=request.user):
        raise NotFound
    return Response(status=204)
