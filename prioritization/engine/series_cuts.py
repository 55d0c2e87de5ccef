"""Where a piece falls apart into a first and a second half of which all of the one come before all of the other."""

from prioritization.engine.piece import Piece


def series_parts(piece: Piece) -> list[list[int]]:
    """The piece cut at every series cut, first part first; a unique first or last node is a part of its own.

    The first half of a cut is a prefix of every topological order, so one scan finds all: there is a cut exactly where
    each last node of the prefix has an edge to each first node of the rest. Linear in nodes and edges.
    """
    count = len(piece.runs)
    waiting = [len(before) for before in piece.blockers]
    followers = [0] * count  # how many of a node's edges lead into the prefix
    first = {node for node in range(count) if not waiting[node]}
    last: set[int] = set()
    links = 0  # edges from `last` to `first`
    parts: list[list[int]] = []
    start = 0
    for node in range(count):
        first.discard(node)
        for blocker in piece.blockers[node]:
            if blocker in last:
                links -= 1  # the edge to this node, which left `first`
            followers[blocker] += 1
            if followers[blocker] == 1:
                last.discard(blocker)
                links -= sum(other in first for other in piece.blocked[blocker])
        last.add(node)
        for other in piece.blocked[node]:
            waiting[other] -= 1
            if not waiting[other]:
                first.add(other)
                links += sum(blocker in last for blocker in piece.blockers[other])
        if links == len(last) * len(first):
            parts.append(list(range(start, node + 1)))
            start = node + 1
    return parts
