"""Series and parallel reductions: exact order of trees and series-parallel pieces, and a small kernel of any other.

Nodes with the same blockers and the same blocked ones are parallel; two nodes of which each is the other's only one
are in series. Both are modules of the order, and some best order of the whole runs through a module in the best
order of the module alone (Sidney and Steiner 1986), so each reduction replaces it by one chain. Trees and
series-parallel orders come down to a single chain, which is their Sidney decomposition (Horn 1972, Lawler 1978).

A module goes by its first member towards its blockers and by its last towards what it blocks, so joining two in series changes
nothing for their neighbours. Who stands in the same place is told by sums of random words, 64 bits a side.
"""

from typing import NamedTuple

from prioritization.engine.compiled import Vector, copied, counting, filled, kernel, mark, release, unset, zeros
from prioritization.engine.kernels.piece import Piece, by_density, turned


class Runs(NamedTuple):
    """The runs of all chains: a chain is a linked list by falling density, from `head[module]` to `tail[module]`."""

    weight: Vector
    size: Vector
    first: Vector
    last: Vector
    then: Vector
    before: Vector
    head: Vector
    tail: Vector
    follow: Vector
    """The node after each node of a run."""


class Modules(NamedTuple):
    """A module is named by its smallest node; `counts` is how many wait in `work` and stand in `table`."""

    alive: Vector
    end: Vector
    """Its last member, whose edges lead on."""
    owner: Vector
    """The module that ends in a node."""
    blockers: Vector
    blocked: Vector
    blocked_names: Vector
    """Exclusive or of the names of what it blocks: the name where there is one only."""
    above: Vector
    below: Vector
    """Exclusive or of the words of its blockers, and of what it blocks."""
    word: Vector
    in_offset: Vector
    in_edge: Vector
    out_offset: Vector
    out_edge: Vector
    work: Vector
    queued: Vector
    table: Vector
    counts: Vector


@kernel
def reduced(scratch: Vector, piece: Piece, word: Vector, follow: Vector) -> Piece:
    """The kernel: a piece of a single chain if it is series-parallel, else one where neither reduction applies.

    Expects no shortcut edges; with them the kernel is only larger than need be. `word` holds random numbers, one a node.
    """
    runs = _single_runs(scratch, piece, follow)
    modules = _modules(scratch, piece, word)
    _merge_groups(scratch, modules, runs)
    alive, blockers, blocked, names = modules.alive, modules.blockers, modules.blocked, modules.blocked_names
    above, below, table, counts = modules.above, modules.below, modules.table, modules.counts
    while counts[0]:
        counts[0] -= 1
        node = modules.work[counts[0]]
        modules.queued[node] = 0
        if not alive[node]:
            continue
        if blocked[node] == 1 and blockers[names[node]] == 1:
            _merge_series(modules, runs, node, names[node])
            continue
        if 2 * counts[1] >= len(table):
            _find_anew(modules, node)
        twin = _twin(alive, above, below, table, counts, node)
        if twin >= 0:
            _interleave(runs, min(node, twin), max(node, twin))
            _drop(modules, min(node, twin), max(node, twin))
    return _kernel_of(scratch, modules, runs)


@kernel
def _single_runs(scratch: Vector, piece: Piece, follow: Vector) -> Runs:
    count = len(piece.weight)
    return Runs(
        copied(scratch, piece.weight),
        copied(scratch, piece.size),
        copied(scratch, piece.first),
        copied(scratch, piece.last),
        filled(scratch, count, -1),
        filled(scratch, count, -1),
        counting(scratch, count),
        counting(scratch, count),
        follow,
    )


@kernel
def _modules(scratch: Vector, piece: Piece, word: Vector) -> Modules:
    count = len(piece.weight)
    out = turned(scratch, piece.offset, piece.blocker)
    blockers, blocked, names = unset(scratch, count), unset(scratch, count), zeros(scratch, count)
    above, below = zeros(scratch, count), zeros(scratch, count)
    for node in range(count):
        blockers[node] = piece.offset[node + 1] - piece.offset[node]
        blocked[node] = out.offset[node + 1] - out.offset[node]
        for edge in range(piece.offset[node], piece.offset[node + 1]):
            above[node] ^= word[piece.blocker[edge]]
        for edge in range(out.offset[node], out.offset[node + 1]):
            names[node] ^= out.blocked[edge]
            below[node] ^= word[out.blocked[edge]]
    room = 16
    while room < 4 * count:
        room *= 2
    return Modules(
        filled(scratch, count, 1),
        counting(scratch, count),
        counting(scratch, count),
        blockers,
        blocked,
        names,
        above,
        below,
        word,
        piece.offset,
        piece.blocker,
        out.offset,
        out.blocked,
        unset(scratch, count),
        unset(scratch, count),
        zeros(scratch, room),
        zeros(scratch, 2),
    )


@kernel
def _twin(alive: Vector, above: Vector, below: Vector, table: Vector, counts: Vector, node: int) -> int:
    """The module that stands in the same place as a node; without one -1, and the node is found from now on.

    Takes vectors, not `Modules`: a call that is made so often must not count references to all of them.
    """
    mask = len(table) - 1
    at = (above[node] ^ (below[node] >> 9)) & mask
    while table[at]:
        other = table[at] - 1
        if other == node:
            return -1
        if alive[other] and above[other] == above[node] and below[other] == below[node]:
            return other
        at = (at + 1) & mask
    table[at] = node + 1
    counts[1] += 1
    return -1


@kernel
def _touch(work: Vector, queued: Vector, counts: Vector, node: int) -> None:
    if not queued[node]:
        queued[node] = 1
        work[counts[0]] = node
        counts[0] += 1


@kernel
def _merge_groups(scratch: Vector, modules: Modules, runs: Runs) -> None:
    """Merge all groups of parallel nodes at once, because a parent has many children."""
    count = len(modules.alive)
    following, last, members = filled(scratch, count, -1), counting(scratch, count), unset(scratch, count)
    for node in range(count):
        leader = _twin(modules.alive, modules.above, modules.below, modules.table, modules.counts, node)
        if leader >= 0:
            following[last[leader]] = node
            last[leader] = node
    for leader in range(count):
        if modules.alive[leader] and following[leader] >= 0:
            many = 0
            node = leader
            while node >= 0:
                members[many] = node
                many += 1
                node = following[node]
            _merge_group(scratch, modules, runs, members[:many])
    modules.counts[0] = 0
    for node in range(count - 1, -1, -1):
        modules.queued[node] = modules.alive[node]
        if modules.alive[node]:
            modules.work[modules.counts[0]] = node
            modules.counts[0] += 1


@kernel
def _merge_group(scratch: Vector, modules: Modules, runs: Runs, members: Vector) -> None:
    """Merge modules of one run each that stand in the same place, given in ascending order, into the first of them."""
    taken = mark(scratch)
    count, keep = len(members), members[0]
    weight, size = unset(scratch, count), unset(scratch, count)
    words = names = 0
    for at in range(count):
        node = members[at]
        weight[at], size[at] = runs.weight[node], runs.size[node]
        if at:
            modules.alive[node] = 0
            names ^= node
            words ^= modules.word[node]
    order = by_density(scratch, weight, size).places
    tail = -1
    for at in range(count):
        run = members[order[at]]
        runs.before[run] = tail
        if at:
            runs.then[tail] = run
        tail = run
    runs.head[keep], runs.tail[keep] = members[order[0]], tail
    for edge in range(modules.in_offset[keep], modules.in_offset[keep + 1]):
        other = modules.in_edge[edge]
        if modules.alive[other]:
            modules.blocked[other] -= count - 1
            modules.blocked_names[other] ^= names
            modules.below[other] ^= words
    for edge in range(modules.out_offset[keep], modules.out_offset[keep + 1]):
        other = modules.out_edge[edge]
        if modules.alive[other]:
            modules.blockers[other] -= count - 1
            modules.above[other] ^= words
    release(scratch, taken)


@kernel
def _drop(modules: Modules, keep: int, drop: int) -> None:
    """Take a module out that another one of the same place has taken in."""
    modules.alive[drop] = 0
    for edge in range(modules.in_offset[keep], modules.in_offset[keep + 1]):
        other = modules.owner[modules.in_edge[edge]]
        if modules.alive[other]:
            modules.blocked[other] -= 1
            modules.blocked_names[other] ^= drop
            modules.below[other] ^= modules.word[drop]
            _touch(modules.work, modules.queued, modules.counts, other)
    gone = modules.end[drop]
    end = modules.end[keep]
    for edge in range(modules.out_offset[end], modules.out_offset[end + 1]):
        other = modules.out_edge[edge]
        if modules.alive[other]:
            modules.blockers[other] -= 1
            modules.above[other] ^= modules.word[gone]
            _touch(modules.work, modules.queued, modules.counts, other)
    _touch(modules.work, modules.queued, modules.counts, keep)


@kernel
def _merge_series(modules: Modules, runs: Runs, node: int, follower: int) -> None:
    """Take in the only module after this one, which is the only one before that."""
    _append(runs, node, follower)
    modules.alive[follower] = 0
    end = modules.end[follower]
    modules.end[node] = end
    modules.owner[end] = node
    modules.blocked[node] = modules.blocked[follower]
    modules.blocked_names[node] = modules.blocked_names[follower]
    modules.below[node] = modules.below[follower]
    _touch(modules.work, modules.queued, modules.counts, node)


@kernel
def _find_anew(modules: Modules, node: int) -> None:
    """Clear a table that has filled up with places that modules had; all but those still waiting, and this one, are found again."""
    for at in range(len(modules.table)):
        modules.table[at] = 0
    modules.counts[1] = 0
    for other in range(len(modules.alive)):
        if modules.alive[other] and not modules.queued[other] and other != node:
            _twin(modules.alive, modules.above, modules.below, modules.table, modules.counts, other)


@kernel
def _append(runs: Runs, module: int, follower: int) -> None:
    """One chain after another; where density would rise, runs stick together (Lawler 1978)."""
    weight, size, tail = runs.weight, runs.size, runs.tail[module]
    run = runs.head[follower]
    while run >= 0:
        then = runs.then[run]
        joined = False
        while tail >= 0 and weight[tail] * size[run] < weight[run] * size[tail]:
            weight[run] += weight[tail]
            size[run] += size[tail]
            runs.follow[runs.last[tail]] = runs.first[run]
            runs.first[run] = runs.first[tail]
            tail = runs.before[tail]
            joined = True
        runs.before[run] = tail
        if tail >= 0:
            runs.then[tail] = run
        else:
            runs.head[module] = run
        tail = run
        if not joined:  # nor will any later one: they fall
            tail = runs.tail[follower]
            break
        run = then
    runs.tail[module] = tail


@kernel
def _interleave(runs: Runs, module: int, other: int) -> None:
    """Two independent chains become one by falling density (Smith 1956); of equals the first chain's come first."""
    weight, size = runs.weight, runs.size
    left, right = runs.head[module], runs.head[other]
    tail = -1
    while left >= 0 or right >= 0:
        if left < 0 or (right >= 0 and weight[right] * size[left] > weight[left] * size[right]):
            run = right
            right = runs.then[right]
        else:
            run = left
            left = runs.then[left]
        runs.before[run] = tail
        if tail >= 0:
            runs.then[tail] = run
        else:
            runs.head[module] = run
        tail = run
    runs.then[tail] = -1
    runs.tail[module] = tail


@kernel
def _kernel_of(scratch: Vector, modules: Modules, runs: Runs) -> Piece:
    """What is left, one node a run. A module comes wholly before or after another, so its smallest node orders it."""
    count, left, edges = len(modules.alive), 0, 0
    for node in range(count):
        if modules.alive[node]:
            edges += modules.blockers[node]
            run = runs.head[node]
            while run >= 0:
                left += 1
                edges += 1
                run = runs.then[run]
    weight, size, first, last = unset(scratch, left), unset(scratch, left), unset(scratch, left), unset(scratch, left)
    offset, blocker, ends = zeros(scratch, left + 1), unset(scratch, edges), unset(scratch, count)
    at = edges = 0
    for node in range(count):
        if modules.alive[node]:
            for edge in range(modules.in_offset[node], modules.in_offset[node + 1]):
                other = modules.owner[modules.in_edge[edge]]
                if modules.alive[other]:
                    blocker[edges] = ends[other]
                    edges += 1
            run = runs.head[node]
            while run >= 0:
                if run != runs.head[node]:
                    blocker[edges] = at - 1
                    edges += 1
                weight[at], size[at], first[at], last[at] = runs.weight[run], runs.size[run], runs.first[run], runs.last[run]
                at += 1
                offset[at] = edges
                run = runs.then[run]
            ends[node] = at - 1
    return Piece(weight, size, first, last, offset, blocker[:edges])
