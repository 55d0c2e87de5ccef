"""Which fresh places are published, and what is held: small drift, drift that waits for its night, and work that is under way.

What an act of a person touched is published at once. What drifts by itself (a basis measured anew, a date that comes nearer) is
published component by component, each in its own night of two weeks, so that no morning brings another order.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from backlog.models import Band
from prioritization.engine import RankArrays
from prioritization.engine.dead_band import NOWHERE, Published, publishing
from prioritization.engine.types import Flags, Ints
from prioritization.placing import Place, Stored

NIGHTS = 14
"""A component's own night comes once in so many, so that a drift of everything writes a fourteenth of the rows a night."""
LEAP = 0.25
"""A value that moved by more than this share waits for no night."""


@dataclass(frozen=True)
class Settled:
    """What becomes of the places of a run that differ from what stands."""

    changed: list[Place]
    """Those that are published."""
    held: list[int]
    """Items of components in which no value is far from what stands."""
    waiting: list[int]
    """Items of components that moved further, and wait for their night."""
    largest_drift: float
    """The largest share by which a value that is not published moved."""


def settle(
    places: Sequence[Place],
    fresh: RankArrays,
    stored: Mapping[int, Stored],
    *,
    edited: Collection[int] | None = None,
    moved_by_hand: Collection[int] = (),
    night: int | None = None,
) -> Settled:
    """What to publish of a run's places (in order of their items).

    `edited` are items that acts of people marked, None all; `moved_by_hand` those that such an act happened to: of the work under way,
    only these take another value. `night` is a day's number; without one every component's night is tonight.
    """
    places = [_as_frozen(place, stored.get(place.item), moved_by_hand) for place in places]
    differing = [at for at, place in enumerate(places) if _differs(place, stored.get(place.item))]
    if edited is None:
        return Settled([places[at] for at in differing], [], [], 0.0)
    standing, fresh = _standing(places, stored), _with_values_of(fresh, places)
    marked = np.isin(fresh.ids, np.fromiter(edited, dtype=np.int64, count=len(edited)))
    beyond = publishing(fresh, standing, marked)
    publishes = publishing(fresh, standing, marked, dead_band=LEAP) | (beyond & is_its_night(fresh.component, night))
    drift = np.abs(fresh.value - standing.value) / np.where(standing.value > 0, standing.value, 1.0)
    return Settled(
        changed=[places[at] for at in differing if publishes[at]],
        held=[places[at].item for at in differing if not beyond[at]],
        waiting=[places[at].item for at in differing if beyond[at] and not publishes[at]],
        largest_drift=float(drift[~publishes].max(initial=0.0)),
    )


@dataclass(frozen=True)
class Compared:
    """A full computation beside what stands: the items that differ, by whether they may."""

    wrong: list[int]
    """The graph or an act of a person asks for another place."""
    held: list[int]
    waiting: list[int]
    """Beyond the dead band, by drift alone: its next night publishes it."""
    largest_drift: float


def compare(places: Sequence[Place], fresh: RankArrays, stored: Mapping[int, Stored], *, current: Collection[int]) -> Compared:
    """What differs from what stands, and whether drift may explain it.

    It may not where an item has no place, or stands in another band or component than computed; nor in a component with one of the
    `current` items, which were published on the very basis and day of this computation: those are equal to the last digit.
    """
    settled = settle(places, fresh, stored, edited=())
    differing = [*(place.item for place in settled.changed), *settled.held]
    at = {item: int(found) for item, found in zip(differing, np.searchsorted(fresh.ids, differing), strict=True)}
    is_current = np.isin(fresh.ids, np.fromiter(current, dtype=np.int64, count=len(current)))
    as_computed = {int(component) for component in fresh.component[is_current]}
    wrong = {
        item
        for item, place in at.items()
        if (before := stored.get(item)) is None
        or not before.is_ranked
        or before.place[0] != fresh.band[place]
        or before.place[2] != fresh.component[place]
        or int(fresh.component[place]) in as_computed
    }
    return Compared(
        wrong=sorted(wrong),
        held=[item for item in settled.held if item not in wrong],
        waiting=[place.item for place in settled.changed if place.item not in wrong],
        largest_drift=settled.largest_drift,
    )


def is_its_night(component: Ints, night: int | None) -> Flags:
    """Whether a component publishes its drift in this night: by a hash of its number, so that neighbours differ."""
    if night is None:
        return np.ones(component.size, dtype=np.bool_)
    spread = (component.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(32)
    turn: Flags = spread % np.uint64(NIGHTS) == night % NIGHTS
    return turn


def _as_frozen(place: Place, stored: Stored | None, moved_by_hand: Collection[int]) -> Place:
    """The place of work under way keeps the value with which it stands."""
    if place.band != Band.NOW or stored is None or not stored.is_ranked or place.item in moved_by_hand:
        return place
    band, value = stored.place[:2]
    return place._replace(value=value) if band == Band.NOW and value != place.value else place


def _standing(places: Sequence[Place], stored: Mapping[int, Stored]) -> Published:
    nowhere = (NOWHERE, 0.0, 0, 0)
    keys = [before.place[:4] if (before := stored.get(place.item)) is not None and before.is_ranked else nowhere for place in places]
    band, value, component, position = zip(*keys, strict=True) if keys else ((), (), (), ())
    return Published(
        np.array(band, dtype=np.int64),
        np.array(value, dtype=np.float64),
        np.array(component, dtype=np.int64),
        np.array(position, dtype=np.int64),
    )


def _with_values_of(fresh: RankArrays, places: Sequence[Place]) -> RankArrays:
    values = np.array([place.value for place in places], dtype=np.float64)
    return fresh if np.array_equal(values, fresh.value) else replace(fresh, value=values)


def _differs(place: Place, before: Stored | None) -> bool:
    """Whether the place is another one than what stands, or never stood."""
    return before is None or not before.is_ranked or before.place != place[1:]
