"""Why one item stands above another: the one difference that decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

from prioritization.engine.bands import zones
from prioritization.engine.ranking import Ranking
from prioritization.engine.types import ItemId


class Ground(Enum):
    """What can decide between two items."""

    BAND = "band"
    """They stand in different bands: one is pinned, in progress, on hold, unscored or dormant."""
    PATH = "path"
    """The lower one waits for the upper one, directly or through others."""
    OWN = "own"
    """The upper one is worth more by itself."""
    LIFTED = "lifted"
    """The upper one is lifted by what it unblocks or is part of."""
    HELD = "held"
    """The lower one is held down by what goes with it."""
    TOGETHER = "together"
    """They are done in one piece, and this is the cheaper way round."""
    TIE = "tie"
    """They are worth the same; the tie goes by the smallest item of each component, which never changes by chance."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two items and why the upper one is above the lower one.

    `value`, `own` and `shared` are what the upper one has more, in all, by itself and through its block: value = own + shared, exactly.
    """

    upper: ItemId
    lower: ItemId
    ground: Ground
    value: Fraction
    own: Fraction
    shared: Fraction
    path: tuple[ItemId, ...] = ()
    """From the upper to the lower item, where that one waits for it."""


def compare(ranking: Ranking, item: ItemId, other: ItemId) -> Comparison:
    """Why one of two different items stands above the other, whichever it is."""
    upper, lower = sorted((item, other), key=ranking.key)
    above, below = ranking.receipt(upper), ranking.receipt(lower)
    own = above.own_density - below.own_density
    value = above.value - below.value
    path = tuple(find_path(ranking, upper, lower))
    return Comparison(upper, lower, _ground(ranking, upper, lower, own, value, path), value, own, value - own, path)


def _ground(ranking: Ranking, upper: ItemId, lower: ItemId, own: Fraction, value: Fraction, path: Sequence[ItemId]) -> Ground:
    if ranking.band(upper) != ranking.band(lower):
        return Ground.BAND
    if path:
        return Ground.PATH
    at, there = ranking.index(upper), ranking.index(lower)
    if ranking.arrays.value[at] == ranking.arrays.value[there]:
        return Ground.TOGETHER if ranking.arrays.block[at] == ranking.arrays.block[there] else Ground.TIE
    if own * 2 >= value:
        return Ground.OWN
    lift = ranking.receipt(upper).value - ranking.receipt(upper).own_density
    hold = ranking.receipt(lower).own_density - ranking.receipt(lower).value
    return Ground.LIFTED if lift >= hold else Ground.HELD


def find_path(ranking: Ranking, start: ItemId, end: ItemId) -> list[ItemId]:
    """A shortest way from an item along what it blocks to another, both included; empty without one. Only edges that order anything count."""
    arrays = ranking.arrays
    at, there = ranking.index(start), ranking.index(end)
    if arrays.component[at] != arrays.component[there]:
        return []
    zone = zones(arrays.band)
    live = (arrays.component[arrays.blocker] == arrays.component[at]) & (zone[arrays.blocker] == zone[arrays.blocked])
    after: dict[int, list[int]] = {}
    for blocker, blocked in zip(arrays.blocker[live].tolist(), arrays.blocked[live].tolist(), strict=True):
        after.setdefault(blocker, []).append(blocked)
    came_from = {at: at}
    layer = [at]
    while layer and there not in came_from:
        following = []
        for node in layer:
            for other in after.get(node, ()):
                if other not in came_from:
                    came_from[other] = node
                    following.append(other)
        layer = following
    if there not in came_from:
        return []
    way = [there]
    while way[-1] != at:
        way.append(came_from[way[-1]])
    return [ranking.ids[node] for node in reversed(way)]
