"""Passes over the whole graph, an edge at a time: what `engine.graph` does by numpy, for runs that are compiled anyway.

Edges come sorted by blocker: those of node n are `blocked[offset[n]:offset[n + 1]]`.
"""

from prioritization.engine.compiled import Vector, kernel, unset, zeros


@kernel
def join(label: Vector, offset: Vector, blocked: Vector) -> None:
    """Lower each label, which starts as the node itself, to the smallest node of its weakly connected component."""
    for node in range(len(label)):
        for edge in range(offset[node], offset[node + 1]):
            one, other = node, blocked[edge]
            while label[one] != one:
                label[one] = label[label[one]]
                one = label[one]
            while label[other] != other:
                label[other] = label[label[other]]
                other = label[other]
            label[max(one, other)] = min(one, other)
    for node in range(len(label)):
        label[node] = label[label[node]]


@kernel
def measure_levels(scratch: Vector, offset: Vector, blocked: Vector, level: Vector) -> None:
    """Each node's longest chain of blockers; -1, as it came, on or behind a cycle (Kahn 1962)."""
    count = len(level)
    waiting, queue = zeros(scratch, count), unset(scratch, count)
    for edge in range(len(blocked)):
        waiting[blocked[edge]] += 1
    found = 0
    for node in range(count):
        if not waiting[node]:
            level[node] = 0
            if offset[node] < offset[node + 1]:
                queue[found] = node
                found += 1
    at = 0
    while at < found:  # by rising level, because a node joins right behind its last blocker
        node = queue[at]
        at += 1
        for edge in range(offset[node], offset[node + 1]):
            other = blocked[edge]
            waiting[other] -= 1
            if not waiting[other]:
                level[other] = level[node] + 1
                queue[found] = other
                found += 1


@kernel
def group(scratch: Vector, label: Vector, nodes: Vector, starts: Vector) -> int:
    """Write the nodes of one component of several nodes after another, each ascending, and where each starts; answer how many there are."""
    count = len(label)
    place = zeros(scratch, count)
    for node in range(count):
        place[label[node]] += 1
    components = end = 0
    for node in range(count):
        first = label[node]
        if first == node:
            many, place[node] = place[node], -1
            if many > 1:
                starts[components], place[node] = end, end
                components += 1
                end += many
        if place[first] >= 0:
            nodes[place[first]] = node
            place[first] += 1
    starts[components] = end
    return components


@kernel
def line_up(scratch: Vector, label: Vector, position: Vector, place: Vector, item: Vector) -> None:
    """Each node's place by component and position in it, and the node at each place."""
    count = len(label)
    start = zeros(scratch, count)
    for node in range(count):
        start[label[node]] += 1
    end = 0
    for node in range(count):
        many = start[node]
        start[node] = end
        end += many
        place[node] = start[label[node]] + position[node]
        item[place[node]] = node


@kernel
def read_out(words: Vector, mask: int, item: Vector, rank: Vector, band: Vector, order: Vector) -> bool:
    """Write the nodes whose places are in sorted words; answer whether in each band the ranks of none of them rise."""
    falls, before = True, -1
    for at in range(len(words)):
        node = item[words[at] & mask]
        if before >= 0 and rank[node] > rank[before] and band[node] == band[before]:
            falls = False
        order[at] = before = node
    return falls
