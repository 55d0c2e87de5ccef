"""What must come before what, as plain pairs (before, after). No Django here.

An item is two nodes, its start and its end: a child starts after its parent starts and ends before it ends, and what waits for an item
starts after its end. So a link on or from a parent holds for all that lies below it, and one search finds every contradiction.
"""

from collections import deque
from collections.abc import Hashable, Iterable
from typing import TypeVar

N = TypeVar("N", bound=Hashable)


def start_of(item_id: int) -> int:
    """The node at which work on the item, or on anything below it, begins."""
    return item_id * 2


def end_of(item_id: int) -> int:
    """The node at which the item and all below it is finished."""
    return item_id * 2 + 1


def item_of(node: int) -> int:
    """The item that a node belongs to."""
    return node // 2


def find_path(edges: Iterable[tuple[N, N]], start: N, goal: N) -> list[N] | None:
    """A shortest way from `start` to `goal` along the edges, both ends included; None where there is none."""
    after: dict[N, list[N]] = {}
    for tail, head in edges:
        after.setdefault(tail, []).append(head)
    came_from: dict[N, N] = {start: start}
    waiting = deque([start])
    while waiting:
        node = waiting.popleft()
        if node == goal:
            return _walk_back(came_from, start, goal)
        for head in after.get(node, ()):
            if head not in came_from:
                came_from[head] = node
                waiting.append(head)
    return None


def _walk_back(came_from: dict[N, N], start: N, goal: N) -> list[N]:
    path = [goal]
    while path[-1] != start:
        path.append(came_from[path[-1]])
    return path[::-1]


def find_cycle(edges: Iterable[tuple[N, N]]) -> list[N] | None:
    """A cycle of the edges, its first node repeated at the end; None where there is none. Takes chains of any length."""
    after: dict[N, list[N]] = {}
    for tail, head in edges:
        after.setdefault(tail, []).append(head)
    done: set[N] = set()
    for root, heads in after.items():
        if root in done:
            continue
        path, place = [root], {root: 0}
        branches = [iter(heads)]
        while branches:
            for head in branches[-1]:
                if head in place:
                    return [*path[place[head] :], head]
                if head not in done:
                    place[head] = len(path)
                    path.append(head)
                    branches.append(iter(after.get(head, ())))
                    break
            else:
                branches.pop()
                left = path.pop()
                del place[left]
                done.add(left)
    return None


def short_of(path: Iterable[int]) -> list[int]:
    """The items of a path of nodes, each named once where its start and end follow each other."""
    items: list[int] = []
    for node in path:
        if not items or items[-1] != item_of(node):
            items.append(item_of(node))
    return items
