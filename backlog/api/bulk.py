"""One change for many items at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.response import Response

from accounts.api.http import MemberApiRequest, member_api
from accounts.permissions import Access
from accounts.roles import Verb
from activity.api import IDEMPOTENCY_KEY, ORGANIZATION, NumberField, StrictSerializer, read_query, refusals
from activity.errors import InvalidError, UnknownReferenceError
from activity.services.acts import one_act
from activity.services.idempotency import run_once
from backlog.api.items import TAGS
from backlog.kinds import Kind
from backlog.models import Item
from backlog.models.item import Status
from backlog.permissions import visible_items
from backlog.selectors.chosen import list_visible_items
from backlog.selectors.items import list_open_iterations
from backlog.services.bulk_edits import MOST, BulkChange, Effect, What, change_items, foresee_change

FIELDS = {"status": What.STATUS, "job_size": What.SIZE, "kind": What.KIND, "parent": What.PARENT, "iteration": What.SPRINT}


@extend_schema_serializer(
    examples=[
        OpenApiExample("A sprint", {"keys": ["CHK-231", "CHK-198"], "iteration": "Sprint 15"}, request_only=True),
        OpenApiExample("Looked at first", {"keys": ["CHK-231"], "status": "done", "preview": True}, request_only=True),
    ]
)
class BulkSerializer(StrictSerializer):
    keys = serializers.ListField(
        child=serializers.CharField(),
        allow_empty=False,
        max_length=MOST,
        help_text=f"Which items; at most {MOST}, of one list or of several.",
    )
    status = serializers.ChoiceField(choices=Status.choices, required=False)
    job_size = NumberField(required=False, allow_null=True, help_text="Points; null for not known.")
    kind = serializers.ChoiceField(choices=Kind.choices, required=False)
    parent = serializers.CharField(required=False, allow_null=True, help_text="The key of the item they become part of; null for none.")  # type: ignore[assignment]  # no override: DRF takes fields off the class
    iteration = serializers.CharField(
        required=False, allow_null=True, help_text="The name of an open sprint of their team; null for none. Items of one team only."
    )
    reason = serializers.CharField(
        required=False,
        allow_blank=True,
        help_text="With `status`: why they are removed, or why they are done although lines of their Definition of Done are open.",
    )
    preview = serializers.BooleanField(required=False, help_text="Say what would change, and change nothing.")


class EffectSerializer(serializers.Serializer[Any]):
    """What becomes of one item."""

    item = serializers.CharField(help_text="Its key.")
    outcome = serializers.ChoiceField(choices=["changed", "same", "refused"])
    before = serializers.CharField(help_text="In words.")
    after = serializers.CharField(help_text="In words.")
    reason = serializers.CharField(help_text="Why it is refused; else empty.")


class BulkAnswerSerializer(serializers.Serializer[Any]):
    act = serializers.CharField(allow_null=True, help_text="What `undo/{act}/` takes back; null where nothing changed.")
    changed = serializers.IntegerField()
    items = EffectSerializer(many=True)


@extend_schema(
    methods=["POST"],
    operation_id="change_items",
    summary="Change many items at once",
    description="One of `status`, `job_size`, `kind`, `parent` and `iteration`, for all of them. Each item that can be changed is, and each other "
    "says why not; one act takes all of it back. A key that is absent or not yours is 404, and nothing is changed.",
    tags=TAGS,
    parameters=[ORGANIZATION, IDEMPOTENCY_KEY],
    request=BulkSerializer,
    responses={200: OpenApiResponse(BulkAnswerSerializer, "Also of the same key again."), **refusals(400, 403, 413, 415, 422)},
)
@member_api("POST")
def items_bulk(request: MemberApiRequest) -> Response:
    read_query(request)
    given = BulkSerializer(data=request.data)
    given.is_valid(raise_exception=True)
    wanted = dict(given.validated_data)
    items = list_visible_items(access=request.access, keys=wanted["keys"])
    for home in {item.team or item.train for item in items}:
        request.access.require(Verb.EDIT, home)
    change = _asked(request.access, wanted, items)
    if wanted.get("preview"):
        return Response(told_effects("", foresee_change(items=items, change=change, access=request.access)))
    done, _ = run_once(
        key=request.headers.get("Idempotency-Key", ""),
        by=request.user,
        body={"act": "change_items", "organization": request.organization.slug, **wanted},
        act=lambda: _change(request, items, change),
    )
    return Response(done)


def _change(request: MemberApiRequest, items: Sequence[Item], change: BulkChange) -> dict[str, Any]:
    with one_act() as act:
        effects = change_items(items=items, change=change, access=request.access, by=request.user)
    return told_effects(str(act.id), effects)


def told_effects(act: str, effects: Sequence[Effect]) -> dict[str, Any]:
    """What became of each, and the act that takes it back; a preview has no act."""
    changed = sum(effect.is_change for effect in effects)
    return {
        "act": act if act and changed else None,
        "changed": changed,
        "items": [
            {
                "item": effect.item.key,
                "outcome": "refused" if effect.refused else "changed" if effect.is_change else "same",
                "before": effect.before,
                "after": effect.after,
                "reason": effect.refused,
            }
            for effect in effects
        ],
    }


def _asked(access: Access, wanted: Mapping[str, Any], items: Sequence[Item]) -> BulkChange:
    """The change that a body asks for; ParseError (400) unless it asks for one."""
    names = [name for name in FIELDS if name in wanted]
    if len(names) != 1:
        raise ParseError(f"Say what changes: one of {', '.join(FIELDS)}.")
    name, reason = names[0], wanted.get("reason", "")
    if reason and name != "status":
        raise InvalidError("A reason goes with a status.", field="reason")
    value = wanted[name]
    if name == "parent" and value is not None:
        value = visible_items(access).select_related("team", "train").filter(key=value).first()
        if value is None:
            raise UnknownReferenceError("There is no such item.", field="parent")
    elif name == "iteration" and value is not None:
        value = _sprint(items, value)
    return BulkChange(FIELDS[name], value, reason)


def _sprint(items: Sequence[Item], name: str) -> Any:
    teams = {item.team for item in items}
    if len(teams) > 1:
        raise InvalidError("These items are of several lists. Send those of one team.", field="keys")
    found = next((sprint for sprint in list_open_iterations(teams.pop()) if sprint.name == name), None)
    if found is None:
        raise UnknownReferenceError("The team has no open sprint of that name.", field="iteration")
    return found
