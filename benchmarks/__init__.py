"""What Winnow costs, side by side with a limit, in one run: `python3 manage.py bench`."""

from collections.abc import Callable, Iterator

from benchmarks.figures import Figure
from benchmarks.list_page import list_page
from benchmarks.rank_full import rank_full
from benchmarks.rerank_one import rerank_one

BENCHMARKS: dict[str, Callable[[], Iterator[Figure]]] = {
    "list_page": list_page,
    "rerank_one": rerank_one,
    "rank_full": rank_full,
}
