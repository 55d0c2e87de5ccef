"""The ranking engine: plain Python and numpy, no Django.

`rank(candidates, edges)` orders items by cost of delay under precedence and explains every place; `rank_arrays` is the
same run for a hundred thousand items at a time, `rank_lists` for however many. See `bands` for what each band does.
"""

from prioritization.engine.arrays import RankArrays, rank_arrays, rank_lists
from prioritization.engine.certificate import Certificate, certify
from prioritization.engine.ranking import Ranking, rank
from prioritization.engine.types import Block, Candidate, Edge, ItemId, Key, RankInputError, Receipt

__all__ = [
    "Block",
    "Candidate",
    "Certificate",
    "Edge",
    "ItemId",
    "Key",
    "RankArrays",
    "RankInputError",
    "Ranking",
    "Receipt",
    "certify",
    "rank",
    "rank_arrays",
    "rank_lists",
]
