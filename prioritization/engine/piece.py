"""A piece of the graph being solved: runs in topological order with the blockers of each."""

from dataclasses import dataclass, field

from prioritization.engine.density import Chain, Run

CLOSURE_LIMIT = 6000
"""Above this many nodes, sets of ancestors as big integers take more memory than they save time."""


@dataclass(slots=True)
class Piece:
    """Runs 0..n-1, and for each the runs that come before it; every blocker has a smaller number."""

    runs: list[Run]
    blockers: list[list[int]]
    blocked: list[list[int]] = field(init=False)

    def __post_init__(self) -> None:
        self.blocked = [[] for _ in self.runs]
        for node, before in enumerate(self.blockers):
            for blocker in before:
                self.blocked[blocker].append(node)

    def part(self, nodes: list[int]) -> "Piece":
        """The piece of some of the nodes, given in ascending order."""
        renamed = {node: place for place, node in enumerate(nodes)}
        return Piece(
            [self.runs[node] for node in nodes],
            [[renamed[blocker] for blocker in self.blockers[node] if blocker in renamed] for node in nodes],
        )


def without_shortcuts(blockers: list[list[int]]) -> list[list[int]]:
    """The edges that say something the others don't (transitive reduction); blockers have smaller numbers."""
    if len(blockers) > CLOSURE_LIMIT:
        return blockers
    ancestors: list[int] = []
    reduced: list[list[int]] = []
    for before in blockers:
        behind = 0
        direct = 0
        for blocker in before:
            behind |= ancestors[blocker]
            direct |= 1 << blocker
        reduced.append([blocker for blocker in before if not behind >> blocker & 1] if behind & direct else before)
        ancestors.append(behind | direct)
    return reduced


def expanded(chains: list[tuple[Chain, list[int]]]) -> Piece:
    """A piece with one node a run, from chains in topological order and the chains before each."""
    runs: list[Run] = []
    blockers: list[list[int]] = []
    last: list[int] = []
    for chain, before in chains:
        for place, run in enumerate(chain):
            blockers.append([len(runs) - 1] if place else [last[chain_before] for chain_before in before])
            runs.append(run)
        last.append(len(runs) - 1)
    return Piece(runs, blockers)
