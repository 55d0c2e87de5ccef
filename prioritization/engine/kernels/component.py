"""Weakly connected components, from plain vectors to their blocks in order."""

from typing import NamedTuple

from prioritization.engine.compiled import Vector, filled, kernel, zeros
from prioritization.engine.kernels.blocks import Groups, series_parts, sidney_blocks
from prioritization.engine.kernels.piece import Piece, is_chain, part, without_shortcuts
from prioritization.engine.kernels.prime import best_order
from prioritization.engine.kernels.reduction import reduced


class Solved(NamedTuple):
    """Nodes in the order they are done, and of each a node that names its block."""

    sequence: Vector
    label: Vector


@kernel
def solve_components(weight: Vector, size: Vector, starts: Vector, offset: Vector, blocker: Vector, word: Vector) -> Solved:
    """Components one after another: component c is the nodes from `starts[c]` up to `starts[c + 1]`.

    The blockers of node n are `blocker[offset[n]:offset[n + 1]]`, counted from the start of its component, each smaller than n. A node of
    size 0 has a blocker. `word` holds random numbers, as many as the largest component has nodes.
    """
    sequence, label = zeros(len(weight)), zeros(len(weight))
    for component in range(len(starts) - 1):
        start, stop = starts[component], starts[component + 1]
        first = offset[start]
        own = zeros(stop - start + 1)
        for at in range(stop - start + 1):
            own[at] = offset[start + at] - first
        solved = solve_component(weight[start:stop], size[start:stop], own, blocker[first : offset[stop]], word)
        for at in range(stop - start):
            sequence[start + at], label[start + at] = start + solved.sequence[at], start + solved.label[at]
    return Solved(sequence, label)


@kernel
def solve_component(weight: Vector, size: Vector, offset: Vector, blocker: Vector, word: Vector) -> Solved:
    """The Sidney blocks of one component, densest first. A node with neither size nor weight joins the block of its last blocker."""
    count = len(weight)
    kept, renamed = zeros(count), filled(count, -1)
    left = 0
    for node in range(count):
        if weight[node] or size[node]:
            kept[left], renamed[node] = node, left
            left += 1
    if left == count:
        return _solve(weight, size, offset, blocker, word)
    through_offset, through = _bypassed(offset, blocker, renamed)
    own_weight, own_size, own_offset = zeros(left), zeros(left), zeros(left + 1)
    own_blocker = zeros(len(through))
    edges = 0
    for at in range(left):
        node = kept[at]
        own_weight[at], own_size[at] = weight[node], size[node]
        for edge in range(through_offset[node], through_offset[node + 1]):
            own_blocker[edges] = renamed[through[edge]]
            edges += 1
        own_offset[at + 1] = edges
    solved = _solve(own_weight, own_size, own_offset, own_blocker[:edges], word)
    return _put_back(solved, kept, renamed, through_offset, through)


@kernel
def _bypassed(offset: Vector, blocker: Vector, renamed: Vector) -> tuple[Vector, Vector]:
    """The blockers of each node with idle ones (renamed to nothing) replaced by what blocks those: counted first, then kept."""
    count = len(renamed)
    starts, through = zeros(count + 1), zeros(0)
    seen, stack = filled(count, -1), zeros(count + 1)
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
            through = zeros(edges)
    return starts, through


@kernel
def _put_back(solved: Solved, kept: Vector, renamed: Vector, offset: Vector, through: Vector) -> Solved:
    """Idle nodes right behind their last blocker, in its block; several in ascending order."""
    count = len(renamed)
    place, behind, following = zeros(count), filled(count, -1), filled(count, -1)
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
    sequence, label = zeros(count), zeros(count)
    end = 0
    for at in range(len(solved.sequence)):
        node = kept[solved.sequence[at]]
        while node >= 0:
            sequence[end], label[end] = node, kept[solved.label[at]]
            end += 1
            node = behind[node] if renamed[node] >= 0 else following[node]
    return Solved(sequence, label)


@kernel
def _solve(weight: Vector, size: Vector, offset: Vector, blocker: Vector, word: Vector) -> Solved:
    count = len(weight)
    starts, kept = without_shortcuts(offset, blocker)
    nodes, follow = zeros(count), filled(count, -1)
    for node in range(count):
        nodes[node] = node
    piece = reduced(Piece(weight, size, nodes, nodes, starts, kept), word, follow)
    solved = Solved(zeros(count), zeros(count))
    if is_chain(piece):
        end = 0
        for run in range(len(piece.weight)):
            end = _write_run(piece.first[run], piece.last[run], follow, solved.sequence, end)
            _name(solved, end, piece.first[run])
        return solved
    blocks = sidney_blocks(piece)
    end = start = 0
    for at in range(len(blocks.bounds) - 1):
        block = part(piece, blocks.nodes[blocks.bounds[at] : blocks.bounds[at + 1]])
        end = _write(block, word, follow, solved.sequence, end)
        _name(solved, end, solved.sequence[start])
        start = end
    return solved


@kernel
def _name(solved: Solved, end: int, name: int) -> None:
    """Give the nodes just written, back to the first named one, the name of their block."""
    at = end - 1
    while solved.sequence[at] != name:
        solved.label[at] = name
        at -= 1
    solved.label[at] = name


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
def _write(block: Piece, word: Vector, follow: Vector, sequence: Vector, end: int) -> int:
    """Write the nodes of one Sidney block in the order they are done. Its parts wait on an own stack, so depth is no matter."""
    pieces, are_blocks = [block], [True]
    while len(pieces) > 0:
        piece, is_block = pieces.pop(), are_blocks.pop()
        if len(piece.weight) == 1:
            end = _write_run(piece.first[0], piece.last[0], follow, sequence, end)
            continue
        piece = reduced(piece, word, follow)
        if is_chain(piece):
            for run in range(len(piece.weight)):
                end = _write_run(piece.first[run], piece.last[run], follow, sequence, end)
            continue
        groups = series_parts(piece) if is_block else sidney_blocks(piece)
        parts_are_blocks = not is_block
        if not is_block and len(groups.bounds) == 2:
            groups = series_parts(piece)
            parts_are_blocks = False
        if len(groups.bounds) > 2:
            _push(piece, groups, pieces, are_blocks, parts_are_blocks)
            continue
        for run in best_order(piece):
            end = _write_run(piece.first[run], piece.last[run], follow, sequence, end)
    return end


@kernel
def _push(piece: Piece, groups: Groups, pieces: list[Piece], are_blocks: list[bool], parts_are_blocks: bool) -> None:
    for at in range(len(groups.bounds) - 2, -1, -1):
        pieces.append(part(piece, groups.nodes[groups.bounds[at] : groups.bounds[at + 1]]))
        are_blocks.append(parts_are_blocks)
