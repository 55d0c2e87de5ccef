"""What drifts by itself is held or waits for its night; what people touch is published at once."""

from typing import NamedTuple

import numpy as np
import pytest

from prioritization.engine import rank_arrays
from prioritization.holding import LEAP, NIGHTS, compare, is_its_night, settle
from prioritization.placing import Place, Stored


class One(NamedTuple):
    """An item of one point."""

    id: int
    weight: int
    band: int = 2


item = One


def places_of(*items: One, edges=()):
    """The places of a ranking, and the ranking itself as the engine's arrays."""
    arrays = rank_arrays(
        np.array([one.id for one in items]),
        [one.weight for one in items],
        [1_000 for _ in items],
        [one.band for one in items],
        [a - 1 for a, _ in edges],
        [b - 1 for _, b in edges],
    )
    places = [
        Place(item.id, band, value, component, position, item.weight, False, False, "solid", None)
        for item, band, value, component, position in zip(
            items, arrays.band.tolist(), arrays.value.tolist(), arrays.component.tolist(), arrays.position.tolist(), strict=True
        )
    ]
    return places, arrays


def stored(places) -> dict[int, Stored]:
    return {place.item: Stored(tuple(place[1:]), True) for place in places}


def own_night(component: int) -> int:
    return next(night for night in range(NIGHTS) if is_its_night(np.array([component]), night)[0])


def test_small_drift_is_held_in_every_night():
    before, _ = places_of(item(1, 1_000), item(2, 500))
    after, fresh = places_of(item(1, 1_040), item(2, 490))

    settled = settle(after, fresh, stored(before), edited=())

    assert (settled.changed, settled.held, settled.waiting) == ([], [1, 2], [])
    assert settled.largest_drift == pytest.approx(0.04)


def test_drift_beyond_the_band_waits_for_its_own_night():
    before, _ = places_of(item(1, 1_000))
    after, fresh = places_of(item(1, 1_100))

    nights = [settle(after, fresh, stored(before), edited=(), night=night) for night in range(NIGHTS)]

    published = [night for night, settled in enumerate(nights) if settled.changed]
    assert published == [own_night(1)]
    assert [settled.waiting for night, settled in enumerate(nights) if night not in published] == [[1]] * (NIGHTS - 1)


def test_a_leap_waits_for_no_night():
    before, _ = places_of(item(1, 1_000))
    after, fresh = places_of(item(1, int(1_000 * (1 + LEAP)) + 1))

    settled = settle(after, fresh, stored(before), edited=(), night=own_night(1) + 1)

    assert settled.changed == after


def test_an_edit_publishes_its_component_whole_and_no_other():
    before, _ = places_of(item(1, 1_000), item(2, 2_000), item(3, 1_000), edges=[(1, 2)])
    after, fresh = places_of(item(1, 1_001), item(2, 2_000), item(3, 1_001), edges=[(1, 2)])

    settled = settle(after, fresh, stored(before), edited=[1])

    assert [place.item for place in settled.changed] == [1, 2]
    assert settled.held == [3]


def test_nights_share_the_components_evenly():
    components = np.arange(1, 14_001)
    shares = [int(is_its_night(components, night).sum()) for night in range(NIGHTS)]

    assert sum(shares) == components.size
    assert max(shares) < 1_100


def test_work_under_way_keeps_its_value_until_a_person_touches_it():
    before, _ = places_of(item(1, 1_000, band=0), item(2, 1_000), edges=[(1, 2)])
    after, fresh = places_of(item(1, 3_000, band=0), item(2, 1_000), edges=[(1, 2)])

    by_itself = settle(after, fresh, stored(before), edited=(), night=None)
    of_another = settle(after, fresh, stored(before), edited=None, moved_by_hand=[2])
    of_its_own = settle(after, fresh, stored(before), edited=None, moved_by_hand=[1])

    stands = stored(before)[1].place[1]
    assert [place.value for place in by_itself.changed if place.item == 1] == []
    assert {place.value for place in of_another.changed if place.item == 1} == {stands}
    assert [place.value for place in of_its_own.changed if place.item == 1] == [after[0].value]


def test_a_second_run_publishes_nothing():
    before, _ = places_of(item(1, 1_000), item(2, 2_000, band=0), item(3, 900), edges=[(3, 2)])
    after, fresh = places_of(item(1, 1_100), item(2, 2_300, band=0), item(3, 1_000), edges=[(3, 2)])
    stands = stored(before)
    first = settle(after, fresh, stands, edited=())

    stands |= stored(first.changed)

    assert first.changed
    assert settle(after, fresh, stands, edited=()).changed == []
    assert settle(after, fresh, stands, edited=None).changed == []


def test_comparison_forgives_drift_and_nothing_else():
    before, _ = places_of(item(1, 1_000), item(2, 1_000), item(3, 1_000), item(4, 1_000), item(5, 1_000))
    after, fresh = places_of(item(1, 1_010), item(2, 1_100), item(3, 1_010), item(4, 1_000, band=1), item(5, 1_000))

    compared = compare(after, fresh, stored(before), current=[3])

    assert (compared.held, compared.waiting, compared.wrong) == ([1], [2], [3, 4])
