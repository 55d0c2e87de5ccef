"""Sidney decomposition: into blocks of falling density, each of which no closed part of it beats (Sidney 1975).

Found by divide and conquer: with lambda = w(B)/p(B), the closed set of largest sum of w - lambda p comes first, and both
halves go on until none is positive. It is the parametric cut of Gallo, Grigoriadis and Tarjan 1989 without its
bookkeeping, and the weighted isotonic regression of w/p over the order.
"""

from prioritization.engine.density import density
from prioritization.engine.mincut import densest_start
from prioritization.engine.piece import Piece


def connected_parts(piece: Piece, nodes: list[int]) -> list[list[int]]:
    """The weakly connected parts of some nodes, each ascending, by smallest node."""
    waiting = set(nodes)
    parts = []
    for start in nodes:
        if start not in waiting:
            continue
        waiting.discard(start)
        part = [start]
        for node in part:
            for other in piece.blockers[node]:
                if other in waiting:
                    waiting.discard(other)
                    part.append(other)
            for other in piece.blocked[node]:
                if other in waiting:
                    waiting.discard(other)
                    part.append(other)
        part.sort()
        parts.append(part)
    return parts


def sidney_blocks(piece: Piece) -> list[list[int]]:
    """The blocks in order, each connected and with ascending nodes; equal densities stay in an order that fits."""
    runs = piece.runs
    done: list[tuple[int, list[int]]] = []
    work = connected_parts(piece, list(range(len(runs))))[::-1]
    while work:
        part = work.pop()
        weight = sum(runs[node][1] for node in part)
        size = sum(runs[node][2] for node in part)
        start: set[int] = set()
        if len(part) > 1 and size:
            excess = {node: runs[node][1] * size - runs[node][2] * weight for node in part}
            start = densest_start(part, piece.blockers, excess)
        if not start:
            done.append((density(weight, size), part))
            continue
        work.extend(connected_parts(piece, [node for node in part if node not in start])[::-1])
        work.extend(connected_parts(piece, [node for node in part if node in start])[::-1])
    done.sort(key=lambda block: block[0], reverse=True)
    return [part for _, part in done]
