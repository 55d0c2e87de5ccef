"""How sure a place is: the order drawn many times, each score and size as uncertain as people are about it.

Amounts vary by a factor, log-normally, so a spread of 0.3 means "about 30 % up or down". Each item draws from its own
stream, seeded by its id: asking again gives the same answer, and an item that comes or goes changes no other's draws.
Items of one block rise and fall together, and a component keeps its order, so precedence holds in every draw.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from prioritization.engine.bands import NOW
from prioritization.engine.ranking import Ranking
from prioritization.engine.types import Flags, Floats, Ints, ItemId

DRAWS = 200
EVEN = (0.4, 0.6)
"""Two neighbours of which each comes first in at least this share of the draws are a coin flip."""
_APART = 1_000.0  # no logarithm of a value comes near it
_LEAST = 1e-30  # stands in for no value at all, which has no logarithm
_GRAIN = 12  # bits of a draw: 4,096 steps of the normal distribution
_STEPS: Floats = np.array([NormalDist().inv_cdf((at + 0.5) / (1 << _GRAIN)) for at in range(1 << _GRAIN)])
_Words = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Outlook:
    """The places of items over many draws: `places[d, i]` is the place of item i in draw d, from 0."""

    places: npt.NDArray[np.int32]

    def top(self, count: int) -> Floats:
        """The probability of each item to be among the first so many; the sum over all items is that number."""
        shares: Floats = (self.places < count).mean(axis=0)
        return shares

    def within(self, size: Ints, capacity: int) -> Floats:
        """The probability of each item to be among the first whose sizes add up to a capacity, as the next iterations take them."""
        chosen = np.zeros(size.size, dtype=np.int64)
        for places in self.places:
            order = np.empty(size.size, dtype=np.int64)
            order[places] = np.arange(size.size)
            chosen[order[: int(np.searchsorted(np.cumsum(size[order]), capacity, side="right"))]] += 1
        shares: Floats = chosen / len(self.places)
        return shares

    def percentiles(self, *shares: float) -> Ints:
        """For each share in the order given (0.1 for p10) the place that so many draws do not exceed, item by item."""
        draws = len(self.places)
        at = [min(int(share * draws), draws - 1) for share in shares]
        found: Ints = self._sorted[:, at].T.astype(np.int64)
        return found

    @cached_property
    def _sorted(self) -> npt.NDArray[np.int32]:
        """The places of each item, ascending; sorting them whole is faster than parting them."""
        return np.sort(self.places.T, axis=1)

    @cached_property
    def median_order(self) -> Ints:
        """The items by their median place."""
        order: Ints = np.argsort(self.percentiles(0.5)[0], kind="stable")
        return order

    def first_share(self, item: Ints, other: Ints) -> Floats:
        """For pairs of items, in which share of the draws the first of the pair comes first."""
        shares: Floats = (self.places[:, item] < self.places[:, other]).mean(axis=0)
        return shares

    def coin_flips(self, order: Ints) -> dict[int, int]:
        """For items of an order, the neighbour that could as well stand in their place: the most even one of the two."""
        shares = self.first_share(order[:-1], order[1:])
        flips: dict[int, tuple[float, int]] = {}
        for share, above, below in zip(shares.tolist(), order[:-1].tolist(), order[1:].tolist(), strict=True):
            if EVEN[0] <= share <= EVEN[1]:
                for item, neighbour in ((above, below), (below, above)):
                    flips[item] = min(flips.get(item, (1.0, 0)), (abs(share - 0.5), neighbour))
        return {item: neighbour for item, (_, neighbour) in flips.items()}


def simulate_free(log_value: Floats, spread: Floats, seeds: Ints, *, draws: int = DRAWS) -> Outlook:
    """The places of items without dependencies: by logarithm of their value, each with its spread and its seed.

    An item that belongs above or below all others (a band) says so by its logarithm.
    """
    count = log_value.size
    places = np.empty((draws, count), dtype=np.int32)
    ascending = np.arange(count, dtype=np.int32)
    streams = _streams(seeds)
    down, width = -log_value, -spread
    for draw in range(draws):
        places[draw, np.argsort(down + width * _normal(streams, draw))] = ascending
    return Outlook(places)


def simulate(
    ranking: Ranking,
    weight_spread: Mapping[ItemId, float],
    size_spread: Mapping[ItemId, float],
    *,
    draws: int = DRAWS,
    only: Flags | None = None,
) -> Outlook:
    """The places of a ranking's items, dependencies kept; `only` counts the places of some of them (one list).

    A draw varies every cost of delay and size, values each block of the ranking anew, and lets none overtake a block of
    its component that comes before it. Work in progress keeps its place. Seeds are the ids, or their places where ids are text.
    """
    arrays = ranking.arrays
    order = np.lexsort((arrays.position, arrays.band, arrays.component))  # component by component, in its order
    chosen = np.ones(order.size, dtype=np.bool_) if only is None else only[order]
    places = np.empty((draws, int(chosen.sum())), dtype=np.int32)
    if not order.size:
        return Outlook(places)
    ids = np.array([one.id if isinstance(one.id, int) else at for at, one in enumerate(ranking.candidates)], dtype=np.int64)[order]
    frozen = arrays.band[order] == NOW

    def varied(amount: Ints, spread: Mapping[ItemId, float], seed: int) -> _Varied:
        wide = np.array([spread.get(one.id, 0.0) for one in ranking.candidates], dtype=np.float64)[order]
        return _Varied(amount[order].astype(np.float64), np.where(frozen, 0.0, wide), _streams(ids * seed))

    weight = varied(np.array([one.weight for one in ranking.candidates]), weight_spread, 1)
    size = varied(arrays.size, size_spread, -1)
    _draw(_stretches(arrays.block[order], arrays.band[order], arrays.component[order]), weight, size, chosen, order, places)
    return Outlook(places)


@dataclass(frozen=True, slots=True)
class Listed:
    """A stretch of one list as it stands, first to last, an entry an item. Of its components it may hold a part only."""

    ids: Ints
    band: Ints
    value: Floats
    component: Ints
    weight: Floats
    size: Floats
    weight_spread: Floats
    size_spread: Floats


def simulate_listed(listed: Listed, *, draws: int = DRAWS) -> Outlook:
    """As `simulate`, from places as they were stored: items of a component with one value are a block, which varies as those of it in the list do."""
    count = listed.ids.size
    places = np.empty((draws, count), dtype=np.int32)
    if not count:
        return Outlook(places)
    order = np.lexsort((np.arange(count), listed.band, listed.component))
    value, size = listed.value[order], np.maximum(listed.size[order], _LEAST)
    stretches = _stretches(value, listed.band[order], listed.component[order])
    lengths = np.diff(np.append(stretches.opens, count))
    weight = np.maximum(listed.weight[order], _LEAST)
    scale = value[stretches.opens] * np.add.reduceat(size, stretches.opens) / np.add.reduceat(weight, stretches.opens)
    frozen = listed.band[order] == NOW
    ids = listed.ids[order]
    _draw(
        stretches,
        _Varied(weight * np.repeat(scale, lengths), np.where(frozen, 0.0, listed.weight_spread[order]), _streams(ids)),
        _Varied(size, np.where(frozen, 0.0, listed.size_spread[order]), _streams(-ids)),
        np.ones(count, dtype=np.bool_),
        order,
        places,
    )
    return Outlook(places)


def _draw(stretches: "_Stretches", weight: "_Varied", size: "_Varied", chosen: Flags, order: Ints, places: npt.NDArray[np.int32]) -> None:
    """Fill in the places of the chosen items, draw by draw; items come in `order`, stretch by stretch."""
    lengths = np.diff(np.append(stretches.opens, order.size))
    members = np.add.reduceat(chosen.astype(np.int64), stretches.opens)
    before: Ints = np.cumsum(chosen) - chosen
    inside: Ints = before - np.repeat(before[stretches.opens], lengths)
    back = np.argsort(order[chosen])
    for draw in range(len(places)):
        first = stretches.sorted_by(weight.drawn(draw), size.drawn(draw))
        start = np.empty(lengths.size, dtype=np.int64)
        start[first] = np.cumsum(members[first]) - members[first]
        places[draw] = (np.repeat(start, lengths) + inside)[chosen][back]


@dataclass(frozen=True, slots=True)
class _Stretches:
    """Items that move together: a block's that follow each other in one band. Components follow each other, each in its order."""

    opens: Ints
    above: Floats
    """Added to the logarithm of a value: bands stand clear of each other."""
    floor: Floats
    """Taken off it for a running minimum that starts anew with each component."""

    def sorted_by(self, weight: Floats, size: Floats) -> Ints:
        """The stretches by falling value, none before one of its component that comes before it."""
        value = np.add.reduceat(weight, self.opens) / np.maximum(np.add.reduceat(size, self.opens), 1.0)
        value = np.log(np.maximum(value, _LEAST)) + self.above
        order: Ints = np.argsort(-(np.minimum.accumulate(value - self.floor) + self.floor), kind="stable")
        return order


def _stretches(block: Ints | Floats, band: Ints, component: Ints) -> _Stretches:
    apart = (block[1:] != block[:-1]) | (band[1:] != band[:-1]) | (component[1:] != component[:-1])
    opens = np.flatnonzero(np.concatenate(([True], apart)))
    of_stretch = component[opens]
    floor = 10 * _APART * np.concatenate(([0.0], np.cumsum(of_stretch[1:] != of_stretch[:-1])))
    above: Floats = band[opens].astype(np.float64) * -_APART
    return _Stretches(opens, above, floor)


@dataclass(frozen=True, slots=True)
class _Varied:
    """Amounts that vary by a factor, from draw to draw."""

    amount: Floats
    spread: Floats
    streams: _Words

    def drawn(self, draw: int) -> Floats:
        drawn: Floats = self.amount * np.exp(self.spread * _normal(self.streams, draw))
        return drawn


def _streams(seeds: Ints) -> _Words:
    """A 64-bit start for each seed, far from those of its neighbours (the finalizer of SplitMix64)."""
    words: _Words = seeds.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    words ^= words >> np.uint64(30)
    words *= np.uint64(0xBF58476D1CE4E5B9)
    words ^= words >> np.uint64(27)
    words *= np.uint64(0x94D049BB133111EB)
    words ^= words >> np.uint64(31)
    return words


def _normal(streams: _Words, draw: int) -> Floats:
    """A standard normal number of each stream for a draw."""
    words = streams + np.uint64(draw * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF)
    words ^= words >> np.uint64(32)
    words *= np.uint64(0xD6E8FEB86659FD93)
    words >>= np.uint64(64 - _GRAIN)
    normal: Floats = _STEPS[words]
    return normal
