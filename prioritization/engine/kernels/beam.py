"""A beam of ideals: the order of a prime piece that is too large for all of them, by the most promising ones of each size."""

from typing import NamedTuple

from prioritization.engine.compiled import Vector, filled, kernel, mark, release, unset, zeros
from prioritization.engine.kernels.piece import Piece, by_density, turned

BEAM_NODES = 48
_WIDTH = 80
_TABLE = 8192
"""More than twice the ideals that one layer can lead to."""


class _Layer(NamedTuple):
    """Ideals of one size, as numbers with a bit a node: their cost, size and weight so far, the nodes free to come next, and how they came about."""

    ideal: Vector
    cost: Vector
    size: Vector
    weight: Vector
    free: Vector
    parent: Vector
    node: Vector


@kernel
def beam_order(scratch: Vector, piece: Piece, result: Vector) -> None:
    """Write an order over the ideals kept: those whose cost so far, plus what the rest costs at least (its weight waits) and on a straight line, is least."""
    count = len(piece.weight)
    beginning = mark(scratch)
    needs, out = zeros(scratch, count), turned(scratch, piece.offset, piece.blocker)
    total_weight = total_size = 0
    for node in range(count):
        total_weight += piece.weight[node]
        total_size += piece.size[node]
        for edge in range(piece.offset[node], piece.offset[node + 1]):
            needs[node] |= 1 << piece.blocker[edge]
    layer, following = _layer(scratch, _WIDTH), _layer(scratch, _WIDTH * count)
    layer.ideal[0] = layer.cost[0] = layer.size[0] = layer.weight[0] = layer.free[0] = 0
    for node in range(count):
        if not needs[node]:
            layer.free[0] |= 1 << node
    parents, nodes = unset(scratch, count * _WIDTH), unset(scratch, count * _WIDTH)
    kept = 1
    for step in range(count):
        taken = mark(scratch)
        found = _expand(scratch, piece, needs, out.offset, out.blocked, layer, kept, following)
        promise = unset(scratch, found)
        for at in range(found):
            promise[at] = -2 * following.cost[at] - (total_weight - following.weight[at]) * (total_size + following.size[at])
        order = by_density(scratch, promise, filled(scratch, found, 1)).places
        kept = min(found, _WIDTH)
        for at in range(kept):
            _copy(following, order[at], layer, at)
            parents[step * _WIDTH + at], nodes[step * _WIDTH + at] = layer.parent[at], layer.node[at]
        release(scratch, taken)
    at = 0
    for step in range(count - 1, -1, -1):
        result[step] = nodes[step * _WIDTH + at]
        at = parents[step * _WIDTH + at]
    release(scratch, beginning)


@kernel
def _layer(scratch: Vector, count: int) -> _Layer:
    return _Layer(
        unset(scratch, count),
        unset(scratch, count),
        unset(scratch, count),
        unset(scratch, count),
        unset(scratch, count),
        unset(scratch, count),
        unset(scratch, count),
    )


@kernel
def _copy(source: _Layer, at: int, target: _Layer, to: int) -> None:
    target.ideal[to], target.cost[to], target.size[to] = source.ideal[at], source.cost[at], source.size[at]
    target.weight[to], target.free[to] = source.weight[at], source.free[at]
    target.parent[to], target.node[to] = source.parent[at], source.node[at]


@kernel
def _expand(
    scratch: Vector, piece: Piece, needs: Vector, offset: Vector, blocked: Vector, layer: _Layer, kept: int, following: _Layer
) -> int:
    """The ideals of one node more, each with its cheapest way there; answer how many."""
    table = zeros(scratch, _TABLE)
    found = 0
    for at in range(kept):
        for node in range(len(needs)):
            if not layer.free[at] >> node & 1:
                continue
            grown = layer.ideal[at] | 1 << node
            end = layer.size[at] + piece.size[node]
            price = layer.cost[at] + piece.weight[node] * end
            slot = _slot(table, following.ideal, grown)
            known = table[slot] - 1
            if known < 0:
                known = found
                found += 1
                table[slot] = found
                opened = layer.free[at] ^ 1 << node
                for edge in range(offset[node], offset[node + 1]):
                    if not needs[blocked[edge]] & ~grown:
                        opened |= 1 << blocked[edge]
                following.ideal[known], following.size[known], following.free[known] = grown, end, opened
                following.weight[known] = layer.weight[at] + piece.weight[node]
            elif price >= following.cost[known]:
                continue
            following.cost[known], following.parent[known], following.node[known] = price, at, node
    return found


@kernel
def _slot(table: Vector, ideals: Vector, ideal: int) -> int:
    """Where an ideal stands in the table, or would."""
    slot = (ideal ^ ideal >> 13 ^ ideal >> 26 ^ ideal >> 39) % _TABLE
    while table[slot] and ideals[table[slot] - 1] != ideal:
        slot = (slot + 1) % _TABLE
    return slot
