"""A full recompute of a large backlog, beside sorting as many numbers."""

from collections.abc import Iterator

from benchmarks import rank_engine
from benchmarks.figures import Figure

LIMIT_SECONDS = 2.5


def rank_full(items: int = 100_000) -> Iterator[Figure]:
    """Solve and sort in seconds, against `numpy.argsort` of the same number of values."""
    for name, seconds, unit, _sorting, ratio in rank_engine.rank_full(items):
        yield Figure(name, seconds, unit, "numpy.argsort", ratio, f"<= {LIMIT_SECONDS} s", seconds <= LIMIT_SECONDS)


def rank_large(items: int = 1_000_000) -> Iterator[Figure]:
    """Solve and sort of a million items against sorting as many numbers, once."""
    for name, seconds, unit, _sorting, ratio in rank_engine.rank_full(items, rounds=1):
        yield Figure(name, seconds, unit, "numpy.argsort", ratio, "<= 15 x", ratio <= 15)
