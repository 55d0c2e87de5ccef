"""The components that need the solver: handed over as plain vectors, compiled where that pays and where the numbers fit."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from prioritization.engine.closed_forms import settle
from prioritization.engine.compiled import can_compile, compiled, scratch_of
from prioritization.engine.graph import (
    component_labels,
    falling_order,
    falling_places,
    levels,
    order_by,
    place_words,
    places_in_group,
    successor_ranges,
    summed,
)
from prioritization.engine.kernels.component import solve_components
from prioritization.engine.kernels.linked import Graph, order_components
from prioritization.engine.kernels.whole import group, join, line_up, measure_levels, read_out
from prioritization.engine.types import Floats, Ints

COMPILED_FROM = 5_000
"""From so many edges on. Below, plain Python has answered before numba is imported, which a web process never does."""
_SCRATCH, _SCRATCH_EACH = 1 << 18, 160
"""Numbers of scratch for the tables of fixed size, and for each node of the largest component; four times that where it is not enough."""
_STRETCHES = 32
"""Of components for each processor: the last ones decide how long the others wait."""


def is_compiled(edges: int) -> bool:
    """Whether a graph of so many edges is solved by machine code."""
    return edges > 0 and edges >= COMPILED_FROM and can_compile()


class Passes(NamedTuple):
    """What two passes over a graph of edges sorted by blocker find."""

    component: Ints
    level: Ints
    knotted: Ints
    """The nodes on or behind a cycle; their level is -1."""
    offset: Ints | None = None
    """Where the edges of each node begin, of a graph that is solved by machine code."""


def passes(count: int, blocker: Ints, blocked: Ints) -> Passes:
    """The components and levels of a graph."""
    if not is_compiled(blocker.size):
        return Passes(component_labels(count, blocker, blocked), *levels(count, blocker, blocked))
    label, level, offset = np.arange(count), np.full(count, -1, dtype=np.int64), successor_ranges(count, blocker)
    with ThreadPoolExecutor(2) as pool:
        joined = pool.submit(compiled(join), label, offset, blocked)
        with_scratch(compiled(measure_levels), 2 * count, offset, blocked, level)
        joined.result()
    return Passes(label, level, np.flatnonzero(level < 0), offset)


def solve_blocks(weight: Ints, size: Ints, blocker: Ints, blocked: Ints, found: Passes) -> tuple[Ints, Ints]:
    """Each node's block, named by one of its nodes, and its place in its component, from 0; edges are sorted by blocker, without cycles."""
    component, level = found.component, found.level
    if found.offset is None:
        return _solve_plain(weight, size, blocker, blocked, component, level)
    block, place = _solve_compiled(weight, size, blocked, component, level, found.offset)
    rest = np.flatnonzero(block < 0)
    if rest.size:  # plain Python counts without limit
        slot = np.full(weight.size, -1, dtype=np.int64)
        slot[rest] = np.arange(rest.size)
        own = slot[blocker] >= 0
        name, place[rest] = _solve_plain(
            weight[rest], size[rest], slot[blocker[own]], slot[blocked[own]], slot[component[rest]], level[rest]
        )
        block[rest] = rest[name]
    return block, place


def final_order(value: Floats, component: Ints, position: Ints, band: Ints, edges: int) -> Ints:
    """As `falling_order`, of a graph of so many edges."""
    if not is_compiled(edges):
        return falling_order(value, component, position, band)
    place, item, order = np.empty_like(position), np.empty_like(position), np.empty_like(position)
    with_scratch(compiled(line_up), value.size, component, position, place, item)
    words, mask = place_words(value, place, band)
    if _read_out_in_parts(words, mask, item, value.view(np.int64), band, order):
        return order
    return order_by(place, falling_places(value), band)


def _read_out_in_parts(words: Ints, mask: int, item: Ints, rank: Ints, band: Ints, order: Ints) -> bool:
    """As `read_out`, a part for each processor: write the order, and answer whether no rank rises along it within a band."""
    cuts = np.unique(np.linspace(0, words.size, _processors() + 1).astype(np.int64))

    def part(first: int, last: int) -> bool:
        return bool(compiled(read_out)(words[first:last], mask, item, rank, band, order[first:last]))

    with ThreadPoolExecutor(_processors()) as pool:
        falls = list(pool.map(part, cuts[:-1].tolist(), cuts[1:].tolist()))
    before, behind = order[cuts[1:-1] - 1], order[cuts[1:-1]]
    return all(falls) and not bool(((rank[behind] > rank[before]) & (band[behind] == band[before])).any())


def _processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _solve_compiled(weight: Ints, size: Ints, blocked: Ints, component: Ints, level: Ints, offset: Ints) -> tuple[Ints, Ints]:
    """All components in stretches of about one length, several for each processor: compiled code leaves the interpreter free."""
    count = weight.size
    nodes, starts = np.empty(count, dtype=np.int64), np.empty(count // 2 + 1, dtype=np.int64)
    starts = starts[: with_scratch(compiled(group), count, component, nodes, starts) + 1]
    block, place, slot = np.arange(count), np.zeros(count, dtype=np.int64), np.empty(count, dtype=np.int64)
    graph, order = Graph(weight, size, level, offset, blocked), compiled(order_components)  # type: ignore[arg-type]
    word = words(int(np.diff(starts).max()))
    cuts = np.unique(np.searchsorted(starts, np.linspace(0, int(starts[-1]), _STRETCHES * _processors() + 1).astype(np.int64)))

    def stretch(first: int, last: int) -> None:
        largest = int(np.diff(starts[first : last + 1]).max())
        with_scratch(order, _SCRATCH_EACH * largest + _SCRATCH, graph, nodes, starts[first : last + 1], word, slot, block, place)

    with ThreadPoolExecutor(_processors()) as pool:
        list(pool.map(stretch, cuts[:-1].tolist(), cuts[1:].tolist()))
    return block, place


def _solve_plain(weight: Ints, size: Ints, blocker: Ints, blocked: Ints, component: Ints, level: Ints) -> tuple[Ints, Ints]:
    """The closed forms of all components at once, and the solver for the others."""
    count = weight.size
    settled = settle(weight, size, blocker, blocked, component)
    block = settled.block
    place = np.zeros(count, dtype=np.int64)
    linked = np.zeros(count, dtype=np.bool_)
    linked[blocker] = linked[blocked] = True

    easy = np.flatnonzero(linked & settled.done)
    if easy.size:
        block_weight, block_size = summed(block, count, weight), summed(block, count, size)
        x = block_weight[block[easy]] / np.maximum(block_size[block[easy]], 1)
        own = weight[easy] / np.maximum(size[easy], 1)
        place[easy[order_by(easy, falling_places(own), level[easy], falling_places(x))]] = np.arange(easy.size)

    hard = np.flatnonzero(~settled.done)
    if hard.size:
        _solve_hard(hard, weight, size, blocker, blocked, component, level, block, place)
    tied = np.flatnonzero(linked)
    tied = tied[order_by(place[tied], component[tied])]
    place[tied] = places_in_group(component[tied])
    return block, place


def _solve_hard(
    hard: Ints, weight: Ints, size: Ints, blocker: Ints, blocked: Ints, component: Ints, level: Ints, block: Ints, place: Ints
) -> None:
    """Solve the components of some items and write their `block` (one of its items) and `place` (an order over all of them), in plain Python.

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

    sequence, label = [0] * hard.size, [0] * hard.size
    word = words(int(np.diff(starts).max())).tolist()
    given = weight[hard].tolist(), size[hard].tolist(), starts.tolist(), offset.tolist(), local.tolist()
    solve_components([], *given, word, sequence, label)
    done = hard[sequence]
    block[done] = hard[label]
    place[done] = np.arange(done.size)


def with_scratch(call: Callable[..., Any], numbers: int, *given: Any) -> Any:
    """What a compiled kernel answers, with scratch of so many numbers, or of more where that is not enough."""
    while True:
        try:
            return call(scratch_of(numbers), *given)
        except MemoryError:
            numbers *= 4


@cache
def words(count: int) -> Ints:
    """As many random words, always the same ones."""
    return np.random.default_rng(1).integers(np.iinfo(np.int64).min, np.iinfo(np.int64).max, max(count, 1), dtype=np.int64)
