"""How good an order is: its cost of delay, and what no order can do better than.

The bound is the area under the best convex curve over the precedence order (two-dimensional Gantt chart: Eastman, Even
and Isaacs 1964 for single blocks; Chekuri and Motwani 1999; Margot, Queyranne and Wang 2003): blocks one after another,
each as if it were smooth.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from prioritization.engine.arrays import RankArrays
from prioritization.engine.bands import NORMAL
from prioritization.engine.exact import product_sum
from prioritization.engine.types import Ints


@dataclass(frozen=True, slots=True)
class Certificate:
    """Sums of weight times completion in milli-units of each, over bands 0 to 2 ordered by value alone.

    A cycle counts as one piece of work. `lower_bound` is what any order costs at least, `cost` what this one does;
    `shown_cost` is the same items in the order shown, so `shown_cost - cost` is the price of pins and of work in progress.
    """

    cost: int
    lower_bound: Fraction
    shown_cost: int

    @property
    def gap(self) -> float:
        """cost / lower bound - 1: no order is cheaper by more than that."""
        return float(self.cost / self.lower_bound - 1) if self.lower_bound else 0.0


def certify(ranked: RankArrays, weight: Ints) -> Certificate:
    """The certificate of a run over items of these weights, in whole numbers throughout."""
    units, unit_of = np.unique(ranked.unit, return_inverse=True)
    unit_weight, unit_size = np.zeros(units.size, dtype=np.int64), np.zeros(units.size, dtype=np.int64)
    np.add.at(unit_weight, unit_of, weight)
    np.add.at(unit_size, unit_of, ranked.size)
    chosen = np.flatnonzero(ranked.band[units] <= NORMAL)
    items = units[chosen]
    by_value = chosen[np.lexsort((ranked.position[items], ranked.component[items], -ranked.value[items]))]
    shown = chosen[np.lexsort((ranked.position[items], ranked.component[items], -ranked.value[items], ranked.band[items]))]
    ends = np.cumsum(unit_size[by_value])
    blocks = ranked.block[units[by_value]]
    opens = np.flatnonzero(np.concatenate(([True], blocks[1:] != blocks[:-1]))) if blocks.size else blocks
    firsts = units[by_value[opens]]
    starts = (ends - unit_size[by_value])[opens]
    doubled = 2 * product_sum(starts, ranked.block_weight[firsts])
    doubled += product_sum(ranked.block_weight[firsts], ranked.block_size[firsts]) + product_sum(unit_weight[by_value], unit_size[by_value])
    return Certificate(
        cost=product_sum(unit_weight[by_value], ends),
        lower_bound=Fraction(doubled, 2),
        shown_cost=product_sum(unit_weight[shown], np.cumsum(unit_size[shown])),
    )
