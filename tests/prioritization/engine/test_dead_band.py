"""Small drift stays out of the published order, precedence holds in it, and a second run writes nothing (property 15)."""

from dataclasses import dataclass, replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from prioritization.engine import Candidate, rank
from prioritization.engine.arrays import RankArrays
from prioritization.engine.dead_band import NOWHERE, Published, fresh_places, publish, publishing
from tests.prioritization.engine.graphs import Problem, problems


def nothing_edited(fresh: RankArrays):
    return np.zeros(fresh.ids.size, dtype=np.bool_)


def one_item(value: int) -> RankArrays:
    return rank([Candidate(1, {"value": value}, 1_000)], []).arrays


@dataclass(frozen=True)
class Night:
    """A backlog before and after its values drifted."""

    before: Problem
    after: Problem


@st.composite
def nights(draw) -> Night:
    before = draw(problems(bands=(0, 1, 2, 2, 2, 3, 4), zero_sizes=True, cyclic=True))
    percents = draw(st.lists(st.integers(90, 110), min_size=len(before.candidates), max_size=len(before.candidates)))
    drifted = tuple(
        replace(item, terms={name: amount * percent // 100 for name, amount in item.terms.items()})
        for item, percent in zip(before.candidates, percents, strict=True)
    )
    return Night(before, replace(before, candidates=drifted))


@settings(max_examples=150, deadline=None)
@given(nights())
def test_precedence_holds_in_what_stands_and_a_second_run_writes_nothing(night):
    old, new = night.before.rank(), night.after.rank()
    fresh, standing = new.arrays, fresh_places(old.arrays)

    stands = publish(fresh, standing, publishing(fresh, standing, nothing_edited(fresh)))

    again = publishing(fresh, stands, nothing_edited(fresh))
    written = publish(fresh, stands, again)
    assert all(np.array_equal(getattr(written, name), getattr(stands, name)) for name in ("band", "value", "component", "position"))
    place = np.empty(stands.order.size, dtype=np.int64)
    place[stands.order] = np.arange(place.size)
    wrong = [(old.ids[a], old.ids[b]) for a, b in zip(fresh.blocker, fresh.blocked, strict=True) if place[a] > place[b]]
    assert {edge for edge in wrong if edge not in new.conflicts} <= set(old.conflicts)
    assert (np.abs(stands.value - fresh.value) <= 0.05 * stands.value).all()


def test_a_drift_of_five_percent_is_held_and_a_larger_one_is_not():
    standing = fresh_places(one_item(1_000))

    assert publishing(one_item(1_049), standing, nothing_edited(one_item(1_049))).tolist() == [False]
    assert publishing(one_item(949), standing, nothing_edited(one_item(949))).tolist() == [True]


def test_an_edit_publishes_its_whole_component_and_nothing_else():
    items = [Candidate(number, {"value": 1_000}, 1_000) for number in range(1, 5)]
    standing = fresh_places(rank(items, [(1, 2), (3, 4)]).arrays)
    fresh = rank([replace(items[0], terms={"value": 1_001}), *items[1:]], [(1, 2), (3, 4)]).arrays

    assert publishing(fresh, standing, np.array([True, False, False, False])).tolist() == [True, True, False, False]


def test_what_has_no_place_changed_its_band_or_lost_a_member_is_published():
    items = [Candidate(number, {"value": 1_000}, 1_000) for number in range(1, 4)]
    fresh = rank(items[1:], [(2, 3)]).arrays
    whole = rank(items, [(1, 2), (2, 3)]).arrays
    without_first = Published(whole.band[1:], whole.value[1:], whole.component[1:], whole.position[1:])
    pinned = rank([items[1], replace(items[2], band=1)], []).arrays

    for standing in (
        replace(fresh_places(fresh), band=np.array([NOWHERE, 2])),
        without_first,
        fresh_places(pinned),
    ):
        assert publishing(fresh, standing, nothing_edited(fresh)).any()
