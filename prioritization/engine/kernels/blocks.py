"""Sidney decomposition: into blocks of falling density, each of which no closed part of it beats (Sidney 1975).

Found by divide and conquer: with lambda = w(B)/p(B), the closed set of largest sum of w - lambda p comes first, and both
halves go on until none is positive. It is the parametric cut of Gallo, Grigoriadis and Tarjan 1989 without its
bookkeeping, and the weighted isotonic regression of w/p over the order.
"""

from typing import NamedTuple

from prioritization.engine.compiled import Vector, copied, counting, kernel, mark, release, unset, zeros
from prioritization.engine.kernels.cut import Network, densest_start, network
from prioritization.engine.kernels.piece import Piece, by_density, turned


class Groups(NamedTuple):
    """Nodes group by group, each ascending: group g is `nodes[bounds[g]:bounds[g + 1]]`."""

    nodes: Vector
    bounds: Vector


class _Work(NamedTuple):
    """Stretches of `nodes` still to look at, and in `counts` how many there are and how many labels were given."""

    nodes: Vector
    start: Vector
    stop: Vector
    counts: Vector


@kernel
def sidney_blocks(scratch: Vector, piece: Piece) -> Groups:
    """The blocks in order, each connected and with ascending nodes; equal densities stay in an order that fits."""
    count = len(piece.weight)
    net = network(scratch, piece.offset, piece.blocker)
    work = _Work(counting(scratch, count), unset(scratch, count + 1), unset(scratch, count + 1), zeros(scratch, 2))
    _push_connected(scratch, net, work, 0, count)
    done, bounds = unset(scratch, count), zeros(scratch, count + 1)
    weights, sizes = unset(scratch, count), unset(scratch, count)
    blocks = 0
    while work.counts[0]:
        work.counts[0] -= 1
        start, stop = work.start[work.counts[0]], work.stop[work.counts[0]]
        weight = size = 0
        for at in range(start, stop):
            weight += piece.weight[work.nodes[at]]
            size += piece.size[work.nodes[at]]
        taken = 0
        if stop - start > 1 and size:
            nodes = work.nodes[start:stop]
            for node in nodes:
                net.room[node] = piece.weight[node] * size - piece.size[node] * weight
            taken = densest_start(net, nodes, net.label[nodes[0]])
        if taken:
            _part_taken(scratch, net, work, start, stop)
            _push_connected(scratch, net, work, start + taken, stop)
            _push_connected(scratch, net, work, start, start + taken)
        else:
            weights[blocks], sizes[blocks] = weight, size
            begin = bounds[blocks]
            for at in range(start, stop):
                done[begin + at - start] = work.nodes[at]
            blocks += 1
            bounds[blocks] = begin + stop - start
    return _sorted_blocks(scratch, done, bounds[: blocks + 1], weights[:blocks], sizes[:blocks])


@kernel
def _part_taken(scratch: Vector, net: Network, work: _Work, start: int, stop: int) -> None:
    """Put the nodes in reach of supply first."""
    taken = mark(scratch)
    nodes = copied(scratch, work.nodes[start:stop])
    at = start
    for node in nodes:
        if net.depth[node] >= 0:
            work.nodes[at] = node
            at += 1
    for node in nodes:
        if net.depth[node] < 0:
            work.nodes[at] = node
            at += 1
    release(scratch, taken)


@kernel
def _push_connected(scratch: Vector, net: Network, work: _Work, start: int, stop: int) -> None:
    """Push the weakly connected parts of some nodes under labels of their own, so that the part of the smallest node is next."""
    taken = mark(scratch)
    nodes = copied(scratch, work.nodes[start:stop])
    count = len(nodes)
    base = work.counts[1] + 1  # labels up to here mean other stretches; this one waits under `base`
    for node in nodes:
        net.label[node] = base
    label, stack = base, unset(scratch, count)
    sizes = unset(scratch, count + 1)
    for first in nodes:
        if net.label[first] != base:
            continue
        label += 1
        depth = sizes[label - base - 1] = 1
        net.label[first] = label
        stack[0] = first
        while depth:
            depth -= 1
            node = stack[depth]
            for edge in range(net.offset[node], net.offset[node + 1]):
                other = net.blocker[edge]
                if net.label[other] == base:
                    net.label[other] = label
                    sizes[label - base - 1] += 1
                    stack[depth] = other
                    depth += 1
            for edge in range(net.out_offset[node], net.out_offset[node + 1]):
                other = net.blocked[edge]
                if net.label[other] == base:
                    net.label[other] = label
                    sizes[label - base - 1] += 1
                    stack[depth] = other
                    depth += 1
    work.counts[1] = label
    _push_labels(scratch, net, work, nodes, start, base, sizes[: label - base])
    release(scratch, taken)


@kernel
def _push_labels(scratch: Vector, net: Network, work: _Work, nodes: Vector, start: int, base: int, sizes: Vector) -> None:
    """Sort nodes by their labels above `base`, keeping their order, and push a stretch for each, the first on top."""
    parts = len(sizes)
    place = unset(scratch, parts + 1)
    place[0] = start
    for at in range(parts):
        place[at + 1] = place[at] + sizes[at]
    for at in range(parts - 1, -1, -1):
        work.start[work.counts[0]] = place[at]
        work.stop[work.counts[0]] = place[at + 1]
        work.counts[0] += 1
    for node in nodes:
        at = net.label[node] - base - 1
        work.nodes[place[at]] = node
        place[at] += 1


@kernel
def _sorted_blocks(scratch: Vector, nodes: Vector, bounds: Vector, weight: Vector, size: Vector) -> Groups:
    order = by_density(scratch, weight, size).places
    sorted_nodes, sorted_bounds = unset(scratch, len(nodes)), zeros(scratch, len(bounds))
    end = 0
    for at in range(len(order)):
        for place in range(bounds[order[at]], bounds[order[at] + 1]):
            sorted_nodes[end] = nodes[place]
            end += 1
        sorted_bounds[at + 1] = end
    return Groups(sorted_nodes, sorted_bounds)


@kernel
def series_parts(scratch: Vector, piece: Piece) -> Groups:
    """A piece cut at every series cut, first part first; a unique first or last node is a part of its own.

    Of a cut all of the one half come before all of the other. The first half is a prefix of every topological order, so one
    scan finds all: there is a cut exactly where each last node of the prefix has an edge to each first node of the rest.
    Linear in nodes and edges.
    """
    count = len(piece.weight)
    out = turned(scratch, piece.offset, piece.blocker)
    waiting, first, last = unset(scratch, count), unset(scratch, count), zeros(scratch, count)
    firsts = lasts = links = parts = 0  # links: edges from `last` to `first`
    bounds = zeros(scratch, count + 1)
    for node in range(count):
        waiting[node] = piece.offset[node + 1] - piece.offset[node]
        first[node] = int(waiting[node] == 0)
        firsts += first[node]
    for node in range(count):
        first[node] = 0
        firsts -= 1
        for edge in range(piece.offset[node], piece.offset[node + 1]):
            blocker = piece.blocker[edge]
            links -= last[blocker]  # the edge to this node, which left `first`
            if last[blocker]:
                last[blocker] = 0
                lasts -= 1
                for at in range(out.offset[blocker], out.offset[blocker + 1]):
                    links -= first[out.blocked[at]]
        last[node] = 1
        lasts += 1
        for at in range(out.offset[node], out.offset[node + 1]):
            other = out.blocked[at]
            waiting[other] -= 1
            if not waiting[other]:
                first[other] = 1
                firsts += 1
                for edge in range(piece.offset[other], piece.offset[other + 1]):
                    links += last[piece.blocker[edge]]
        if links == lasts * firsts:
            parts += 1
            bounds[parts] = node + 1
    return Groups(counting(scratch, count), bounds[: parts + 1])
