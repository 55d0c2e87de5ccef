"""Receipts: what an item's value is made of, to the last digit.

`x_j = sum_k w_jk / p_j + sum over i in B, i != j of (w_i - S_j p_i) / p(B)`: own terms over own size, then what each other
member of the block gives or costs by being denser or less dense than the item.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction

from prioritization.engine.types import ItemId, Receipt


def write_receipt(
    item: ItemId,
    terms: Mapping[str, int],
    size: int,
    others: Iterable[tuple[ItemId, int, int]],
    block_weight: int,
    block_size: int,
) -> Receipt:
    """The receipt of an item in a block; `others` are the other members with their weight and size.

    An item without size has no density of its own: its terms and those of the others are then shares of the block.
    """
    own_size = size or block_size
    own_density = Fraction(sum(terms.values()), size) if size else Fraction(0)
    return Receipt(
        id=item,
        value=Fraction(block_weight, block_size),
        own=tuple((name, Fraction(amount, own_size)) for name, amount in terms.items()),
        shared=tuple((other, (weight - own_density * other_size) / block_size) for other, weight, other_size in others),
    )
