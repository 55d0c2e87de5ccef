"""From a ranking to places: the key of each item, its cost of delay, and why it stands there."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from backlog.models import Band
from backlog.models.item import Status
from backlog.reasons import Reason
from prioritization.engine import RankArrays, rank_lists
from prioritization.engine.overrides import Overridden, Overrides
from prioritization.engine.terms import CLAIMED, SIZE, Problem
from prioritization.engine.types import Ints
from prioritization.scoring import Row

_NEXT_TO = 1e-9
"""Two densities nearer than this, by ratio, are one: a place is explained by what a person could see."""


class Place(NamedTuple):
    """What a placement stores, without the run that wrote it. The cost of delay is in milli-units."""

    item: int
    band: int
    value: float
    component: int
    position: int
    cost_of_delay: int | None
    is_assumed: bool
    is_size_assumed: bool
    reason: str
    reason_item: int | None


class Stored(NamedTuple):
    """A placement as it stands: a Place without its item, and whether it was ever ranked."""

    place: tuple[Any, ...]
    is_ranked: bool


def rank_problem(problem: Problem) -> tuple[RankArrays, Ints]:
    """The ranking of a problem whose candidates come in order of their id, and their weights."""
    candidates = problem.candidates
    index = {candidate.id: at for at, candidate in enumerate(candidates)}
    weight = [candidate.weight for candidate in candidates]
    ranked = rank_lists(
        [int(candidate.id) for candidate in candidates],
        weight,
        [candidate.size for candidate in candidates],
        [candidate.band for candidate in candidates],
        [(index[a], index[b]) for a, b in problem.edges if a in index and b in index],
        [candidate.is_raised for candidate in candidates],
    )
    return ranked, np.array(weight, dtype=np.int64)


def place_items(
    rows: Sequence[Row], problem: Problem, ranked: RankArrays, weight: Ints, overrides: Overrides, overridden: Overridden
) -> list[Place]:
    """The place of each row, in their order."""
    index = {row.id: at for at, row in enumerate(rows)}
    ancestors = [index.get(row.parent, -1) if row.parent is not None else -1 for row in rows]
    lifted, blocker, order = _tied_to(ranked, weight, ancestors)
    decided = _Decided(overrides, overridden)
    circle = {at: cycle[(n + 1) % len(cycle)] for cycle in ranked.cycles for n, at in enumerate(cycle)}
    no_names: tuple[str, ...] = ()
    places = []
    for at, (row, candidate, band, value, component, position, top) in enumerate(
        zip(
            rows,
            problem.candidates,
            ranked.band.tolist(),
            ranked.value.tolist(),
            ranked.component.tolist(),
            ranked.position.tolist(),
            lifted,
            strict=True,
        )
    ):
        missing = problem.assumed.get(row.id, no_names)
        size_assumed = SIZE in missing
        value_assumed = len(missing) > size_assumed
        cost = candidate.weight - candidate.terms.get(CLAIMED, 0) if candidate.terms else None
        if at in circle:
            reason, other = Reason.CYCLE, circle[at]
        elif decided and (why := decided.why(row.id, band)):
            places.append(Place(row.id, band, value, component, position, cost, value_assumed, size_assumed, *why))
            continue
        elif band != Band.NORMAL and band != Band.EXPEDITE:
            reason, other = _banded(row, band, blocker[at] if blocker[at] >= 0 and order[blocker[at]] > order[at] else -1)
        elif top >= 0:
            reason, other = (Reason.PART_OF if _is_above(top, at, ancestors) else Reason.UNBLOCKS), top
        elif blocker[at] >= 0:
            is_kept = (rows[blocker[at]].id, row.id) in overridden.kept_edges
            reason, other = (Reason.KEPT_BELOW if is_kept else Reason.WAITS_FOR), blocker[at]
        elif size_assumed or value_assumed:
            reason, other = (Reason.ASSUMED_SIZE if size_assumed else Reason.ASSUMED_VALUE), -1
        else:
            reason, other = Reason.SOLID, -1
        places.append(
            Place(
                row.id,
                band,
                value,
                component,
                position,
                cost,
                value_assumed,
                size_assumed,
                reason.value,
                rows[other].id if other >= 0 else None,
            )
        )
    return places


class _Decided:
    """What people decided about items, as the reason of their place; what they did to others comes after what they did to an item itself."""

    def __init__(self, overrides: Overrides, overridden: Overridden) -> None:
        self.overrides, self.overridden = overrides, overridden

    def __bool__(self) -> bool:
        return bool(self.overrides)

    def why(self, item: int, band: int) -> tuple[str, int | None] | None:
        """The code of the reason and the item that it names, where a decision explains the place."""
        made, done = self.overrides, self.overridden
        if band == Band.ON_HOLD:
            return (f"{Reason.NOT_BEFORE}:{made.on_hold[item]}", None) if item in made.on_hold else None
        if band not in (Band.EXPEDITE, Band.NORMAL):
            return None
        if item in made.pins and band == Band.EXPEDITE:
            return self._until(Reason.PINNED, item, "pin"), None
        if item in done.taken_along:
            return Reason.GOES_WITH.value, int(done.taken_along[item])
        if item in done.kept:
            return self._until(Reason.KEPT_ABOVE, item, "keep_above"), int(done.kept[item])
        if item in made.frozen:
            return self._until(Reason.FROZEN, item, "freeze"), None
        if item in done.awaited:
            return Reason.AWAITED.value, int(done.awaited[item])
        return (self._until(Reason.BOOSTED, item, "boost"), None) if item in made.boosts else None

    def _until(self, reason: Reason, item: int, kind: str) -> str:
        """The code with the day on which the decision ends, so that a list says it without asking for more."""
        day = self.overrides.ends.get((item, kind))
        return f"{reason}:{day}" if day else reason.value


def _banded(row: Row, band: int, conflict: int) -> tuple[Reason, int]:
    """Why an item stands in a band of its own: Now, on hold, unscored or dormant."""
    if band == Band.NOW:
        if conflict >= 0:
            return Reason.FROZEN_CONFLICT, conflict
        return (Reason.IN_PROGRESS if row.status == Status.IN_PROGRESS else Reason.PLANNED), -1
    if band == Band.ON_HOLD:
        return Reason.ON_HOLD, -1
    return (Reason.DORMANT if band == Band.DORMANT else Reason.UNSCORED), -1


def _is_above(ancestor: int, at: int, parents: Sequence[int]) -> bool:
    seen = 0
    while parents[at] >= 0 and seen < len(parents):
        at = parents[at]
        seen += 1
        if at == ancestor:
            return True
    return False


def _tied_to(ranked: RankArrays, weight: Ints, parents: Sequence[int]) -> tuple[list[int], list[int], list[int]]:
    """For each item what lifts it and the last of its blockers (-1 without), and where it stands in the order, for those that block."""
    if not ranked.blocker.size:
        nothing = [-1] * len(parents)
        return nothing, nothing, nothing
    place = np.empty(weight.size, dtype=np.int64)
    place[ranked.order] = np.arange(weight.size)
    return _lifted_by(ranked, weight), _last_blocker(ranked, np.array(parents, dtype=np.int64), place).tolist(), place.tolist()


def _lifted_by(ranked: RankArrays, weight: Ints) -> list[int]:
    """For each item worth more than it is by itself, the most valuable item that it holds up in its block; -1 for the others."""
    count = weight.size
    inside = (ranked.block[ranked.blocker] == ranked.block[ranked.blocked]) & (
        ranked.position[ranked.blocker] < ranked.position[ranked.blocked]
    )
    blocker, blocked = ranked.blocker[inside], ranked.blocked[inside]
    top = [-1] * count
    if not blocker.size:
        return top
    worth = weight.tolist()
    # From the back of each component, so that what the blocked holds up is known before its blocker asks.
    back = np.lexsort((blocked, -ranked.position[blocker]))
    for a, b in zip(blocker[back].tolist(), blocked[back].tolist(), strict=True):
        best = top[b] if top[b] >= 0 and worth[top[b]] > worth[b] else b
        if top[a] < 0 or worth[best] > worth[top[a]]:
            top[a] = best
    size = np.maximum(ranked.size, 1)
    gains = (ranked.size > 0) & (ranked.value > weight / size * (1 + _NEXT_TO))
    return np.where(gains, np.array(top, dtype=np.int64), -1).tolist()  # type: ignore[no-any-return]  # numpy's tolist is untyped


def _last_blocker(ranked: RankArrays, parent: Ints, place: Ints) -> Ints:
    """For each item the last of its blockers in the order, its own children apart; -1 without one."""
    linked = parent[ranked.blocker] != ranked.blocked
    last = np.full(parent.size, -1, dtype=np.int64)
    np.maximum.at(last, ranked.blocked[linked], place[ranked.blocker[linked]])
    return np.where(last >= 0, ranked.order[last], -1)
