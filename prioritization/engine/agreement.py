"""How far several people agree on the order of the same things."""

from collections.abc import Sequence
from fractions import Fraction


def kendalls_w(scores: Sequence[Sequence[Fraction | int | float]]) -> float | None:
    """Kendall's coefficient of concordance (Kendall and Babington Smith 1939) of raters' scores of the same things, corrected for ties.

    1: all order them alike; 0: their orders have nothing in common. None for fewer than two raters or things, or where nobody orders anything.
    """
    raters, count = len(scores), len(scores[0]) if scores else 0
    if raters < 2 or count < 2:
        return None
    ranks = [_ranks(each) for each in scores]
    sums = [sum(column) for column in zip(*ranks, strict=True)]
    middle = Fraction(sum(sums), count)
    spread = sum((total - middle) ** 2 for total in sums)
    ties = sum(size**3 - size for each in scores for size in _tie_sizes(each))
    most = Fraction(raters**2 * (count**3 - count) - raters * ties, 12)
    return float(spread / most) if most else None


def _ranks(scores: Sequence[Fraction | int | float]) -> list[Fraction]:
    """Each score's rank from 1; equal ones share the middle of theirs."""
    order = sorted(scores)
    return [Fraction(2 * order.index(score) + order.count(score) + 1, 2) for score in scores]


def _tie_sizes(scores: Sequence[Fraction | int | float]) -> list[int]:
    return [scores.count(score) for score in set(scores)]
