"""A team's sessions, as its page lists them, and what one of them came to."""

from dataclasses import dataclass

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from accounts.models import Team
from refinement.engine import plain
from refinement.models import Entry, Round, Session

PAGE = 20


def _counted(team: Team) -> QuerySet[Session]:
    return (
        Session.objects.filter(organization=team.organization_id, team=team)
        .select_related("facilitator")
        .annotate(item_count=Count("entries"), sized_count=Count("entries", filter=Q(entries__state=Entry.State.SIZED)))
        .order_by("-number")
    )


def list_open_sessions(*, team: Team) -> list[Session]:
    """Those that run, then those that are planned, the newest first, with `item_count` and `sized_count`."""
    found = _counted(team).exclude(state=Session.State.ENDED)
    return sorted(found, key=lambda session: session.state != Session.State.LIVE)


def list_past_sessions(*, team: Team, before: int | None = None) -> tuple[list[Session], int | None]:
    """A page of ended sessions below the number `before`, newest first, and the number from which the next page goes on."""
    ended = _counted(team).filter(state=Session.State.ENDED)
    page = list(ended.filter(number__lt=before)[: PAGE + 1] if before else ended[: PAGE + 1])
    return page[:PAGE], page[PAGE - 1].number if len(page) > PAGE else None


@dataclass(frozen=True)
class Outcome:
    """An entry and what the session made of it."""

    entry: Entry
    points: str
    rounds: int


def list_outcomes(*, session: Session) -> list[Outcome]:
    """The agenda in its order, with the size agreed in this session (as text, empty for none) and the rounds it took."""
    agreed = Round.objects.filter(entry=OuterRef("pk"), state=Round.State.AGREED).order_by("-number").values("agreed_points")[:1]
    entries = (
        session.entries.select_related("item")
        .annotate(points=Subquery(agreed), round_count=Count("rounds", filter=~Q(rounds__state=Round.State.DROPPED)))
        .order_by("position")
    )
    return [
        Outcome(entry=entry, points=plain(entry.points) if entry.state == Entry.State.SIZED else "", rounds=entry.round_count)
        for entry in entries
    ]
