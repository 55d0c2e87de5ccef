"""What intake's pages and commands read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Q

from accounts.models import Team
from activity.models import Event
from backlog.models import Item, Placement
from intake.models import ImportLine, ImportRun, NeedQuestion, Request


def count_reasons(run: ImportRun) -> Mapping[str, int]:
    """Why rows were skipped, the most frequent first."""
    lines = ImportLine.objects.filter(run=run, outcome=ImportLine.Outcome.SKIPPED).values_list("reason").annotate(count=Count("id"))
    return dict(lines.order_by("-count", "reason")[:50])


def report_of(run: ImportRun, *, most: int = 10_000) -> dict[str, Any]:
    """The run as a document: counts, reasons, and its lines, at most `most` of them."""
    lines = ImportLine.objects.filter(run=run).order_by("row", "id")
    return {
        "file": run.file_name,
        "sha256": run.sha256,
        "format": run.format,
        "state": run.state,
        "message": run.message,
        "rows": run.total,
        "created": run.created,
        "updated": run.updated,
        "skipped": run.skipped,
        "reasons": count_reasons(run),
        "links": run.links,
        "links_refused": run.links_refused,
        "columns_kept": sorted(header for header, field in run.mapping.items() if not field),
        "lines": [
            {"row": line.row, "column": line.column, "outcome": line.outcome, "reason": line.reason, "item": line.item_key}
            for line in lines[:most]
        ],
        "lines_left_off": max(0, lines.count() - most),
    }


def find_team(*, slug: str, organization: str = "") -> Team | None:
    """For commands: the team of that slug, where it is the only one (in the organization, if given). ValueError where several bear it."""
    teams = Team.objects.unscoped().filter(slug=slug).select_related("organization", "train")
    found = list(teams.filter(organization__slug=organization)[:2] if organization else teams[:2])
    if len(found) > 1:
        raise ValueError(f"Several organizations have a team “{slug}”. Name one with --organization.")
    return found[0] if found else None


@dataclass(frozen=True)
class Standing:
    """The place of an item in its team's list: `place` of `of`, and its neighbours there."""

    place: int
    of: int


def find_standing(item: Item) -> Standing | None:
    """Where the item stands in its team's order; None while it has no computed place there."""
    placement = Placement.objects.filter(organization=item.organization_id, item=item).first()
    if placement is None or placement.ranked_at is None or placement.team_id is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE (band, falling, component, position) <= (%s, %s, %s, %s)), count(*) "
            "FROM backlog_placement WHERE team_id = %s",
            [placement.band, placement.falling, placement.component, placement.position, placement.team_id],
        )
        place, of = cursor.fetchone()
    return Standing(place, of)


def find_need(request: Request) -> NeedQuestion | None:
    """The latest question whether the person still needs it, open or answered; None where it is of no use any more."""
    if request.item is None or request.item.status in (Item.Status.DONE, Item.Status.REMOVED):
        return None
    return NeedQuestion.objects.for_organization(request.organization_id).filter(request=request).order_by("-id").first()


def list_requesters(item: Item) -> list[tuple[Request, NeedQuestion | None]]:
    """The requests that the item answers, oldest first, each with the latest question of whether it is still needed."""
    requests = list(Request.objects.for_organization(item.organization_id).filter(item=item).select_related("form").order_by("id")[:50])
    questions = NeedQuestion.objects.for_organization(item.organization_id).filter(request__in=requests).order_by("id")
    latest = {question.request_id: question for question in questions}
    return [(request, latest.get(request.pk)) for request in requests]


@dataclass(frozen=True)
class Step:
    """A rung of the status page's ladder."""

    title: str
    text: str
    at: datetime | None
    state: str  # done, here, ahead, stopped


def ladder_of(request: Request) -> list[Step]:
    """How far the request has come, in plain words; dates only for what has happened."""
    received = Step("Received", "We have your request.", request.created_at, "done")
    if request.status == Request.Status.NEW:
        return [received, Step("Being read", "The team reads every request and answers here.", None, "here"), *_ahead(0)]
    if request.status == Request.Status.DECLINED:
        return [received, Step("Read and declined", "The answer of the team stands above.", request.verdict_at, "stopped")]
    assert request.item is not None
    accepted = Step("Read and accepted", f"It is on the list of the team as {request.item.key}.", request.verdict_at, "done")
    return [received, accepted, *_climb(request.item)]


_RUNGS = (
    ("Waiting for its turn", "The list is in order of what matters most, and the order may still change."),
    ("Planned", "The team has taken it into a plan."),
    ("In progress", "Somebody works on it."),
    ("Done", "It is finished."),
)
_RUNG_OF = {Item.Status.PROPOSED: 0, Item.Status.OPEN: 0, Item.Status.PLANNED: 1, Item.Status.IN_PROGRESS: 2, Item.Status.DONE: 3}


def _ahead(first: int) -> list[Step]:
    return [Step(title, "", None, "ahead") for title, _ in _RUNGS[first:]]


def _climb(item: Item) -> list[Step]:
    moments = _moments(item)
    if item.status == Item.Status.REMOVED:
        return [Step("Taken off the list", "The team has taken it off its list. Ask them why.", item.closed_at, "stopped")]
    rung = _RUNG_OF[Item.Status(item.status)]
    passed = [
        Step(title, "", moments.get(index), "done") for index, (title, _) in enumerate(_RUNGS[:rung]) if index in moments or index == 0
    ]
    title, text = _RUNGS[rung]
    here = Step(title, text, moments.get(rung), "done" if rung == len(_RUNGS) - 1 else "here")
    return [*passed, here, *_ahead(rung + 1)]


def _moments(item: Item) -> dict[int, datetime]:
    """When the item last came to each rung."""
    events = Event.objects.filter(subject_kind="item", subject_id=item.pk, verb="item.moved_to").order_by("id").values_list("after", "at")
    rungs = {status.value: rung for status, rung in _RUNG_OF.items()}
    return {0: item.created_at} | {rungs[after["status"]]: at for after, at in events if after.get("status") in rungs}


@dataclass(frozen=True)
class Inbox:
    """The requests of a team: those that wait, oldest first, or those answered, latest first."""

    requests: list[Request]
    waiting: int
    answered: int
    is_answered: bool
    has_more: bool


INBOX_PAGE = 100


def list_inbox(*, team: Team, is_answered: bool = False) -> Inbox:
    requests = Request.objects.for_organization(team.organization_id).filter(form__team=team)
    counts = requests.aggregate(waiting=Count("id", filter=Q(status="new")), answered=Count("id", filter=~Q(status="new")))
    if is_answered:
        shown = requests.exclude(status="new").select_related("item").order_by("-verdict_at", "-id")
    else:
        shown = requests.filter(status="new").order_by("id")
    rows = list(shown[: INBOX_PAGE + 1])
    return Inbox(rows[:INBOX_PAGE], counts["waiting"], counts["answered"], is_answered, len(rows) > INBOX_PAGE)


def find_neighbours(item: Item, standing: Standing) -> list[dict[str, Any]]:
    """The item in its list with the one above and the one below, as rows to print."""
    order = ("placement__band", "placement__falling", "placement__component", "placement__position")
    ranked = Item.objects.filter(organization=item.organization_id, team=item.team_id, placement__isnull=False).order_by(*order)
    first = max(0, standing.place - 2)
    rows = ranked.values("key", "kind", "title", "placement__value")[first : first + 3]
    return [
        {"place": first + index, "key": row["key"], "kind": row["kind"], "title": row["title"], "value": row["placement__value"]}
        for index, row in enumerate(rows, 1)
    ]


LINES_PAGE = 100


@dataclass(frozen=True)
class LinesPage:
    lines: list[ImportLine]
    page: int
    has_more: bool


def count_lines(run: ImportRun) -> dict[str, int]:
    return dict(ImportLine.objects.filter(run=run).values_list("outcome").annotate(count=Count("id")))


def list_lines(*, run: ImportRun, outcome: str = "", page: int = 1) -> LinesPage:
    """Lines of the report, by row."""
    lines = ImportLine.objects.filter(run=run)
    if outcome:
        lines = lines.filter(outcome=outcome)
    first = (max(page, 1) - 1) * LINES_PAGE
    found = list(lines.order_by("row", "id")[first : first + LINES_PAGE + 1])
    return LinesPage(found[:LINES_PAGE], max(page, 1), len(found) > LINES_PAGE)


def list_runs(*, team: Team) -> list[ImportRun]:
    """The latest imports into the team."""
    runs = ImportRun.objects.filter(organization=team.organization_id, team=team).exclude(state=ImportRun.State.PREVIEW)
    return list(runs.select_related("by").order_by("-id")[:10])
