"""The run of `arrays` for a handful of items, in plain Python: there numpy's calls cost more than all of the arithmetic.

Step by step the same, and equal to the last digit; what is rare (a cycle, amounts that floats do not hold) is left to the arrays.
"""

import itertools
from collections.abc import Sequence
from typing import NamedTuple

from prioritization.engine.bands import DORMANT, EXPEDITED, NORMAL, NOW, UNSCORED
from prioritization.engine.closed_forms import EXACT_PRODUCT
from prioritization.engine.kernels.component import solve_component
from prioritization.engine.solve import words
from prioritization.engine.types import LARGEST

MOST = 40
"""More items are quicker as arrays."""
_ENDLESS = NORMAL + 1

Pairs = list[tuple[int, int]]


class Few(NamedTuple):
    """The fields of `RankArrays` of the same names, as lists."""

    band: list[int]
    value: list[float]
    component: list[int]
    position: list[int]
    block: list[int]
    block_weight: list[int]
    block_size: list[int]
    size: list[int]
    order: list[int]
    edges: Pairs


def rank_few(
    ids: Sequence[int], weight: Sequence[int], size: Sequence[int], asked: Sequence[int], edges: Pairs, raised: Sequence[bool]
) -> Few | None:
    """Rank items that come in ascending order of their ids, at most MOST; edges are pairs of their indices. None where the arrays must."""
    nodes = range(len(ids))
    if not _is_plain(ids, weight, size, asked):
        return None
    edges = sorted({(a, b) for a, b in edges if a != b})
    level = _levels(len(ids), edges)
    if level is None:
        return None
    band = _bands(asked, edges, raised)
    zone = [0 if each <= NORMAL else each for each in band]
    component = _labels(len(ids), edges)
    live = [(a, b) for a, b in edges if zone[a] == zone[b]]
    part = component
    if len(live) < len(edges):
        part, level = _labels(len(ids), live), _levels(len(ids), live) or level

    counted = list(size)
    held = {b for _, b in live}
    for at in nodes:
        if not counted[at] and at not in held:
            counted[at] = 1
    own = [weight[at] / max(counted[at], 1) for at in nodes]
    block, place = _blocks(weight, counted, live, part, level, own)
    block_weight, block_size, first = [0] * len(ids), [0] * len(ids), [len(ids)] * len(ids)
    for at in nodes:
        name = block[at]
        block_weight[name] += weight[at]
        block_size[name] += counted[at]
        first[name] = min(first[name], at)
    value = [block_weight[name] / max(block_size[name], 1) for name in block]
    position = _positions(component, sorted(nodes, key=lambda at: (zone[at], -value[at], part[at], place[at], -own[at], at)))
    return Few(
        band=band,
        value=value,
        component=[ids[at] for at in component],
        position=position,
        block=[first[name] for name in block],
        block_weight=[block_weight[name] for name in block],
        block_size=[block_size[name] for name in block],
        size=counted,
        order=sorted(nodes, key=lambda at: (band[at], -value[at], component[at], position[at])),
        edges=edges,
    )


def _is_plain(ids: Sequence[int], weight: Sequence[int], size: Sequence[int], asked: Sequence[int]) -> bool:
    """Whether nothing is to be refused, and every product of a weight and a size is exact as a float."""
    return (
        0 < len(ids) <= MOST
        and all(a < b for a, b in itertools.pairwise(ids))
        and min(weight) >= 0
        and min(size) >= 0
        and max(weight) <= LARGEST
        and max(size) <= LARGEST
        and max(weight) * max(*size, 1) < EXACT_PRODUCT
        and min(asked) >= NOW
        and max(asked) <= DORMANT
    )


def _levels(count: int, edges: Pairs) -> list[int] | None:
    """Each item's longest chain of blockers; None where there is a cycle."""
    level = [0] * count
    for _ in range(count):
        is_settled = True
        for a, b in edges:
            if level[b] <= level[a]:
                level[b] = level[a] + 1
                is_settled = False
        if is_settled:
            return level
    return None


def _bands(asked: Sequence[int], edges: Pairs, raised: Sequence[bool]) -> list[int]:
    """As `bands.effective_bands`."""
    reach = [NORMAL if band == NOW else band if band <= NORMAL else _ENDLESS for band in asked]
    is_settled = False
    while not is_settled:
        is_settled = True
        for a, b in edges:
            if reach[b] < reach[a] and asked[a] in (NOW, NORMAL, UNSCORED):
                reach[a] = reach[b]
                is_settled = False
    band = list(asked)
    for at, each in enumerate(asked):
        if each in (NORMAL, UNSCORED):
            band[at] = EXPEDITED if raised[at] else reach[at] if reach[at] < _ENDLESS else each
    return band


def _labels(count: int, edges: Pairs) -> list[int]:
    """The smallest item of each item's component."""
    label = list(range(count))
    is_settled = False
    while not is_settled:
        is_settled = True
        for a, b in edges:
            if label[a] != label[b]:
                label[a] = label[b] = min(label[a], label[b])
                is_settled = False
    return label


def _blocks(
    weight: Sequence[int], size: Sequence[int], edges: Pairs, part: Sequence[int], level: Sequence[int], own: Sequence[float]
) -> tuple[list[int], list[int]]:
    """Each item's block, named by one of its items, and a place that orders the items of a part."""
    block, place = list(range(len(part))), [0] * len(part)
    tied: dict[int, Pairs] = {}
    for edge in edges:
        tied.setdefault(part[edge[0]], []).append(edge)
    for name, among in tied.items():
        members = [at for at, each in enumerate(part) if each == name]
        is_rising = any(weight[b] * size[a] > weight[a] * size[b] for a, b in among) or any(
            not weight[at] and not size[at] for at in members
        )
        centres = {b for _, b in among}
        if is_rising and len(centres) > 1:
            _solve(sorted(members, key=lambda at: (level[at], at)), weight, size, among, block, place)
            continue
        if is_rising:
            _settle_star(centres.pop(), [a for a, _ in among], weight, size, own, block)
        total: dict[int, list[int]] = {}
        for at in members:
            sums = total.setdefault(block[at], [0, 0])
            sums[0] += weight[at]
            sums[1] += size[at]
        x = {at: amount / max(extent, 1) for at, (amount, extent) in total.items()}
        for at, member in enumerate(sorted(members, key=lambda at: (-x[block[at]], level[at], -own[at], at))):
            place[member] = at
    return block, place


def _settle_star(
    centre: int, around: Sequence[int], weight: Sequence[int], size: Sequence[int], own: Sequence[float], block: list[int]
) -> None:
    """The centre takes in its blockers from the least dense up, while one is less dense than what it has so far."""
    gathered_weight, gathered_size = weight[centre], size[centre]
    for number, at in enumerate(sorted(around, key=lambda at: (own[at], at))):
        is_idle = not number and not gathered_weight and not gathered_size
        if not is_idle and weight[at] * gathered_size >= gathered_weight * size[at]:
            return
        block[at] = centre
        gathered_weight += weight[at]
        gathered_size += size[at]


def _solve(members: Sequence[int], weight: Sequence[int], size: Sequence[int], edges: Pairs, block: list[int], place: list[int]) -> None:
    """Hand a part to the solver."""
    local = {at: number for number, at in enumerate(members)}
    before: list[list[int]] = [[] for _ in members]
    for a, b in edges:
        before[local[b]].append(local[a])
    offset, blocker = [0], []
    for each in before:
        blocker += sorted(each)
        offset.append(len(blocker))
    solved = solve_component(
        [], [weight[at] for at in members], [size[at] for at in members], offset, blocker, words(len(members)).tolist()
    )
    for reached, (node, label) in enumerate(zip(solved.sequence, solved.label, strict=True)):
        block[members[node]] = members[label]
        place[members[node]] = reached


def _positions(component: Sequence[int], order: Sequence[int]) -> list[int]:
    """The place of each item in its component."""
    position, reached = [0] * len(component), [0] * len(component)
    for at in order:
        position[at] = reached[component[at]]
        reached[component[at]] += 1
    return position
