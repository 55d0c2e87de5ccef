"""What goes into the ranking engine and what comes out of it. Amounts are whole milli-units."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

ItemId: TypeAlias = int | str
Edge: TypeAlias = tuple[ItemId, ItemId]
"""`(blocker, blocked)`: the blocker comes first."""
Key: TypeAlias = tuple[int, float, ItemId, int]
"""`(band, -value, component, position)`; ascending keys are the order."""

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]

LARGEST = 10**12
"""No size and no cost of delay is larger, so sums over a million items stay inside 64 bits."""


class RankInputError(ValueError):
    """An item or edge that no order can be computed from; the message names it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One open item: its cost of delay a week by named term, its size, and the band it asks for.

    A single term may be negative (a multiplier below one); their sum may not. A size of 0 is a parent whose
    open children cover its whole estimate.
    """

    id: ItemId
    terms: Mapping[str, int]
    size: int
    band: int = 2
    is_raised: bool = False
    """Brought up to *expedited* from *normal* or *unscored*, and taking nothing along by itself."""

    @property
    def weight(self) -> int:
        """The cost of delay: the sum of all terms."""
        return sum(self.terms.values())


@dataclass(frozen=True, slots=True)
class Block:
    """Items that are worth doing only together, first to last; `value` is their weight over their size."""

    ids: tuple[ItemId, ...]
    weight: int
    size: int
    value: Fraction


@dataclass(frozen=True, slots=True)
class Receipt:
    """Why an item has its value: `own` and `shared` lines add up to `value` exactly."""

    id: ItemId
    value: Fraction
    own: tuple[tuple[str, Fraction], ...]
    shared: tuple[tuple[ItemId, Fraction], ...]

    @property
    def own_density(self) -> Fraction:
        """What the item would be worth by itself."""
        return sum((amount for _, amount in self.own), Fraction(0))

    @property
    def total(self) -> Fraction:
        """The sum of all lines, which is the value."""
        return self.own_density + sum((amount for _, amount in self.shared), Fraction(0))
