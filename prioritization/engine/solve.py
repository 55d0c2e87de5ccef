"""One weakly connected component, from plain lists to its blocks in order."""

from prioritization.engine.decompose import sidney_blocks
from prioritization.engine.density import Chain, density, single
from prioritization.engine.piece import CLOSURE_LIMIT, Piece, without_shortcuts
from prioritization.engine.prime import best_order
from prioritization.engine.series_cuts import series_parts
from prioritization.engine.series_parallel import join_lines, reduce

Blockers = list[list[int]]


def solve_component(weights: list[int], sizes: list[int], blockers: Blockers) -> Chain:
    """The Sidney blocks of a component, densest first, each with its nodes in the order they are done.

    Nodes are numbered so that every blocker is smaller. A node of size 0 has a blocker. One with neither size nor weight
    joins the block of its last blocker.
    """
    idle = [node for node, weight in enumerate(weights) if not weight and not sizes[node]]
    if not idle:
        return _solve([single(node, weight, sizes[node]) for node, weight in enumerate(weights)], blockers)
    bypassed = _bypass(idle, blockers)
    skipped = set(idle)
    kept = [node for node in range(len(weights)) if node not in skipped]
    renamed = {node: place for place, node in enumerate(kept)}
    runs = [(density(weights[node], sizes[node]), weights[node], sizes[node], [node]) for node in kept]
    chain = _solve(runs, [[renamed[blocker] for blocker in bypassed[node]] for node in kept])
    return _put_back(idle, bypassed, chain)


def _solve(runs: Chain, blockers: Blockers) -> Chain:
    if all(runs[node][0] <= runs[blocker][0] for node, before in enumerate(blockers) for blocker in before):
        return sorted(runs, key=lambda run: run[0], reverse=True)  # nothing violated; equals stay in their order
    piece = _reduced(Piece(runs, without_shortcuts(blockers)))
    if _is_chain(piece):
        return piece.runs
    chain: Chain = []
    for block in sidney_blocks(piece):
        weight = sum(piece.runs[node][1] for node in block)
        size = sum(piece.runs[node][2] for node in block)
        chain.append((density(weight, size), weight, size, _sequence(piece, block)))
    return chain


def _reduced(piece: Piece) -> Piece:
    return reduce(piece) if len(piece.runs) <= CLOSURE_LIMIT else join_lines(piece)


def _is_chain(piece: Piece) -> bool:
    """Whether a reduced piece is one chain: as many edges as steps and no fork leaves no other shape."""
    return all(before == ([node - 1] if node else []) for node, before in enumerate(piece.blockers))


def _sequence(whole: Piece, block: list[int]) -> list[int]:
    """The nodes of one Sidney block in the order they are done. Its parts wait on an own stack, so depth is no matter."""
    out: list[int] = []
    work: list[tuple[Piece, list[int], bool]] = [(whole, block, True)]
    while work:
        above, nodes, is_block = work.pop()
        if len(nodes) == 1:
            out.extend(above.runs[nodes[0]][3])
            continue
        piece = _reduced(above.part(nodes))
        if _is_chain(piece):
            for run in piece.runs:
                out.extend(run[3])
            continue
        if not is_block:
            blocks = sidney_blocks(piece)
            if len(blocks) > 1:
                work.extend((piece, part, True) for part in reversed(blocks))
                continue
        parts = series_parts(piece)
        if len(parts) > 1:
            work.extend((piece, part, False) for part in reversed(parts))
            continue
        for node in best_order(piece):
            out.extend(piece.runs[node][3])
    return out


def _bypass(idle: list[int], blockers: Blockers) -> Blockers:
    """The blockers of each node with idle ones replaced by what blocks those."""
    skipped = set(idle)
    bypassed: Blockers = []
    for before in blockers:
        if skipped.isdisjoint(before):
            bypassed.append(before)
            continue
        through: set[int] = set()
        for blocker in before:
            through.update(bypassed[blocker] if blocker in skipped else (blocker,))
        bypassed.append(sorted(through))
    return bypassed


def _put_back(idle: list[int], bypassed: Blockers, chain: Chain) -> Chain:
    """Idle nodes right behind their last blocker, in its block."""
    place = {node: at for at, node in enumerate(node for run in chain for node in run[3])}
    behind: dict[int, list[int]] = {}
    for node in idle:
        behind.setdefault(max(bypassed[node], key=place.__getitem__), []).append(node)
    return [
        (key, weight, size, [step for node in sequence for step in (node, *behind.get(node, ()))]) for key, weight, size, sequence in chain
    ]
