"""Weakly connected components, from plain vectors to their blocks in order."""

from typing import NamedTuple

from prioritization.engine.compiled import Vector, counting, filled, kernel, mark, release, unset, zeros
from prioritization.engine.kernels.blocks import Groups, series_parts, sidney_blocks
from prioritization.engine.kernels.piece import Piece, is_chain, without_shortcuts
from prioritization.engine.kernels.prime import best_order
from prioritization.engine.kernels.reduction import reduced


class Solved(NamedTuple):
    """Nodes in the order they are done, and of each a node that names its block."""

    sequence: Vector
    label: Vector


class _Waiting(NamedTuple):
    """A stack of pieces that are still to be put in order, one after another in vectors of their own.

    Piece k has its runs from `run[k]` up to `run[k + 1]`, its edges from `edge[k]` on, and its offsets from `run[k] + k` on. All are parts of one
    piece that share nothing, and a reduction makes none larger, so there is room for all there will be.
    """

    pieces: Piece
    run: Vector
    edge: Vector
    is_block: Vector
    height: Vector
    """How many wait, as its only number."""


@kernel
def solve_components(
    scratch: Vector,
    weight: Vector,
    size: Vector,
    starts: Vector,
    offset: Vector,
    blocker: Vector,
    word: Vector,
    sequence: Vector,
    label: Vector,
) -> None:
    """Components one after another, into `sequence` and `label`: component c is the nodes from `starts[c]` up to `starts[c + 1]`.

    The blockers of node n are `blocker[offset[n]:offset[n + 1]]`, counted from the start of its component, each smaller than n. A node of
    size 0 has a blocker. `word` holds random numbers, as many as the largest component has nodes.
    """
    for component in range(len(starts) - 1):
        start, stop = starts[component], starts[component + 1]
        first = offset[start]
        taken = mark(scratch)
        own = unset(scratch, stop - start + 1)
        for at in range(stop - start + 1):
            own[at] = offset[start + at] - first
        solved = solve_component(scratch, weight[start:stop], size[start:stop], own, blocker[first : offset[stop]], word)
        for at in range(stop - start):
            sequence[start + at], label[start + at] = start + solved.sequence[at], start + solved.label[at]
        release(scratch, taken)


@kernel
def solve_component(scratch: Vector, weight: Vector, size: Vector, offset: Vector, blocker: Vector, word: Vector) -> Solved:
    """The Sidney blocks of one component, densest first. A node with neither size nor weight joins the block of its last blocker."""
    count = len(weight)
    kept, renamed = unset(scratch, count), filled(scratch, count, -1)
    left = 0
    for node in range(count):
        if weight[node] or size[node]:
            kept[left], renamed[node] = node, left
            left += 1
    if left == count:
        return _solve(scratch, weight, size, offset, blocker, word)
    through_offset, through = _bypassed(scratch, offset, blocker, renamed)
    own_weight, own_size, own_offset = unset(scratch, left), unset(scratch, left), zeros(scratch, left + 1)
    own_blocker = unset(scratch, len(through))
    edges = 0
    for at in range(left):
        node = kept[at]
        own_weight[at], own_size[at] = weight[node], size[node]
        for edge in range(through_offset[node], through_offset[node + 1]):
            own_blocker[edges] = renamed[through[edge]]
            edges += 1
        own_offset[at + 1] = edges
    solved = _solve(scratch, own_weight, own_size, own_offset, own_blocker[:edges], word)
    return _put_back(scratch, solved, kept, renamed, through_offset, through)


@kernel
def _bypassed(scratch: Vector, offset: Vector, blocker: Vector, renamed: Vector) -> tuple[Vector, Vector]:
    """The blockers of each node with idle ones (renamed to nothing) replaced by what blocks those: counted first, then kept."""
    count = len(renamed)
    starts, through = zeros(scratch, count + 1), zeros(scratch, 0)
    seen, stack = filled(scratch, count, -1), zeros(scratch, count + 1)
    for turn in range(2):
        edges = 0
        for node in range(count):
            stamp = node + turn * count
            stack[0] = node
            depth = 1
            while depth:
                depth -= 1
                at = stack[depth]
                for edge in range(offset[at], offset[at + 1]):
                    other = blocker[edge]
                    if seen[other] == stamp:
                        continue
                    seen[other] = stamp
                    if renamed[other] < 0:
                        stack[depth] = other
                        depth += 1
                    else:
                        if turn:
                            through[edges] = other
                        edges += 1
            starts[node + 1] = edges
        if not turn:
            through = zeros(scratch, edges)
    return starts, through


@kernel
def _put_back(scratch: Vector, solved: Solved, kept: Vector, renamed: Vector, offset: Vector, through: Vector) -> Solved:
    """Idle nodes right behind their last blocker, in its block; several in ascending order."""
    count = len(renamed)
    place, behind, following = zeros(scratch, count), filled(scratch, count, -1), filled(scratch, count, -1)
    for at in range(len(kept)):
        if at < len(solved.sequence):
            place[kept[solved.sequence[at]]] = at
    for node in range(count - 1, -1, -1):
        if renamed[node] < 0:
            last = through[offset[node]]
            for edge in range(offset[node], offset[node + 1]):
                if place[through[edge]] > place[last]:
                    last = through[edge]
            following[node] = behind[last]
            behind[last] = node
    sequence, label = zeros(scratch, count), zeros(scratch, count)
    end = 0
    for at in range(len(solved.sequence)):
        node = kept[solved.sequence[at]]
        while node >= 0:
            sequence[end], label[end] = node, kept[solved.label[at]]
            end += 1
            node = behind[node] if renamed[node] >= 0 else following[node]
    return Solved(sequence, label)


@kernel
def _solve(scratch: Vector, weight: Vector, size: Vector, offset: Vector, blocker: Vector, word: Vector) -> Solved:
    count = len(weight)
    solved = Solved(unset(scratch, count), unset(scratch, count))
    nodes, follow = counting(scratch, count), filled(scratch, count, -1)
    starts, kept = without_shortcuts(scratch, offset, blocker)
    piece = reduced(scratch, Piece(weight, size, nodes, nodes, starts, kept), word, follow)
    start = end = 0
    if is_chain(piece):
        for run in range(len(piece.weight)):
            end = _write_run(piece.first[run], piece.last[run], follow, solved.sequence, end)
            start = _name(solved, start, end)
        return solved
    waiting = _waiting(scratch, len(piece.weight), len(piece.blocker))
    _push(scratch, waiting, piece, sidney_blocks(scratch, piece), 1)
    while waiting.height[0]:
        rest = waiting.height[0] - 1
        while waiting.height[0] > rest:
            taken = mark(scratch)
            end = _write(scratch, waiting, word, follow, solved.sequence, end)
            release(scratch, taken)
        start = _name(solved, start, end)
    return solved


@kernel
def _name(solved: Solved, start: int, end: int) -> int:
    """Name the block that was just written, by its first node; answer where the next one starts."""
    for at in range(start, end):
        solved.label[at] = solved.sequence[start]
    return end


@kernel
def _write_run(first: int, last: int, follow: Vector, sequence: Vector, end: int) -> int:
    """Write the nodes of a run; answer where the next one goes."""
    node = first
    while node != last:
        sequence[end] = node
        end += 1
        node = follow[node]
    sequence[end] = node
    return end + 1


@kernel
def _waiting(scratch: Vector, runs: int, edges: int) -> _Waiting:
    return _Waiting(
        Piece(
            unset(scratch, runs),
            unset(scratch, runs),
            unset(scratch, runs),
            unset(scratch, runs),
            unset(scratch, 2 * runs + 1),
            unset(scratch, runs + edges),
        ),
        zeros(scratch, runs + 1),
        zeros(scratch, runs + 1),
        unset(scratch, runs),
        zeros(scratch, 1),
    )


@kernel
def _write(scratch: Vector, waiting: _Waiting, word: Vector, follow: Vector, sequence: Vector, end: int) -> int:
    """Write the nodes of the topmost piece in the order they are done, or put its parts in its place; answer where the next one goes."""
    waiting.height[0] -= 1
    top = waiting.height[0]
    start, stop, is_block = waiting.run[top], waiting.run[top + 1], waiting.is_block[top]
    pieces = waiting.pieces
    if stop - start == 1:
        return _write_run(pieces.first[start], pieces.last[start], follow, sequence, end)
    piece = Piece(
        pieces.weight[start:stop],
        pieces.size[start:stop],
        pieces.first[start:stop],
        pieces.last[start:stop],
        pieces.offset[start + top : stop + top + 1],
        pieces.blocker[waiting.edge[top] : waiting.edge[top + 1]],
    )
    if not is_chain(piece):
        piece = reduced(scratch, piece, word, follow)
    if is_chain(piece):
        for run in range(len(piece.weight)):
            end = _write_run(piece.first[run], piece.last[run], follow, sequence, end)
        return end
    groups = series_parts(scratch, piece) if is_block else sidney_blocks(scratch, piece)
    parts_are_blocks = 1 - is_block
    if not is_block and len(groups.bounds) == 2:
        groups = series_parts(scratch, piece)
        parts_are_blocks = 0
    if len(groups.bounds) > 2:
        _push(scratch, waiting, piece, groups, parts_are_blocks)
        return end
    order = unset(scratch, len(piece.weight))
    best_order(scratch, piece, order)
    for run in order:
        end = _write_run(piece.first[run], piece.last[run], follow, sequence, end)
    return end


@kernel
def _push(scratch: Vector, waiting: _Waiting, piece: Piece, groups: Groups, is_block: int) -> None:
    """Let the parts of a piece wait, the first on top, each with the edges among its own runs."""
    taken = mark(scratch)
    group, renamed = unset(scratch, len(piece.weight)), unset(scratch, len(piece.weight))
    for number in range(len(groups.bounds) - 1):
        for at in range(groups.bounds[number], groups.bounds[number + 1]):
            group[groups.nodes[at]], renamed[groups.nodes[at]] = number, at - groups.bounds[number]
    pieces, offset, blocker = waiting.pieces, waiting.pieces.offset, waiting.pieces.blocker
    for number in range(len(groups.bounds) - 2, -1, -1):
        height = waiting.height[0]
        run, edge = waiting.run[height], waiting.edge[height]
        offset[run + height] = 0
        for at in range(groups.bounds[number], groups.bounds[number + 1]):
            node = groups.nodes[at]
            pieces.weight[run], pieces.size[run] = piece.weight[node], piece.size[node]
            pieces.first[run], pieces.last[run] = piece.first[node], piece.last[node]
            for place in range(piece.offset[node], piece.offset[node + 1]):
                if group[piece.blocker[place]] == number:
                    blocker[edge] = renamed[piece.blocker[place]]
                    edge += 1
            run += 1
            offset[run + height] = edge - waiting.edge[height]
        waiting.is_block[height] = is_block
        waiting.height[0] = height + 1
        waiting.run[height + 1], waiting.edge[height + 1] = run, edge
    release(scratch, taken)
