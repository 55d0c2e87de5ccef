"""Property 17: `low < key < high` bytewise, whatever was put between before, and distinct where several people put something at once."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prioritization.engine.fractional import LONG, NoRoomError, key_between, spread_keys


@given(st.integers(0, 2**32), st.lists(st.floats(0, 1, exclude_max=True), max_size=60))
def test_a_key_lies_between_its_neighbours(seed, places):
    chance = Random(seed)
    keys: list[str] = []

    for place in places:
        at = int(place * (len(keys) + 1))
        low, high = keys[at - 1] if at else None, keys[at] if at < len(keys) else None
        key = key_between(low, high, chance=chance)
        assert (low or "").encode() < key.encode()
        assert high is None or key.encode() < high.encode()
        keys.insert(at, key)

    assert keys == sorted(set(keys), key=str.encode)


@given(st.integers(0, 2**32), st.booleans())
def test_there_is_room_beside_the_same_neighbour_again_and_again(seed, is_above):
    chance = Random(seed)
    low, high = spread_keys(2, chance=chance)

    for _ in range(200):
        key = key_between(low, high, chance=chance)
        assert low < key < high
        low, high = (key, high) if is_above else (low, key)


@pytest.mark.parametrize("is_end", [True, False])
def test_adding_at_an_end_makes_no_key_longer(is_end):
    chance = Random(7)
    (key,) = spread_keys(1, chance=chance)
    length = len(key)

    for _ in range(5_000):
        before, key = key, key_between(key if is_end else None, None if is_end else key, chance=chance)
        assert (before < key) == is_end

    assert len(key) == length


def test_two_in_one_gap_are_distinct_but_for_chance():
    low, high = spread_keys(2)

    keys = {key_between(low, high) for _ in range(20)}

    assert len(keys) > 15  # of 3,782 endings


@given(st.integers(0, 300))
def test_spread_keys_rise(count):
    keys = list(spread_keys(count, chance=Random(1)))

    assert keys == sorted(set(keys))
    assert len(keys) == count
    assert all(len(key) < LONG for key in keys)


@pytest.mark.parametrize(("low", "high"), [("b", "a"), ("a", "a"), ("a", "a0"), ("", "a"), ("ä", None), ("a-", "b"), ("a1", "a")])
def test_what_is_no_gap_is_refused(low, high):
    with pytest.raises(NoRoomError):
        key_between(low, high)
