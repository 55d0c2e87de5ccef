"""`rank`: from candidates and edges to an explained order."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import cached_property

import numpy as np

from prioritization.engine.arrays import RankArrays, rank_arrays
from prioritization.engine.bands import NORMAL
from prioritization.engine.certificate import Certificate, certify
from prioritization.engine.receipts import write_receipt
from prioritization.engine.types import LARGEST, Block, Candidate, Edge, Ints, ItemId, Key, RankInputError, Receipt


def rank(candidates: Iterable[Candidate], edges: Iterable[Edge]) -> "Ranking":
    """The order of least cost of delay under precedence, with values, receipts and a certificate.

    Ids are all numbers or all text. Edges naming an item that is not among the candidates are closed work and order
    nothing; an edge from an item to itself neither. RankInputError names an id that occurs twice, a negative weight or
    size, one above 10**12, or an unknown band. The result depends on the rows alone, not on how they are sorted.
    """
    items = list(candidates)
    try:
        items.sort(key=lambda item: item.id)
    except TypeError as error:
        raise RankInputError("Ids must be all numbers or all text.") from error
    place = {item.id: at for at, item in enumerate(items)}
    if len(place) < len(items):
        twice = next(item.id for at, item in enumerate(items) if place[item.id] != at)
        raise RankInputError(f"Item {twice} occurs twice.")
    sources, targets = [], []
    for blocker, blocked in edges:
        source, target = place.get(blocker), place.get(blocked)
        if source is not None and target is not None:
            sources.append(source)
            targets.append(target)
    try:
        ranked = rank_arrays(
            np.arange(len(items)),
            [item.weight for item in items],
            [item.size for item in items],
            [item.band for item in items],
            sources,
            targets,
            [item.is_raised for item in items] if any(item.is_raised for item in items) else None,
        )
    except RankInputError as error:
        raise RankInputError(_named(items) or str(error)) from error
    return Ranking(items, place, ranked)


def _named(items: Sequence[Candidate]) -> str:
    """What is wrong with the first item that cannot be ranked, under its own name."""
    for item in items:
        if item.weight < 0:
            return f"Item {item.id} has a negative cost of delay: {item.weight}."
        if item.size < 0:
            return f"Item {item.id} has a negative size: {item.size}."
        if max(item.weight, item.size) > LARGEST:
            return f"Item {item.id} has a cost of delay of {item.weight} and a size of {item.size}; 0 to {LARGEST} can be ranked."
        if not 0 <= item.band <= 5:
            return f"Item {item.id} has an unknown band: {item.band}."
    return ""


class Ranking:
    """An order and its reasons. Lists run first to last; amounts are exact.

    `arrays` is the run underneath, by place among the candidates in ascending order of their ids.
    """

    def __init__(self, items: Sequence[Candidate], place: dict[ItemId, int], arrays: RankArrays) -> None:
        self._items = items
        self._place = place
        self.arrays = arrays

    @property
    def candidates(self) -> Sequence[Candidate]:
        """What was ranked, by ascending id, as the arrays."""
        return self._items

    @cached_property
    def ids(self) -> list[ItemId]:
        """The ids, ascending."""
        return [item.id for item in self._items]

    def index(self, item: ItemId) -> int:
        """The item's place among the arrays."""
        return self._place[item]

    @cached_property
    def order(self) -> list[ItemId]:
        """The ids of all items, first to last."""
        return [self._items[at].id for at in self.arrays.order.tolist()]

    def value(self, item: ItemId) -> Fraction:
        """x: the weight of the item's block over its size, in units of weight a unit of size."""
        at = self._place[item]
        return Fraction(int(self.arrays.block_weight[at]), int(self.arrays.block_size[at]))

    def band(self, item: ItemId) -> int:
        """The band the item stands in, which may be higher than the one it asked for."""
        return int(self.arrays.band[self._place[item]])

    def is_pulled_up(self, item: ItemId) -> bool:
        """Whether the item stands in a higher band than its own because of what it blocks."""
        return self.band(item) != self._items[self._place[item]].band

    def component(self, item: ItemId) -> ItemId:
        """The smallest id among all items tied to this one by edges."""
        return self._items[int(self.arrays.component[self._place[item]])].id

    def position(self, item: ItemId) -> int:
        """The place in the component, from 0."""
        return int(self.arrays.position[self._place[item]])

    def key(self, item: ItemId) -> Key:
        """What to store and sort by, ascending."""
        at = self._place[item]
        return (
            int(self.arrays.band[at]),
            -float(self.arrays.value[at]),
            self.component(item),
            int(self.arrays.position[at]),
        )

    @cached_property
    def _members(self) -> dict[int, list[int]]:
        """The items of each block in order, by the block's smallest item; blocks in order too."""
        members: dict[int, list[int]] = {}
        arrays = self.arrays
        by_value = np.lexsort((arrays.position, arrays.component, -arrays.value, np.maximum(arrays.band, NORMAL)))
        for at, block in zip(by_value.tolist(), arrays.block[by_value].tolist(), strict=True):
            members.setdefault(block, []).append(at)
        return members

    @cached_property
    def blocks(self) -> list[Block]:
        """The Sidney blocks by falling value (bands 0 to 2 first, which are one)."""
        weights, sizes = self.arrays.block_weight, self.arrays.block_size
        return [
            Block(
                ids=tuple(self._items[at].id for at in members),
                weight=int(weights[block]),
                size=int(sizes[block]),
                value=Fraction(int(weights[block]), int(sizes[block])),
            )
            for block, members in self._members.items()
        ]

    def receipt(self, item: ItemId) -> Receipt:
        """Own terms, then what each other member of the block gives or costs; the sum is the value."""
        at = self._place[item]
        block = int(self.arrays.block[at])
        sizes = self.arrays.size
        return write_receipt(
            item,
            self._items[at].terms,
            int(sizes[at]),
            [(self._items[other].id, self._items[other].weight, int(sizes[other])) for other in self._members[block] if other != at],
            int(self.arrays.block_weight[at]),
            int(self.arrays.block_size[at]),
        )

    @cached_property
    def _weights(self) -> Ints:
        return np.array([item.weight for item in self._items], dtype=np.int64)

    @cached_property
    def certificate(self) -> Certificate:
        """Cost, lower bound and gap of the run."""
        return certify(self.arrays, self._weights)

    @property
    def cost(self) -> int:
        """The sum of weight times completion over bands 0 to 2, ordered by value."""
        return self.certificate.cost

    @property
    def lower_bound(self) -> Fraction:
        """No order that keeps precedence costs less."""
        return self.certificate.lower_bound

    @property
    def gap(self) -> float:
        """cost / lower bound - 1."""
        return self.certificate.gap

    @cached_property
    def cycles(self) -> list[list[ItemId]]:
        """A shortest cycle of each knot, each item blocking the next and the last the first."""
        return [[self._items[at].id for at in cycle] for cycle in self.arrays.cycles]

    @cached_property
    def conflicts(self) -> list[Edge]:
        """Edges whose blocked item stands above its blocker, in order of the blocked: shown to people, not resolved.

        These are work in progress above what blocks it, work above a blocker that is on hold or dormant (or, for work on
        hold, unscored), and one edge or more of each cycle.
        """
        place = np.empty(len(self._items), dtype=np.int64)
        place[self.arrays.order] = np.arange(place.size)
        blocker, blocked = self.arrays.blocker, self.arrays.blocked
        wrong = np.flatnonzero(place[blocked] < place[blocker])
        wrong = wrong[np.lexsort((place[blocker[wrong]], place[blocked[wrong]]))]
        return [(self._items[a].id, self._items[b].id) for a, b in zip(blocker[wrong].tolist(), blocked[wrong].tolist(), strict=True)]
