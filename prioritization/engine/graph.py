"""Whole-graph passes over edge arrays: components, levels, neighbours. Nodes are 0..n-1."""

import numpy as np

from prioritization.engine.types import Flags, Ints


def distinct_edges(count: int, blocker: Ints, blocked: Ints) -> tuple[Ints, Ints]:
    """The edges sorted by blocker, then blocked, each once and none from an item to itself."""
    kept = blocker != blocked
    codes = np.sort(blocker[kept] * np.int64(count) + blocked[kept])
    if codes.size:
        codes = codes[np.concatenate(([True], codes[1:] != codes[:-1]))]  # np.unique hashes first: twenty times slower here
    return codes // max(count, 1), codes % max(count, 1)


def order_by(*keys: Ints) -> Ints:
    """What `numpy.lexsort` answers for keys of 0 and more, the last one first, no two places alike in all of them.

    Keys that fit into one word together are sorted as that word, in a fraction of the time.
    """
    packed = np.zeros(keys[0].size, dtype=np.int64)
    room = 1
    for key in reversed(keys):
        bound = int(key.max(initial=0)) + 1
        room *= bound
        if room >= 1 << 63:
            return np.lexsort(keys)
        packed = packed * bound + key
    return np.argsort(packed)


def component_labels(count: int, left: Ints, right: Ints) -> Ints:
    """The smallest node of each node's weakly connected component (hook to the smaller root, then compress)."""
    label: Ints = np.arange(count, dtype=np.int64)
    while left.size:
        left, right = label[left], label[right]
        apart: Flags = left != right
        left, right = left[apart], right[apart]
        if not left.size:
            break
        np.minimum.at(label, np.maximum(left, right), np.minimum(left, right))
        while True:
            shorter: Ints = label[label]
            if np.array_equal(shorter, label):
                break
            label = shorter
    return label


def successor_ranges(count: int, blocker: Ints) -> Ints:
    """Where each node's edges start in an edge list sorted by blocker; n + 1 offsets."""
    offsets = np.zeros(count + 1, dtype=np.int64)
    np.cumsum(np.bincount(blocker, minlength=count), out=offsets[1:])
    return offsets


def gather_ranges(starts: Ints, stops: Ints) -> Ints:
    """The indices of all ranges one after the other."""
    lengths = stops - starts
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if ends.size else 0
    indices: Ints = np.arange(total, dtype=np.int64) + np.repeat(starts - (ends - lengths), lengths)
    return indices


def levels(count: int, blocker: Ints, blocked: Ints) -> tuple[Ints, Ints]:
    """Each node's longest chain of blockers, and the nodes on or behind a cycle (their level is -1).

    Edges are sorted by blocker. Kahn 1962, a whole level at a time.
    """
    level = np.full(count, -1, dtype=np.int64)
    waiting = np.bincount(blocked, minlength=count)
    offsets = successor_ranges(count, blocker)
    frontier = np.flatnonzero(waiting == 0)
    depth = 0
    while frontier.size:
        level[frontier] = depth
        depth += 1
        reached = blocked[gather_ranges(offsets[frontier], offsets[frontier + 1])]
        if reached.size * 16 > count:
            waiting -= np.bincount(reached, minlength=count)
            touched = np.zeros(count, dtype=np.bool_)
            touched[reached] = True
            frontier = np.flatnonzero(touched & (waiting == 0))
        else:
            reached, times = np.unique(reached, return_counts=True)
            waiting[reached] -= times
            frontier = reached[waiting[reached] == 0]
    return level, np.flatnonzero(level < 0)
