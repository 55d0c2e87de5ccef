"""What people decide over the computed order, as data: pins, kept-above pairs, holds, boosts and frozen values.

`apply_overrides` turns them into what the engine ranks anyway: bands, edges and terms; `hold_values` keeps frozen values
afterwards. Precedence always wins: an override that contradicts it acts as far as it can, or rests.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from prioritization.engine.arrays import RankArrays
from prioritization.engine.bands import DORMANT, EXPEDITED, NORMAL, NOW, ON_HOLD, UNSCORED
from prioritization.engine.formula import MILLI
from prioritization.engine.terms import CLAIMED, Problem
from prioritization.engine.types import Candidate, Edge, ItemId

BOOST = "boost"
"""The term that a boost adds."""


@dataclass(frozen=True, slots=True)
class Overrides:
    """What stands, by item. A pin names the list it acts in (None: every list); `on_hold` until when, in words of the caller."""

    pins: Mapping[ItemId, ItemId | None] = field(default_factory=dict)
    above: Sequence[Edge] = ()
    """(item, anchor): the item is kept above the anchor. The oldest first: of two that contradict each other it stands."""
    on_hold: Mapping[ItemId, str] = field(default_factory=dict)
    boosts: Mapping[ItemId, int] = field(default_factory=dict)
    """Multipliers of the cost of delay, in thousandths."""
    frozen: Mapping[ItemId, float] = field(default_factory=dict)
    """The value each of these had when it was frozen."""
    ends: Mapping[tuple[ItemId, str], str] = field(default_factory=dict)
    """By item and kind until when it stands, in words of the caller; nothing of the order depends on it."""

    def __bool__(self) -> bool:
        return bool(self.pins or self.above or self.on_hold or self.boosts or self.frozen)


@dataclass(frozen=True, slots=True)
class Overridden:
    """A problem with the overrides in it, and what they did to items that nobody named."""

    problem: Problem
    kept: Mapping[ItemId, ItemId] = field(default_factory=dict)
    """An item kept above another: to the first of those."""
    kept_edges: frozenset[Edge] = frozenset()
    resting: tuple[Edge, ...] = ()
    """Kept-above pairs that precedence forbids now."""
    taken_along: Mapping[ItemId, ItemId] = field(default_factory=dict)
    """What a pinned item waits for in the pin's list, directly or not: to the pinned item."""
    awaited: Mapping[ItemId, ItemId] = field(default_factory=dict)
    """The same outside of the pin's list: left where it is, for its owner to see."""


def apply_overrides(problem: Problem, overrides: Overrides, list_of: Mapping[ItemId, ItemId]) -> Overridden:
    """The problem as people overrode it. `list_of` names the list in which each item stands."""
    if not overrides:
        return Overridden(problem)
    edges, kept, resting = _with_pairs(problem.edges, overrides.above, {candidate.id for candidate in problem.candidates})
    asked = {candidate.id: candidate.band for candidate in problem.candidates}
    taken_along, awaited = _reached_by_pins(overrides.pins, edges, asked, list_of)
    candidates = [
        _overridden(candidate, overrides, is_raised=candidate.id in overrides.pins or candidate.id in taken_along)
        for candidate in problem.candidates
    ]
    first_anchor: dict[ItemId, ItemId] = {}
    for item, anchor in kept:
        first_anchor.setdefault(item, anchor)
    return Overridden(
        Problem(candidates, edges, problem.assumed), first_anchor, frozenset(kept) - frozenset(problem.edges), resting, taken_along, awaited
    )


def boost_term(terms: Mapping[str, int], multiplier: int) -> int:
    """What a boost adds: the item's own cost of delay times what the multiplier changes, `t * (m - 1)`; half up, and never below nothing."""
    own = sum(amount for name, amount in terms.items() if name != CLAIMED)
    return max((2 * own * (multiplier - MILLI) + MILLI) // (2 * MILLI), -sum(terms.values()))


def _overridden(candidate: Candidate, overrides: Overrides, *, is_raised: bool) -> Candidate:
    band, terms = candidate.band, candidate.terms
    if candidate.id in overrides.boosts and terms:
        terms = {**terms, BOOST: boost_term(terms, overrides.boosts[candidate.id])}
    if candidate.id in overrides.on_hold and band in (NORMAL, UNSCORED):
        band = ON_HOLD
    elif candidate.id in overrides.frozen and band == UNSCORED:
        band = NORMAL
    if band is candidate.band and terms is candidate.terms and not is_raised:
        return candidate
    return replace(candidate, band=band, terms=terms, is_raised=is_raised)


def _with_pairs(edges: list[Edge], pairs: Sequence[Edge], known: set[ItemId]) -> tuple[list[Edge], list[Edge], tuple[Edge, ...]]:
    """The edges with those pairs that close no circle, the pairs that do not, and those that would."""
    pairs = [pair for pair in pairs if pair[0] in known and pair[1] in known]
    if not pairs:
        return edges, [], ()
    after = _neighbours(edges)
    kept, resting = [], []
    for item, anchor in pairs:
        if _is_reached(after, anchor, item):
            resting.append((item, anchor))
        else:
            kept.append((item, anchor))
            after.setdefault(item, []).append(anchor)
    return [*edges, *kept], kept, tuple(resting)


def _neighbours(edges: Iterable[Edge]) -> dict[ItemId, list[ItemId]]:
    after: dict[ItemId, list[ItemId]] = {}
    for tail, head in edges:
        after.setdefault(tail, []).append(head)
    return after


def _is_reached(after: Mapping[ItemId, Sequence[ItemId]], start: ItemId, goal: ItemId) -> bool:
    seen, waiting = {start}, deque([start])
    while waiting:
        node = waiting.popleft()
        if node == goal:
            return True
        for other in after.get(node, ()):
            if other not in seen:
                seen.add(other)
                waiting.append(other)
    return False


def _reached_by_pins(
    pins: Mapping[ItemId, ItemId | None], edges: list[Edge], asked: Mapping[ItemId, int], list_of: Mapping[ItemId, ItemId]
) -> tuple[dict[ItemId, ItemId], dict[ItemId, ItemId]]:
    """What pinned items wait for, inside and outside of their pins' lists. Work on hold or dormant passes nothing on."""
    taken_along: dict[ItemId, ItemId] = {}
    awaited: dict[ItemId, ItemId] = {}
    pinned = sorted((item for item in pins if asked.get(item, DORMANT) in (EXPEDITED, NORMAL, UNSCORED)), key=str)
    if not pinned:
        return taken_along, awaited
    before = _neighbours((blocked, blocker) for blocker, blocked in edges)
    for item in pinned:
        reach = pins[item]
        seen, waiting = {item}, deque([item])
        while waiting:
            for blocker in before.get(waiting.popleft(), ()):
                if blocker in seen:
                    continue
                seen.add(blocker)
                band = asked[blocker]
                if band in (NORMAL, UNSCORED) and (reach is None or list_of[blocker] == reach):
                    taken_along.setdefault(blocker, item)
                elif band != NOW:
                    awaited.setdefault(blocker, item)
                if band in (NOW, NORMAL, UNSCORED):
                    waiting.append(blocker)
    return taken_along, awaited


def hold_values(ranked: RankArrays, held: Mapping[int, float]) -> RankArrays:
    """The ranking with these items, by index, at these values instead of their own, as far as what they block and wait for lets them.

    Each is moved to the nearest value that keeps `x_blocker >= x_blocked`, in order of the index, so that precedence holds.
    """
    if not held:
        return ranked
    value = ranked.value.copy()
    live = (ranked.band[ranked.blocker] <= NORMAL) & (ranked.band[ranked.blocked] <= NORMAL)
    blocker, blocked = ranked.blocker[live], ranked.blocked[live]
    for item in sorted(held):
        if ranked.band[item] not in (EXPEDITED, NORMAL):
            continue
        least = value[blocked[blocker == item]].max(initial=0.0)
        most = value[blocker[blocked == item]].min(initial=np.inf)
        value[item] = min(max(held[item], least), most)
    return replace(ranked, value=value, order=np.lexsort((ranked.position, ranked.component, -value, ranked.band)))
