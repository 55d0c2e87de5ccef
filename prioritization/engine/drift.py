"""How far two orders of the same items are apart, and what one costs against the other.

Orders are sequences of ids, first to last; items that only one of them has are left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from prioritization.engine.exact import product_sum
from prioritization.engine.types import Candidate, Ints, ItemId

TOP = 20


@dataclass(frozen=True, slots=True)
class Drift:
    """Three views of the distance from one order to another."""

    tau: float
    """Kendall's tau: 1 where both agree on every pair, -1 where one is the other backwards."""
    top_overlap: float
    """The share of the first items of the one that are among the first of the other."""
    delay_ratio: float
    """The cost of delay of the first order over that of the second."""


def measure_drift(order: Sequence[ItemId], other: Sequence[ItemId], candidates: Iterable[Candidate], *, top: int = TOP) -> Drift:
    """How far `order` is from `other`."""
    return Drift(kendall_tau(order, other), top_overlap(order, other, top=top), delay_ratio(order, other, candidates))


def kendall_tau(order: Sequence[ItemId], other: Sequence[ItemId]) -> float:
    """Kendall's rank correlation (1938) of two orders, in O(n log n); 1 for fewer than two common items."""
    places = _places_in(order, other)
    pairs = places.size * (places.size - 1) // 2
    return 1 - 2 * count_inversions(places) / pairs if pairs else 1.0


def top_overlap(order: Sequence[ItemId], other: Sequence[ItemId], *, top: int = TOP) -> float:
    """The share of the first `top` common items that both orders have there; 1 where there are none."""
    places = _places_in(order, other)
    counted = min(top, places.size)
    return float((places[:counted] < counted).mean()) if counted else 1.0


def delay_ratio(order: Sequence[ItemId], other: Sequence[ItemId], candidates: Iterable[Candidate]) -> float:
    """The cost of delay of one order over that of the other; 1 where nothing costs anything."""
    by_id = {item.id: item for item in candidates}
    cost, other_cost = order_cost(order, by_id), order_cost(other, by_id)
    if not other_cost:
        return 1.0 if not cost else float("inf")
    return cost / other_cost


def order_cost(order: Sequence[ItemId], candidates: Mapping[ItemId, Candidate]) -> int:
    """The sum of weight times completion of an order of some of the candidates, exactly."""
    items = [item for name in order if (item := candidates.get(name)) is not None]
    weight = np.array([item.weight for item in items], dtype=np.int64)
    return product_sum(weight, np.cumsum(np.array([item.size for item in items], dtype=np.int64)))


def count_inversions(places: Ints) -> int:
    """How many pairs of a permutation of 0..n-1 stand the wrong way round.

    One pass a bit, from the highest: within numbers alike in all higher bits, each 0 counts the ones before it, and then the
    zeros go before the ones (a wavelet tree laid flat).
    """
    count = places.size
    places = np.ascontiguousarray(places, dtype=np.int64)
    index = np.arange(count, dtype=np.int64)
    inversions = 0
    for bit in reversed(range(max(count - 1, 0).bit_length())):
        high = places >> bit & 1
        ones = np.cumsum(high) - high
        start = places >> (bit + 1) << (bit + 1)  # the numbers of a group fill its places
        ones -= ones[start]
        zeros = index - start - ones
        inversions += int(ones[high == 0].sum())
        sorted_places = np.empty_like(places)
        sorted_places[start + np.where(high == 1, (1 << bit) + ones, zeros)] = places
        places = sorted_places
    return inversions


def _places_in(order: Sequence[ItemId], other: Sequence[ItemId]) -> Ints:
    """The place in the other order of each item of the one, counted over common items."""
    common = set(order) & set(other)
    place = {item: at for at, item in enumerate(name for name in other if name in common)}
    return np.array([place[item] for item in order if item in common], dtype=np.int64)
