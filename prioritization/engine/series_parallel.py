"""Series and parallel reductions: exact order of trees and series-parallel pieces, and a small kernel of any other.

Nodes with the same blockers and the same blocked ones are parallel; two nodes of which each is the other's only one
are in series. Both are modules of the order, and some best order of the whole runs through a module in the best
order of the module alone (Sidney and Steiner 1986), so each reduction replaces it by one chain. Trees and
series-parallel orders come down to a single chain, which is their Sidney decomposition (Horn 1972, Lawler 1978).
"""

from prioritization.engine.density import Chain, append_run, in_parallel, in_series
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
    reduction = _Reduction(piece)
    reduction.merge_groups()
    reduction.run()
    return reduction.kernel()


def join_lines(piece: Piece) -> Piece:
    """Only the nodes in series merged, line by line and in linear time, for pieces too large for sets of bits."""
    blockers, blocked = piece.blockers, piece.blocked
    line_of: dict[int, int] = {}
    lines: list[tuple[Chain, list[int]]] = []
    for node, run in enumerate(piece.runs):
        before = blockers[node]
        if len(before) == 1 and len(blocked[before[0]]) == 1:
            line_of[node] = line_of[before[0]]
            append_run(lines[line_of[node]][0], run)
        else:
            line_of[node] = len(lines)
            lines.append(([run], before))
    return expanded([(chain, [line_of[blocker] for blocker in before]) for chain, before in lines])


class _Reduction:
    """Chains by node, with the nodes before and after each as sets of bits; a merged node's chain is None."""

    def __init__(self, piece: Piece) -> None:
        self.before = [_mask(nodes) for nodes in piece.blockers]
        self.after = [_mask(nodes) for nodes in piece.blocked]
        self.chains: list[Chain | None] = [[run] for run in piece.runs]
        self.seen: dict[tuple[int, int], int] = {}
        self.work: list[int] = []
        self.queued = [True] * len(piece.runs)

    def merge_groups(self) -> None:
        """Merge all groups of parallel nodes at once, because a parent has many children."""
        groups: dict[tuple[int, int], list[int]] = {}
        for node, place in enumerate(zip(self.before, self.after, strict=True)):
            groups.setdefault(place, []).append(node)
        gone = touched = 0
        for (above, below), nodes in groups.items():
            if len(nodes) > 1:
                self.chains[nodes[0]] = in_parallel([chain for node in nodes if (chain := self.chains[node]) is not None])
                for node in nodes[1:]:
                    self.chains[node] = None
                    gone |= 1 << node
                touched |= above | below
        for node in _bits(touched):
            self.before[node] &= ~gone
            self.after[node] &= ~gone
        self.work = [node for node in reversed(range(len(self.chains))) if self.chains[node] is not None]

    def run(self) -> None:
        """Merge until nothing is parallel or in series."""
        while self.work:
            node = self.work.pop()
            self.queued[node] = False
            chain = self.chains[node]
            if chain is not None and not self._merge_series(node, chain):
                self._merge_parallel(node, chain)

    def _touch(self, mask: int) -> None:
        for node in _bits(mask):
            if not self.queued[node]:
                self.queued[node] = True
                self.work.append(node)

    def _merge_series(self, node: int, chain: Chain) -> bool:
        """Take in the only node after this one, if this is the only one before that."""
        before, after = self.before, self.after
        follower = after[node].bit_length() - 1
        if follower < 0 or after[node] != 1 << follower or before[follower] != 1 << node:
            return False
        chains = self.chains
        chains[node] = in_series(chain, chains[follower] or [])
        chains[follower] = None
        after[node] = after[follower]
        swapped = 1 << follower | 1 << node
        for other in _bits(after[node]):
            before[other] ^= swapped
        self._touch(after[node] | before[node] | 1 << node)
        return True

    def _merge_parallel(self, node: int, chain: Chain) -> None:
        """Join the node last seen in the same place, if it still is there."""
        place = self.before[node], self.after[node]
        twin = self.seen.get(place, node)
        self.seen[place] = node
        other = self.chains[twin]
        if twin == node or other is None or (self.before[twin], self.after[twin]) != place:
            return
        keep, drop = (node, twin) if node < twin else (twin, node)
        self.chains[keep] = in_parallel([other, chain] if keep == twin else [chain, other])
        self.chains[drop] = None
        self.seen[place] = keep
        gone = 1 << drop
        for above in _bits(place[0]):
            self.after[above] ^= gone
        for below in _bits(place[1]):
            self.before[below] ^= gone
        self._touch(place[0] | place[1] | 1 << keep)

    def kernel(self) -> Piece:
        """What is left, one node a run. A module comes wholly before or after another, so its first node orders it."""
        alive = [(node, chain) for node, chain in enumerate(self.chains) if chain is not None]
        renamed = {node: place for place, (node, _) in enumerate(alive)}
        return expanded([(chain, [renamed[other] for other in _bits(self.before[node])]) for node, chain in alive])
