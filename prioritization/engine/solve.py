"""The components that need the solver: handed over as plain vectors, compiled where that pays and where the numbers fit."""

import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np

from prioritization.engine.compiled import can_compile, compiled, scratch_of
from prioritization.engine.graph import order_by
from prioritization.engine.kernels.component import solve_components
from prioritization.engine.types import Ints

COMPILED_FROM = 5_000
"""From so many items on. Below, plain Python has answered before numba is imported, which a web process never does."""
_ROOM = float(1 << 60)
"""The largest product of all weight and all size of a component that the compiled solver takes.

With W and P those sums it meets no number above 4 W P: densities compare by products of at most W P, a cut supplies at most W P in all, an order costs at
most W P, and a beam's promise is below 4 W P, which stays under 2**62.
"""
_SCRATCH, _SCRATCH_EACH = 1 << 18, 64
"""Numbers of scratch for the tables of fixed size, and for each node and edge of the largest component; four times that where it is not enough."""


def solve_hard(
    hard: Ints, weight: Ints, size: Ints, blocker: Ints, blocked: Ints, component: Ints, level: Ints, block: Ints, place: Ints
) -> None:
    """Solve the components of some items and write their `block` (one of its items) and `place` (an order over all of them).

    All arrays but `hard` and the edges have an entry an item.
    """
    hard = hard[order_by(hard, level[hard], component[hard])]
    group = component[hard]
    starts = np.append(np.flatnonzero(np.concatenate(([True], group[1:] != group[:-1]))), hard.size)
    slot = np.full(weight.size, -1, dtype=np.int64)
    slot[hard] = np.arange(hard.size)
    kept = slot[blocked] >= 0
    source, target = slot[blocker[kept]], slot[blocked[kept]]
    order = order_by(source, target)
    target = target[order]
    local = source[order] - np.repeat(starts[:-1], np.diff(starts))[target]
    offset = np.zeros(hard.size + 1, dtype=np.int64)
    np.cumsum(np.bincount(target, minlength=hard.size), out=offset[1:])

    weights, sizes = weight[hard], size[hard]
    if hard.size < COMPILED_FROM or not can_compile():
        sequence, label = _plain(weights, sizes, starts, offset, local)
    else:
        sequence, label = _mixed(weights, sizes, starts, offset, local)
    done = hard[sequence]
    block[done] = hard[label]
    place[done] = np.arange(done.size)


def _plain(weight: Ints, size: Ints, starts: Ints, offset: Ints, blocker: Ints) -> tuple[Ints, Ints]:
    sequence, label = [0] * weight.size, [0] * weight.size
    word = words(int(np.diff(starts).max())).tolist()
    solve_components([], weight.tolist(), size.tolist(), starts.tolist(), offset.tolist(), blocker.tolist(), word, sequence, label)
    return np.array(sequence, dtype=np.int64), np.array(label, dtype=np.int64)


def _mixed(weight: Ints, size: Ints, starts: Ints, offset: Ints, blocker: Ints) -> tuple[Ints, Ints]:
    """Compiled, but for components whose numbers might not fit into 64 bits: plain Python counts those without limit."""
    lengths = np.diff(starts)
    large = np.add.reduceat(weight, starts[:-1]).astype(np.float64) * np.add.reduceat(size, starts[:-1]) >= _ROOM
    if large.any():
        fits = np.repeat(~large, lengths)
        fitting = np.where(fits, weight, 1), np.where(fits, size, 1)  # what does not fit is written over below
    else:
        fitting = weight, size
    sequence, label = _compiled(*fitting, starts, offset, blocker, words(int(lengths.max())))
    for at in np.flatnonzero(large).tolist():
        start, stop = int(starts[at]), int(starts[at + 1])
        edges = slice(int(offset[start]), int(offset[stop]))
        one = np.array([0, stop - start])
        own = _plain(weight[start:stop], size[start:stop], one, offset[start : stop + 1] - offset[start], blocker[edges])
        sequence[start:stop], label[start:stop] = start + own[0], start + own[1]
    return sequence, label


def _compiled(weight: Ints, size: Ints, starts: Ints, offset: Ints, blocker: Ints, words: Ints) -> tuple[Ints, Ints]:
    """The components in as many stretches of about one length as there are processors: compiled code leaves the interpreter free."""
    solve = compiled(solve_components)
    stretches = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    cuts = np.unique(np.searchsorted(starts, np.linspace(0, weight.size, stretches + 1).astype(np.int64)))
    sequence, label = np.empty_like(weight), np.empty_like(weight)

    def stretch(first: int, last: int) -> None:
        start, stop = int(starts[first]), int(starts[last])
        edges = slice(int(offset[start]), int(offset[stop]))
        numbers = _SCRATCH_EACH * int(np.diff(starts[first : last + 1]).max() + np.diff(offset[starts[first : last + 1]]).max()) + _SCRATCH
        while True:
            try:
                solve(
                    scratch_of(numbers),
                    weight[start:stop],
                    size[start:stop],
                    starts[first : last + 1] - start,
                    offset[start : stop + 1] - edges.start,
                    blocker[edges],
                    words,
                    sequence[start:stop],
                    label[start:stop],
                )
                break
            except MemoryError:
                numbers *= 4
        sequence[start:stop] += start
        label[start:stop] += start

    with ThreadPoolExecutor(stretches) as pool:
        list(pool.map(stretch, cuts[:-1].tolist(), cuts[1:].tolist()))
    return sequence, label


@cache
def words(count: int) -> Ints:
    """As many random words, always the same ones."""
    return np.random.default_rng(1).integers(np.iinfo(np.int64).min, np.iinfo(np.int64).max, max(count, 1), dtype=np.int64)
