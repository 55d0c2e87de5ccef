"""How sure an item's place is: its list drawn many times, each score and size as uncertain as people are about it."""

from dataclasses import dataclass

import numpy as np
from django.db import connection

from backlog.models import Band, Item, ListMode
from backlog.numbers import ordinal
from backlog.selectors.confidence import ASSUMED, GIVEN, Standing, coin_flips
from prioritization.engine.monte_carlo import Listed, simulate_listed
from prioritization.engine.types import Ints

DRAWN = 2_000
"""So many from the top of a list are drawn: what stands further down waits for more sprints than anybody plans."""


@dataclass(frozen=True)
class ItemOutlook:
    """What many draws say of one item. `low` and `high` are the places it does not leave in 8 of 10 draws."""

    low: str
    high: str
    is_certain: bool
    soon: int | None
    """In how many percent of the draws it lies in what now fits Next; None where no line was drawn, or it is work in progress."""
    flip_key: str = ""
    flip_place: str = ""
    """The neighbour that could as well stand in its place."""


# The list's own columns, along the index of its order, with the size of what lies in Next and whether a hand orders it.
_TOP = """
    SELECT i.id, p.band, p.value, p.component, p.cost_of_delay::float8, i.job_size::float8, p.is_assumed, p.is_size_assumed, i.key,
           (SELECT points FROM backlog_cut c WHERE c.{home} = %(home)s AND c.tier = 'next')::float8
    FROM backlog_placement p JOIN backlog_item i ON i.id = p.item_id
    WHERE p.{home} = %(home)s AND p.band <= 2
      AND NOT EXISTS (SELECT 1 FROM backlog_listmode m WHERE m.{home} = %(home)s AND m.mode = %(manual)s)
    ORDER BY p.band, p.falling, p.component, p.position LIMIT %(limit)s
"""


def outlook_of(item: Item) -> ItemOutlook | None:
    """The outlook of an item among the first DRAWN of its list; None where it is none of them, or where a hand orders the list. One statement."""
    home = "team_id" if item.team_id else "train_id"
    with connection.cursor() as cursor:
        cursor.execute(
            _TOP.format(home=home),
            {"home": item.team_id or item.train_id, "manual": ListMode.Mode.MANUAL, "limit": DRAWN},
        )
        rows = cursor.fetchall()
    at = next((place for place, row in enumerate(rows) if row[0] == item.pk), None)
    if at is None:
        return None
    ids, band, value, component, cost, size, value_assumed, size_assumed, keys, room = zip(*rows, strict=True)
    sizes = _sizes(size)
    listed = Listed(
        np.array(ids, dtype=np.int64),
        np.array(band, dtype=np.int64),
        np.array(value, dtype=np.float64),
        np.array(component, dtype=np.int64),
        np.array([each or 0.0 for each in cost], dtype=np.float64),
        sizes,
        np.where(value_assumed, ASSUMED, GIVEN),
        np.where(size_assumed, ASSUMED, GIVEN),
    )
    seen = simulate_listed(listed)
    low, _, high = (int(places[at]) + 1 for places in seen.percentiles(0.1, 0.5, 0.9))
    soon = None
    if room[0] is not None and band[at] != Band.NOW:
        ahead: Ints = np.where(listed.band == Band.NOW, 0, np.rint(1000 * sizes)).astype(np.int64)
        soon = round(100 * float(seen.within(ahead, round(1000 * room[0]))[at]))
    flip = _flip(listed, at)
    return ItemOutlook(ordinal(low), ordinal(high), low == high, soon, *(("", "") if flip is None else (keys[flip], ordinal(flip + 1))))


def _sizes(given: tuple[float | None, ...]) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Sizes in points; the median of the list where there is none."""
    known = [size for size in given if size is not None]
    usual = float(np.median(known)) if known else 1.0
    return np.array([usual if size is None else size for size in given], dtype=np.float64)


def _flip(listed: Listed, at: int) -> int | None:
    """The neighbour that could as well stand in its place, by the closed form that the list's rows use, so that both say the same."""
    assumed = (listed.weight_spread == ASSUMED).astype(int) + (listed.size_spread == ASSUMED)
    start = max(at - 1, 0)
    near = [
        Standing(int(listed.band[n]), float(listed.value[n]), int(listed.component[n]), int(assumed[n]))
        for n in range(start, min(at + 2, listed.ids.size))
    ]
    step = coin_flips(near).get(at - start)
    return None if step is None else at + step
