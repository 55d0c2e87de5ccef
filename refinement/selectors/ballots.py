"""A ballot as one reader may see it: their own votes while it is open, how all voted once it is over."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet

from accounts.models import Team, User
from activity.live import topic_version
from backlog.kinds import KINDS, Kind
from backlog.models import Item
from backlog.selectors.stale_items import list_evidence
from refinement.models import Ballot, BallotVote

Value = BallotVote.Value
LEAST = 2
"""One voter agrees with nobody."""


@dataclass(frozen=True)
class Line:
    """An item of the ballot."""

    item: Item
    icon: str
    kind: str
    evidence: str
    """In one line; empty for an item that is not stale any more."""
    mine: str
    counts: dict[str, int] = field(default_factory=dict)
    """Votes by value; empty while the ballot is open."""

    @property
    def voters(self) -> int:
        return sum(self.counts.values())

    @property
    def agreement(self) -> str:
        """What all with an opinion said: `keep` or `remove`; `split` where they did not, empty where fewer than LEAST have one."""
        said = {value: number for value, number in self.counts.items() if value != Value.EITHER and number}
        if sum(said.values()) < LEAST:
            return ""
        return next(iter(said)) if len(said) == 1 else "split"

    @property
    def words(self) -> str:
        """How they voted, such as “3 remove, 1 keeps”."""
        keep, remove, either = (self.counts.get(value.value, 0) for value in Value)
        parts = [f"{remove} remove" if remove else "", f"{keep} keep" if keep else "", f"{either} no opinion" if either else ""]
        return ", ".join(part for part in parts if part) or "nobody voted"


@dataclass(frozen=True)
class Board:
    """The ballot for one reader. `current` is the first item that waits for their vote, or the one asked for."""

    ballot: Ballot
    version: int
    lines: list[Line]
    is_over: bool
    voters: int
    current: Line | None

    @property
    def voted(self) -> int:
        """On how many of its items the reader voted."""
        return sum(1 for line in self.lines if line.mine)

    def agreed(self, value: str) -> list[str]:
        """The keys of those that all want kept, or removed, and that are stale still."""
        return [line.item.key for line in self.lines if line.agreement == value and line.evidence]


_RANKS = {"remove": 0, "split": 1, "": 2, "keep": 3}


def get_ballot_board(*, ballot: Ballot, reader: User, at: datetime, key: str = "") -> Board:
    """The board; some ten queries, however many items and votes."""
    version = topic_version(organization_id=ballot.organization_id, topic=ballot.topic)
    is_over = ballot.is_over(at.date())
    entries = list(ballot.entries.select_related("item").order_by("position"))
    votes = list(BallotVote.objects.for_organization(ballot.organization_id).filter(entry__ballot=ballot))
    mine = {vote.entry_id: vote.value for vote in votes if vote.person_id == reader.pk}
    counts: dict[int, Counter[str]] = {}
    if is_over:
        for vote in votes:
            counts.setdefault(vote.entry_id, Counter())[vote.value] += 1
    evidence = list_evidence(home=ballot.team, item_ids=[entry.item_id for entry in entries])
    lines = [
        Line(
            item=entry.item,
            icon=KINDS[Kind(entry.item.kind)].icon,
            kind=str(Kind(entry.item.kind).label),
            evidence=evidence[entry.item.key].line(at) if entry.item.key in evidence else "",
            mine=mine.get(entry.pk, ""),
            counts=dict(counts.get(entry.pk, {})),
        )
        for entry in entries
    ]
    asked = [line for line in lines if line.item.key == key] or [line for line in lines if not line.mine and line.evidence]
    if is_over:
        lines.sort(key=lambda line: _RANKS[line.agreement])
    voters = len({vote.person_id for vote in votes})
    return Board(ballot, version, lines, is_over, voters, None if is_over else next(iter(asked), None))


def list_ballots(team: Team) -> QuerySet[Ballot]:
    """The team's latest ballots, with `item_count`."""
    found = Ballot.objects.for_organization(team.organization_id).filter(team=team).select_related("opened_by")
    return found.annotate(item_count=Count("entries")).order_by("-number")[:50]


def find_open_ballot(*, team: Team, reader: User, today: date) -> Ballot | None:
    """The ballot that takes votes now, with `item_count` and `mine`: on how many of its items the reader voted."""
    found = Ballot.objects.for_organization(team.organization_id).filter(team=team, state=Ballot.State.OPEN)
    counted = found.annotate(
        item_count=Count("entries", distinct=True), mine=Count("entries__votes", filter=Q(entries__votes__person=reader), distinct=True)
    )
    ballot = counted.first()
    return None if ballot is None or ballot.is_over(today) else ballot
