"""Sums of products without the limit of 64 bits."""

from prioritization.engine.types import Ints

_ROOM = 1 << 62


def product_sum(left: Ints, right: Ints) -> int:
    """The exact sum of left times right, of arrays of one length; whole stretches at a time where those fit into 64 bits."""
    if not left.size:
        return 0
    largest = max(abs(int(left.max())), abs(int(left.min()))) * max(abs(int(right.max())), abs(int(right.min())))
    stretch = _ROOM // max(largest, 1)
    if stretch < 32:
        return sum(a * b for a, b in zip(left.tolist(), right.tolist(), strict=True))
    return sum(int(left[at : at + stretch] @ right[at : at + stretch]) for at in range(0, left.size, stretch))
