"""The order inside a prime piece: one that neither falls apart nor cuts.

Up to 14 nodes exactly, by dynamic programming over ideals (closed sets). Larger ones by look-ahead, which puts the
densest node with all it needs first (from the front and from the back, whichever is cheaper) or by a beam of ideals,
and then by local search: every window of a few nodes in its own best order, until nothing changes.
"""

from prioritization.engine.density import density
from prioritization.engine.piece import Piece

EXACT_NODES = 14
_BEAM_NODES = 48
_BEAM_WIDTH = 80
_WINDOW = 8
_PASSES = 6


def best_order(piece: Piece) -> list[int]:
    """An order of the nodes of a piece; a best one for up to 14 nodes."""
    if len(piece.runs) <= EXACT_NODES:
        return over_ideals(piece)
    options = [cones_first(piece), cones_last(piece)]
    if len(piece.runs) <= _BEAM_NODES:
        options.append(over_ideals(piece, width=_BEAM_WIDTH))
    return by_windows(piece, min(options, key=lambda order: order_cost(piece, order)))


def order_cost(piece: Piece, order: list[int]) -> int:
    """The sum of weight times completion, a run counted as if all its weight came at its end."""
    clock = cost = 0
    for node in order:
        clock += piece.runs[node][2]
        cost += piece.runs[node][1] * clock
    return cost


_State = tuple[int, int, int, int]
"""Of an ideal: cost so far, size, weight, and the nodes that may come next as a set of bits."""


def over_ideals(piece: Piece, *, width: int | None = None) -> list[int]:
    """The cheapest order over all ideals, layer by layer; with a width, only over the most promising of each layer.

    Promising: cost so far, plus what the rest costs at least (its weight waits for the ideal) and on a straight line.
    """
    count = len(piece.runs)
    total_weight, total_size = sum(run[1] for run in piece.runs), sum(run[2] for run in piece.runs)

    def promise(entry: tuple[int, _State]) -> int:
        cost, size, weight, _ = entry[1]
        return 2 * cost + (total_weight - weight) * (total_size + size)

    needs = [sum(1 << blocker for blocker in before) for before in piece.blockers]
    layer: dict[int, _State] = {0: (0, 0, 0, sum(1 << node for node in range(count) if not needs[node]))}
    came_by: dict[int, int] = {}
    for _ in range(count):
        layer = _next_layer(piece, needs, layer, came_by)
        if width is not None and len(layer) > width:
            layer = dict(sorted(layer.items(), key=promise)[:width])
    order = []
    ideal = (1 << count) - 1
    while ideal:
        order.append(came_by[ideal])
        ideal ^= 1 << order[-1]
    return order[::-1]


def _next_layer(piece: Piece, needs: list[int], layer: dict[int, _State], came_by: dict[int, int]) -> dict[int, _State]:
    """The ideals of one node more, each with its cheapest way there."""
    runs, blocked = piece.runs, piece.blocked
    following: dict[int, _State] = {}
    for ideal, (cost, size, weight, free) in layer.items():
        rest = free
        while rest:
            bit = rest & -rest
            rest ^= bit
            node = bit.bit_length() - 1
            _, node_weight, node_size, _ = runs[node]
            grown = ideal | bit
            end = size + node_size
            price = cost + node_weight * end
            known = following.get(grown)
            if known is None:
                opened = free ^ bit
                for other in blocked[node]:
                    if not needs[other] & ~grown:
                        opened |= 1 << other
                following[grown] = price, end, weight + node_weight, opened
                came_by[grown] = node
            elif price < known[0]:
                following[grown] = price, *known[1:]
                came_by[grown] = node
    return following


def cones_first(piece: Piece) -> list[int]:
    """Again and again the node that is densest together with everything it still needs, what it needs before it."""
    return _by_cones(piece, piece.blockers, piece.blocked, sign=1)


def cones_last(piece: Piece) -> list[int]:
    """The same from the back: the least dense node with everything that waits for it goes last."""
    return _by_cones(piece, piece.blocked, piece.blockers, sign=-1)[::-1]


def _by_cones(piece: Piece, needed: list[list[int]], waiting: list[list[int]], *, sign: int) -> list[int]:
    runs = piece.runs
    placed: set[int] = set()
    order: list[int] = []

    def cone_of(node: int) -> tuple[int, list[int]]:
        cone = _reach([node], needed, placed)
        return density(sum(runs[other][1] for other in cone), sum(runs[other][2] for other in cone)) * sign, cone

    cones = {node: cone_of(node) for node in range(len(runs))}
    while cones:
        best = max(cones, key=lambda node: (cones[node][0], -len(cones[node][1]), -node * sign))
        cone = cones[best][1]
        inner = sorted(cone) if sign > 0 else sorted(cone, reverse=True)
        order.extend(inner)
        placed.update(inner)
        for node in inner:
            del cones[node]
        for node in _reach(inner, waiting, placed)[len(inner) :]:
            cones[node] = cone_of(node)
    return order


def _reach(starts: list[int], edges: list[list[int]], barred: set[int]) -> list[int]:
    """The starts, then everything their edges lead to short of what is barred."""
    found = set(starts)
    reached = starts[:]
    for node in reached:
        for other in edges[node]:
            if other not in found and other not in barred:
                found.add(other)
                reached.append(other)
    return reached


def by_windows(piece: Piece, order: list[int]) -> list[int]:
    """Local search: each window of consecutive nodes is put in its best order, until a pass changes nothing."""
    order = order[:]
    place = [0] * len(order)
    for _ in range(_PASSES):
        changed = False
        for start in range(0, max(1, len(order) - _WINDOW // 2), _WINDOW // 2):
            window = sorted(order[start : start + _WINDOW])
            for at, node in enumerate(window):
                place[node] = at
            part = piece.part(window)
            current = [place[node] for node in order[start : start + _WINDOW]]
            better = over_ideals(part)
            if order_cost(part, better) < order_cost(part, current):
                order[start : start + _WINDOW] = [window[at] for at in better]
                changed = True
        if not changed:
            break
    return order
