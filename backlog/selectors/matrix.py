"""Which team waits for which: open hard links counted between the teams of a train and whoever they are tied to. Two statements, however many
items; a third for the links of one pair."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from accounts.models import ReleaseTrain, Team
from accounts.permissions import Access
from backlog.models.item import RANKED, Status
from backlog.reasons import RESTRICTED
from backlog.selectors.narrowing import fetch

MOST_LINKS = 100
HIDDEN = "restricted"

_OPEN = """
FROM backlog_dependency link JOIN backlog_item waiting ON waiting.id = link.blocked_id JOIN backlog_item first ON first.id = link.blocker_id
WHERE link.organization_id = %(organization)s AND link.kind = 'blocks' AND waiting.status = ANY(%(open)s) AND first.status = ANY(%(open)s)
"""
_COUNTS_SQL = f"SELECT waiting.team_id, waiting.train_id, first.team_id, first.train_id, count(*) {_OPEN} GROUP BY 1, 2, 3, 4"
_LINKS_SQL = f"""
SELECT waiting.key, waiting.title, waiting.status, waiting.team_id, first.key, first.title, first.status, first.team_id {_OPEN}
  AND (waiting.team_id = ANY(%(waiting_teams)s) OR waiting.train_id = ANY(%(waiting_trains)s))
  AND (first.team_id = ANY(%(first_teams)s) OR first.train_id = ANY(%(first_trains)s))
ORDER BY link.id LIMIT %(most)s
"""


@dataclass(frozen=True)
class Side:
    """Who waits or is waited for: a team, a train's own epics and features, or all teams that the reader does not see."""

    ref: str  # in addresses
    name: str
    is_own: bool = False  # of this train
    teams: tuple[int, ...] = ()
    trains: tuple[int, ...] = ()


@dataclass(frozen=True)
class Matrix:
    """The sides, those of the train first; and how many open links there are by refs (who waits, for whom)."""

    sides: list[Side]
    counts: Mapping[tuple[str, str], int]
    unlinked: list[str] = field(default_factory=list)  # teams of the train that wait for nobody and nobody for them

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def find(self, ref: str) -> Side | None:
        return next((side for side in self.sides if side.ref == ref), None)

    def worst(self) -> tuple[Side, Side, int] | None:
        """The two teams between which most waits: who waits, for whom, how often."""
        between = {pair: count for pair, count in self.counts.items() if pair[0] != pair[1]}
        if not between:
            return None
        (waits, first), count = max(between.items(), key=lambda each: each[1])
        by_ref = {side.ref: side for side in self.sides}
        return by_ref[waits], by_ref[first], count


def matrix_of(*, train: ReleaseTrain, access: Access) -> Matrix:
    """The matrix of a train as the reader may see it: what lies only between teams hidden from them is left out. Two statements."""
    counted = fetch(_COUNTS_SQL, _open_in(train.organization_id))
    sides = _sides(train, access)
    counts: Counter[tuple[str, str]] = Counter()
    for waiting_team, waiting_train, first_team, first_train, count in counted:
        waits, first = sides[waiting_team, waiting_train], sides[first_team, first_train]
        is_told = waits.is_own or first.is_own
        if is_told and (waits.ref, first.ref) != (HIDDEN, HIDDEN):
            counts[waits.ref, first.ref] += count
    linked = {ref for pair in counts for ref in pair}
    order = {side.ref: side for side in sides.values()}
    shown = [side for side in order.values() if side.ref in linked]
    shown.sort(key=lambda side: (not side.is_own, side.ref == HIDDEN))
    return Matrix(shown, counts, [side.name for side in order.values() if side.is_own and side.ref not in linked and side.teams])


def _open_in(organization_id: int) -> dict[str, Any]:
    return {"organization": organization_id, "open": [status.value for status in RANKED]}


def _sides(train: ReleaseTrain, access: Access) -> dict[tuple[int | None, int | None], Side]:
    """Every team and train of the organization, by (team, train); the hidden teams are one side. By name, trains last."""
    teams = list(Team.objects.filter(organization=train.organization_id).select_related("train").order_by("name"))
    hidden = tuple(team.pk for team in teams if not access.sees_team(team))
    one = Side(HIDDEN, "Restricted teams", teams=hidden)
    own = any(team.train_id == train.pk for team in teams if team.pk in hidden)
    restricted = Side(one.ref, one.name, own, one.teams)
    found: dict[tuple[int | None, int | None], Side] = {
        (team.pk, None): restricted if team.pk in hidden else Side(team.slug, team.name, team.train_id == train.pk, (team.pk,))
        for team in teams
    }
    for each in {team.train_id: team.train for team in teams}.values():
        found[None, each.pk] = Side(f"train-{each.slug}", f"{each.name}: epics and features", each.pk == train.pk, trains=(each.pk,))
    found.setdefault((None, train.pk), Side(f"train-{train.slug}", f"{train.name}: epics and features", True, trains=(train.pk,)))
    return found


class End(NamedTuple):
    """One item of a link; without a key where the reader does not see it."""

    key: str
    title: str
    status: str


def list_links_between(*, train: ReleaseTrain, waits: Side, first: Side) -> tuple[list[tuple[End, End]], bool]:
    """The open links by which one side waits for the other (who waits, what comes first), oldest first; whether there are more than MOST_LINKS."""
    params = {
        **_open_in(train.organization_id),
        "waiting_teams": list(waits.teams),
        "waiting_trains": list(waits.trains),
        "first_teams": list(first.teams),
        "first_trains": list(first.trains),
        "most": MOST_LINKS + 1,
    }
    rows = fetch(_LINKS_SQL, params)
    links = [(_end(row[:3], is_hidden=waits.ref == HIDDEN), _end(row[4:7], is_hidden=first.ref == HIDDEN)) for row in rows[:MOST_LINKS]]
    return links, len(rows) > MOST_LINKS


def _end(row: Iterable[Any], *, is_hidden: bool) -> End:
    key, title, status = row
    return End("", RESTRICTED, "") if is_hidden else End(key, title, Status(status).label)
