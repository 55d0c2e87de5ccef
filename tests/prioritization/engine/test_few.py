"""A handful of items in plain Python, against the arrays."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prioritization.engine import RankArrays, RankInputError, rank_arrays, rank_lists
from prioritization.engine.few import MOST, rank_few
from tests.prioritization.engine.graphs import problems, random_problem, random_series_parallel, random_tree

ALL_BANDS = (2, 2, 2, 2, 0, 1, 3, 4, 5)


def as_lists(problem, raised=()):
    candidates = sorted(problem.candidates, key=lambda candidate: candidate.id)
    at = {candidate.id: place for place, candidate in enumerate(candidates)}
    return (
        [10 + 3 * candidate.id for candidate in candidates],
        [candidate.weight for candidate in candidates],
        [candidate.size for candidate in candidates],
        [candidate.band for candidate in candidates],
        [(at[a], at[b]) for a, b in problem.edges],
        [place in raised for place in range(len(candidates))],
    )


def by_arrays(ids, weight, size, band, edges, raised):
    return rank_arrays(ids, weight, size, band, [a for a, _ in edges], [b for _, b in edges], raised)


def plain(ranked: RankArrays) -> dict[str, list[int] | list[float]]:
    """All fields as lists, so that floats are compared to the last digit."""
    return {field.name: np.asarray(getattr(ranked, field.name), dtype=object).tolist() for field in fields(ranked)}


@given(problems(bands=ALL_BANDS, cyclic=True, zero_sizes=True), st.sets(st.integers(0, 11), max_size=3))
def test_few_items_stand_as_the_arrays_place_them(problem, raised):
    given_lists = as_lists(problem, raised)

    assert plain(rank_lists(*given_lists)) == plain(by_arrays(*given_lists))


@given(problems(zero_sizes=True))
def test_one_band_without_a_cycle_takes_the_short_way(problem):
    """So that the property above is about both ways."""
    given_lists = as_lists(problem)

    assert rank_few(*given_lists) is not None
    assert plain(rank_lists(*given_lists)) == plain(by_arrays(*given_lists))


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("make", [random_tree, random_series_parallel, lambda seed, count: random_problem(seed, count, density=0.8)])
def test_larger_components_too(make, seed):
    given_lists = as_lists(make(seed, MOST))

    assert plain(rank_lists(*given_lists)) == plain(by_arrays(*given_lists))


@pytest.mark.parametrize(
    "wrong", [([1, 1], [1, 1], [1, 1], [2, 2]), ([1], [-1], [1], [2]), ([1], [1], [10**12 + 1], [2]), ([1], [1], [1], [6])]
)
def test_what_cannot_be_is_refused_as_the_arrays_do(wrong):
    ids, weight, size, band = wrong

    with pytest.raises(RankInputError):
        rank_lists(ids, weight, size, band, [], [False] * len(ids))


def test_amounts_that_floats_do_not_hold_are_left_to_the_arrays():
    ids, weight, size = [1, 2], [10**12, 10**12 - 1], [10**12, 10**12 - 1]

    assert rank_few(ids, weight, size, [2, 2], [(0, 1)], [False, False]) is None
    assert rank_lists(ids, weight, size, [2, 2], [(0, 1)], [False, False]).order.tolist() == [0, 1]
