"""A piece of the graph being solved: runs of work in topological order with the blockers of each."""

from typing import NamedTuple

from prioritization.engine.compiled import Vector, copied, counting, kernel, mark, release, unset, zeros

_FEW = 8
"""So many are sorted one by one, before stretches of them are merged."""


class Piece(NamedTuple):
    """Runs 0..n-1: nodes done one after the other, none of which is worth doing without the ones before it.

    `first` and `last` are nodes; the ones between follow by links kept outside. The blockers of run r, all smaller than r, are
    `blocker[offset[r]:offset[r + 1]]`. Densities compare by products: a weight without size is denser than anything, and a run of
    neither must not come here.
    """

    weight: Vector
    size: Vector
    first: Vector
    last: Vector
    offset: Vector
    blocker: Vector


class Turned(NamedTuple):
    """The edges of a piece from the blockers' end, with the number of each."""

    offset: Vector
    blocked: Vector
    edge: Vector


class Sorted(NamedTuple):
    """Places in an order."""

    places: Vector


@kernel
def turned(scratch: Vector, offset: Vector, blocker: Vector) -> Turned:
    """What each run blocks."""
    count = len(offset) - 1
    edges = offset[count]
    starts, blocked, number = zeros(scratch, count + 1), unset(scratch, edges), unset(scratch, edges)
    taken = mark(scratch)
    place = unset(scratch, count)
    for edge in range(edges):
        starts[blocker[edge] + 1] += 1
    for run in range(count):
        starts[run + 1] += starts[run]
        place[run] = starts[run]
    for run in range(count):
        for edge in range(offset[run], offset[run + 1]):
            at = place[blocker[edge]]
            place[blocker[edge]] = at + 1
            blocked[at] = run
            number[at] = edge
    release(scratch, taken)
    return Turned(starts, blocked, number)


@kernel
def part(scratch: Vector, piece: Piece, nodes: Vector, renamed: Vector) -> Piece:
    """The piece of some of the runs, given in ascending order. `renamed` has a zero for each run, before and after."""
    count = len(nodes)
    weight, size, first, last = unset(scratch, count), unset(scratch, count), unset(scratch, count), unset(scratch, count)
    offset = zeros(scratch, count + 1)
    edges = 0
    for at in range(count):
        node = nodes[at]
        renamed[node] = at + 1
        weight[at], size[at], first[at], last[at] = piece.weight[node], piece.size[node], piece.first[node], piece.last[node]
        edges += piece.offset[node + 1] - piece.offset[node]
    blocker = unset(scratch, edges)
    edges = 0
    for at in range(count):
        for edge in range(piece.offset[nodes[at]], piece.offset[nodes[at] + 1]):
            other = renamed[piece.blocker[edge]]
            if other:
                blocker[edges] = other - 1
                edges += 1
        offset[at + 1] = edges
    for node in nodes:
        renamed[node] = 0
    return Piece(weight, size, first, last, offset, blocker)


@kernel
def is_chain(piece: Piece) -> bool:
    """Whether a reduced piece is one chain: each run waits for the one before it, and the first for none."""
    count = len(piece.weight)
    if piece.offset[1] or piece.offset[count] != count - 1:
        return False
    run = 1
    while run < count and piece.offset[run] == run - 1 and piece.blocker[run - 1] == run - 1:
        run += 1
    return run == count


@kernel
def by_density(scratch: Vector, weight: Vector, size: Vector) -> Sorted:
    """Places by falling density; equals keep their order (merge sort, so that it is the same in both ways of running)."""
    count = len(weight)
    order = counting(scratch, count)
    for start in range(0, count, _FEW):
        _insert(weight, size, order, start, min(start + _FEW, count))
    if count > _FEW:
        other = unset(scratch, count)
        width = _FEW
        while width < count:
            _merge(weight, size, order, other, width)
            order, other = other, order
            width *= 2
    return Sorted(order)


@kernel
def _insert(weight: Vector, size: Vector, order: Vector, start: int, stop: int) -> None:
    """Sort a few places."""
    for at in range(start + 1, stop):
        place, to = order[at], at
        while to > start and weight[place] * size[order[to - 1]] > weight[order[to - 1]] * size[place]:
            order[to] = order[to - 1]
            to -= 1
        order[to] = place


@kernel
def _merge(weight: Vector, size: Vector, order: Vector, other: Vector, width: int) -> None:
    """Merge stretches of places that are sorted, two and two."""
    count = len(order)
    for start in range(0, count, 2 * width):
        left, middle = start, min(start + width, count)
        right, stop = middle, min(start + 2 * width, count)
        for at in range(start, stop):
            take_right = left >= middle
            if not take_right and right < stop:
                a, b = order[left], order[right]
                take_right = weight[b] * size[a] > weight[a] * size[b]
            if take_right:
                other[at] = order[right]
                right += 1
            else:
                other[at] = order[left]
                left += 1


@kernel
def without_shortcuts(scratch: Vector, offset: Vector, blocker: Vector) -> tuple[Vector, Vector]:
    """The edges that say something the others don't (transitive reduction), as far as a limited search finds them."""
    count = len(offset) - 1
    starts, kept = zeros(scratch, count + 1), copied(scratch, blocker)
    taken = mark(scratch)
    seen, stack = zeros(scratch, count), unset(scratch, count + offset[count] + 1)
    effort = 100 * (count + offset[count]) + 1_000_000
    edges = 0
    for node in range(count):
        lowest = node
        depth = 0
        for edge in range(offset[node], offset[node + 1]):
            stack[depth] = blocker[edge]
            depth += 1
            lowest = min(lowest, blocker[edge])
        if depth < 2:
            depth = 0
        while depth and effort > 0:
            depth -= 1
            above = stack[depth]
            for edge in range(starts[above], starts[above + 1]):
                effort -= 1
                other = kept[edge]
                if other >= lowest and seen[other] != node:
                    seen[other] = node
                    stack[depth] = other
                    depth += 1
        for edge in range(offset[node], offset[node + 1]):
            if seen[blocker[edge]] != node:
                kept[edges] = blocker[edge]
                edges += 1
        starts[node + 1] = edges
    release(scratch, taken)
    return starts, kept[:edges]
