"""Cycles of a dependency graph: found once each, shown by their shortest way round, and collapsed."""

from collections.abc import Iterator

import numpy as np

from prioritization.engine.types import Ints


class _Walk:
    """Tarjan's walk (1972) with its own stack, so that a long chain is no matter."""

    def __init__(self, successors: dict[int, list[int]]) -> None:
        self.successors = successors
        self.index: dict[int, int] = {}
        self.low: dict[int, int] = {}
        self.path: list[int] = []
        self.on_path: set[int] = set()
        self.work: list[tuple[int, Iterator[int]]] = []
        self.found: list[list[int]] = []

    def enter(self, node: int) -> None:
        self.index[node] = self.low[node] = len(self.index)
        self.path.append(node)
        self.on_path.add(node)
        self.work.append((node, iter(self.successors.get(node, ()))))

    def run(self, root: int) -> None:
        self.enter(root)
        while self.work:
            node, rest = self.work[-1]
            for other in rest:
                if other not in self.index:
                    self.enter(other)
                    break
                if other in self.on_path:
                    self.low[node] = min(self.low[node], self.index[other])
            else:
                self.leave(node)

    def leave(self, node: int) -> None:
        self.work.pop()
        if self.work:
            above = self.work[-1][0]
            self.low[above] = min(self.low[above], self.low[node])
        if self.low[node] == self.index[node]:
            members = [self.path.pop()]
            while members[-1] != node:
                members.append(self.path.pop())
            self.on_path.difference_update(members)
            if len(members) > 1:
                self.found.append(sorted(members))


def strong_components(nodes: list[int], successors: dict[int, list[int]]) -> list[list[int]]:
    """The strongly connected components of several nodes, each sorted, by smallest node."""
    walk = _Walk(successors)
    for node in nodes:
        if node not in walk.index:
            walk.run(node)
    return sorted(walk.found)


def shortest_cycle(members: list[int], successors: dict[int, list[int]]) -> list[int]:
    """The shortest cycle inside a strongly connected component, from its smallest node on; the first by node of equals."""
    inside = set(members)
    after = {node: [other for other in successors[node] if other in inside] for node in members}
    before: dict[int, list[int]] = {node: [] for node in members}
    for node, others in after.items():
        for other in others:
            before[other].append(node)
    best: list[int] = []
    for start in members:
        if start in inside:
            best = _cycle_through(start, after, inside, len(best)) or best
            if len(best) == 2:
                break
            _peel(start, after, before, inside)
    smallest = best.index(min(best))
    return best[smallest:] + best[:smallest]


def _cycle_through(start: int, after: dict[int, list[int]], inside: set[int], limit: int) -> list[int]:
    """The shortest cycle through a node, if there is one shorter than the limit (0 for none)."""
    came_from = {start: start}
    layer = [start]
    length = 1
    while layer and (not limit or length < limit):
        following = []
        for node in layer:
            for other in after[node]:
                if other == start:
                    cycle = [node]
                    while cycle[-1] != start:
                        cycle.append(came_from[cycle[-1]])
                    return cycle[::-1]
                if other in inside and other not in came_from:
                    came_from[other] = node
                    following.append(other)
        layer = following
        length += 1
    return []


def _peel(node: int, after: dict[int, list[int]], before: dict[int, list[int]], inside: set[int]) -> None:
    """Take out a node whose cycles are known, and with it every node that is then on no cycle for want of a way in or out."""
    work = [node]
    while work:
        gone = work.pop()
        inside.discard(gone)
        for way, back in ((after, before), (before, after)):
            for other in way[gone]:
                if other in inside:
                    back[other].remove(gone)
                    if not back[other]:
                        inside.discard(other)
                        work.append(other)


def find_cycles(suspects: Ints, blocker: Ints, blocked: Ints, count: int) -> list[tuple[list[int], list[int]]]:
    """Each strongly connected component among the suspects with its shortest cycle."""
    suspected = np.zeros(count, dtype=np.bool_)
    suspected[suspects] = True
    kept = suspected[blocker] & suspected[blocked]
    successors: dict[int, list[int]] = {}
    for source, target in zip(blocker[kept].tolist(), blocked[kept].tolist(), strict=True):
        successors.setdefault(source, []).append(target)
    return [(members, shortest_cycle(members, successors)) for members in strong_components(suspects.tolist(), successors)]
