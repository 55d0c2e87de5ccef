"""Whole-graph passes over edge arrays: components, levels, neighbours. Nodes are 0..n-1."""

import numpy as np

from prioritization.engine.types import Flags, Floats, Ints


def distinct_edges(count: int, blocker: Ints, blocked: Ints) -> tuple[Ints, Ints]:
    """The edges sorted by blocker, then blocked, each once and none from an item to itself."""
    kept = blocker != blocked
    bits = max(count - 1, 1).bit_length()
    codes = np.sort((blocker << bits | blocked)[kept])
    if codes.size:
        codes = codes[np.concatenate(([True], codes[1:] != codes[:-1]))]  # np.unique hashes first: twenty times slower here
    return codes >> bits, codes & ((1 << bits) - 1)


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


def falling_places(value: Floats) -> Ints:
    """The place of each value among the different ones, the largest first."""
    order = np.argsort(-value)
    falling = value[order]
    places = np.empty(value.size, dtype=np.int64)
    places[order[:1]] = 0
    places[order[1:]] = np.cumsum(falling[1:] != falling[:-1])
    return places


def places_in_group(group: Ints) -> Ints:
    """The place of each entry among those of its group, which stand together."""
    if not group.size:
        return group
    starts = np.flatnonzero(np.concatenate(([True], group[1:] != group[:-1])))
    places: Ints = np.arange(group.size) - np.repeat(starts, np.diff(np.append(starts, group.size)))
    return places


def summed(group: Ints, count: int, amount: Ints) -> Ints:
    """The sum of the amounts of each group."""
    total = np.zeros(count, dtype=np.int64)
    np.add.at(total, group, amount)
    return total


def falling_order(value: Floats, component: Ints, position: Ints, band: Ints) -> Ints:
    """All items by band, falling value, component (the smallest item of it), position. Values are 0 or more."""
    count = value.size
    sizes = np.bincount(component, minlength=count)
    place: Ints = (np.cumsum(sizes) - sizes)[component] + position  # by component and position
    item = np.empty_like(place)
    item[place] = np.arange(count)
    words, mask = place_words(value, place, band)
    order: Ints = item[words & mask]
    along = value[order]
    rises = np.flatnonzero(along[1:] > along[:-1])
    if bool((band[order[rises]] == band[order[rises + 1]]).any()):
        return order_by(place, falling_places(value), band)
    return order


def place_words(value: Floats, place: Ints, band: Ints) -> tuple[Ints, int]:
    """Places sorted by band, falling value and place, in one word each, and the mask that leaves the place.

    Of a value there are as many leading bits as there is room for: values that differ in none of them stand by place.
    """
    room = max((place.size - 1).bit_length(), 1)
    words = np.zeros(0, dtype=np.int64)
    if place.size:
        bits = value.view(np.int64)  # they rise as the value does
        least, most = int(bits.min()), int(bits.max())
        if not least < most:
            least = most
        elif not least:  # nothing stands right below the least of something: its own bits are far from all others
            least = int(bits[bits > 0].min()) - 1
        words = np.maximum(bits, least)
        np.subtract(most, words, out=words)
        words >>= max((most - least).bit_length() - (60 - room), 0)
        words <<= room
        words |= place
        if band.max():
            words |= band << 60
        words.sort()
    return words, (1 << room) - 1


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
