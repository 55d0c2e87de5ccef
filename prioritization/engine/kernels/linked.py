"""Components cut out of a whole graph, one at a time, and put in order by whatever they need."""

from typing import NamedTuple

from prioritization.engine.compiled import Vector, kernel, mark, release, unset, zeros
from prioritization.engine.kernels.closed import is_settled
from prioritization.engine.kernels.component import solve_component

ROOM = 1 << 60
"""The largest product of all weight and all size of a component that 64 bits are enough for.

With W and P those sums the solver meets no number above 4 W P: densities compare by products of at most W P, a cut supplies at most W P in all, an
order costs at most W P, and a beam's promise is below 4 W P, which stays under 2**62.
"""


class Graph(NamedTuple):
    """Nodes with their longest chains of blockers; what node n blocks is `blocked[offset[n]:offset[n + 1]]`."""

    weight: Vector
    size: Vector
    level: Vector
    offset: Vector
    blocked: Vector


class _Cut(NamedTuple):
    """A component by itself, as `solve_component` takes it: its nodes by level."""

    nodes: Vector
    weight: Vector
    size: Vector
    offset: Vector
    blocker: Vector


@kernel
def order_components(
    scratch: Vector, graph: Graph, nodes: Vector, starts: Vector, word: Vector, slot: Vector, block: Vector, place: Vector
) -> None:
    """Write of each node a node that names its block, and its place in its component.

    Component c is `nodes[starts[c]:starts[c + 1]]`, ascending. One of too large numbers gets a block of -1. `slot` is for use in here.
    """
    for component in range(len(starts) - 1):
        taken = mark(scratch)
        cut = _cut(scratch, graph, nodes[starts[component] : starts[component + 1]], slot)
        if not _fits(cut):
            for node in cut.nodes:
                block[node] = -1
            release(scratch, taken)
            continue
        count = len(cut.nodes)
        order, name = unset(scratch, count), unset(scratch, count)
        if not is_settled(scratch, cut.weight, cut.size, cut.offset, cut.blocker, order, name):
            solved = solve_component(scratch, cut.weight, cut.size, cut.offset, cut.blocker, word)
            order, name = solved.sequence, solved.label
        for at in range(count):
            node = cut.nodes[order[at]]
            block[node], place[node] = cut.nodes[name[at]], at
        release(scratch, taken)


@kernel
def _fits(cut: _Cut) -> bool:
    weight = size = 0
    for at in range(len(cut.nodes)):
        weight += cut.weight[at]
        size += cut.size[at]
    return weight <= ROOM // max(size, 1)


@kernel
def _cut(scratch: Vector, graph: Graph, nodes: Vector, slot: Vector) -> _Cut:
    count, level = len(nodes), graph.level
    cut = _Cut(
        unset(scratch, count), unset(scratch, count), unset(scratch, count), zeros(scratch, count + 1), unset(scratch, _edges(graph, nodes))
    )
    taken = mark(scratch)
    deepest = 0
    for node in nodes:
        deepest = max(deepest, level[node])
    first, to = zeros(scratch, deepest + 2), unset(scratch, count)
    for node in nodes:
        first[level[node] + 1] += 1
    for depth in range(deepest):
        first[depth + 1] += first[depth]
    for node in nodes:
        at = first[level[node]]
        first[level[node]] += 1
        slot[node] = at
        cut.nodes[at], cut.weight[at], cut.size[at] = node, graph.weight[node], graph.size[node]
    for node in nodes:
        for edge in range(graph.offset[node], graph.offset[node + 1]):
            cut.offset[slot[graph.blocked[edge]] + 1] += 1
    for at in range(count):
        to[at] = cut.offset[at]
        cut.offset[at + 1] += cut.offset[at]
    for at in range(count):  # so that the blockers of each ascend
        node = cut.nodes[at]
        for edge in range(graph.offset[node], graph.offset[node + 1]):
            other = slot[graph.blocked[edge]]
            cut.blocker[to[other]] = at
            to[other] += 1
    release(scratch, taken)
    return cut


@kernel
def _edges(graph: Graph, nodes: Vector) -> int:
    edges = 0
    for node in nodes:
        edges += graph.offset[node + 1] - graph.offset[node]
    return edges
