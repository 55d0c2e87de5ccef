"""How sure an item's place is: its list drawn many times, each score and size as uncertain as people are about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from django.utils import timezone

from accounts.models import ReleaseTrain, Team
from backlog.models import Band, Item, ListMode
from backlog.numbers import ordinal
from backlog.selectors.confidence import ASSUMED, GIVEN, Standing, coin_flips
from prioritization.engine.formula import Enters
from prioritization.engine.models import FACTORS
from prioritization.engine.monte_carlo import Listed, simulate_listed
from prioritization.engine.types import Ints
from prioritization.scoring import USUAL
from prioritization.selectors.choices import choices_of, kinds_in

DRAWN = 2_000
"""So many from the top of a list are drawn: what stands further down waits for more sprints than anybody plans."""


@dataclass(frozen=True)
class ItemOutlook:
    """What many draws say of one item. `low` and `high` are the places it does not leave in 8 of 10 draws; the place it has is one of them."""

    low: str
    high: str
    is_certain: bool
    soon: int | None
    """In how many percent of the draws it lies in what now fits Next; None where no line was drawn, or it is work in progress."""
    flip_key: str = ""
    flip_place: str = ""
    """The neighbour that could as well stand in its place."""
    expired: str = ""
    """Which of its own scores are past their date: in force, and as uncertain as assumed ones."""


# The list's own columns, along the index of its order, with the size of what lies in Next, what is past its date of the scores that count,
# and whether a hand orders it.
_TOP = """
    SELECT i.id, p.band, p.value, p.component, p.cost_of_delay::float8, i.job_size::float8, p.is_assumed, p.is_size_assumed, i.key,
           (SELECT points FROM backlog_cut c WHERE c.{home} = %(home)s AND c.tier = 'next')::float8,
           (SELECT array_agg(f.name ORDER BY f.name)
            FROM prioritization_factor f JOIN unnest(%(kinds)s::text[], %(names)s::text[], %(days)s::int[]) asked (kind, name, days) USING (name)
            WHERE f.item_id = i.id AND asked.kind = i.kind
              AND coalesce(f.expires_on, (f.scored_at AT TIME ZONE 'UTC')::date + asked.days) < %(today)s)
    FROM backlog_placement p JOIN backlog_item i ON i.id = p.item_id
    WHERE p.{home} = %(home)s AND p.band <= 2
      AND NOT EXISTS (SELECT 1 FROM backlog_listmode m WHERE m.{home} = %(home)s AND m.mode = %(manual)s)
    ORDER BY p.band, p.falling, p.component, p.position LIMIT %(limit)s
"""


def outlook_of(item: Item) -> ItemOutlook | None:
    """The outlook of an item among the first DRAWN of its list; None where it is none of them, or where a hand orders the list. Two statements."""
    home = item.team or item.train
    assert home is not None, "a constraint of the table"
    rows = _read_top(home)
    at = next((place for place, row in enumerate(rows) if row[0] == item.pk), None)
    if at is None:
        return None
    listed, keys, room = _to_listed(rows), [row[8] for row in rows], rows[0][9]
    seen = simulate_listed(listed)
    low, high = (int(places[at]) for places in seen.percentiles(0.1, 0.9))
    low, high = min(low, at) + 1, max(high, at) + 1  # near the top more can pass it than it can pass, and then most draws place it lower
    soon = None
    if room is not None and listed.band[at] != Band.NOW:
        ahead: Ints = np.where(listed.band == Band.NOW, 0, np.rint(1000 * listed.size)).astype(np.int64)
        soon = round(100 * float(seen.within(ahead, round(1000 * room))[at]))
    flip = _flip(listed, at)
    flip_key, flip_place = ("", "") if flip is None else (keys[flip], ordinal(flip + 1))
    return ItemOutlook(ordinal(low), ordinal(high), low == high, soon, flip_key, flip_place, _labels(rows[at][10]))


def _read_top(home: Team | ReleaseTrain) -> list[tuple[Any, ...]]:
    chosen = choices_of(home)
    asked = [(kind.value, spec) for kind in kinds_in(home) for spec in chosen.get(kind, USUAL[kind]).factors if spec.enters != Enters.NOTE]
    column = "team_id" if isinstance(home, Team) else "train_id"
    with connection.cursor() as cursor:
        cursor.execute(
            _TOP.format(home=column),
            {
                "home": home.pk,
                "manual": ListMode.Mode.MANUAL,
                "limit": DRAWN,
                "kinds": [kind for kind, _ in asked],
                "names": [spec.name for _, spec in asked],
                "days": [spec.lasts for _, spec in asked],
                "today": timezone.localdate(),
            },
        )
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def _to_listed(rows: Sequence[tuple[Any, ...]]) -> Listed:
    """The rows as they are drawn. A score past its date, like one of a size by its own factor, is as uncertain as one that like items lent."""
    ids, band, value, component, cost, size, value_assumed, size_assumed, _, _, expired = zip(*rows, strict=True)
    value_old = [any(FACTORS[name].enters != Enters.SIZE for name in names or ()) for names in expired]
    size_old = [any(FACTORS[name].enters == Enters.SIZE for name in names or ()) for names in expired]
    return Listed(
        np.array(ids, dtype=np.int64),
        np.array(band, dtype=np.int64),
        np.array(value, dtype=np.float64),
        np.array(component, dtype=np.int64),
        np.array([each or 0.0 for each in cost], dtype=np.float64),
        _sizes(size),
        np.where(np.logical_or(value_assumed, value_old), ASSUMED, GIVEN),
        np.where(np.logical_or(size_assumed, size_old), ASSUMED, GIVEN),
    )


def _labels(names: Sequence[str] | None) -> str:
    """“business value and risk or opportunity”, empty where none."""
    labels = [FACTORS[name].label for name in names or ()]
    words = " and ".join(filter(None, [", ".join(labels[:-1]), *labels[-1:]]))
    return words[:1] + words[1:].lower()


def _sizes(given: Sequence[float | None]) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Sizes in points; the median of the list where there is none."""
    known = [size for size in given if size is not None]
    usual = float(np.median(known)) if known else 1.0
    return np.array([usual if size is None else size for size in given], dtype=np.float64)


def _flip(listed: Listed, at: int) -> int | None:
    """The neighbour that could as well stand in its place, by the closed form that the list's rows use. A score past its date may make one here
    that a row does not tell: rows know what is assumed, not what is old."""
    assumed = (listed.weight_spread == ASSUMED).astype(int) + (listed.size_spread == ASSUMED)
    start = max(at - 1, 0)
    near = [
        Standing(int(listed.band[n]), float(listed.value[n]), int(listed.component[n]), int(assumed[n]))
        for n in range(start, min(at + 2, listed.ids.size))
    ]
    step = coin_flips(near).get(at - start)
    return None if step is None else at + step
