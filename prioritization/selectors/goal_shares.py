"""What each goal gets of the next iterations of a list, in today's order and at today's pace, beside what its weight suggests."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from accounts.models import ReleaseTrain, Team
from backlog.models import Goal
from backlog.models.item import RANKED
from backlog.models.placement import Band, ListMode
from backlog.numbers import percent
from backlog.selectors.goals import IN_ORDER, SERVING, list_goals
from prioritization.scoring import assumed_size
from prioritization.selectors.basis import Standing, read_basis

Home = Team | ReleaseTrain

ITERATIONS = (1, 3)
"""The next one, and the next three."""
MOST_AHEAD = 600
"""Items that are looked at; a list that plans more of them into three iterations is cut there."""

# All items of the list are walked once, for the counts and for the first ones in order. What is planned or in progress is not ahead any more.
_READ = f"""
    WITH {SERVING},
    ahead AS (
        SELECT item_id, row_number() OVER () AS place FROM (
            SELECT item_id FROM backlog_placement WHERE {{home}} = %(home)s AND band IN ({Band.EXPEDITE}, {Band.NORMAL})
            ORDER BY {{order}} LIMIT {MOST_AHEAD}
        ) first
    )
    SELECT 0, goal_id, count(*), '' FROM serving GROUP BY goal_id
    UNION ALL
    SELECT a.place, s.goal_id, (i.job_size * 1000)::bigint, i.kind
    FROM ahead a JOIN serving s ON s.id = a.item_id JOIN backlog_item i ON i.id = a.item_id
    ORDER BY 1
"""  # noqa: S608, own words only
_COMPUTED = "band, falling, component, position"
_BY_HAND = f"manual_key IS NULL, manual_key, {_COMPUTED}"
_MODE = "SELECT mode FROM backlog_listmode WHERE {home} = %(home)s"


@dataclass
class Share:
    """A goal (None: no goal) with its items in the list and its parts, each from 0 to 1: of the next one and the next three iterations, and
    what its weight suggests among the goals that have items here."""

    goal: Goal | None
    depth: int = 0
    weight: Decimal = Decimal(1)
    """With those above it; 1 where it does not count today."""
    counts: bool = True
    open: int = 0
    got: list[float] = field(default_factory=lambda: [0.0] * len(ITERATIONS))
    suggested: float = 0.0

    @property
    def name(self) -> str:
        return self.goal.name if self.goal else "Without a goal"

    @property
    def percents(self) -> dict[str, str]:
        """Its parts as text: of the `next` one and the next `three`, and by `weight`."""
        return {"next": percent(self.got[0]), "three": percent(self.got[1]), "weight": percent(self.suggested)}


@dataclass(frozen=True)
class Shares:
    """The goals in their tree, what serves none, and how many points lie in the next one and the next three iterations."""

    goals: list[Share]
    without: Share
    points: list[Decimal]
    pace: Decimal

    @property
    def all(self) -> list[Share]:
        return [*self.goals, self.without]


def list_shares(home: Home, *, today: date) -> Shares:
    """All goals of the organization with their parts of this list. Six queries at most, whatever it holds."""
    column = "team_id" if isinstance(home, Team) else "train_id"
    params: dict[str, Any] = {"home": home.pk, "ranked": list(RANKED)}
    with connection.cursor() as cursor:
        cursor.execute(_MODE.format(home=column), params)
        mode = cursor.fetchone()
        order = _COMPUTED if mode is None or mode[0] == ListMode.Mode.COMPUTED else _BY_HAND
        cursor.execute(_READ.format(home=column, narrowed=IN_ORDER, order=order), params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    standing, pace = _pace(home)
    shares = _goals(home.organization_id, standing, today)
    by_id = {share.goal.pk if share.goal else None: share for share in shares}
    for place, goal, count, _ in rows:
        if not place:
            by_id[goal].open = count
    team = home.pk if isinstance(home, Team) else None
    ahead = [
        (goal, assumed_size(standing.medians, team=team, kind=kind) if size is None else size) for place, goal, size, kind in rows if place
    ]
    points = []
    for number, iterations in enumerate(ITERATIONS):
        filled = _filled(ahead, room=iterations * pace)
        total = sum(size for _, size in filled)
        points.append(Decimal(total) / 1000)
        for goal, size in filled:
            by_id[goal].got[number] += size / total
    _suggest(shares)
    return Shares(shares[:-1], shares[-1], points, Decimal(pace) / 1000)


def _pace(home: Home) -> tuple[Standing, int]:
    """The basis, and milli-points an iteration of the list: of a train what its teams do together, as where the tiers end."""
    teams = [(home.pk, home.points_per_iteration)] if isinstance(home, Team) else list(home.teams.values_list("id", "points_per_iteration"))
    standing = read_basis(home.organization_id, [team for team, _ in teams])
    return standing, sum(standing.paces[team].own if team in standing.paces else usual * 1000 for team, usual in teams)


def _goals(organization_id: int, standing: Standing, today: date) -> list[Share]:
    """The goals in order with their weights, and no goal at the end."""
    shares = []
    depths: dict[int | None, int] = {None: -1}
    for goal in list_goals(organization_id):
        depths[goal.pk] = depths[goal.parent_id] + 1
        weight = Decimal(standing.rules.goals.get(goal.pk, 1000)) / 1000
        shares.append(Share(goal, depths[goal.pk], weight, goal.counts_on(today)))
    return [*shares, Share(None)]


def _filled(ahead: Sequence[tuple[int | None, int]], *, room: int) -> list[tuple[int | None, int]]:
    """The first items that fit: up to the one that would be too much, and always the first, as where the tiers end."""
    taken: list[tuple[int | None, int]] = []
    used = 0
    for goal, size in ahead:
        if taken and used + size > room:
            break
        taken.append((goal, size))
        used += size
    return taken


def _suggest(shares: Iterable[Share]) -> None:
    """Divide by the weights among what has open items; what serves no goal counts as 1, as its items do."""
    there = [share for share in shares if share.open]
    total = sum((share.weight for share in there), Decimal(0))
    for share in there:
        share.suggested = float(share.weight / total)
