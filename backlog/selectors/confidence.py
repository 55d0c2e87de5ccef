"""How sure a place is beside its neighbours. Scores and sizes are judgements: two items of nearly one value could as well stand the other way round.

Values vary by a factor, log-normally, as `prioritization.engine.monte_carlo` draws them. Between two items that is a closed form: the first comes first with
probability Phi(ln(value / other) / sqrt(spread^2 + other_spread^2)), so a page of rows needs no draws.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import hypot, log
from typing import NamedTuple

from backlog.models.placement import Band

GIVEN, ASSUMED = 0.25, 0.6
"""The spread of a score or a size that a person gave (half a step of the scale 1, 2, 3, 5, 8), and of one that like items lent."""
SPREADS = (hypot(GIVEN, GIVEN), hypot(GIVEN, ASSUMED), hypot(ASSUMED, ASSUMED))
"""Of a value, by how many of its two parts are assumed."""
EVEN = 0.2533
"""Up to here each of two comes first in at least 40 % of all draws: the quantile of 60 %."""


class Standing(NamedTuple):
    """An item of a list: where it stands, and how many of its value's two parts are assumed."""

    band: int
    value: float
    component: int
    assumed: int


def coin_flips(standing: Sequence[Standing]) -> dict[int, int]:
    """By place in a stretch of a list the step to the neighbour that could as well stand there: -1 above, 1 below, the more even one of two.

    Items that dependencies tie together keep their order in every draw, and so do bands.
    """
    flips: dict[int, int] = {}
    nearest: dict[int, float] = {}
    for at, (above, below) in enumerate(pairwise(standing)):
        if (
            above.band != below.band
            or above.band not in (Band.EXPEDITE, Band.NORMAL)
            or above.component == below.component
            or below.value <= 0
        ):
            continue
        distance = log(above.value / below.value) / hypot(SPREADS[above.assumed], SPREADS[below.assumed])
        if distance <= EVEN:
            flips[at + 1] = -1
            if distance <= nearest.get(at, EVEN):
                flips[at] = 1
            nearest[at + 1] = distance
    return flips
