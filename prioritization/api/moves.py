"""Moving an item in its list."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from accounts.api.http import MemberApiRequest, member_api
from accounts.roles import Verb
from activity.api import IDEMPOTENCY_KEY, ORGANIZATION, NumberField, StrictSerializer, read_query, refusals
from activity.errors import UnknownReferenceError
from activity.services.idempotency import run_once
from backlog.api.items import KEY
from backlog.permissions import readable_item, visible_items
from prioritization.services.moves import Move, To, move_item

TAGS = ["ranking"]


class MoveSerializer(StrictSerializer):
    to = serializers.ChoiceField(choices=To.choices, help_text="In a list ordered by hand: top, above, below or position.")
    other = serializers.CharField(required=False, max_length=20, help_text="The other item's key, for above and below.")
    number = serializers.IntegerField(required=False, min_value=1, max_value=10**7, help_text="For position, from 1.")
    day = serializers.DateField(required=False, help_text="For not_before: the first day on which it may come.")
    times = NumberField(required=False, help_text="For boost: how many times its cost of delay counts, 0.25 to 4.")
    reason = serializers.CharField(required=False, max_length=300, help_text="Why; asked for where the list is computed.")
    until = serializers.DateField(required=False, help_text="The first day without it; four weeks ahead where it is left out.")
    on_train = serializers.BooleanField(required=False, help_text="On the level of the train: it reaches every list.")
    version = serializers.IntegerField(
        required=False, min_value=0, help_text="The version of the list you look at; where it changed since, nothing is moved: 409."
    )


class MovedSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    text = serializers.CharField(help_text="What was done, in a sentence.")


@extend_schema(
    operation_id="move_item",
    summary="Move an item",
    description="In a computed list this sets an override, with a reason and an end; in a list ordered by hand the item is put to its place. "
    "What contradicts a dependency or another override is refused with the chain of items: 409.",
    tags=TAGS,
    parameters=[ORGANIZATION, KEY, IDEMPOTENCY_KEY],
    request=MoveSerializer,
    examples=[OpenApiExample("Keep above", {"to": "above", "other": "CHK-9", "reason": "The fair opens."}, request_only=True)],
    responses={200: MovedSerializer, **refusals(400, 403, 409, 413, 415, 422)},
)
@member_api("POST")
def move(request: MemberApiRequest, key: str) -> Response:
    read_query(request)
    item = readable_item(access=request.access, key=key, verb=Verb.ORDER)
    given = MoveSerializer(data=request.data)
    given.is_valid(raise_exception=True)
    wanted = dict(given.validated_data)
    if wanted.get("on_train") and item.team is not None:
        request.access.require(Verb.ORDER, item.team.train)
    asked = {**wanted}
    if "other" in wanted:
        asked["other"] = visible_items(request.access).select_related("team__train", "train").filter(key=wanted["other"]).first()
        if asked["other"] is None:
            raise UnknownReferenceError("There is no such item.", field="other")
    done, _ = run_once(
        key=request.headers.get("Idempotency-Key", ""),
        by=request.user,
        body={"act": "move_item", "organization": request.access.organization.slug, "key": key, **wanted},
        act=lambda: {"key": item.key, "text": move_item(item=item, move=Move(**asked), by=request.user, access=request.access)},
    )
    return Response(MovedSerializer(done).data)
