"""Taking an act back."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from accounts.api.http import MemberApiRequest, member_api
from activity.api import ORGANIZATION, in_path, read_query, refusals
from activity.services.undo import undo


class UndoneSerializer(serializers.Serializer[Any]):
    """What came of it."""

    act = serializers.UUIDField(help_text="The undo itself, which can be taken back in turn.")
    text = serializers.CharField(help_text="In a sentence.")
    left = serializers.ListField(child=serializers.CharField(), help_text="What changed since, and stays as it is.")


@extend_schema(
    methods=["POST"],
    operation_id="undo_act",
    summary="Take an act back",
    description="All of it that still stands, within 30 days; what changed since is left and told. 410 for an older one, 409 where nothing is "
    "left to take back.",
    tags=["acts"],
    parameters=[ORGANIZATION, in_path("act", "The act, as a change answered it.")],
    request=None,
    responses={200: OpenApiResponse(UndoneSerializer), **refusals(400, 403, 409)},
)
@member_api("POST")
def act_undo(request: MemberApiRequest, act: UUID) -> Response:
    read_query(request)
    undone = undo(act=act, organization_id=request.organization.pk, access=request.access, by=request.user)
    return Response(UndoneSerializer({"act": undone.act, "text": undone.text, "left": undone.left}).data)
