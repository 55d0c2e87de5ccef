"""The whole run over arrays: bands, cycles, components, blocks, keys."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from prioritization.engine.bands import DORMANT, effective_bands, live_edges, zones
from prioritization.engine.cycles import find_cycles
from prioritization.engine.few import MOST, Pairs, rank_few
from prioritization.engine.graph import distinct_edges, places_in_group, summed
from prioritization.engine.solve import final_order, passes, solve_blocks
from prioritization.engine.types import LARGEST, Flags, Floats, Ints, RankInputError

_EXACT_FLOAT = 1 << 53


@dataclass(frozen=True, slots=True)
class RankArrays:
    """One entry an item, in the order the items came in. Items are named by their index unless said otherwise."""

    ids: Ints
    band: Ints
    """The effective band."""
    value: Floats
    """x: the float nearest to the exact quotient of `block_weight` and `block_size`."""
    component: Ints
    """The id of the smallest item of the component."""
    position: Ints
    """The place in the component, from 0; it decides between equal values."""
    block: Ints
    """The smallest item of the block."""
    block_weight: Ints
    block_size: Ints
    size: Ints
    """The size counted with: 1 instead of 0 where nothing comes before an item without size."""
    unit: Ints
    """The smallest item of the cycle an item is in, itself without one: a cycle is done as one piece of work."""
    order: Ints
    """All items, first to last."""
    blocker: Ints
    blocked: Ints
    """The edges, each once."""
    cycles: list[list[int]]
    """A shortest cycle of each knot, from its smallest item on."""


def rank_arrays(
    ids: npt.ArrayLike,
    w: npt.ArrayLike,
    p: npt.ArrayLike,
    band: npt.ArrayLike,
    blocker_idx: npt.ArrayLike,
    blocked_idx: npt.ArrayLike,
    raised: npt.ArrayLike | None = None,
) -> RankArrays:
    """Rank items given as arrays of one length: distinct ids, cost of delay and size in milli-units, bands 0 to 5, and flags of what is raised.

    Edges are two arrays of indices into them. RankInputError names the first item or edge that cannot be.
    """
    given, weight, size, asked, source, target = (_ints(array) for array in (ids, w, p, band, blocker_idx, blocked_idx))
    lifted = None if raised is None else np.ascontiguousarray(raised, dtype=np.bool_)
    _check(given, weight, size, asked, source, target)
    if given.size > 1 and not bool((given[1:] > given[:-1]).all()):
        ascending = np.argsort(given, kind="stable")
        if bool((np.diff(given[ascending]) == 0).any()):
            raise RankInputError("An id occurs twice.")
        place = np.empty_like(ascending)
        place[ascending] = np.arange(given.size)
        ranked = _rank(
            given[ascending],
            weight[ascending],
            size[ascending],
            asked[ascending],
            place[source],
            place[target],
            lifted if lifted is None else lifted[ascending],
        )
        return _in_given_order(ranked, given, ascending, place)
    return _rank(given, weight, size, asked, source, target, lifted)


_WHOLE = ("band", "component", "position", "block", "block_weight", "block_size", "size", "order")
_NO_EDGES: Ints = np.empty(0, dtype=np.int64)


def rank_lists(
    ids: Sequence[int], w: Sequence[int], p: Sequence[int], band: Sequence[int], edges: Pairs, raised: Sequence[bool]
) -> RankArrays:
    """As `rank_arrays`, from plain lists and edges as pairs of indices: a handful of items takes a tenth of the time."""
    few = rank_few(ids, w, p, band, edges, raised) if len(ids) <= MOST else None
    if few is None:
        return rank_arrays(ids, w, p, band, [a for a, _ in edges], [b for _, b in edges], raised)
    whole = dict(zip(_WHOLE, _ints([getattr(few, name) for name in _WHOLE]), strict=True))  # at once: calls take longer than numbers here
    return RankArrays(
        ids=_ints(ids),
        value=np.array(few.value, dtype=np.float64),
        unit=np.arange(len(ids), dtype=np.int64),
        blocker=_ints([a for a, _ in few.edges]) if few.edges else _NO_EDGES,
        blocked=_ints([b for _, b in few.edges]) if few.edges else _NO_EDGES,
        cycles=[],
        **whole,
    )


def _ints(array: npt.ArrayLike) -> Ints:
    try:
        return np.ascontiguousarray(array, dtype=np.int64)
    except OverflowError as error:
        raise RankInputError(f"A number is too large; 0 to {LARGEST} can be ranked.") from error


def _check(ids: Ints, weight: Ints, size: Ints, band: Ints, blocker: Ints, blocked: Ints) -> None:
    for name, array, largest in (("cost of delay", weight, LARGEST), ("size", size, LARGEST), ("band", band, DORMANT)):
        if array.shape != ids.shape:
            raise RankInputError(f"There are {ids.size} items, but a {name} for {array.size}.")
        if array.size and not 0 <= int(array.min()) <= int(array.max()) <= largest:
            outside = np.flatnonzero((array < 0) | (array > largest))
            raise RankInputError(f"Item {ids[outside[0]]} has a {name} of {array[outside[0]]}; 0 to {largest} can be ranked.")
    if blocker.shape != blocked.shape or (
        blocker.size and not 0 <= min(blocker.min(), blocked.min()) <= max(blocker.max(), blocked.max()) < ids.size
    ):
        raise RankInputError("Each edge is a pair of indices of items.")


def _rank(ids: Ints, weight: Ints, size: Ints, asked: Ints, blocker: Ints, blocked: Ints, raised: Flags | None) -> RankArrays:
    count = ids.size
    blocker, blocked = distinct_edges(count, blocker, blocked)
    band = effective_bands(asked, blocker, blocked, raised)
    zone = zones(band)
    live = live_edges(zone, blocker, blocked)
    whole = passes(count, blocker, blocked)
    component = whole.component
    knots = find_cycles(whole.knotted, blocker, blocked, count) if whole.knotted.size else []

    unit = _units(count, knots, whole.knotted, blocker, blocked, live)
    nodes, node_of = np.unique(unit, return_inverse=True) if knots else (unit, unit)
    node_weight, node_size = (summed(node_of, nodes.size, weight), summed(node_of, nodes.size, size)) if knots else (weight, size.copy())
    is_whole = not knots and bool(live.all())
    source, target, found = blocker, blocked, whole
    if not is_whole:
        source, target = node_of[blocker[live]], node_of[blocked[live]]
        if knots:
            source, target = distinct_edges(nodes.size, source, target)
        found = passes(nodes.size, source, target)
    unsized = node_size == 0
    unsized[target] = False
    node_size[unsized] = 1
    counted_size = size.copy()
    counted_size[nodes[unsized]] = 1

    block, place = solve_blocks(node_weight, node_size, source, target, found)
    block_weight, block_size = summed(block, nodes.size, node_weight), summed(block, nodes.size, node_size)
    value = _quotients(block_weight, block_size, block)
    first = np.full(nodes.size, nodes.size, dtype=np.int64)
    np.minimum.at(first, block, np.arange(nodes.size))

    position = place
    if not is_whole:
        block, value = block[node_of], value[node_of]
        position = _positions(component, zone, value, found.component[node_of], place[node_of], weight, counted_size)
    return RankArrays(
        ids=ids,
        band=band,
        value=value,
        component=ids[component],
        position=position,
        block=nodes[first[block]] if knots else first[block],
        block_weight=block_weight[block],
        block_size=block_size[block],
        size=counted_size,
        unit=unit,
        order=final_order(value, component, position, band, blocker.size),
        blocker=blocker,
        blocked=blocked,
        cycles=[cycle for _, cycle in knots],
    )


def _units(count: int, knots: list[tuple[list[int], list[int]]], knotted: Ints, blocker: Ints, blocked: Ints, live: Flags) -> Ints:
    """The smallest item of each item's knot of live edges."""
    unit: Ints = np.arange(count, dtype=np.int64)
    if knots:
        for members, _ in find_cycles(knotted, blocker[live], blocked[live], count):
            unit[members] = members[0]
    return unit


def _quotients(weight: Ints, size: Ints, block: Ints) -> Floats:
    """The nearest float to weight / size of each node's block; numpy rounds right below 2**53, Python always."""
    values: Floats = (weight / np.maximum(size, 1))[block]
    if max(int(weight.max(initial=0)), int(size.max(initial=0))) >= _EXACT_FLOAT:
        for node in np.flatnonzero((weight[block] >= _EXACT_FLOAT) | (size[block] >= _EXACT_FLOAT)).tolist():
            values[node] = int(weight[block[node]]) / int(size[block[node]])
    return values


def _positions(component: Ints, zone: Ints, value: Floats, part: Ints, place: Ints, weight: Ints, size: Ints) -> Ints:
    """The place of each item in its whole component, where that falls into parts; items of one knot by falling density."""
    position = np.zeros(component.size, dtype=np.int64)
    items = np.flatnonzero(np.bincount(component, minlength=component.size)[component] > 1)
    own = weight[items] / np.maximum(size[items], 1)
    items = items[np.lexsort((items, -own, place[items], part[items], -value[items], zone[items], component[items]))]
    position[items] = places_in_group(component[items])
    return position


def _in_given_order(ranked: RankArrays, given: Ints, ascending: Ints, place: Ints) -> RankArrays:
    return RankArrays(
        ids=given,
        band=ranked.band[place],
        value=ranked.value[place],
        component=ranked.component[place],
        position=ranked.position[place],
        block=ascending[ranked.block[place]],
        block_weight=ranked.block_weight[place],
        block_size=ranked.block_size[place],
        size=ranked.size[place],
        unit=ascending[ranked.unit[place]],
        order=ascending[ranked.order],
        blocker=ascending[ranked.blocker],
        blocked=ascending[ranked.blocked],
        cycles=[[int(ascending[node]) for node in cycle] for cycle in ranked.cycles],
    )
