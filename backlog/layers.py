"""What waits for what as layers, ready to draw: what comes first on the left, a band for each team, nothing drawn over something else."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

N = TypeVar("N", bound=Hashable)

BOX_WIDTH, BOX_HEIGHT = 208, 44
GAP_X, GAP_Y = 56, 12
HEAD = 28  # of a band, for its name
MARGIN = 12


@dataclass(frozen=True)
class Box(Generic[N]):
    """A node with its layer (0 waits for nothing) and its corner in pixels."""

    node: N
    layer: int
    x: int
    y: int


@dataclass(frozen=True)
class Band:
    """The band of one group (a team), over the whole width."""

    name: str
    y: int
    height: int


@dataclass(frozen=True)
class Drawing(Generic[N]):
    """Boxes by layer from top to bottom, paths of the links (blocker, blocked, SVG path), bands, the size, and paths of softer links."""

    boxes: list[Box[N]]
    paths: list[tuple[N, N, str]]
    bands: list[Band]
    width: int
    height: int
    softer: list[tuple[N, N, str]] = field(default_factory=list)


def layers_of(nodes: Sequence[N], edges: Iterable[tuple[N, N]]) -> dict[N, int]:
    """For each node the number of links on the longest way to it; nodes of a cycle count as if its last link were not there."""
    after: dict[N, list[N]] = {node: [] for node in nodes}
    waiting = dict.fromkeys(nodes, 0)
    for blocker, blocked in edges:
        after[blocker].append(blocked)
        waiting[blocked] += 1
    layer = dict.fromkeys(nodes, 0)
    placed: set[N] = set()
    free = [node for node in nodes if not waiting[node]]
    while len(placed) < len(nodes):
        if not free:  # only cycles are left: break one at its first node
            free = [next(node for node in nodes if node not in placed)]
        node = free.pop(0)
        if node in placed:
            continue
        placed.add(node)
        for blocked in after[node]:
            if blocked in placed:
                continue
            layer[blocked] = max(layer[blocked], layer[node] + 1)
            waiting[blocked] -= 1
            if not waiting[blocked]:
                free.append(blocked)
    return layer


def draw_layers(
    nodes: Sequence[N], edges: Sequence[tuple[N, N]], group_of: Mapping[N, str], softer: Sequence[tuple[N, N]] = ()
) -> Drawing[N]:
    """Place every node: its column is its layer, its band its group; inside them near what it is linked to. Softer links move nothing."""
    layer = layers_of(nodes, edges)
    near: dict[N, list[N]] = {node: [] for node in nodes}
    for blocker, blocked in edges:
        near[blocked].append(blocker)
    groups = list(dict.fromkeys(group_of[node] for node in nodes))
    row: dict[N, int] = {}
    rows_of = dict.fromkeys(groups, 1)
    for column in range(max(layer.values(), default=0) + 1):
        for group in groups:
            cell = [node for node in nodes if layer[node] == column and group_of[node] == group]
            cell.sort(
                key=lambda node: sum(row.get(each, 0) for each in near[node]) / len(near[node]) if near[node] else 0
            )  # sort is stable
            row.update({node: number for number, node in enumerate(cell)})
            rows_of[group] = max(rows_of[group], len(cell))
    bands, top = [], 0
    for group in groups:
        height = HEAD + rows_of[group] * (BOX_HEIGHT + GAP_Y) + GAP_Y
        bands.append(Band(group, top, height))
        top += height
    top_of = {band.name: band.y for band in bands}
    boxes = [
        Box(node, layer[node], MARGIN + layer[node] * (BOX_WIDTH + GAP_X), top_of[group_of[node]] + HEAD + row[node] * (BOX_HEIGHT + GAP_Y))
        for node in nodes
    ]
    at = {box.node: box for box in boxes}
    width = 2 * MARGIN + (max(layer.values(), default=0) + 1) * (BOX_WIDTH + GAP_X) - GAP_X
    return Drawing(
        sorted(boxes, key=lambda box: (box.layer, box.y)),
        [(a, b, _path(at[a], at[b])) for a, b in edges],
        bands,
        width,
        top,
        [(a, b, _soft_path(at[a], at[b])) for a, b in softer],
    )


def _soft_path(one: Box[N], other: Box[N]) -> str:
    """Between the nearer sides: of two in one column around their right, so that no box is crossed."""
    if one.layer < other.layer:
        return _path(one, other)
    if one.layer > other.layer:
        return _path(other, one)
    x, y, to_y = one.x + BOX_WIDTH, one.y + BOX_HEIGHT // 2, other.y + BOX_HEIGHT // 2
    return f"M{x} {y}C{x + GAP_X} {y} {x + GAP_X} {to_y} {x} {to_y}"


def _path(blocker: Box[N], blocked: Box[N]) -> str:
    x, y = blocker.x + BOX_WIDTH, blocker.y + BOX_HEIGHT // 2
    to_x, to_y = blocked.x, blocked.y + BOX_HEIGHT // 2
    bend = max(GAP_X // 2, (to_x - x) // 2)
    return f"M{x} {y}C{x + bend} {y} {to_x - bend} {to_y} {to_x} {to_y}"
