"""A full recompute of a large backlog, beside sorting as many numbers."""

import sys
from collections.abc import Iterator
from unittest import mock

from benchmarks.figures import Figure
from benchmarks.rank_engine import solve_against_sort
from prioritization.engine import solve
from prioritization.engine.compiled import can_compile

LIMIT_SECONDS = 2.5
LIMIT_RATIO = 15
DENSER = (0.3, 0.5)
"""Dependencies an item, above the 0.04-0.1 of public trackers: told, without a target."""


def rank_full(items: int = 100_000) -> Iterator[Figure]:
    """Solve and sort in seconds, against `numpy.argsort` of the same number of values: in plain Python, and compiled where the extra is there."""
    with mock.patch.object(solve, "COMPILED_FROM", sys.maxsize):
        seconds, sorting = solve_against_sort(items, 0.1)
    name = f"rank {items:,}, plain, 0.1 dependencies an item"
    yield Figure(name, seconds, "s", "numpy.argsort", seconds / sorting, f"<= {LIMIT_SECONDS} s", seconds <= LIMIT_SECONDS)
    for per_item in DENSER:
        seconds, sorting = solve_against_sort(items, per_item, rounds=1)
        yield Figure(f"rank {items:,}, {_way()}, {per_item}", seconds, "s", "numpy.argsort", seconds / sorting, "none, told", ok=True)


def rank_large(items: int = 1_000_000) -> Iterator[Figure]:
    """Solve and sort of a million items against sorting as many numbers. The target is for the extra `fast`; without it the line says so."""
    rounds = 12 if can_compile() else 1  # best of as many as sorts: two processors are seldom both free
    seconds, sorting = solve_against_sort(items, 0.1, rounds)
    ratio = seconds / sorting
    target = f"<= {LIMIT_RATIO} x" if can_compile() else f"<= {LIMIT_RATIO} x with the extra fast, which is not installed"
    yield Figure(f"rank {items:,}, {_way()}, 0.1", seconds, "s", "numpy.argsort", ratio, target, ratio <= LIMIT_RATIO)


def _way() -> str:
    return "compiled" if can_compile() else "plain"
