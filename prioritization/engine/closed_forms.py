"""Components that need no solver, settled for the whole graph at once.

- Nothing violated: no item is denser than a blocker of it, so each stands for itself.
- Stars: edges lead to one item only (a pure family, a pair). The last item takes in its blockers from the least dense
  up, while one is less dense than what it has so far (the single step of pooling adjacent violators, Horn 1972).
"""

from dataclasses import dataclass

import numpy as np

from prioritization.engine.graph import gather_ranges
from prioritization.engine.types import Flags, Ints

EXACT_PRODUCT = float(1 << 51)
"""Quotients w / p and w' / p' with both w p' and w' p below it differ as floats where they differ."""


@dataclass(slots=True)
class Settled:
    """Per item: whether it is settled here, and the block it is in (named by one of its items)."""

    done: Flags
    block: Ints


def settle(weight: Ints, size: Ints, blocker: Ints, blocked: Ints, component: Ints) -> Settled:
    """Settle singletons, components without a violated edge, and stars; everything else is left to the solver.

    The choice depends on the component alone, so ranking it by itself gives the same. Components with very large numbers
    go to the solver, whose arithmetic has no limit.
    """
    count = weight.size
    hard = _too_large(weight, size, component)  # by component's first item, as the next ones
    first, then = component[blocker], component[blocked]
    rising = np.zeros(count, dtype=np.bool_)
    safe = ~hard[then]
    b, a = blocked[safe], blocker[safe]
    rising[then[safe][weight[b] * size[a] > weight[a] * size[b]]] = True
    idle = (weight == 0) & (size == 0)
    rising[component[idle]] = True  # an item of nothing stands in its blocker's block, and passes its place on

    target = np.full(count, -1, dtype=np.int64)
    target[first] = blocked
    mixed = np.zeros(count, dtype=np.bool_)
    mixed[first[target[first] != blocked]] = True
    star = rising & ~hard & ~mixed & (target >= 0)

    block: Ints = np.arange(count, dtype=np.int64)
    _settle_stars(weight, size, blocker, blocked, star[first], block)
    linked = np.zeros(count, dtype=np.bool_)
    linked[first] = True
    done: Flags = ~linked[component] | (~hard & (~rising | star))[component]
    return Settled(done, block)


def _too_large(weight: Ints, size: Ints, component: Ints) -> Flags:
    """Which components have numbers that 64 bits or a float might not hold exactly."""
    if int(weight.max(initial=0)) * int(size.max(initial=0)) < EXACT_PRODUCT:
        return np.zeros(weight.size, dtype=np.bool_)
    heaviest, largest = np.zeros(weight.size, dtype=np.int64), np.zeros(weight.size, dtype=np.int64)
    np.maximum.at(heaviest, component, weight)
    np.maximum.at(largest, component, size)
    large: Flags = heaviest.astype(np.float64) * largest >= EXACT_PRODUCT
    return large


def _settle_stars(weight: Ints, size: Ints, blocker: Ints, blocked: Ints, chosen: Flags, block: Ints) -> None:
    sources, centres = blocker[chosen], blocked[chosen]
    if not sources.size:
        return
    own = weight[sources] / size[sources]  # a blocker in a star has none itself, so it has a size
    order = np.lexsort((sources, own, centres))
    sources, centres, own = sources[order], centres[order], own[order]
    opens = np.flatnonzero(np.concatenate(([True], centres[1:] != centres[:-1])))
    lengths = np.diff(np.append(opens, centres.size))

    def before_each(amount: Ints) -> Ints:
        """What the centre and the earlier blockers of its star amount to."""
        running = np.cumsum(amount[sources]) - amount[sources]
        sums: Ints = running - np.repeat(running[opens], lengths) + amount[centres]
        return sums

    gathered_weight, gathered_size = before_each(weight), before_each(size)
    joins = _less(weight[sources], size[sources], gathered_weight, gathered_size)
    joins |= (gathered_weight == 0) & (gathered_size == 0) & (np.arange(centres.size) == np.repeat(opens, lengths))
    stops = np.where(joins, centres.size, np.arange(centres.size))
    stop = np.minimum.reduceat(stops, opens)
    stop = np.minimum(stop, opens + lengths)
    taken = gather_ranges(opens, stop)
    block[sources[taken]] = centres[taken]


def _less(weight: Ints, size: Ints, other_weight: Ints, other_size: Ints) -> Flags:
    """weight / size < other_weight / other_size, exactly."""
    if max(int(weight.max()) * int(other_size.max()), int(other_weight.max()) * int(size.max())) < 1 << 63:
        exact: Flags = weight * other_size < other_weight * size
        return exact
    wide = weight.astype(object) * other_size.astype(object) < other_weight.astype(object) * size.astype(object)
    return np.asarray(wide, dtype=np.bool_)
