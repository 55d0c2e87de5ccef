"""How good and how calm the computed order is: figures of the engine that are no times, and the time of a draw."""

import heapq
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import mean

import numpy as np

from benchmarks.brute_force import cost_against_brute_force
from benchmarks.figures import Figure, timed_ms
from benchmarks.next_release import next_release_ratios
from benchmarks.rank_engine import Backlog, benchmark_backlog
from prioritization.engine.dead_band import fresh_places, publish, publishing
from prioritization.engine.exact import product_sum
from prioritization.engine.monte_carlo import DRAWS, simulate_free
from prioritization.engine.types import Ints

DAYS = 20
EDITS_A_DAY = 0.002
DRIFT_A_DAY = 0.003


def rank_quality(items: int = 10_000) -> Iterator[Figure]:
    """Cost against brute force and against what others do, the certificate, the dead band, release planning, and Monte Carlo."""
    yield from cost_against_brute_force()
    backlog = benchmark_backlog(items)
    ranked = backlog.rank()
    plain = order_cost(backlog, wsjf_order(backlog))
    margin = plain / order_cost(backlog, ranked.order) - 1
    yield Figure(f"margin of {items:,}", 100 * margin, "%", "topological sort by WSJF", 1 + margin, ">= 3 %", margin >= 0.03)
    large = benchmark_backlog(100_000)
    gap = large.certificate(large.rank()).gap
    yield Figure("certificate gap of 100,000", 100 * gap, "%", "the lower bound", 1 + gap, "<= 0.1 %", gap <= 0.001)
    yield from _dead_band(backlog)
    yield from _next_release()
    yield _monte_carlo(items)


def wsjf_order(backlog: Backlog) -> Ints:
    """What others do: of all items whose blockers are done the one of largest value over size is next."""
    count = backlog.ids.size
    worth = (backlog.weight / np.maximum(backlog.size, 1)).tolist()
    pairs = np.unique(np.stack([backlog.blocker, backlog.blocked], axis=1), axis=0)
    waiting = np.bincount(pairs[:, 1], minlength=count).tolist()
    after: list[list[int]] = [[] for _ in range(count)]
    for blocker, blocked in pairs.tolist():
        after[blocker].append(blocked)
    ready = [(-worth[at], at) for at in range(count) if not waiting[at]]
    heapq.heapify(ready)
    order = []
    while ready:
        _, at = heapq.heappop(ready)
        order.append(at)
        for other in after[at]:
            waiting[other] -= 1
            if not waiting[other]:
                heapq.heappush(ready, (-worth[other], other))
    return np.array(order, dtype=np.int64)


def order_cost(backlog: Backlog, order: Ints) -> int:
    """The sum of cost of delay times completion."""
    return product_sum(backlog.weight[order], np.cumsum(backlog.size[order]))


def _dead_band(backlog: Backlog) -> Iterator[Figure]:
    """Days on which every value drifts a little and people edit a few items: rows written, and what holding costs."""
    draw = np.random.default_rng(1)
    standing = fresh_places(backlog.rank())
    written, losses = [], []
    weight = backlog.weight.astype(np.float64)
    for _ in range(DAYS):
        weight *= np.exp(draw.normal(0, DRIFT_A_DAY, weight.size))
        edited = draw.random(weight.size) < EDITS_A_DAY
        weight[edited] *= draw.choice((0.5, 2.0), int(edited.sum()))
        today = replace(backlog, weight=np.round(weight).astype(np.int64))
        fresh = today.rank()
        publishes = publishing(fresh, standing, edited)
        changed = publishes & ((fresh.value != standing.value) | (fresh.position != standing.position))
        standing = publish(fresh, standing, publishes)
        written.append(float(changed.mean()))
        losses.append(order_cost(today, standing.order) / order_cost(today, fresh.order) - 1)
    rows, loss = mean(written), mean(losses)
    yield Figure("dead band: rows written a day", 100 * rows, "%", "all rows", rows, "<= 10 %", rows <= 0.1)
    yield Figure("dead band: loss", 100 * loss, "%", "the fresh order", 1 + loss, "<= 0.05 %", loss <= 0.0005)


def _next_release() -> Iterator[Figure]:
    """Only where WINNOW_REAL_DATA names a folder with the instances."""
    folder = Path(os.environ.get("WINNOW_REAL_DATA", ""), "release-planning")
    if folder.is_dir():
        reached = mean(ratio for _, ratio in next_release_ratios(folder))
        yield Figure("next release, mean profit", reached, "x", "best known", reached, ">= 0.98 x", reached >= 0.98)


def _monte_carlo(items: int) -> Figure:
    draw = np.random.default_rng(1)
    value, seeds, spread = np.log(draw.integers(3, 60, items) / draw.integers(1, 13, items)), np.arange(items), np.full(items, 0.3)
    per = min(timed_ms(lambda: simulate_free(value, spread, seeds).percentiles(0.1, 0.5, 0.9)) for _ in range(5)) * 1e6 / items / DRAWS
    keys = draw.random(items)
    sorting = min(timed_ms(lambda: np.argsort(keys)) for _ in range(20)) * 1e6 / items
    return Figure(f"Monte Carlo of {items:,}, item and draw", per, "ns", "numpy.argsort, an item", per / sorting, "<= 60 ns", per <= 60)
