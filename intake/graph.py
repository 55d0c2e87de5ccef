"""Which links of an import would close a cycle. Plain Python over numbers."""

from collections.abc import Iterable, Sequence

from prioritization.engine.cycles import shortest_cycle, strong_components

Edge = tuple[int, int]
MAX_ROUNDS = 200  # cycles cut one by one in a tangle; beyond that all of its new links are refused


def refuse_cycles(existing: Iterable[Edge], wanted: Sequence[Edge]) -> list[tuple[Edge, list[int]]]:
    """The wanted edges (blocker, blocked) that must be left out so that no cycle remains, each with the cycle it closes.

    Existing edges stay. In each cycle the wanted edge that comes last is refused, so that the order of the file decides.
    """
    place = {edge: index for index, edge in enumerate(dict.fromkeys(wanted))}
    successors: dict[int, list[int]] = {}
    for blocker, blocked in {*existing, *place}:
        successors.setdefault(blocker, []).append(blocked)
    refused = [((node, node), [node]) for node, after in successors.items() if node in after and (node, node) in place]
    for (node, _), _ in refused:
        successors[node].remove(node)
    for members in strong_components(sorted(successors), successors):
        refused += _untangle(members, successors, place)
    return sorted(refused, key=lambda pair: place[pair[0]])


def _untangle(members: list[int], successors: dict[int, list[int]], place: dict[Edge, int]) -> list[tuple[Edge, list[int]]]:
    refused: list[tuple[Edge, list[int]]] = []
    pending = [members]
    while pending:
        part = pending.pop()
        if len(refused) >= MAX_ROUNDS:
            refused += _refuse_all(part, successors, place)
            continue
        cycle = shortest_cycle(part, successors) if len(part) <= 500 else _some_cycle(part, successors)
        edges = list(zip(cycle, cycle[1:] + cycle[:1], strict=True))
        edge = max((edge for edge in edges if edge in place), key=lambda edge: place[edge], default=None)
        if edge is None:
            continue  # a cycle that was there before is none of the import's
        successors[edge[0]].remove(edge[1])
        refused.append((edge, cycle))
        inside = set(part)
        local = {node: [other for other in successors.get(node, ()) if other in inside] for node in part}
        pending += strong_components(part, local)
    return refused


def _refuse_all(part: list[int], successors: dict[int, list[int]], place: dict[Edge, int]) -> list[tuple[Edge, list[int]]]:
    inside = set(part)
    edges = [(node, other) for node in part for other in successors.get(node, ()) if other in inside and (node, other) in place]
    for node, other in edges:
        successors[node].remove(other)
    return [(edge, list(edge)) for edge in edges]


def _some_cycle(part: list[int], successors: dict[int, list[int]]) -> list[int]:
    """Any cycle inside a strong component: walk on until a node comes again."""
    inside = set(part)
    seen: dict[int, int] = {}
    path: list[int] = []
    node = part[0]
    while node not in seen:
        seen[node] = len(path)
        path.append(node)
        node = next(other for other in successors[node] if other in inside)
    return path[seen[node] :]
