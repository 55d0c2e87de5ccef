"""What a decision costs: the order without it beside the order with it."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

import numpy as np

from prioritization.engine.bands import NORMAL
from prioritization.engine.drift import order_cost
from prioritization.engine.types import Candidate, Floats, Ints, ItemId


@dataclass(frozen=True, slots=True)
class Shift:
    """An item done later (or, below 0, earlier) by so much work, and what that costs: work times cost of delay, in milli-units of each."""

    id: ItemId
    later: int
    cost: int


@dataclass(frozen=True, slots=True)
class Price:
    """What an order costs more than another."""

    cost_without: int
    cost_with: int
    delayed: tuple[Shift, ...]
    """Items done later, those that it costs most first."""
    hastened: tuple[Shift, ...]
    """Items done earlier, those that gain most first."""

    @property
    def delay(self) -> int:
        """The cost of delay added, in milli-units of work times milli-units of cost a week; below 0 where it saves."""
        return self.cost_with - self.cost_without

    @property
    def share(self) -> float:
        """The cost added as a share of the cost without."""
        return self.delay / self.cost_without if self.cost_without else 0.0


def price_of(order_without: Sequence[ItemId], order_with: Sequence[ItemId], candidates: Iterable[Candidate]) -> Price:
    """What the one order costs more than the other, and whom it delays; both hold the same items, all among the candidates."""
    by_id = {item.id: item for item in candidates}
    ends, ends_with = _completions(order_without, by_id), _completions(order_with, by_id)
    shifts = [Shift(item, later, later * by_id[item].weight) for item, end in ends.items() if (later := ends_with[item] - end)]
    return Price(
        cost_without=order_cost(order_without, by_id),
        cost_with=order_cost(order_with, by_id),
        delayed=tuple(sorted((shift for shift in shifts if shift.later > 0), key=lambda shift: -shift.cost)),
        hastened=tuple(sorted((shift for shift in shifts if shift.later < 0), key=lambda shift: shift.cost)),
    )


def _completions(order: Sequence[ItemId], candidates: dict[ItemId, Candidate]) -> dict[ItemId, int]:
    """When each item is done, in milli-units of work."""
    ends = np.cumsum(np.array([candidates[item].size for item in order], dtype=np.int64))
    return dict(zip(order, ends.tolist(), strict=True))


Key = tuple[int, float, int, int]
"""(band, falling value, component, position), as the items of a list are ordered."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """A list with some of its items elsewhere, by index of the list as it stands: all items as listed, and when each is done (milli-units of work)."""

    listed: Ints
    ends: Ints


class PricedList:
    """A list as it stands, prepared once: what another decision would change in it is then a few passes over arrays.

    Rows come in any order as (id, key, cost of delay a week, size), the last two in milli-units.
    """

    def __init__(self, rows: Iterable[tuple[int, Key, int, int]]) -> None:
        ordered = sorted(rows, key=itemgetter(1))
        self.ids = [row[0] for row in ordered]
        self.weight: Ints = np.array([row[2] for row in ordered], dtype=np.int64)
        self.size: Ints = np.array([row[3] for row in ordered], dtype=np.int64)
        self.index: Mapping[int, int] = {item: at for at, item in enumerate(self.ids)}
        self._keys = [row[1] for row in ordered]
        self._bands: Ints = np.array([key[0] for key in self._keys], dtype=np.int64)

    def arranged(self, keys: Mapping[int, Key], holds: Mapping[int, float]) -> Arrangement:
        """The list with those of these items that it holds at other keys.

        Work is done in that order. What is on hold comes on its day at the earliest (`holds`: so much work is done before), all else that has no
        place after what has one.
        """
        moved = sorted((key, self.index[item]) for item, key in keys.items() if item in self.index)
        at = [at for _, at in moved]
        gone = sorted(self._keys[each] for each in at)
        places = [bisect_left(self._keys, key) - bisect_left(gone, key) for key, _ in moved]
        listed: Ints = np.insert(np.delete(np.arange(len(self.ids)), at), places, at)
        bands = self._bands.copy()
        bands[at] = [key[0] for key, _ in moved]
        apart = int(np.searchsorted(bands[listed], NORMAL, side="right"))
        return Arrangement(listed, self._ends(listed[:apart], listed[apart:].tolist(), holds))

    def _ends(self, order: Ints, apart: Sequence[int], holds: Mapping[int, float]) -> Ints:
        held = sorted((holds[self.ids[at]], self.ids[at], at) for at in apart if self.ids[at] in holds)
        done = np.concatenate(([0], np.cumsum(self.size[order])))
        place, waited = 0, 0
        places = []
        for day, _, at in held:
            place = max(place, min(int(np.searchsorted(done, day - waited)), order.size))
            places.append(place)
            waited += int(self.size[at])
        rest = sorted((at for at in apart if self.ids[at] not in holds), key=self.ids.__getitem__)
        whole = np.concatenate((np.insert(order, places, [at for *_, at in held]), np.array(rest, dtype=np.int64)))
        ends = np.empty(whole.size, dtype=np.int64)
        ends[whole] = np.cumsum(self.size[whole])
        return ends

    def delayed(self, before: Arrangement, after: Arrangement) -> tuple[float, Floats]:
        """The cost of delay added, in milli-units of work times milli-units of cost a week; and by index how much later each item is done."""
        later = (after.ends - before.ends).astype(np.float64)
        return float(later @ self.weight), later
