"""Series and parallel reductions: exact order of trees and series-parallel pieces, and a small kernel of any other.

Nodes with the same blockers and the same blocked ones are parallel; two nodes of which each is the other's only one
are in series. Both are modules of the order, and some best order of the whole runs through a module in the best
order of the module alone (Sidney and Steiner 1986), so each reduction replaces it by one chain. Trees and
series-parallel orders come down to a single chain, which is their Sidney decomposition (Horn 1972, Lawler 1978).
"""

from prioritization.engine.density import Chain, in_parallel, in_series
from prioritization.engine.piece import Piece, expanded


def _bits(mask: int) -> list[int]:
    """The places of the bits set, lowest first."""
    places = []
    while mask:
        lowest = mask & -mask
        places.append(lowest.bit_length() - 1)
        mask ^= lowest
    return places


def _mask(nodes: list[int]) -> int:
    mask = 0
    for node in nodes:
        mask |= 1 << node
    return mask


def reduce(piece: Piece) -> Piece:
    """The kernel: a piece of a single chain if it is series-parallel, else one where neither reduction applies.

    Expects no shortcut edges; with them the kernel is only larger than need be.
    """
    count = len(piece.runs)
    before = [_mask(nodes) for nodes in piece.blockers]
    after = [_mask(nodes) for nodes in piece.blocked]
    chains: list[Chain | None] = [[run] for run in piece.runs]
    seen: dict[tuple[int, int], int] = {}
    left = count

    def touch(mask: int) -> None:
        for node in _bits(mask):
            if not queued[node]:
                queued[node] = True
                work.append(node)

    work, left = _parallel_first(before, after, chains, left)
    queued = [True] * count
    while work and left > 1:
        node = work.pop()
        queued[node] = False
        chain = chains[node]
        if chain is None:
            continue
        follower = after[node].bit_length() - 1
        if follower >= 0 and after[node] == 1 << follower and before[follower] == 1 << node:
            tail = chains[follower]
            assert tail is not None
            chains[node] = in_series(chain, tail)
            chains[follower] = None
            left -= 1
            after[node] = after[follower]
            gone = 1 << follower
            for other in _bits(after[node]):
                before[other] ^= gone | 1 << node
            touch(after[node] | before[node] | 1 << node)
            continue
        place = before[node], after[node]
        twin = seen.get(place, node)
        seen[place] = node
        if twin != node and (other_chain := chains[twin]) is not None and (before[twin], after[twin]) == place:
            keep, drop = (node, twin) if node < twin else (twin, node)
            chains[keep] = in_parallel([other_chain, chain] if keep == twin else [chain, other_chain])
            chains[drop] = None
            left -= 1
            seen[place] = keep
            gone = 1 << drop
            for other in _bits(place[0]):
                after[other] ^= gone
            for other in _bits(place[1]):
                before[other] ^= gone
            touch(place[0] | place[1] | 1 << keep)
    return _kernel(chains, before)


def _parallel_first(before: list[int], after: list[int], chains: list[Chain | None], left: int) -> tuple[list[int], int]:
    """Merge all groups of parallel nodes at once (a parent has many children); answer with the nodes still to look at."""
    groups: dict[tuple[int, int], list[int]] = {}
    for node, place in enumerate(zip(before, after, strict=True)):
        groups.setdefault(place, []).append(node)
    gone = 0
    touched = 0
    for (above, below), nodes in groups.items():
        if len(nodes) > 1:
            chains[nodes[0]] = in_parallel([chain for node in nodes if (chain := chains[node]) is not None])
            for node in nodes[1:]:
                chains[node] = None
                gone |= 1 << node
            left -= len(nodes) - 1
            touched |= above | below
    for node in _bits(touched):
        before[node] &= ~gone
        after[node] &= ~gone
    return [node for node in reversed(range(len(chains))) if chains[node] is not None], left


def _kernel(chains: list[Chain | None], before: list[int]) -> Piece:
    """What is left, one node a run. A module comes wholly before or after another, so its first node orders it."""
    alive = [node for node, chain in enumerate(chains) if chain is not None]
    renamed = {node: place for place, node in enumerate(alive)}
    return expanded([(chain, [renamed[other] for other in _bits(before[node])]) for node in alive if (chain := chains[node]) is not None])
