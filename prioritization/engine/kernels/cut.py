"""The closed set of largest weight, by minimum cut in whole numbers (Picard 1976)."""

from typing import NamedTuple

from prioritization.engine.compiled import Vector, kernel, unset, zeros
from prioritization.engine.kernels.piece import turned

_DRY = -2
"""The depth of a node from which nothing more can be sent upward."""


class Network(NamedTuple):
    """Supply at nodes that want in, demand at nodes that cost; goods go from a node to its blockers without limit.

    Only nodes whose `label` is that of the part being cut take part; blockers have smaller numbers.
    """

    offset: Vector
    blocker: Vector
    out_offset: Vector
    blocked: Vector
    edge: Vector
    label: Vector
    room: Vector
    """Above 0 supply left, below 0 demand left."""
    sent: Vector
    """By edge."""
    depth: Vector
    """From supply in the residual network; -1 out of reach."""
    place: Vector
    path: Vector
    way: Vector
    """The edge into each node of the path: e forward, -e - 1 against it."""
    queue: Vector


@kernel
def network(scratch: Vector, offset: Vector, blocker: Vector) -> Network:
    """A network over the edges of a piece, with nothing supplied yet."""
    count = len(offset) - 1
    out = turned(scratch, offset, blocker)
    return Network(
        offset,
        blocker,
        out.offset,
        out.blocked,
        out.edge,
        zeros(scratch, count),
        unset(scratch, count),
        unset(scratch, len(blocker)),
        unset(scratch, count),
        unset(scratch, count),
        unset(scratch, count + 1),
        unset(scratch, count + 1),
        unset(scratch, count),
    )


@kernel
def densest_start(net: Network, nodes: Vector, label: int) -> int:
    """Mark the smallest closed set of largest total of `room` by a depth of 0 or more, and answer its size.

    0 where no closed set has more than 0. `nodes` ascend and have this label; `room` is used up.
    """
    for node in nodes:
        net.depth[node] = -1
        for edge in range(net.offset[node], net.offset[node + 1]):
            net.sent[edge] = 0
    if not _fill_upward(net, nodes, label):
        return 0
    while True:
        reached, found = _depths(net, nodes, label)
        if not reached:
            return found
        _augment(net, nodes, label)


@kernel
def _fill_upward(net: Network, nodes: Vector, label: int) -> bool:
    """Send what can be sent along blockers alone, earliest nodes first; answer whether supply is left."""
    room, place, path, way = net.room, net.place, net.path, net.way
    offset, blocker, labels, depth = net.offset, net.blocker, net.label, net.depth
    for node in nodes:
        place[node] = offset[node]
    left = False
    for source in nodes:
        length = 0
        if room[source] > 0:
            path[0] = source
            length = 1
        while length and room[source] > 0:
            node = path[length - 1]
            if room[node] < 0:
                _send(room, net.sent, path, way, length, min(room[source], -room[node]))
                continue
            at, end = place[node], offset[node + 1]
            while at < end and (depth[blocker[at]] == _DRY or labels[blocker[at]] != label):
                at += 1
            place[node] = at
            if at < end:
                path[length] = blocker[at]
                way[length] = at
                length += 1
            else:
                depth[node] = _DRY
                length -= 1
        left = left or room[source] > 0
    return left


@kernel
def _send(room: Vector, sent: Vector, path: Vector, way: Vector, length: int, amount: int) -> None:
    """Send goods along the path."""
    room[path[0]] -= amount
    room[path[length - 1]] += amount
    for step in range(1, length):
        edge = way[step]
        if edge >= 0:
            sent[edge] += amount
        else:
            sent[-edge - 1] -= amount


@kernel
def _supplied(room: Vector, depth: Vector, nodes: Vector, queue: Vector) -> int:
    """Queue the nodes with supply left, at a depth of 0, and answer how many; all others are out of reach so far."""
    found = 0
    for node in nodes:
        depth[node] = -1
        if room[node] > 0:
            depth[node] = 0
            queue[found] = node
            found += 1
    return found


@kernel
def _depths(net: Network, nodes: Vector, label: int) -> tuple[bool, int]:
    """How far each node is from supply, as far as the nearest demand; whether any is in reach, and how many nodes are."""
    depth, queue = net.depth, net.queue
    found = _supplied(net.room, depth, nodes, queue)
    nearest = at = 0
    while at < found:
        node = queue[at]
        at += 1
        if nearest and depth[node] >= nearest:
            break
        below = depth[node] + 1
        for edge in range(net.offset[node], net.offset[node + 1]):
            other = net.blocker[edge]
            if depth[other] < 0 and net.label[other] == label:
                depth[other] = below
                queue[found] = other
                found += 1
                if net.room[other] < 0:
                    nearest = below
        for out in range(net.out_offset[node], net.out_offset[node + 1]):
            other = net.blocked[out]
            if net.sent[net.edge[out]] and net.label[other] == label and depth[other] < 0:
                depth[other] = below
                queue[found] = other
                found += 1
                if net.room[other] < 0:
                    nearest = below
    return nearest > 0, found


@kernel
def _augment(net: Network, nodes: Vector, label: int) -> None:
    """A blocking flow along rising depth (Dinic 1970), with its own stack."""
    for node in nodes:
        net.place[node] = 0
    for source in nodes:
        length = 0
        if net.depth[source] == 0:
            net.path[0] = source
            length = 1
        while length and net.room[source] > 0:
            node = net.path[length - 1]
            if net.room[node] < 0:
                _send(net.room, net.sent, net.path, net.way, length, _bottleneck(net, length))
                length = 1
                continue
            if _step(net, node, length, label):
                length += 1
            else:
                length -= 1
                if length:
                    net.place[net.path[length - 1]] += 1


@kernel
def _step(net: Network, node: int, length: int, label: int) -> bool:
    """Go on from the last node of the path by the first edge that is still open."""
    start, stop = net.offset[node], net.offset[node + 1]
    forward, below = stop - start, net.depth[node] + 1
    ways = forward + net.out_offset[node + 1] - net.out_offset[node]
    while net.place[node] < ways:
        at = net.place[node]
        if at < forward:
            other, edge, is_open = net.blocker[start + at], start + at, True
        else:
            out = net.out_offset[node] + at - forward
            other, edge = net.blocked[out], -net.edge[out] - 1
            is_open = net.sent[net.edge[out]] > 0
        if is_open and net.label[other] == label and net.depth[other] == below:
            net.path[length] = other
            net.way[length] = edge
            return True
        net.place[node] = at + 1
    return False


@kernel
def _bottleneck(net: Network, length: int) -> int:
    """What the path can carry: against an edge no more than was sent along it."""
    amount = min(net.room[net.path[0]], -net.room[net.path[length - 1]])
    for step in range(1, length):
        if net.way[step] < 0:
            amount = min(amount, net.sent[-net.way[step] - 1])
    return amount
