"""The closed set of largest weight, by minimum cut in whole numbers (Picard 1976)."""

from collections.abc import Sequence
from itertools import pairwise


class _Network:
    """Supply at nodes that want in, demand at nodes that cost; goods go from a node to its blockers without limit."""

    def __init__(self, nodes: Sequence[int], blockers: list[list[int]], excess: dict[int, int]) -> None:
        self.nodes = nodes
        self.blockers = blockers
        self.room = excess  # above 0 supply left, below 0 demand left
        self.sent: dict[int, dict[int, int]] = {}  # by blocker, then by the node the goods came from

    def _send(self, path: list[int], amount: int) -> None:
        self.room[path[0]] -= amount
        self.room[path[-1]] += amount
        for source, target in pairwise(path):
            if target > source:  # against an edge: goods sent before are taken back
                flows = self.sent[source]
                flows[target] -= amount
                if not flows[target]:
                    del flows[target]
            else:
                inward = self.sent.setdefault(target, {})
                inward[source] = inward.get(source, 0) + amount

    def fill_upward(self) -> bool:
        """Send what can be sent along blockers alone, earliest nodes first; answer whether supply is left."""
        room, blockers = self.room, self.blockers
        place: dict[int, int] = {}
        dry: set[int] = set()
        left = False
        for source in self.nodes:
            path = [source]
            while path and room[source] > 0:
                node = path[-1]
                if node != source and room[node] < 0:
                    self._send(path, min(room[source], -room[node]))
                    if room[source] <= 0:
                        break
                before = blockers[node]
                at = place.get(node, 0)
                while at < len(before) and (before[at] in dry or before[at] not in room):
                    at += 1
                place[node] = at
                if at < len(before):
                    path.append(before[at])
                else:
                    dry.add(node)
                    path.pop()
            left = left or room[source] > 0
        return left

    def depths(self) -> tuple[dict[int, int], bool]:
        """How far each node is from supply in the residual network, and whether any demand is in reach."""
        room, blockers, sent = self.room, self.blockers, self.sent
        depth = {node: 0 for node in self.nodes if room[node] > 0}
        layer = list(depth)
        reached = False
        while layer and not reached:
            following: list[int] = []
            for node in layer:
                below = depth[node] + 1
                for other in blockers[node]:
                    if other not in depth and other in room:
                        depth[other] = below
                        following.append(other)
                        reached = reached or room[other] < 0
                for other in sent.get(node, ()):
                    if other not in depth:
                        depth[other] = below
                        following.append(other)
                        reached = reached or room[other] < 0
            layer = following
        return depth, reached

    def augment(self, depth: dict[int, int]) -> None:
        """A blocking flow along rising depth (Dinic 1970), with its own stack."""
        room = self.room
        options: dict[int, list[int]] = {}
        for source in [node for node, level in depth.items() if level == 0]:
            path = [source]
            while path and room[source] > 0:
                node = path[-1]
                if room[node] < 0:
                    self._send(path, self._bottleneck(path))
                    path = [source]
                    continue
                ways = options.get(node)
                if ways is None:
                    level = depth[node] + 1
                    ways = [other for other in self.blockers[node] if depth.get(other) == level]
                    ways += [other for other in self.sent.get(node, ()) if depth.get(other) == level]
                    options[node] = ways
                while ways and not self._open(node, ways[-1]):
                    ways.pop()
                if ways:
                    path.append(ways[-1])
                else:
                    path.pop()
                    if path:
                        options[path[-1]].pop()

    def _open(self, node: int, other: int) -> bool:
        return node > other or self.sent.get(node, {}).get(other, 0) > 0

    def _bottleneck(self, path: list[int]) -> int:
        amount = min(self.room[path[0]], -self.room[path[-1]])
        for source, target in pairwise(path):
            if target > source:  # against an edge: no more than was sent along it
                amount = min(amount, self.sent[source][target])
        return amount


def densest_start(nodes: list[int], blockers: list[list[int]], excess: dict[int, int]) -> set[int]:
    """The smallest closed set of largest total excess; empty where no closed set has more than 0.

    `nodes` ascend, and every blocker has a smaller number than what it blocks; blockers outside `excess` don't count.
    `excess` is used up.
    """
    network = _Network(nodes, blockers, excess)
    if not network.fill_upward():
        return set()
    while True:
        depth, reached = network.depths()
        if not reached:
            return set(depth)
        network.augment(depth)
