"""What Winnow costs, side by side with a limit, in one run: `python3 manage.py bench`."""

from collections.abc import Callable, Iterator

from benchmarks.backlog import backlog
from benchmarks.edit_visible import edit_visible
from benchmarks.figures import Figure
from benchmarks.list_page import list_page
from benchmarks.override_prices import override_prices
from benchmarks.rank_full import rank_full, rank_large
from benchmarks.rank_quality import rank_quality
from benchmarks.rank_written import rank_written
from benchmarks.rerank_one import rerank_growth, rerank_large, rerank_one
from benchmarks.story_quality import story_quality

BENCHMARKS: dict[str, Callable[[], Iterator[Figure]]] = {
    "list_page": list_page,
    "rerank_one": rerank_one,
    "rerank_growth": rerank_growth,
    "edit_visible": edit_visible,
    "rank_full": rank_full,
    "rank_quality": rank_quality,
    "rank_written": rank_written,
    "override_prices": override_prices,
    "backlog": backlog,
    "quality": story_quality,
}
LARGE: dict[str, Callable[[], Iterator[Figure]]] = {"rank_large": rank_large, "rerank_large": rerank_large}
"""What takes a million items, and minutes: with `--large` only."""
GROUPS = {"ranking": ["rank_full", "rerank_one", "rerank_growth", "edit_visible", "rank_written", "rank_quality"]}
"""Names that stand for several; a group takes the large ones along where asked."""
