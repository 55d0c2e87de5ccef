"""Class quotas: features, enablers, debt, bugs, retro actions, each its share of the work.

Start-time fair queueing (Goyal, Vin and Cheng 1996) over size: the class that has had least for its share is next, with its
first item in the order. What that item waits for comes first, and counts for its own class, which then waits for the
others. So every beginning of the list is closed under blockers, and a class is never ahead of another that still has work by more than
one item, but for blockers that others asked for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import lcm

import numpy as np

from prioritization.engine.bands import NORMAL
from prioritization.engine.price import Price, price_of
from prioritization.engine.ranking import Ranking
from prioritization.engine.types import ItemId, RankInputError


@dataclass(frozen=True, slots=True)
class Balanced:
    """The balanced order beside the computed one."""

    order: list[ItemId]
    asked_for: frozenset[ItemId]
    """Items that came before their class's turn because an item of another class waits for them."""
    price: Price


def balance(ranking: Ranking, classes: Mapping[ItemId, str], shares: Mapping[str, int]) -> Balanced:
    """The ranking with its normal band interleaved by class.

    `shares` are whole numbers, percents for instance; a class without a share, or with none of 0, comes when the others have no more.
    Items above and below the normal band keep their places. RankInputError where no share is above 0.
    """
    bands = ranking.arrays.band
    order = ranking.arrays.order
    normal = order[bands[order] == NORMAL]
    place = np.empty(order.size, dtype=np.int64)
    place[order] = np.arange(order.size)
    inside = (bands[ranking.arrays.blocker] == NORMAL) & (bands[ranking.arrays.blocked] == NORMAL)
    inside &= place[ranking.arrays.blocker] < place[ranking.arrays.blocked]  # a cycle cannot be kept, as in the order itself
    ids = ranking.ids
    needs: dict[int, list[int]] = {}
    for a, b in zip(ranking.arrays.blocker[inside].tolist(), ranking.arrays.blocked[inside].tolist(), strict=True):
        needs.setdefault(b, []).append(a)
    taken, asked_for = interleave(
        normal.tolist(), {at: classes.get(ids[at], "") for at in normal.tolist()}, ranking.arrays.size.tolist(), needs, shares
    )
    before, after = order[bands[order] < NORMAL].tolist(), order[bands[order] > NORMAL].tolist()
    balanced = [ids[at] for at in (*before, *taken, *after)]
    return Balanced(balanced, frozenset(ids[at] for at in asked_for), price_of(ranking.order, balanced, ranking.candidates))


def interleave(
    order: Sequence[int],
    classes: Mapping[int, str],
    sizes: Sequence[int] | Mapping[int, int],
    needs: Mapping[int, list[int]],
    shares: Mapping[str, int],
) -> tuple[list[int], set[int]]:
    """The items of an order that keeps precedence, class by class in turn, and those taken before their turn.

    `needs` are the blockers of each item.
    """
    if any(share < 0 for share in shares.values()) or not any(shares.values()):
        raise RankInputError("At least one class needs a share above 0, and none may be below.")
    common = lcm(*(share for share in shares.values() if share))
    step = {name: common // share for name, share in shares.items() if share}
    queues: dict[str, list[int]] = {}
    for item in reversed(order):
        queues.setdefault(classes[item], []).append(item)
    place = {item: at for at, item in enumerate(order)}
    served = dict.fromkeys([name for name in shares if name in queues] + [name for name in queues if name not in shares], 0)
    taken: list[int] = []
    done: set[int] = set()
    asked_for: set[int] = set()

    def take(item: int) -> None:
        taken.append(item)
        done.add(item)
        served[classes[item]] += sizes[item] * step.get(classes[item], 1)

    while queues:
        turn = min((name for name in served if name in queues), key=lambda name: (name not in step, served[name]))
        item = queues[turn].pop()
        if not queues[turn]:
            del queues[turn]
        if item in done:
            continue
        for blocker in _still_needed(item, needs, done, place):
            take(blocker)
            asked_for.add(blocker)
        take(item)
    return taken, asked_for


def _still_needed(item: int, needs: Mapping[int, list[int]], done: set[int], place: Mapping[int, int]) -> list[int]:
    """What an item waits for, near and far, in order of place."""
    found: set[int] = set()
    work = [item]
    while work:
        for blocker in needs.get(work.pop(), ()):
            if blocker not in done and blocker not in found:
                found.add(blocker)
                work.append(blocker)
    return sorted(found, key=place.__getitem__)
