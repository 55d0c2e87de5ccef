"""What would have to be different: the smallest single change after which one item stands above another.

Raising an item's cost of delay or lowering its size lifts its own value and nothing that stands below it (the level sets of the
Sidney decomposition up to its value stay as they are), so "it passes" stays true from some amount on, and that amount is
searched for with exact arithmetic. An item without dependencies has it in closed form; for any other the component is
solved again for each amount tried, a few times, because each solution tells where the next attempt should be.

Between two items of one block, whose values stay equal for a while, the amount found works and one milli-unit less does not.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from fractions import Fraction
from math import ceil

import numpy as np

from prioritization.engine.arrays import RankArrays, rank_arrays
from prioritization.engine.ranking import Ranking
from prioritization.engine.types import LARGEST, Candidate, Edge, Ints, ItemId, Key


class Lever(Enum):
    """What can be changed about an item."""

    TERM = "term"
    SIZE = "size"
    DEPENDENCY = "dependency"


@dataclass(frozen=True, slots=True)
class Change:
    """One change: an item's term or size from one amount to another, or a dependency that falls away."""

    item: ItemId
    lever: Lever
    term: str = ""
    before: int = 0
    after: int = 0
    edge: Edge | None = None

    def applied_to(self, candidates: Iterable[Candidate], edges: Iterable[Edge]) -> tuple[list[Candidate], list[Edge]]:
        """The candidates and edges after the change."""
        if self.lever is Lever.DEPENDENCY:
            return list(candidates), [edge for edge in edges if edge != self.edge]
        return [self._changed(one) if one.id == self.item else one for one in candidates], list(edges)

    def _changed(self, one: Candidate) -> Candidate:
        if self.lever is Lever.SIZE:
            return replace(one, size=self.after)
        return replace(one, terms={**one.terms, self.term: self.after})


@dataclass(frozen=True, slots=True)
class Passing:
    """Each single change of an item after which it stands above another; what no amount can do is missing."""

    terms: tuple[Change, ...] = ()
    size: Change | None = None
    dependencies: tuple[Change, ...] = ()
    weight: int = 0
    """The item's present cost of delay, beside which a term's change is measured."""

    @property
    def smallest(self) -> Change | None:
        """The change of a term or the size that asks for least, as a share of the cost of delay or of the size; else a dependency."""
        amounts = [(abs(one.after - one.before) / max(self.weight, 1), 0, one) for one in self.terms]
        if self.size is not None:
            amounts.append((1 - self.size.after / self.size.before, 1, self.size))
        if amounts:
            return min(amounts, key=lambda amount: amount[:2])[2]
        return self.dependencies[0] if self.dependencies else None


def passing_changes(
    ranking: Ranking, item: ItemId, other: ItemId, *, limits: Mapping[str, int] | None = None, removable: Iterable[Edge] | None = None
) -> Passing:
    """The smallest change of each of the item's terms, of its size, and each dependency of its own without which it passes.

    `limits` says what each term may grow to (a term not named there cannot); without it every term may grow until the item costs 10**12.
    `removable` are the edges that may fall away, all of the item's without it. Nothing where it stands above already.
    """
    if ranking.key(item) < ranking.key(other):
        return Passing()
    part = _Part(ranking, item, other)
    mine = ranking.candidates[ranking.index(item)]
    room = LARGEST - mine.weight
    most = {name: amount + room for name, amount in mine.terms.items()} if limits is None else limits
    raisable = [name for name in mine.terms if most.get(name, 0) > mine.terms[name]]
    raised = part.smallest(Lever.TERM, min(room, max((most[name] - mine.terms[name] for name in raisable), default=0)))
    terms = () if raised is None else tuple(_term(mine, name, raised) for name in raisable if mine.terms[name] + raised <= most[name])
    cut = part.smallest(Lever.SIZE, mine.size - 1)
    size = None if cut is None else Change(item, Lever.SIZE, before=mine.size, after=mine.size - cut)
    own = part.edges if removable is None else [edge for edge in removable if edge in set(part.edges)]
    without = (Change(item, Lever.DEPENDENCY, edge=edge) for edge in own)
    return Passing(terms, size, tuple(change for change in without if part.passes_without(change)), mine.weight)


def changed_keys(ranking: Ranking, change: Change) -> dict[ItemId, Key]:
    """The keys after the change of every item that it can move: the component of its item."""
    return _Part(ranking, change.item, change.item).keys_after(change)


def place_after(ranking: Ranking, change: Change) -> tuple[int, int]:
    """The item's number in the whole order, from 1, before and after the change: “14th instead of 63rd”."""
    keys = changed_keys(ranking, change)
    key = keys[change.item]
    before = ranking.order.index(change.item) + 1
    inside = sum(other <= key for other in keys.values())
    return before, inside + sum(name not in keys and ranking.key(name) < key for name in ranking.order)


def _term(mine: Candidate, name: str, raised: int) -> Change:
    return Change(mine.id, Lever.TERM, name, mine.terms[name], mine.terms[name] + raised)


class _Part:
    """The component of an item, and of another where it is the same one, to be solved again with something changed."""

    def __init__(self, ranking: Ranking, item: ItemId, other: ItemId) -> None:
        arrays = ranking.arrays
        at, there = ranking.index(item), ranking.index(other)
        self.ranking = ranking
        self.members: Ints = np.flatnonzero(arrays.component == arrays.component[at])
        chosen = arrays.component[arrays.blocker] == arrays.component[at]
        self.blocker, self.blocked = (np.searchsorted(self.members, ends[chosen]) for ends in (arrays.blocker, arrays.blocked))
        candidates = [ranking.candidates[member] for member in self.members.tolist()]
        self.weight = np.array([one.weight for one in candidates], dtype=np.int64)
        self.size = np.array([one.size for one in candidates], dtype=np.int64)
        self.band = np.array([one.band for one in candidates], dtype=np.int64)
        self.at = int(np.searchsorted(self.members, at))
        self.there = int(np.searchsorted(self.members, there)) if arrays.component[there] == arrays.component[at] else -1
        self.same_band = ranking.band(item) == ranking.band(other)
        self.mark = _key(arrays, there)
        self.target = ranking.value(other)

    @property
    def edges(self) -> list[Edge]:
        """The edges that touch the item."""
        touching = np.flatnonzero((self.blocker == self.at) | (self.blocked == self.at))
        return [
            (self._name(a), self._name(b)) for a, b in zip(self.blocker[touching].tolist(), self.blocked[touching].tolist(), strict=True)
        ]

    def _name(self, at: int) -> ItemId:
        return self.ranking.ids[int(self.members[at])]

    def smallest(self, lever: Lever, limit: int) -> int | None:
        """By how much the cost of delay has to grow, or the size to shrink, at least."""
        return smallest_amount(lambda amount: self._attempt(lever, amount), limit) if self.same_band else None

    def passes_without(self, change: Change) -> bool:
        """Whether the item stands above once a dependency has gone."""
        ranked = self._solve(self.weight, self.size, change.edge)
        return _key(ranked, self.at) < self._mark_in(ranked)

    def keys_after(self, change: Change) -> dict[ItemId, Key]:
        ranked = self._solve(*self._with(change.lever, abs(change.after - change.before)), change.edge)
        keys = {}
        for at, member in enumerate(self.members.tolist()):
            band, falling, component, position = _key(ranked, at)
            keys[self.ranking.ids[member]] = (band, falling, self.ranking.ids[component], position)
        return keys

    def _with(self, lever: Lever, amount: int) -> tuple[Ints, Ints]:
        """The weights and sizes once the item's weight is raised, or its size cut, by an amount."""
        weight, size = self.weight.copy(), self.size.copy()
        if lever is Lever.TERM:
            weight[self.at] += amount
        elif lever is Lever.SIZE:
            size[self.at] -= amount
        return weight, size

    def _solve(self, weight: Ints, size: Ints, without: Edge | None) -> RankArrays:
        kept = np.ones(self.blocker.size, dtype=np.bool_)
        if without is not None:
            source, target = (np.searchsorted(self.members, self.ranking.index(end)) for end in without)
            kept = (self.blocker != source) | (self.blocked != target)
        return rank_arrays(self.members, weight, size, self.band, self.blocker[kept], self.blocked[kept])

    def _mark_in(self, ranked: RankArrays) -> tuple[int, float, int, int]:
        return _key(ranked, self.there) if self.there >= 0 else self.mark

    def _attempt(self, lever: Lever, amount: int) -> tuple[bool, int]:
        """Whether the item passes with this amount, and the amount at which its present block would draw level."""
        weight, size = self._with(lever, amount)
        if self.members.size == 1:  # closed form
            block_weight, block_size = int(weight[0]), max(int(size[0]), 1)
            passes = (self.mark[0], -block_weight / block_size, int(self.members[0]), 0) < self.mark
            return passes, amount + _lacking(lever, block_weight, block_size, self.target)
        ranked = self._solve(weight, size, None)
        passes, target = _key(ranked, self.at) < self._mark_in(ranked), self.target
        if self.there >= 0:
            target = Fraction(int(ranked.block_weight[self.there]), int(ranked.block_size[self.there]))
        return passes, amount + _lacking(lever, int(ranked.block_weight[self.at]), int(ranked.block_size[self.at]), target)


def _key(ranked: RankArrays, at: int) -> tuple[int, float, int, int]:
    return int(ranked.band[at]), -float(ranked.value[at]), int(ranked.component[at]), int(ranked.position[at])


def _lacking(lever: Lever, weight: int, size: int, target: Fraction) -> int:
    """What a block of this weight and size lacks to a value: weight, or size too much; below 0 where it has more than enough."""
    if lever is Lever.TERM:
        return ceil(target * size) - weight
    return size - int(weight / target) if target else 0


def smallest_amount(attempt: Callable[[int], tuple[bool, int]], limit: int) -> int | None:
    """The smallest amount from 1 to the limit with which an attempt passes, knowing that 0 does not; None where the limit does not either.

    Each attempt says where the next one should be; where that does not halve what is left, the middle is next.
    """
    if limit < 1 or not attempt(limit)[0]:
        return None
    low, high = 0, limit
    hint = attempt(0)[1]
    slow = 0
    while high - low > 1:
        left = high - low
        at = (low + high) // 2 if slow > 1 else min(max(hint, low + 1), high - 1)
        passes, hint = attempt(at)
        low, high = (low, at) if passes else (at, high)
        slow = 0 if 2 * (high - low) <= left else slow + 1
    return high
