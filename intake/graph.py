"""Which links of an import would contradict each other or what stands. Plain Python over numbers."""

from collections.abc import Iterable, Sequence

from prioritization.engine.cycles import shortest_cycle, strong_components

Edge = tuple[int, int]
Link = tuple[Edge, ...]  # the edges that one link brings; it comes in with all of them or not at all
MAX_ROUNDS = 200  # cycles cut one by one in a tangle; beyond that all of its new links are refused
SMALL = 500  # nodes up to which the shortest cycle is looked for, to be shown


def refuse_cycles(existing: Iterable[Edge], wanted: Sequence[Link]) -> dict[int, list[int]]:
    """The wanted links, by index, that must be left out so that no cycle remains, each with the nodes of the cycle it closes.

    Existing edges stay. In each cycle the wanted link that comes last is refused, so that the order of the file decides.
    """
    tangle = _Tangle(existing, wanted)
    pending = strong_components(sorted(tangle.successors), tangle.successors)
    while pending:
        pending += tangle.cut(pending.pop())
    tangle.readmit()
    return dict(sorted(tangle.refused.items()))


class _Tangle:
    def __init__(self, existing: Iterable[Edge], wanted: Sequence[Link]) -> None:
        self.wanted = wanted
        self.refused: dict[int, list[int]] = {}
        self.standing = set(existing)
        self.brings: dict[Edge, list[int]] = {}  # edge to the links that bring it
        for index, link in enumerate(wanted):
            for edge in link:
                if edge[0] == edge[1]:
                    self.refused[index] = [edge[0]]
                else:
                    self.brings.setdefault(edge, []).append(index)
        self.successors: dict[int, list[int]] = {}
        for tail, head in {*self.standing, *self.brings}:
            self.successors.setdefault(tail, []).append(head)

    def cut(self, part: list[int]) -> list[list[int]]:
        """Take one link out of a strong component; return the components that are left of it."""
        if len(self.refused) >= MAX_ROUNDS:
            self._refuse_all(part)
            return []
        parts = self._parts(part)
        if parts != [part]:
            return parts  # a link refused elsewhere had an edge here
        cycle = shortest_cycle(part, self.successors) if len(part) <= SMALL else self._some_cycle(part)
        edges = zip(cycle, cycle[1:] + cycle[:1], strict=True)
        # An edge goes when the last link that brings it goes, so the earliest of them says how late the edge came.
        found = max((min(self.brings[edge]) for edge in edges if edge in self.brings and edge not in self.standing), default=None)
        if found is None:
            return []  # a cycle that was there before is none of the import's
        self._refuse(found, cycle)
        return self._parts(part)

    def _parts(self, part: list[int]) -> list[list[int]]:
        inside = set(part)
        return strong_components(part, {node: [head for head in self.successors.get(node, ()) if head in inside] for node in part})

    def _refuse(self, index: int, cycle: list[int]) -> None:
        self.refused.setdefault(index, cycle)
        for edge in self.wanted[index]:
            links = self.brings.get(edge, [])
            if index in links:
                links.remove(index)
            if not links and edge in self.brings:
                del self.brings[edge]
                if edge not in self.standing:
                    self.successors[edge[0]].remove(edge[1])

    def readmit(self) -> None:
        """Take back in, first come first, what was refused for a cycle that another refusal has opened since."""
        if len(self.refused) > MAX_ROUNDS:
            return
        for index in sorted(self.refused):
            link = self.wanted[index]
            if not any(self._reaches(head, tail) for tail, head in link) and self._admit(link):
                del self.refused[index]

    def _admit(self, link: Link) -> bool:
        """Add the link's edges; take them out again where together they close a cycle."""
        added = [edge for edge in link if edge[1] not in self.successors.get(edge[0], ())]
        for tail, head in added:
            self.successors.setdefault(tail, []).append(head)
        if len(link) == 1 or not any(self._reaches(head, tail) for tail, head in link):
            return True
        for tail, head in added:
            self.successors[tail].remove(head)
        return False

    def _reaches(self, start: int, goal: int) -> bool:
        seen, waiting = {start}, [start]
        while waiting:
            node = waiting.pop()
            if node == goal:
                return True
            fresh = [head for head in self.successors.get(node, ()) if head not in seen]
            seen.update(fresh)
            waiting += fresh
        return False

    def _refuse_all(self, part: list[int]) -> None:
        inside = set(part)
        edges = [(node, head) for node in part for head in self.successors.get(node, ()) if head in inside]
        for edge in edges:
            for index in list(self.brings.get(edge, ())):
                self._refuse(index, list(edge))

    def _some_cycle(self, part: list[int]) -> list[int]:
        """Any cycle inside a strong component: walk on until a node comes again."""
        inside = set(part)
        seen: dict[int, int] = {}
        path: list[int] = []
        node = part[0]
        while node not in seen:
            seen[node] = len(path)
            path.append(node)
            node = next(head for head in self.successors[node] if head in inside)
        return path[seen[node] :]
