"""Six weeks behind the demo: the order as it stood after each step, worked out backwards from today's by the engine that ranks it."""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple

from backlog.models.item import Status
from operations.demo.plan import SIZES
from operations.demo.times import CLOSED, DAYS, REFINED, ago, start_of
from prioritization.placing import Place
from prioritization.scoring import Row, factor_specs, in_milli
from prioritization.selectors.basis import Standing
from prioritization.selectors.problems import solve
from prioritization.selectors.rows import Loaded

EDITED = (41, 37, 34, 31, 28.5, 25.5, 21, 17.5, 15, 11.5, 9, 6.5, 4, 2, 1.1, 0.4)
"""Days ago on which people changed sizes and scores."""
REWEIGHTED = (30, 16)
"""Days ago on which goals that began with another weight got theirs."""
RETIRED = 23
NEAR = 30
"""Edits happen among the first items of a list: that is where people look."""

State = dict[int, Row]
Weights = Mapping[int, int]
Key = tuple[int, float, int, int]


class Change(NamedTuple):
    """One act: when, to which item (or goal), the event's verb with what was before and after, the cause it marked, and how the item's row
    stood before it (None: it was not there). Other kinds of state before it stand in `factors` and `goals`."""

    at: datetime
    subject: int
    verb: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    cause: str
    back: Callable[[Row | None], Row | None]
    factors: Mapping[str, int] | None = None
    goals: Weights | None = None
    reason: str = ""


@dataclass
class Step:
    """Changes that were ranked together, at the moment of the last of them."""

    changes: list[Change]

    @property
    def at(self) -> datetime:
        return max(change.at for change in self.changes)


@dataclass
class Turned:
    """A step with the places of all that it moved, before and after (None: not in the list)."""

    step: Step
    moved: dict[int, tuple[Place | None, Place | None]] = field(default_factory=dict)


@dataclass
class Past:
    """The steps from the first to the last, and the places at their beginning."""

    first: dict[int, Place]
    turned: list[Turned]


def tell_past(*, loaded: Loaded, standing: Standing, stands: Sequence[Place], steps: Sequence[Step]) -> Past:
    """The places before each step, by taking the steps back one by one from what stands."""
    rows: State = {row.id: row for row in loaded.rows}
    factors = {item: dict(values) for item, values in loaded.factors.items()}
    goals = standing.rules.goals
    places = {place.item: place for place in stands}
    turned = []
    for step in sorted(steps, key=lambda step: step.at, reverse=True):
        asked, goals = _take_back(step, rows, factors, goals)
        here = _touched(step, rows, places)
        part = [rows[item] for item in sorted(here & rows.keys())]
        ids = {row.id for row in part}
        edges = [edge for edge in loaded.edges if edge[0] in ids and edge[1] in ids]
        then = replace(standing, rules=replace(standing.rules, goals=goals))
        found = {place.item: place for place in solve(Loaded(part, {}, factors, edges, []), then).places}
        done = Turned(step)
        for item in here:
            before, after = found.get(item), places.get(item)
            if (before and key_of(before)) != (after and key_of(after)):
                done.moved[item] = (before, after)
            if before is not None:
                places[item] = before
            else:
                places.pop(item, None)
        turned.append(done)
        assert asked <= here, "what changed is looked at"
    return Past(places, turned[::-1])


def key_of(place: Place) -> Key:
    return place.band, place.value, place.component, place.position


def _take_back(step: Step, rows: State, factors: dict[int, dict[str, int]], goals: Weights) -> tuple[set[int], Weights]:
    """Bring rows, factors and goals to what they were before the step; return the items it was about, and the goals' weights."""
    asked = set()
    for change in sorted(step.changes, key=lambda change: change.at, reverse=True):
        if change.goals is not None:
            goals = change.goals
            continue
        asked.add(change.subject)
        row = change.back(rows.get(change.subject))
        if row is None:
            rows.pop(change.subject, None)
        else:
            rows[row.id] = row
        if change.factors is not None:
            factors[change.subject] = dict(change.factors)
    return asked, goals


def _touched(step: Step, rows: State, places: Mapping[int, Place]) -> set[int]:
    """All items tied to what the step changed, after it or before; all there are where a goal changed."""
    if any(change.goals is not None for change in step.changes):
        return rows.keys() | places.keys()
    seeds = {change.subject for change in step.changes}
    seeds |= {row.parent for item in seeds if (row := rows.get(item)) is not None and row.parent is not None}
    components = {places[item].component for item in seeds if item in places}
    return seeds | {item for item, place in places.items() if place.component in components}


# --- what happened ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Closed:
    """A done item as ranking would read it, and the number of its sprint."""

    row: Row
    sprint: int
    days: float


def plan_past(
    *,
    loaded: Loaded,
    stands: Sequence[Place],
    closed: Sequence[Closed],
    born: Mapping[int, float],
    active: Sequence[int],
    goals: Sequence[tuple[int, int, int, bool]],
    at: datetime,
    seed: int,
) -> list[Step]:
    """The steps of the past: what came in, was planned, done, sized, scored, and how goals were weighed.

    `born` are days ago by item, `active` the items of the active sprint, `goals` (id, first weight, weight in thousandths, whether it is over).
    """
    rng = random.Random(seed)  # noqa: S311  # a demo, not a secret
    steps = [*_arrivals(born, at), *_closings(closed, at), *_plannings(closed, active, at)]
    steps += [*_edits(loaded, stands, born, at, rng), *_weighings(goals, at)]
    return [step for step in steps if step.changes]


def _arrivals(born: Mapping[int, float], at: datetime) -> Iterable[Step]:
    for day in REFINED:
        came = sorted((days, item) for item, days in born.items() if int(days) == day)
        yield Step([Change(ago(at, days), item, "", {}, {}, "item.created", lambda row: None) for days, item in came])


def _closings(closed: Sequence[Closed], at: datetime) -> Iterable[Step]:
    for sprint in (-1, -2, -3):
        for day in CLOSED:
            done = [one for one in closed if one.sprint == sprint and int(one.days) == start_of(sprint) - day and one.days < DAYS]
            yield Step([_closing(one, at) for one in done])


def _closing(one: Closed, at: datetime) -> Change:
    before, after = {"status": Status.PLANNED, "reason": ""}, {"status": Status.DONE, "reason": ""}
    return Change(ago(at, one.days), one.row.id, "item.moved_to", before, after, "item.moved_to", lambda row: one.row)


def _plannings(closed: Sequence[Closed], active: Sequence[int], at: datetime) -> Iterable[Step]:
    """A sprint begins with its items; of those before the last ones only the end is told."""
    for sprint in (0, -1, -2):
        items = sorted(active) if sprint == 0 else sorted(one.row.id for one in closed if one.sprint == sprint)
        moments = [ago(at, start_of(sprint) + (number % 30) / 1440) for number in range(len(items))]
        yield Step([_planning(item, moment) for item, moment in zip(items, moments, strict=True)])


def _planning(item: int, moment: datetime) -> Change:
    before, after = {"status": Status.OPEN, "reason": ""}, {"status": Status.PLANNED, "reason": ""}
    return Change(
        moment, item, "item.moved_to", before, after, "item.moved_to", lambda row: None if row is None else row._replace(status=Status.OPEN)
    )


def _edits(loaded: Loaded, stands: Sequence[Place], born: Mapping[int, float], at: datetime, rng: random.Random) -> Iterable[Step]:
    """People change sizes and scores near the top, one item of a component at a time so that each move has one cause."""
    places = {place.item: place for place in stands}
    rows = {row.id: row for row in loaded.rows}
    lists: dict[tuple[int | None, int | None], list[int]] = {}
    for item in sorted(places, key=lambda item: (places[item].band, -places[item].value, places[item].component, places[item].position)):
        if places[item].band in (1, 2):
            lists.setdefault((rows[item].team, rows[item].train), []).append(item)
    teams = [home for home in lists if home[0] is not None]
    trains = [home for home in lists if home[0] is None]
    used: set[int] = set()
    for number, days in enumerate(EDITED):
        changes: list[Change] = []
        seen: set[int] = set()
        homes = [teams[0], teams[0], teams[number % len(teams)], trains[number % len(trains)]] if trains else [teams[0]] * 3
        for home in homes:
            able = [
                item for item in lists[home][:NEAR] if item not in used and places[item].component not in seen and born[item] > days + 1
            ]
            if not able:
                continue
            item = rng.choice(able)
            change = _edit(rows[item], loaded.factors.get(item, {}), ago(at, days + len(changes) / 200), rng)
            if change is not None:
                used.add(item)
                seen.add(places[item].component)
                changes.append(change)
        yield Step(changes)


def _edit(row: Row, factors: Mapping[str, int], at: datetime, rng: random.Random) -> Change | None:
    """A score that was lower, or a size that was larger, more often than the other way round: what people touch climbs."""
    climbs = rng.random() < 0.7
    specs = [spec for spec in factor_specs(row.kind) if spec.name in factors and spec.scale]
    if specs and rng.random() < 0.6:
        spec = rng.choice(specs)
        scale = [in_milli(value) for value in spec.scale]
        here = min(range(len(scale)), key=lambda place: abs(scale[place] - factors[spec.name]))
        there = here - 2 if climbs else here + 2
        if 0 <= there < len(scale):
            before, after = plain(scale[there]), plain(factors[spec.name])
            was = {**factors, spec.name: scale[there]}
            return Change(at, row.id, "item.scored", {spec.name: before}, {spec.name: after}, "item.scored", lambda row: row, factors=was)
    if row.size is None or row.team is None:
        return None
    others = [in_milli(size) for size in SIZES if (in_milli(size) > row.size) == climbs and in_milli(size) != row.size]
    if not others:
        return None
    old = min(others) if climbs else max(others)
    return Change(
        at,
        row.id,
        "item.edited",
        {"job_size": plain(old)},
        {"job_size": plain(row.size)},
        "item.edited job_size",
        lambda row: None if row is None else row._replace(size=old),
    )


def _weighings(goals: Sequence[tuple[int, int, int, bool]], at: datetime) -> Iterable[Step]:
    """Goals that began with another weight, and the one that was retired; each a step of its own."""
    now = {goal: 1000 if is_over else weight for goal, _, weight, is_over in goals}
    days = iter(REWEIGHTED)
    told: list[tuple[int, int, int, str, Any, Any]] = [
        (RETIRED, goal, weight, "is_active", True, False) for goal, _, weight, is_over in goals if is_over
    ]
    told += [(next(days), goal, first, "weight", plain(first), plain(weight)) for goal, first, weight, _ in goals if first != weight]
    for day, goal, was, name, before, after in sorted(told, key=lambda each: each[0]):
        now = {**now, goal: was}  # from today backwards
        yield Step([Change(ago(at, day), goal, "goal.edited", {name: before}, {name: after}, "goal.edited", lambda row: row, goals=now)])


def plain(milli: int) -> str:
    """Thousandths as events write numbers."""
    return f"{milli / 1000:.3f}".rstrip("0").rstrip(".")
