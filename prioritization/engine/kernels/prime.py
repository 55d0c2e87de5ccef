"""The order inside a prime piece: one that neither falls apart nor cuts.

Up to 14 nodes exactly, by dynamic programming over ideals (closed sets). Larger ones by look-ahead, which puts the
densest node with all it needs first (from the front and from the back, whichever is cheaper) or by a beam of ideals,
and then by local search: every window of a few nodes in its own best order, until nothing changes.
"""

from typing import NamedTuple

from prioritization.engine.compiled import Vector, copied, filled, kernel, mark, release, unset, zeros
from prioritization.engine.kernels.beam import BEAM_NODES, beam_order
from prioritization.engine.kernels.piece import Piece, part, turned

EXACT_NODES = 14
_WINDOW = 8
_PASSES = 6


@kernel
def best_order(scratch: Vector, piece: Piece, best: Vector) -> None:
    """Write an order of the nodes of a piece into `best`; a best one for up to 14 nodes."""
    count = len(piece.weight)
    if count <= EXACT_NODES:
        over_ideals(scratch, piece, best)
        return
    taken = mark(scratch)
    other = unset(scratch, count)
    _cones_first(scratch, piece, best)
    _cones_last(scratch, piece, other)
    _take_cheaper(piece, best, other)
    if count <= BEAM_NODES:
        beam_order(scratch, piece, other)
        _take_cheaper(piece, best, other)
    _by_windows(scratch, piece, best)
    release(scratch, taken)


@kernel
def _take_cheaper(piece: Piece, best: Vector, other: Vector) -> None:
    if order_cost(piece, other) < order_cost(piece, best):
        for at in range(len(best)):
            best[at] = other[at]


@kernel
def order_cost(piece: Piece, order: Vector) -> int:
    """The sum of weight times completion, a run counted as if all its weight came at its end."""
    clock = cost = 0
    for node in order:
        clock += piece.size[node]
        cost += piece.weight[node] * clock
    return cost


@kernel
def over_ideals(scratch: Vector, piece: Piece, order: Vector) -> None:
    """Write the cheapest order over all ideals, from small ones to large ones; an ideal is a number with a bit a node."""
    count = len(piece.weight)
    full = 1 << count
    taken = mark(scratch)
    out = turned(scratch, piece.offset, piece.blocker)
    needs, cost, size, free = zeros(scratch, count), unset(scratch, full), unset(scratch, full), unset(scratch, full)
    came_by, node_of, queue = filled(scratch, full, -1), unset(scratch, full + 1), unset(scratch, full)
    cost[0] = size[0] = free[0] = queue[0] = 0
    for node in range(count):
        node_of[1 << node] = node
        for edge in range(piece.offset[node], piece.offset[node + 1]):
            needs[node] |= 1 << piece.blocker[edge]
        if not needs[node]:
            free[0] |= 1 << node
    found = 1
    at = 0
    while at < found:
        ideal = queue[at]
        at += 1
        rest = free[ideal]
        while rest:
            bit = rest & -rest
            rest ^= bit
            node = node_of[bit]
            grown = ideal | bit
            end = size[ideal] + piece.size[node]
            price = cost[ideal] + piece.weight[node] * end
            if came_by[grown] < 0:
                opened = free[ideal] ^ bit
                for edge in range(out.offset[node], out.offset[node + 1]):
                    if not needs[out.blocked[edge]] & ~grown:
                        opened |= 1 << out.blocked[edge]
                free[grown], size[grown], cost[grown], came_by[grown] = opened, end, price, node
                queue[found] = grown
                found += 1
            elif price < cost[grown]:
                cost[grown], came_by[grown] = price, node
    _write_way(full - 1, came_by, order)
    release(scratch, taken)


@kernel
def _write_way(ideal: int, came_by: Vector, order: Vector) -> None:
    """Write the nodes of an ideal in the order they came."""
    for place in range(len(order) - 1, -1, -1):
        order[place] = came_by[ideal]
        ideal ^= 1 << came_by[ideal]


class _Cones(NamedTuple):
    """Each node with everything it still needs: sums and number; `edge` leads to what is needed, `back` to what waits."""

    weight: Vector
    size: Vector
    length: Vector
    placed: Vector
    offset: Vector
    edge: Vector
    back_offset: Vector
    back: Vector
    seen: Vector
    found: Vector


@kernel
def _cones_first(scratch: Vector, piece: Piece, order: Vector) -> None:
    """Again and again the node that is densest together with everything it still needs, what it needs before it."""
    taken = mark(scratch)
    out = turned(scratch, piece.offset, piece.blocker)
    _by_cones(scratch, piece, piece.offset, piece.blocker, out.offset, out.blocked, 1, order)
    release(scratch, taken)


@kernel
def _cones_last(scratch: Vector, piece: Piece, order: Vector) -> None:
    """The same from the back: the least dense node with everything that waits for it goes last."""
    taken, count = mark(scratch), len(order)
    out = turned(scratch, piece.offset, piece.blocker)
    _by_cones(scratch, piece, out.offset, out.blocked, piece.offset, piece.blocker, -1, order)
    for at in range(count // 2):
        order[at], order[count - 1 - at] = order[count - 1 - at], order[at]
    release(scratch, taken)


@kernel
def _by_cones(
    scratch: Vector, piece: Piece, offset: Vector, edge: Vector, back_offset: Vector, back: Vector, sign: int, order: Vector
) -> None:
    count = len(piece.weight)
    cones = _Cones(
        unset(scratch, count),
        unset(scratch, count),
        unset(scratch, count),
        zeros(scratch, count),
        offset,
        edge,
        back_offset,
        back,
        filled(scratch, count, -1),
        unset(scratch, count),
    )
    stamp = 0
    for node in range(count):
        _measure(piece, cones, node, stamp)
        stamp += 1
    affected = unset(scratch, count)
    done = 0
    while done < count:
        best = _densest(cones, sign)
        length = _reach(cones, best, stamp, cones.offset, cones.edge, 0)
        start = done
        for at in range(count):
            node = at if sign > 0 else count - 1 - at
            if cones.seen[node] == stamp:
                order[done] = node
                done += 1
        stamp += 1
        for at in range(start, done):
            cones.placed[order[at]] = 1
        length = 0
        for at in range(start, done):
            length = _reach(cones, order[at], stamp, cones.back_offset, cones.back, length)
        stamp += 1
        for at in range(length):
            affected[at] = cones.found[at]
        for at in range(length):
            if not cones.placed[affected[at]]:
                _measure(piece, cones, affected[at], stamp)
                stamp += 1


@kernel
def _densest(cones: _Cones, sign: int) -> int:
    """The node of the best cone; of equals the one that brings the fewest, then the first from that side."""
    best = -1
    count = len(cones.weight)
    for at in range(count):
        node = at if sign > 0 else count - 1 - at
        if cones.placed[node]:
            continue
        if best < 0:
            best = node
            continue
        more = sign * (cones.weight[node] * cones.size[best] - cones.weight[best] * cones.size[node])
        if more > 0 or (more == 0 and cones.length[node] < cones.length[best]):
            best = node
    return best


@kernel
def _measure(piece: Piece, cones: _Cones, node: int, stamp: int) -> None:
    length = _reach(cones, node, stamp, cones.offset, cones.edge, 0)
    weight = size = 0
    for at in range(length):
        weight += piece.weight[cones.found[at]]
        size += piece.size[cones.found[at]]
    cones.weight[node], cones.size[node], cones.length[node] = weight, size, length


@kernel
def _reach(cones: _Cones, start: int, stamp: int, offset: Vector, edge: Vector, length: int) -> int:
    """Add the start and everything its edges lead to, short of what is placed, to the nodes found; answer how many there are."""
    if cones.seen[start] == stamp:
        return length
    cones.seen[start] = stamp
    cones.found[length] = start
    at = length
    length += 1
    while at < length:
        node = cones.found[at]
        at += 1
        for place in range(offset[node], offset[node + 1]):
            other = edge[place]
            if cones.seen[other] != stamp and not cones.placed[other]:
                cones.seen[other] = stamp
                cones.found[length] = other
                length += 1
    return length


@kernel
def _by_windows(scratch: Vector, piece: Piece, order: Vector) -> None:
    """Local search: each window of consecutive nodes is put in its best order, until a pass changes nothing."""
    count = len(order)
    place, renamed = unset(scratch, count), zeros(scratch, count)
    for _ in range(_PASSES):
        changed = False
        for start in range(0, max(1, count - _WINDOW // 2), _WINDOW // 2):
            stop = min(start + _WINDOW, count)
            taken = mark(scratch)
            window = copied(scratch, order[start:stop])
            for at in range(1, stop - start):  # ascending
                node, to = window[at], at
                while to and window[to - 1] > node:
                    window[to] = window[to - 1]
                    to -= 1
                window[to] = node
            for at in range(stop - start):
                place[window[at]] = at
            inner = part(scratch, piece, window, renamed)
            current, better = unset(scratch, stop - start), unset(scratch, stop - start)
            for at in range(stop - start):
                current[at] = place[order[start + at]]
            over_ideals(scratch, inner, better)
            if order_cost(inner, better) < order_cost(inner, current):
                for at in range(stop - start):
                    order[start + at] = window[better[at]]
                changed = True
            release(scratch, taken)
        if not changed:
            break
