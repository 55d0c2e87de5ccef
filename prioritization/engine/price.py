"""What a decision costs: the order without it beside the order with it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from prioritization.engine.drift import order_cost
from prioritization.engine.types import Candidate, ItemId


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
