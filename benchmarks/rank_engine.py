"""What ranking a large backlog costs, beside sorting as many numbers."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from prioritization.engine import Certificate, RankArrays, certify, rank_arrays
from prioritization.engine.compiled import can_compile
from prioritization.engine.types import Ints

FAMILY = 8
TEAM = 1_000
TRAIN = 10_000
ENABLERS = 20
_FIBONACCI = (1, 2, 3, 5, 8, 13, 20)


@dataclass(frozen=True, slots=True)
class Backlog:
    """A backlog as arrays for `rank_arrays`."""

    ids: Ints
    weight: Ints
    size: Ints
    band: Ints
    blocker: Ints
    blocked: Ints

    def rank(self) -> RankArrays:
        """Rank all of it."""
        return rank_arrays(self.ids, self.weight, self.size, self.band, self.blocker, self.blocked)

    def certificate(self, ranked: RankArrays) -> Certificate:
        """Cost and bound of a run over it."""
        return certify(ranked, self.weight)


def benchmark_backlog(items: int, per_item: float = 0.1, seed: int = 1) -> Backlog:
    """Teams of 1,000 items in trains of 10,000; 70 % of the items in families of 8, each with its parent as the sink.

    Dependencies: 60 % inside a family, 20 % in the team, 15 % in the train, 5 % on a few enablers. No cycles: a blocker has
    the smaller number, a parent the largest of its family.
    """
    draw = np.random.default_rng(seed)
    terms = np.array(_FIBONACCI)
    weight = 1_000 * draw.choice(terms, (3, items)).sum(axis=0)
    size = 1_000 * draw.choice(terms[:6], items, p=[0.15, 0.2, 0.25, 0.2, 0.12, 0.08])
    size = size * draw.integers(80, 125, items // TEAM + 1)[np.arange(items) // TEAM] // 100  # paces differ
    in_family = np.arange(items) % TEAM < TEAM * 7 // 10 // FAMILY * FAMILY
    family = np.where(in_family, np.arange(items) // TEAM * TEAM + np.arange(items) % TEAM // FAMILY * FAMILY, -1)
    parent = in_family & (np.arange(items) % TEAM % FAMILY == FAMILY - 1) & (np.arange(items) - family == FAMILY - 1)
    child = in_family & ~parent & (family + FAMILY - 1 < items)
    weight[child & (draw.random(items) < 0.7)] = 0  # most children share their parent's value
    weight[parent] *= 2
    size[parent & (draw.random(items) < 0.6)] = 0  # covered by the children
    blocker = [np.flatnonzero(child)]
    blocked = [family[child] + FAMILY - 1]
    wanted = int(items * per_item)
    start = draw.integers(0, items, wanted)
    share = draw.random(wanted)
    members = np.flatnonzero(child)
    inside = members[draw.integers(0, members.size, wanted)] if members.size else start
    other = np.where(
        share < 0.6,
        family[inside] + draw.integers(0, FAMILY - 1, wanted),
        np.where(
            share < 0.8,
            start // TEAM * TEAM + draw.integers(0, TEAM, wanted),
            np.where(
                share < 0.95,
                start // TRAIN * TRAIN + draw.integers(0, TRAIN, wanted),
                draw.integers(0, ENABLERS, wanted) * (items // ENABLERS),
            ),
        ),
    )
    start = np.where(share < 0.6, inside, start)
    fits = (other >= 0) & (other < items) & (other != start)
    blocker.append(np.minimum(start, other)[fits])
    blocked.append(np.maximum(start, other)[fits])
    return Backlog(
        ids=np.arange(1, items + 1, dtype=np.int64),
        weight=weight.astype(np.int64),
        size=size.astype(np.int64),
        band=np.full(items, 2, dtype=np.int64),
        blocker=np.concatenate(blocker).astype(np.int64),
        blocked=np.concatenate(blocked).astype(np.int64),
    )


def solve_against_sort(items: int, per_item: float, rounds: int = 3) -> tuple[float, float]:
    """Seconds for solving and sorting a backlog, and for `numpy.argsort` of as many numbers."""
    backlog = benchmark_backlog(items, per_item)
    keys = np.random.default_rng(1).random(items)
    if can_compile():
        backlog.rank()  # the first run compiles
    return _best(backlog.rank, rounds), _best(lambda: np.argsort(keys), max(rounds, 5))


def _best(call: Callable[[], object], rounds: int) -> float:
    """The shortest of some runs in seconds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)
