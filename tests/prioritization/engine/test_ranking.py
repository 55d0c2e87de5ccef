"""Bands, cycles, receipts and refusals by example; exact and large orders by construction."""

from dataclasses import replace
from fractions import Fraction
from statistics import mean

import numpy as np
import pytest

from benchmarks.rank_engine import benchmark_backlog
from benchmarks.rank_quality import order_cost, wsjf_order
from prioritization.engine import Candidate, RankInputError, rank, rank_arrays
from tests.prioritization.engine.graphs import cheapest, cost_of, random_problem, random_series_parallel, random_tree


def item(name: str, value: int, size: int = 1_000, band: int = 2) -> Candidate:
    return Candidate(name, {"value": value}, size, band)


def test_a_blocker_inherits_the_urgency_of_what_it_unblocks_and_the_receipt_says_from_whom():
    ranking = rank([item("a", 1_000), item("b", 9_000), item("c", 4_000)], [("a", "b")])

    receipt = ranking.receipt("a")

    assert ranking.order == ["a", "b", "c"]
    assert [block.ids for block in ranking.blocks] == [("a", "b"), ("c",)]
    assert receipt.own == (("value", Fraction(1)),)
    assert receipt.shared == (("b", Fraction(4)),)
    assert ranking.key("b") == (2, -5.0, "a", 1)


def test_a_family_stands_by_its_density_and_a_covered_parent_comes_last():
    children = [item("c1", 0, 2_000), item("c2", 0, 3_000)]
    ranking = rank([item("p", 10_000, 0), *children, item("other", 1_900, 1_000)], [("c1", "p"), ("c2", "p")])

    assert ranking.order == ["c1", "c2", "p", "other"]
    assert ranking.value("c1") == ranking.value("p") == 2
    assert ranking.receipt("p").own == (("value", Fraction(2)),)
    assert ranking.receipt("c1").shared == (("c2", Fraction(0)), ("p", Fraction(2)))


def test_a_covered_parent_without_value_takes_the_place_behind_its_last_child():
    ranking = rank(
        [item("p", 0, 0), item("c1", 3_000), item("c2", 1_000), item("next", 500), item("other", 2_000)],
        [("c1", "p"), ("c2", "p"), ("p", "next")],
    )

    assert ranking.order == ["c1", "other", "c2", "p", "next"]
    assert ranking.value("p") == ranking.value("c2") == 1


def test_a_negative_term_counts_as_long_as_the_sum_does_not_go_below_0():
    ranking = rank([Candidate(1, {"value": 5_000, "confidence": -1_000}, 2_000)], [])

    assert ranking.value(1) == 2
    assert ranking.receipt(1).own == (("value", Fraction(5, 2)), ("confidence", Fraction(-1, 2)))


def test_a_pin_takes_its_blockers_along():
    ranking = rank(
        [item("far", 0), item("near", 0), item("pinned", 1_000, band=1), item("urgent", 90_000)], [("far", "near"), ("near", "pinned")]
    )

    assert ranking.order == ["far", "near", "pinned", "urgent"]
    assert [ranking.is_pulled_up(name) for name in ranking.order] == [True, True, False, False]


def test_unscored_work_comes_up_where_it_blocks_scored_work_and_stays_apart_otherwise():
    ranking = rank([item("u1", 0, band=4), item("u2", 0, band=4), item("scored", 5_000)], [("u1", "scored")])

    assert ranking.order == ["u1", "scored", "u2"]
    assert [ranking.band(name) for name in ranking.order] == [2, 2, 4]


@pytest.mark.parametrize("band", [3, 5])
def test_work_on_hold_or_dormant_stays_and_is_shown_as_a_conflict(band):
    ranking = rank([item("held", 0, band=band), item("wanted", 5_000)], [("held", "wanted")])

    assert ranking.order == ["wanted", "held"]
    assert ranking.value("held") == 0
    assert ranking.conflicts == [("held", "wanted")]


def test_work_in_progress_is_not_moved_but_lends_its_urgency_to_what_blocks_it():
    ranking = rank([item("now", 50_000, band=0), item("blocker", 0), item("other", 9_000)], [("blocker", "now")])

    assert ranking.order == ["now", "blocker", "other"]
    assert ranking.conflicts == [("blocker", "now")]


def test_a_cycle_is_shown_by_its_shortest_way_and_done_as_one_piece():
    around = [(1, 2), (2, 3), (3, 4), (4, 1), (3, 1)]
    ranking = rank([*(Candidate(number, {"value": number}, 1_000) for number in range(1, 5)), Candidate(9, {}, 10)], [*around, (4, 9)])

    assert ranking.cycles == [[1, 2, 3]]
    assert ranking.order == [4, 3, 2, 1, 9]
    assert {ranking.value(number) for number in range(1, 5)} == {Fraction(10, 4_000)}


def test_nothing_to_rank_is_an_empty_order():
    ranking = rank([], [(1, 2)])

    assert (ranking.order, ranking.cost, ranking.lower_bound, ranking.gap, ranking.cycles) == ([], 0, Fraction(0), 0.0, [])


@pytest.mark.parametrize(
    ("candidates", "words"),
    [
        ([item("a", 1), item("a", 2)], "Item a occurs twice"),
        ([item("a", -1)], "Item a has a negative cost of delay: -1"),
        ([item("a", 1, -5)], "Item a has a negative size: -5"),
        ([item("a", 1, band=6)], "Item a has an unknown band: 6"),
        ([item("a", 10**13)], "Item a has a cost of delay of 10000000000000 .* can be ranked"),
        ([item("a", 10**30)], "Item a has a cost of delay of 10{30} .* can be ranked"),
        ([item("a", 1, 10**30)], "can be ranked"),
        ([item("a", 1), Candidate(1, {}, 1)], "all numbers or all text"),
    ],
)
def test_what_cannot_be_ranked_is_named(candidates, words):
    with pytest.raises(RankInputError, match=words):
        rank(candidates, [])


@pytest.mark.parametrize("make", [random_tree, random_series_parallel])
def test_trees_and_series_parallel_orders_are_solved_exactly(make):
    for seed in range(60):
        problem = make(seed, 4 + seed % 9)
        assert problem.rank().cost == cheapest(problem)


def test_random_graphs_stay_close_to_the_cheapest_order():
    ratios = []
    for seed in range(12):
        problem = random_problem(seed, 20 + seed % 5, density=2.5)
        ratios.append(problem.rank().cost / cheapest(problem))

    assert max(ratios) <= 1.05
    assert mean(ratios) <= 1.003


def test_large_components_keep_precedence_and_end_close_to_the_bound():
    for density in (1.2, 3.0):
        problem = random_problem(7, 1_500, density=density)
        ranking = problem.rank()
        place = {name: at for at, name in enumerate(ranking.order)}
        assert [(a, b) for a, b in problem.edges if place[a] > place[b] or ranking.value(a) < ranking.value(b)] == []
        assert ranking.cost == cost_of(problem, ranking.order)
        assert 0 <= ranking.gap < 0.02


def test_a_chain_and_a_ring_of_ten_thousand_need_no_recursion():
    items = [Candidate(number, {"value": number}, 1_000) for number in range(10_000)]
    chain = [(number, number + 1) for number in range(9_999)]

    assert rank(items, chain).order == list(range(10_000))
    assert len(rank(items, [*chain, (9_999, 0)]).cycles[0]) == 10_000


def test_ten_thousand_items_in_one_component_are_ranked():
    count = 10_000
    tree = random_tree(4, count)
    extra = random_problem(4, count, density=0.05).edges  # not series-parallel any more
    edges = [*tree.edges, *((min(pair), max(pair)) for pair in extra)]

    ranking = rank(tree.candidates, edges)

    place = {name: at for at, name in enumerate(ranking.order)}
    assert not ranking.arrays.component.any()
    assert sorted(ranking.order) == list(range(count))
    assert [(a, b) for a, b in edges if place[a] > place[b]] == []
    value = ranking.arrays.value
    assert not (value[ranking.arrays.blocker] < value[ranking.arrays.blocked]).any()
    assert 0 <= ranking.gap < 0.001


def test_items_that_cost_nothing_and_take_nothing_keep_precedence():
    items = [Candidate(number, {}, 0) for number in range(6)]

    ranking = rank(items, [(5, 0), (0, 3), (4, 1)])

    assert ranking.order.index(5) < ranking.order.index(0) < ranking.order.index(3)
    assert ranking.order.index(4) < ranking.order.index(1)
    assert {ranking.value(number) for number in range(6)} == {Fraction(0)}
    assert ranking.cost == ranking.lower_bound == 0


def test_very_large_numbers_give_what_small_ones_do():
    problem = random_problem(3, 40, density=1.0)
    factor = 10**7
    large = replace(
        problem,
        candidates=tuple(Candidate(one.id, {"value": one.weight * factor}, one.size * factor) for one in problem.candidates),
    )

    assert large.rank().order == problem.rank().order
    assert [large.rank().value(one.id) for one in problem.candidates] == [problem.rank().value(one.id) for one in problem.candidates]


def test_arrays_come_back_in_the_order_they_came_in():
    backlog = benchmark_backlog(2_000, 0.3)
    whole = backlog.rank()
    shuffled = np.random.default_rng(5).permutation(2_000)
    place = np.argsort(shuffled)

    again = rank_arrays(
        backlog.ids[shuffled],
        backlog.weight[shuffled],
        backlog.size[shuffled],
        backlog.band,
        place[backlog.blocker],
        place[backlog.blocked],
    )

    assert again.ids[again.order].tolist() == whole.ids[whole.order].tolist()
    assert again.value.tolist() == whole.value[shuffled].tolist()
    assert again.position.tolist() == whole.position[shuffled].tolist()
    assert again.component.tolist() == whole.component[shuffled].tolist()


def test_the_benchmark_backlog_ends_within_a_thousandth_of_the_bound():
    backlog = benchmark_backlog(5_000, 0.1)
    ranked = backlog.rank()

    place = np.empty(5_000, dtype=np.int64)
    place[ranked.order] = np.arange(5_000)
    assert not (place[backlog.blocker] > place[backlog.blocked]).any()
    assert not (ranked.value[backlog.blocker] < ranked.value[backlog.blocked]).any()
    assert 0 <= backlog.certificate(ranked).gap <= 0.001


def test_it_costs_less_than_a_topological_sort_by_wsjf():
    backlog = benchmark_backlog(5_000)

    assert order_cost(backlog, backlog.rank().order) < 0.97 * order_cost(backlog, wsjf_order(backlog))
