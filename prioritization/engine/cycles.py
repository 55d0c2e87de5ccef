"""Cycles of a dependency graph: found once each, shown by their shortest way round, and collapsed."""

from collections import deque

import numpy as np

from prioritization.engine.types import Ints


def strong_components(nodes: list[int], successors: dict[int, list[int]]) -> list[list[int]]:
    """The strongly connected components of several nodes, each sorted, by smallest node (Tarjan 1972, own stack)."""
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    path: list[int] = []
    on_path: set[int] = set()
    found: list[list[int]] = []
    for root in nodes:
        if root in index:
            continue
        index[root] = low[root] = len(index)
        path.append(root)
        on_path.add(root)
        work = [(root, iter(successors.get(root, ())))]
        while work:
            node, rest = work[-1]
            for other in rest:
                if other not in index:
                    index[other] = low[other] = len(index)
                    path.append(other)
                    on_path.add(other)
                    work.append((other, iter(successors.get(other, ()))))
                    break
                if other in on_path:
                    low[node] = min(low[node], index[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    members = []
                    while True:
                        member = path.pop()
                        on_path.discard(member)
                        members.append(member)
                        if member == node:
                            break
                    if len(members) > 1:
                        found.append(sorted(members))
    return sorted(found)


def shortest_cycle(members: list[int], successors: dict[int, list[int]]) -> list[int]:
    """The shortest cycle inside a strongly connected component, from its smallest node on; the first by node of equals."""
    inside = set(members)
    best: list[int] = []
    for start in members:
        before = {start: start}
        queue = deque([start])
        limit = len(best) or len(members) + 1
        depth = {start: 0}
        closing = -1
        while queue and closing < 0:
            node = queue.popleft()
            if depth[node] + 1 >= limit:
                break
            for other in successors.get(node, ()):
                if other == start:
                    closing = node
                    break
                if other in inside and other not in before:
                    before[other] = node
                    depth[other] = depth[node] + 1
                    queue.append(other)
        if closing >= 0:
            cycle = [closing]
            while cycle[-1] != start:
                cycle.append(before[cycle[-1]])
            best = cycle[::-1]
            if len(best) == 2:
                break
    smallest = best.index(min(best))
    return best[smallest:] + best[:smallest]


def find_cycles(suspects: Ints, blocker: Ints, blocked: Ints, count: int) -> list[tuple[list[int], list[int]]]:
    """Each strongly connected component among the suspects with its shortest cycle."""
    suspected = np.zeros(count, dtype=np.bool_)
    suspected[suspects] = True
    kept = suspected[blocker] & suspected[blocked]
    successors: dict[int, list[int]] = {}
    for source, target in zip(blocker[kept].tolist(), blocked[kept].tolist(), strict=True):
        successors.setdefault(source, []).append(target)
    return [(members, shortest_cycle(members, successors)) for members in strong_components(suspects.tolist(), successors)]
