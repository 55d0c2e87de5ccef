"""The review of stale items: evidence, verdicts, and bringing a removed item back."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404, QueryDict
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from accounts.api.homes import home_asked
from accounts.api.http import MemberApiRequest, member_api
from accounts.roles import Verb
from activity.api import IDEMPOTENCY_KEY, ORGANIZATION, StrictSerializer, in_query, read_query, refusals
from activity.errors import ConflictError
from activity.services.acts import one_act
from activity.services.idempotency import run_once
from backlog.api.bulk import BulkAnswerSerializer, told_effects
from backlog.api.items import HOME, KEY
from backlog.kinds import Kind
from backlog.models import Item
from backlog.permissions import mergeable_target, readable_item
from backlog.selectors.chosen import list_chosen_items
from backlog.selectors.narrowing import Home
from backlog.selectors.stale_filters import WANTS, read_stale_filters
from backlog.selectors.stale_items import Evidence, count_decided, find_stale_item, list_stale_items
from backlog.services.bulk_edits import MOST
from backlog.services.restoring import restore_item
from backlog.services.verdicts import Ruling, decide_items, foresee_verdicts
from backlog.stale import USUAL_TAKE, Take, Verdict

TAGS = ["stale"]
LIST = ("kind", "only", "cursor")


class EvidenceSerializer(serializers.Serializer[Evidence]):
    """What is known of a stale item."""

    key = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.ChoiceField(choices=Kind.values)
    summary = serializers.SerializerMethodField(help_text="All of it in one line.")
    touched_at = serializers.DateTimeField(help_text="When a person last touched it; of one that nobody touched, when it came.")
    touched_by = serializers.CharField(help_text="Who did; empty for nobody.")
    demand = serializers.IntegerField()
    demand_then = serializers.IntegerField(allow_null=True, help_text="What it was before it first changed.")
    goal = serializers.CharField(help_text="The goal that it serves, by itself or by what it is part of.")
    goal_state = serializers.CharField(help_text="Why the goal no longer counts; empty where it does.")
    losses = serializers.ListField(child=serializers.CharField(), help_text="What a removal would lose.")
    is_due = serializers.BooleanField(help_text="Whether it waits because the day has come on which it was to be asked about again.")
    still_needed_at = serializers.DateTimeField(source="asked_again_at", allow_null=True, help_text="When a requester said so.")
    not_needed_at = serializers.DateTimeField(source="refused_at", allow_null=True, help_text="When a requester said so.")

    def get_summary(self, evidence: Evidence) -> str:
        return evidence.line(timezone.now())


class EvidenceListSerializer(serializers.Serializer[Any]):
    items = EvidenceSerializer(many=True)
    next_cursor = serializers.CharField(help_text="Of the following page; empty at the end.")
    decided = serializers.IntegerField(help_text="Verdicts of the last 30 days.")


class NewVerdictSerializer(StrictSerializer):
    verdict = serializers.ChoiceField(choices=Verdict.choices)
    reason = serializers.CharField(required=False, max_length=500, help_text="Asked for to update, snooze or remove.")
    until = serializers.DateField(required=False, help_text="When it is asked about again: to keep, update or snooze.")
    into = serializers.CharField(required=False, max_length=20, help_text="Key of the item that it goes into, to merge.")
    take = serializers.ListField(
        child=serializers.ChoiceField(choices=Take.choices),
        required=False,
        help_text="What goes along in a merge beside links, demand, requesters and followers; left out: criteria, open questions and files.",
    )


class ManyVerdictsSerializer(NewVerdictSerializer):
    keys = serializers.ListField(
        child=serializers.CharField(max_length=20),
        allow_empty=False,
        max_length=MOST,
        help_text=f"Which items of the backlog; at most {MOST}. To merge, one.",
    )
    preview = serializers.BooleanField(required=False, help_text="Say what would become of each, and change nothing.")


class VerdictDoneSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    text = serializers.CharField(help_text="What was done, in a sentence.")
    act = serializers.UUIDField(help_text="The act that an undo takes back.")


class RestoredSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    left = serializers.ListField(child=serializers.CharField(), help_text="What changed since and stays.")


def _home(item: Item) -> Home:
    home = item.team or item.train
    assert home is not None  # a constraint of the table
    return home


@extend_schema(
    methods=["POST"],
    operation_id="decide_stale_items",
    summary="Decide about several stale items",
    description="One verdict for items of one backlog. Each that is stale still gets it, and each other says why not; one act takes all of it "
    "back. A key that is absent, not yours or not of this backlog is 404, and nothing is decided.",
    tags=TAGS,
    parameters=[ORGANIZATION, *HOME, IDEMPOTENCY_KEY],
    request=ManyVerdictsSerializer,
    examples=[
        OpenApiExample(
            "Looked at first",
            {"keys": ["CHK-231", "CHK-198"], "verdict": "remove", "reason": "Nobody has asked for them in a year.", "preview": True},
            request_only=True,
        )
    ],
    responses={200: OpenApiResponse(BulkAnswerSerializer, "Also of the same key again."), **refusals(400, 403, 413, 415, 422)},
)
@extend_schema(
    methods=["GET"],
    operation_id="list_stale_items",
    summary="The stale items of a backlog",
    description="Open items that no person has touched for as long as their list says, longest untouched first, each with what speaks for it "
    "and against it. A touch takes one out at once; what becomes stale is found at night.",
    tags=TAGS,
    parameters=[
        ORGANIZATION,
        *HOME,
        in_query("kind", "Only this kind.", enum=Kind.values),
        in_query("only", "Only those of which this holds.", enum=list(WANTS)),
        in_query("cursor", "`next_cursor` of the page before."),
    ],
    responses={200: EvidenceListSerializer, **refusals(400)},
)
@member_api("GET", "POST")
def stale_items(request: MemberApiRequest) -> Response:
    if request.method == "POST":
        return _decide_many(request)
    query = read_query(request, "team", "train", *LIST)
    home = home_asked(request.access, team=query.get("team", ""), train=query.get("train", ""))
    asked = QueryDict(mutable=True)
    asked.update({name: query[name] for name in ("kind", "only") if name in query})
    page = list_stale_items(home=home, filters=read_stale_filters(asked, home=home), after=query.get("cursor", ""))
    return Response(EvidenceListSerializer({"items": page.rows, "next_cursor": page.next, "decided": count_decided(home)}).data)


def _decide_many(request: MemberApiRequest) -> Response:
    query = read_query(request, "team", "train")
    home = home_asked(request.access, team=query.get("team", ""), train=query.get("train", ""))
    request.access.require(Verb.ORDER, home)
    given = ManyVerdictsSerializer(data=request.data)
    given.is_valid(raise_exception=True)
    wanted = given.validated_data
    items = list_chosen_items(home=home, keys=wanted["keys"])
    ruling = _ruling(request, wanted)
    if wanted.get("preview"):
        return Response(told_effects("", foresee_verdicts(home=home, items=items, ruling=ruling)))

    def act() -> dict[str, Any]:
        with one_act() as done:
            effects = decide_items(home=home, items=items, ruling=ruling, by=request.user)
        return told_effects(str(done.id), effects)

    body = {"act": "decide_stale_items", "organization": request.access.organization.slug, **query, **wanted}
    done, _ = run_once(key=request.headers.get("Idempotency-Key", ""), by=request.user, body=body, act=act)
    return Response(done)


def _ruling(request: MemberApiRequest, wanted: Mapping[str, Any]) -> Ruling:
    """The ruling that a body asks for; UnknownReferenceError for a target that the person does not see, NotAllowedError for one they may not change."""
    target = mergeable_target(access=request.access, key=wanted["into"]) if "into" in wanted else None
    take = frozenset(map(Take, wanted.get("take", USUAL_TAKE)))
    return Ruling(Verdict(wanted["verdict"]), wanted.get("reason", ""), wanted.get("until"), target, take)


@extend_schema(
    methods=["GET"],
    operation_id="read_evidence",
    summary="The evidence on a stale item",
    description="404 where the item does not wait for a verdict.",
    tags=TAGS,
    parameters=[ORGANIZATION, KEY],
    responses={200: EvidenceSerializer, **refusals(400)},
)
@extend_schema(
    methods=["POST"],
    operation_id="decide_stale_item",
    summary="Decide about a stale item",
    description="Keep it, have it updated, put it off, merge it into another or remove it: one act that an undo takes back. 409 where it is "
    "not stale any more.",
    tags=TAGS,
    parameters=[ORGANIZATION, KEY, IDEMPOTENCY_KEY],
    request=NewVerdictSerializer,
    examples=[OpenApiExample("Remove", {"verdict": "remove", "reason": "Nobody has asked for it in a year."}, request_only=True)],
    responses={200: VerdictDoneSerializer, **refusals(400, 403, 409, 413, 415, 422)},
)
@member_api("GET", "POST")
def item_stale(request: MemberApiRequest, key: str) -> Response:
    read_query(request)
    if request.method == "POST":
        return _decide(request, key)
    item = readable_item(access=request.access, key=key)
    evidence = find_stale_item(home=_home(item), key=item.key)
    if evidence is None:
        raise Http404("It does not wait for a verdict.")
    return Response(EvidenceSerializer(evidence).data)


def _decide(request: MemberApiRequest, key: str) -> Response:
    item = readable_item(access=request.access, key=key, verb=Verb.ORDER)
    given = NewVerdictSerializer(data=request.data)
    given.is_valid(raise_exception=True)
    wanted = given.validated_data
    ruling = _ruling(request, wanted)

    def act() -> dict[str, Any]:
        with one_act() as done:
            (effect,) = decide_items(home=_home(item), items=[item], ruling=ruling, by=request.user)
        if effect.refused:
            raise ConflictError(effect.refused)
        return {"key": item.key, "text": f"{item.key}: {effect.after}.", "act": str(done.id)}

    body = {"act": "decide_stale_item", "organization": request.access.organization.slug, "key": key, **wanted}
    done, _ = run_once(key=request.headers.get("Idempotency-Key", ""), by=request.user, body=body, act=act)
    return Response(VerdictDoneSerializer(done).data)


@extend_schema(
    operation_id="restore_item",
    summary="Restore a removed item",
    description="For 30 days it comes back with its place, its links and its people, a merged one with what went along; afterwards 410.",
    tags=TAGS,
    parameters=[ORGANIZATION, KEY],
    request=None,
    responses={200: RestoredSerializer, **refusals(400, 403, 409, 410)},
)
@member_api("POST")
def item_restore(request: MemberApiRequest, key: str) -> Response:
    read_query(request)
    item = readable_item(access=request.access, key=key, verb=Verb.ORDER)
    left = restore_item(item=item, access=request.access, by=request.user)
    return Response(RestoredSerializer({"key": item.key, "left": left}).data)
