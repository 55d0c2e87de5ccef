"""Ballots of a team on its stale items: listed, opened, voted on, closed. While one is open each reader sees their own votes alone."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.response import Response

from accounts.api.http import MemberApiRequest, member_api
from accounts.models import Team
from accounts.permissions import readable_team
from accounts.roles import Verb
from activity.api import IDEMPOTENCY_KEY, ORGANIZATION, StrictSerializer, in_path, in_query, read_query, refusals
from activity.services.idempotency import run_once
from backlog.selectors.chosen import list_chosen_items
from backlog.selectors.stale_filters import ALL_STALE
from backlog.selectors.stale_items import list_stale_keys
from refinement.models import Ballot, BallotVote
from refinement.permissions import readable_ballot, votable_entry
from refinement.selectors.ballots import Line, get_ballot_board, list_ballots
from refinement.services.ballots import MOST_ITEMS, USUAL, cast_ballot_vote, close_ballot, open_ballot

TAGS = ["stale"]
TEAM = in_path("team", "Short name of the team.")
IN_TEAM = in_query("team", "Short name of the team.")
NUMBER = in_path("number", "The ballot's number in the team.")
KEY = in_path("key", "Key of an item of the ballot.")


class BallotSerializer(serializers.Serializer[Any]):
    """A ballot of a team."""

    number = serializers.IntegerField(help_text="Its name inside the team.")
    is_open = serializers.BooleanField(help_text="Whether votes count.")
    closes_on = serializers.DateField(allow_null=True, help_text="The last day on which they do.")
    opened_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    items = serializers.IntegerField(help_text="How many items it asks about.")


class BallotListSerializer(serializers.Serializer[Any]):
    ballots = BallotSerializer(many=True)


class BallotCountsSerializer(serializers.Serializer[Any]):
    keep = serializers.IntegerField()
    remove = serializers.IntegerField()
    either = serializers.IntegerField(help_text="No opinion.")


class BallotLineSerializer(serializers.Serializer[Any]):
    """An item of the ballot."""

    key = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField(help_text="The evidence in one line; empty for an item that is not stale any more.")
    vote = serializers.ChoiceField(choices=BallotVote.Value.choices, allow_null=True, help_text="Your own.")
    counts = BallotCountsSerializer(allow_null=True, help_text="How all voted; null while it is open.")
    agreement = serializers.ChoiceField(
        choices=["keep", "remove", "split"],
        allow_null=True,
        help_text="What all with an opinion said; null where fewer than two have one, and while it is open.",
    )


class BallotBoardSerializer(BallotSerializer):
    voters = serializers.IntegerField(help_text="How many people voted on at least one item.")
    lines = BallotLineSerializer(many=True)


@extend_schema_serializer(examples=[OpenApiExample("The longest untouched", {"closes_on": "2026-12-11"}, request_only=True)])
class NewBallotSerializer(StrictSerializer):
    keys = serializers.ListField(
        child=serializers.CharField(max_length=20),
        required=False,
        allow_empty=False,
        max_length=MOST_ITEMS,
        help_text=f"Which stale items of the team's backlog; without it the {USUAL} longest untouched.",
    )
    closes_on = serializers.DateField(
        required=False, allow_null=True, help_text="The last day on which votes count; null for until it is closed."
    )


@extend_schema_serializer(examples=[OpenApiExample("Keep it", {"value": "keep"}, request_only=True)])
class NewBallotVoteSerializer(StrictSerializer):
    value = serializers.ChoiceField(choices=BallotVote.Value.choices)


class BallotVoteSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    value = serializers.ChoiceField(choices=BallotVote.Value.choices)


def _told(ballot: Ballot, items: int) -> dict[str, Any]:
    return {
        "number": ballot.number,
        "is_open": not ballot.is_over(timezone.now().date()),
        "closes_on": ballot.closes_on,
        "opened_at": ballot.opened_at,
        "closed_at": ballot.closed_at,
        "items": items,
    }


def _line(line: Line, *, is_over: bool) -> dict[str, Any]:
    return {
        "key": line.item.key,
        "title": line.item.title,
        "summary": line.evidence,
        "vote": line.mine or None,
        "counts": {value: line.counts.get(value, 0) for value in BallotVote.Value.values} if is_over else None,
        "agreement": line.agreement or None,
    }


def _board(request: MemberApiRequest, team: Team, number: int) -> dict[str, Any]:
    ballot = readable_ballot(access=request.access, team=team, number=number)
    board = get_ballot_board(ballot=ballot, reader=request.user, at=timezone.now())
    lines = [_line(line, is_over=board.is_over) for line in board.lines]
    return dict(BallotBoardSerializer({**_told(ballot, len(lines)), "voters": board.voters, "lines": lines}).data)


@extend_schema(
    methods=["GET"],
    operation_id="list_ballots",
    summary="The ballots of a team",
    description="The latest 50, the last one first.",
    tags=TAGS,
    parameters=[ORGANIZATION, IN_TEAM],
    responses={200: BallotListSerializer, **refusals(400)},
)
@extend_schema(
    methods=["POST"],
    operation_id="open_ballot",
    summary="Open a ballot on stale items",
    description="The team votes on each, in their own time and blind. 409 while another one is open; a key that is absent, not yours or not of "
    "this team is 404.",
    tags=TAGS,
    parameters=[ORGANIZATION, IN_TEAM, IDEMPOTENCY_KEY],
    request=NewBallotSerializer,
    responses={
        201: BallotBoardSerializer,
        200: OpenApiResponse(BallotBoardSerializer, "The same key again: what the first one made."),
        **refusals(400, 403, 409, 413, 415, 422),
    },
)
@member_api("GET", "POST")
def ballots(request: MemberApiRequest) -> Response:
    query = read_query(request, "team")
    if not query.get("team"):
        raise ParseError("Say whose ballots: ?team=.")
    team = readable_team(access=request.access, team=query["team"], verb=Verb.ORDER if request.method == "POST" else None)
    if request.method == "POST":
        return _open(request, team)
    found = [_told(ballot, ballot.item_count) for ballot in list_ballots(team)]  # type: ignore[attr-defined]  # annotated
    return Response(BallotListSerializer({"ballots": found}).data)


def _open(request: MemberApiRequest, team: Team) -> Response:
    given = NewBallotSerializer(data=request.data)
    given.is_valid(raise_exception=True)
    wanted = given.validated_data

    def act() -> dict[str, Any]:
        items = list_chosen_items(home=team, keys=wanted.get("keys") or list_stale_keys(team, ALL_STALE, most=USUAL))
        ballot = open_ballot(team=team, items=items, closes_on=wanted.get("closes_on"), by=request.user)
        return _board(request, team, ballot.number)

    body = {"act": "open_ballot", "organization": request.organization.slug, "team": team.slug, **wanted}
    made, is_repeat = run_once(key=request.headers.get("Idempotency-Key", ""), by=request.user, body=body, act=act)
    return Response(made, status=200 if is_repeat else 201)


@extend_schema(
    operation_id="read_ballot",
    summary="A ballot with its items",
    tags=TAGS,
    parameters=[ORGANIZATION, TEAM, NUMBER],
    responses={200: BallotBoardSerializer, **refusals(400)},
)
@member_api("GET")
def ballot_detail(request: MemberApiRequest, team: str, number: int) -> Response:
    read_query(request)
    return Response(_board(request, readable_team(access=request.access, team=team), number))


@extend_schema(
    operation_id="close_ballot",
    summary="Close a ballot",
    description="No more votes count, and everybody sees how all voted. Twice is once.",
    tags=TAGS,
    parameters=[ORGANIZATION, TEAM, NUMBER],
    request=None,
    responses={200: BallotBoardSerializer, **refusals(400, 403)},
)
@member_api("POST")
def ballot_close(request: MemberApiRequest, team: str, number: int) -> Response:
    read_query(request)
    home = readable_team(access=request.access, team=team)
    close_ballot(ballot=readable_ballot(access=request.access, team=home, number=number, verb=Verb.ORDER), by=request.user)
    return Response(_board(request, home, number))


@extend_schema(
    operation_id="vote_in_ballot",
    summary="Vote on an item of a ballot",
    description="Your one vote on it, or another one instead. 409 once votes no longer count.",
    tags=TAGS,
    parameters=[ORGANIZATION, TEAM, NUMBER, KEY],
    request=NewBallotVoteSerializer,
    responses={200: BallotVoteSerializer, **refusals(400, 403, 409, 413, 415, 422)},
)
@member_api("PUT")
def ballot_vote(request: MemberApiRequest, team: str, number: int, key: str) -> Response:
    read_query(request)
    home = readable_team(access=request.access, team=team)
    entry = votable_entry(access=request.access, team=home, number=number, key=key)
    given = NewBallotVoteSerializer(data=request.data)
    given.is_valid(raise_exception=True)
    vote = cast_ballot_vote(entry=entry, value=given.validated_data["value"], by=request.user)
    return Response(BallotVoteSerializer({"key": key, "value": vote.value}).data)
