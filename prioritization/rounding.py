"""Amounts as people read them: two decimals that add up."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import floor

_HUNDREDTH = Decimal("0.01")


def to_hundredths(amount: Fraction) -> int:
    """The nearest hundredth, halves up."""
    return floor(amount * 100 + Fraction(1, 2))


def share_out(total: int, amounts: Sequence[Fraction]) -> list[int]:
    """The amounts in hundredths so that they add up to `total`, which is their sum rounded: largest remainders go up."""
    exact = [amount * 100 for amount in amounts]
    shares = [floor(amount) for amount in exact]
    by_remainder = sorted(range(len(exact)), key=lambda at: (shares[at] - exact[at], at))
    for at in by_remainder[: total - sum(shares)]:
        shares[at] += 1
    return shares


def from_hundredths(amount: int, *, signed: bool = False) -> str:
    """`1.40`; signed: `+4.35`, and a true minus."""
    text = f"{abs(amount) * _HUNDREDTH:,.2f}"
    if amount < 0:
        return f"\N{MINUS SIGN}{text}"
    return f"+{text}" if signed else text
