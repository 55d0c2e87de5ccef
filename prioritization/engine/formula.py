"""How scores become a cost of delay: columns that are summed, multipliers that become terms, a size, and one currency.

The currency is points of cost of delay a week, as WSJF's columns give them. Everything is an integer of milli-units, and each term is the
difference of two rounded running totals, so that terms add up to the total exactly.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from statistics import median_low

MILLI = 1_000
MOST = 10**9
"""No total goes beyond a million points a week, whatever the weights."""


class Enters(StrEnum):
    """What a factor does with the cost of delay."""

    PLUS = "plus"  # is weighted and summed
    TIMES = "times"  # multiplies what stands so far, as the term t * (m - 1)
    LESS = "less"  # takes its share off what stands so far, as the term -t * share
    SIZE = "size"  # is what the item is divided by, in place of its points
    NOTE = "note"  # says how well the others are known


def milli(value: Decimal) -> int:
    """Exact, for values of three decimals."""
    return int(value * MILLI)


def rounded(numerator: int, denominator: int) -> int:
    """The quotient of two integers, the denominator above 0; half up."""
    return (2 * numerator + denominator) // (2 * denominator)


@dataclass(frozen=True, slots=True)
class Sizing:
    """How a factor becomes points: so many a unit, at least so many units, counted down from `falls_from` where it is ease."""

    points: Decimal = Decimal(1)
    at_least: Decimal = Decimal("0.001")
    falls_from: Decimal | None = None

    def milli_points(self, value: int) -> int:
        """The size of a value in milli-units."""
        units = value if self.falls_from is None else milli(self.falls_from) - value
        return max(1, rounded(max(units, milli(self.at_least)) * milli(self.points), MILLI))


@dataclass(frozen=True)
class FactorSpec:
    """One thing people score. `scale` are the values offered, with `words` for them where numbers say little; any value from `least` to
    `most` is accepted. An optional factor that nobody gave changes nothing, any other is assumed."""

    name: str
    label: str
    scale: tuple[Decimal, ...]
    least: Decimal = Decimal(0)
    most: Decimal = Decimal(100)
    help: str = ""
    unit: str = ""
    words: tuple[str, ...] = ()
    enters: Enters = Enters.PLUS
    sizing: Sizing | None = None
    is_optional: bool = False
    typical: Decimal | None = None
    """What an ordinary item has, where that is not the middle of the scale."""
    holds_at: Decimal | None = None
    """At this value the item is on hold: it will not be done for now."""
    lasts: int = 180
    """Days after which a score is asked for again, where nobody set a date. It stays in force until somebody answers."""

    @cached_property
    def middle(self) -> Decimal:
        """What stands in for a score before anything was measured."""
        return median_low(self.scale) if self.typical is None else self.typical


@dataclass(frozen=True)
class Formula:
    """A model with its weights, ready to count. Without columns it sums whatever it is given."""

    plus: tuple[tuple[str, int], ...] = ()  # name, weight
    times: tuple[tuple[str, bool], ...] = ()  # name, whether it takes a share off
    optional: frozenset[str] = frozenset()
    size: tuple[str, Sizing] | None = None
    is_divided: bool = True  # by its size; otherwise every item counts as one point
    columns: int = 0  # declared, also those of weight 0: what a weight takes, the others get
    rate: int = MILLI  # of the model's own units, so many are worth one point a week
    holds: tuple[tuple[str, int], ...] = ()
    required: tuple[str, ...] = field(init=False)
    """What people must score, or what is assumed: in order."""
    extras: tuple[str, ...] = field(init=False)
    """What counts only where somebody scored it."""

    def __post_init__(self) -> None:
        if self.columns and not self.plus:
            raise ValueError("The weights sum to nothing.")
        names = tuple(name for name, _ in (*self.plus, *self.times))
        object.__setattr__(self, "required", tuple(name for name in names if name not in self.optional))
        object.__setattr__(self, "extras", tuple(name for name in names if name in self.optional))

    @cached_property
    def is_level(self) -> bool:
        """Whether summed factors are terms as they are."""
        return self.rate == MILLI and self.columns == len(self.plus) and len({weight for _, weight in self.plus}) < 2

    @cached_property
    def _quotient(self) -> tuple[int, int]:
        return self.columns * MILLI, sum(weight for _, weight in self.plus) * self.rate

    @cached_property
    def multipliers(self) -> frozenset[str]:
        return frozenset(name for name, _ in self.times)

    def terms(self, factors: Mapping[str, int]) -> dict[str, int]:
        """The terms of a week's cost of delay in milli-units, none for an item without factors. Their sum is never below 0."""
        if self.is_level and self.multipliers.isdisjoint(factors):
            return dict(factors)
        terms: dict[str, int] = {}
        total = weighed = 0
        above, below = self._quotient
        for name, weight in self.plus:
            if name in factors:
                weighed += factors[name] * weight
                terms[name] = min(rounded(weighed * above, below), MOST) - total
                total += terms[name]
        for name, is_share in self.times:
            if name in factors:
                terms[name] = grown(total, MILLI - min(factors[name], MILLI) if is_share else factors[name])
                total += terms[name]
        return terms

    def neutral(self, name: str, own: Mapping[str, int]) -> int:
        """What stands in for a missing factor where nothing was ever measured: a multiplier that changes nothing, the item's own middle."""
        if name in self.multipliers:
            return MILLI
        given = [value for other, value in own.items() if other not in self.multipliers]
        return median_low(given) if given else MILLI

    def is_on_hold(self, factors: Mapping[str, int | None]) -> bool:
        """Whether a score says that it will not be done for now."""
        return any(factors.get(name) == value for name, value in self.holds)


SUM = Formula()
"""Factors that add up, whatever their names."""


def grown(total: int, by: int) -> int:
    """The term that multiplies a total: `t * (m - 1)` with m in thousandths, rounded half up; at MOST it grows no further."""
    return min(rounded(total * by, MILLI), MOST) - total
