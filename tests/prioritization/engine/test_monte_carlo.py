"""Confidence: the same answer each time, precedence in each draw, shares that add up (properties 19 and 21)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prioritization.engine import Candidate, ItemId, rank
from prioritization.engine.monte_carlo import Listed, Outlook, simulate, simulate_free, simulate_listed
from tests.prioritization.engine.graphs import Problem, problems

LIST = [(1, 9_000), (2, 8_900), (3, 2_000), (4, 1_000)]


def spreads(problem: Problem, width: float) -> dict[ItemId, float]:
    return {item.id: width for item in problem.candidates}


def outlook(problem: Problem, width: float = 0.4) -> Outlook:
    return simulate(problem.rank(), spreads(problem, width), spreads(problem, width / 2), draws=40)


def free(items: list[tuple[int, int]], width: float) -> Outlook:
    ids, values = (np.array(column) for column in zip(*items, strict=True))
    return simulate_free(np.log(values), np.full(values.size, width), ids)


@settings(max_examples=120, deadline=None)
@given(problems(bands=(0, 1, 2, 2, 2, 4), zero_sizes=True), st.integers(1, 12))
def test_shares_add_up_percentiles_rise_and_precedence_holds_in_each_draw(problem, count):
    ranking = problem.rank()
    seen = outlook(problem)

    assert (np.sort(seen.places, axis=1) == np.arange(len(problem.candidates))).all()
    assert seen.top(count).sum() == pytest.approx(min(count, len(problem.candidates)))
    assert (np.diff(seen.percentiles(0.1, 0.5, 0.9), axis=0) >= 0).all()
    within = seen.within(ranking.arrays.size, 10)
    assert ((within >= 0) & (within <= 1)).all()
    for blocker, blocked in set(problem.edges) - set(ranking.conflicts):
        if ranking.band(blocker) <= 2 and ranking.band(blocked) <= 2:
            assert (seen.places[:, ranking.index(blocker)] < seen.places[:, ranking.index(blocked)]).all()


@settings(max_examples=40, deadline=None)
@given(problems(bands=(0, 1, 2, 2, 3)))
def test_without_spread_each_draw_is_the_order(problem):
    ranking = problem.rank()

    place = np.empty(len(problem.candidates), dtype=np.int64)
    place[ranking.arrays.order] = np.arange(place.size)
    alike = {ranking.value(item) for item in ranking.ids}
    if len(alike) == len(ranking.ids):
        assert (outlook(problem, 0.0).places == place).all()


def test_an_item_that_comes_changes_no_draw_of_the_others():
    before, after = free(LIST, 0.3), free([*LIST, (5, 1)], 0.0001)
    again = free([*LIST, (5, 1)], 0.3)

    assert (free(LIST, 0.3).places == before.places).all()
    assert (np.argsort(again.places[:, :4], axis=1) == np.argsort(before.places, axis=1)).all()
    assert (after.places == np.arange(5)).all()


def test_close_neighbours_are_a_coin_flip_and_distant_ones_are_not():
    seen = free(LIST, 0.2)

    assert seen.coin_flips(np.arange(4)) == {0: 1, 1: 0}
    assert seen.median_order.tolist()[2:] == [2, 3]
    assert seen.first_share(np.array([0]), np.array([3])).tolist() == [1.0]


def test_the_places_of_one_list_are_counted_among_its_own():
    ranking = rank([Candidate(number, {"value": value}, 1_000) for number, value in LIST], [(4, 1)])

    seen = simulate(ranking, {}, {}, draws=3, only=np.array([True, False, True, True]))

    assert seen.places.tolist() == [[1, 2, 0]] * 3


def test_the_first_so_many_points_hold_what_fits():
    seen = free(LIST, 0.0)

    assert seen.within(np.array([3, 3, 1, 9]), 6).tolist() == [1, 1, 0, 0]
    assert seen.within(np.array([3, 3, 1, 9]), 7).tolist() == [1, 1, 1, 0]


@settings(max_examples=60, deadline=None)
@given(problems(bands=(0, 1, 2, 2, 2)))
def test_places_that_were_stored_give_the_draws_of_the_ranking_itself(problem):
    ranking = problem.rank()
    arrays = ranking.arrays
    order = arrays.order
    wide, narrow = np.full(order.size, 0.4), np.full(order.size, 0.2)
    weight = np.array([item.weight for item in ranking.candidates], dtype=np.float64)
    ids = np.array(ranking.ids)

    stored = simulate_listed(
        Listed(
            ids[order],
            arrays.band[order],
            arrays.value[order],
            arrays.component[order],
            weight[order],
            arrays.size[order].astype(np.float64),
            wide,
            narrow,
        ),
        draws=20,
    )

    assert (np.sort(stored.places, axis=1) == np.arange(order.size)).all()
    for blocker, blocked in set(problem.edges) - set(ranking.conflicts):
        before, after = (int(np.flatnonzero(ids[order] == item)[0]) for item in (blocker, blocked))
        assert (stored.places[:, before] < stored.places[:, after]).all()
    values = [ranking.value(item) for item in ranking.ids]
    if len(set(values)) == len(values) and min(values) > 0:
        same = simulate(ranking, spreads(problem, 0.4), spreads(problem, 0.2), draws=20).places[:, order]
        assert (stored.places == same).all()
