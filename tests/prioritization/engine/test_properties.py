"""What must hold for every ranking (properties 1 to 14), on graphs of up to 12 items.

Drawing and ranking a graph costs more than looking at the result, so all properties that hold on one kind of graph look at the same ones.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from prioritization.engine import Candidate, ItemId, Key, Ranking, rank
from tests.prioritization.engine.graphs import Problem, cheapest, cost_of, problems

many = settings(max_examples=500, deadline=None)
ALL_BANDS = (0, 1, 2, 2, 2, 3, 4, 4, 5)
seeds = st.integers(0, 10_000).map(random.Random)  # for what is shuffled or changed: much quicker than drawing each choice


def keys(ranking: Ranking, items: Iterable[Candidate]) -> dict[ItemId, Key]:
    return {item.id: ranking.key(item.id) for item in items}


# --- on every graph -------------------------------------------------------------------------------


@many
@given(problems(bands=ALL_BANDS, zero_sizes=True, cyclic=True), seeds)
def test_what_holds_on_every_graph(problem, choose):
    ranking = problem.rank()

    order_is_a_permutation_by_ascending_key_and_the_bound_is_below_its_cost(problem, ranking)
    order_of_the_input_does_not_matter(problem, ranking, choose)
    each_knot_is_reported_once_by_a_real_cycle(problem, ranking)
    receipts_add_up_to_the_value_which_is_the_density_of_the_block(problem, ranking)


def order_is_a_permutation_by_ascending_key_and_the_bound_is_below_its_cost(problem: Problem, ranking: Ranking) -> None:
    assert sorted(ranking.order) == sorted(item.id for item in problem.candidates)
    assert ranking.order == sorted(ranking.order, key=ranking.key)
    assert ranking.lower_bound <= ranking.cost


def order_of_the_input_does_not_matter(problem: Problem, ranking: Ranking, choose: random.Random) -> None:
    candidates, edges = list(problem.candidates), list(problem.edges) * 2
    choose.shuffle(candidates)
    choose.shuffle(edges)

    assert keys(rank(candidates, edges), candidates) == keys(ranking, candidates)


def each_knot_is_reported_once_by_a_real_cycle(problem: Problem, ranking: Ranking) -> None:
    reaches = {item.id: _reach(problem, item.id) for item in problem.candidates}
    knots = {frozenset(b for b in reaches[a] if a in reaches[b]) for a in reaches if a in reaches[a]}
    assert {next(knot for knot in knots if cycle[0] in knot) for cycle in ranking.cycles} == knots
    assert len(ranking.cycles) == len(knots)
    for cycle in ranking.cycles:
        assert set(zip(cycle, [*cycle[1:], cycle[0]], strict=True)) <= set(problem.edges)
        assert len(set(cycle)) == len(cycle)


def _reach(problem: Problem, start: ItemId) -> set[ItemId]:
    found: set[ItemId] = set()
    waiting = [start]
    while waiting:
        node = waiting.pop()
        for blocker, blocked in problem.edges:
            if blocker == node and blocked not in found:
                found.add(blocked)
                waiting.append(blocked)
    return found


def receipts_add_up_to_the_value_which_is_the_density_of_the_block(problem: Problem, ranking: Ranking) -> None:
    by_id = {item.id: item for item in problem.candidates}
    for block in ranking.blocks:
        assert block.weight == sum(by_id[item].weight for item in block.ids)
        assert block.value == Fraction(block.weight, block.size)
        for item in block.ids:
            receipt = ranking.receipt(item)
            assert receipt.total == receipt.value == ranking.value(item) == block.value
            assert {other for other, _ in receipt.shared} == set(block.ids) - {item}
    assert sorted(item for block in ranking.blocks for item in block.ids) == sorted(by_id)


# --- where no size is zero -------------------------------------------------------------------------


@many
@given(problems(), seeds)
def test_what_holds_where_no_size_is_zero(problem, choose):
    ranking = problem.rank()

    order_is_a_cheapest_one_and_the_bound_is_below(problem, ranking)
    removing_a_dependency_raises_neither_bound_nor_cost(problem, ranking, choose)
    scaling_all_weights_or_all_sizes_leaves_the_order(problem, choose)


def order_is_a_cheapest_one_and_the_bound_is_below(problem: Problem, ranking: Ranking) -> None:
    assert ranking.cost == cost_of(problem, ranking.order) == cheapest(problem)
    assert ranking.lower_bound <= ranking.cost


def removing_a_dependency_raises_neither_bound_nor_cost(problem: Problem, ranking: Ranking, choose: random.Random) -> None:
    edges = list(problem.edges)
    if edges:
        edges.remove(choose.choice(edges))

    freer = rank(problem.candidates, edges)

    assert freer.lower_bound <= ranking.lower_bound
    assert freer.cost <= ranking.cost


def scaling_all_weights_or_all_sizes_leaves_the_order(problem: Problem, choose: random.Random) -> None:
    factor = choose.randint(2, 1_000)
    some_pinned = [replace(item, band=choose.choice((1, 2))) for item in problem.candidates]
    heavier = [replace(item, terms={name: amount * factor for name, amount in item.terms.items()}) for item in some_pinned]
    larger = [replace(item, size=item.size * factor) for item in some_pinned]

    order = rank(some_pinned, problem.edges).order
    assert rank(heavier, problem.edges).order == rank(larger, problem.edges).order == order


# --- across bands, without cycles -----------------------------------------------------------------


@many
@given(problems(bands=ALL_BANDS, zero_sizes=True), seeds)
def test_what_holds_across_bands(problem, choose):
    ranking = problem.rank()

    precedence_holds_within_bands_and_blockers_are_worth_as_much_as_what_they_block(problem, ranking)
    an_edit_changes_keys_only_in_its_component(problem, ranking, choose)
    a_closed_blocker_is_as_if_it_had_never_been(problem, choose)
    a_pin_changes_places_and_no_value(problem, ranking, choose)
    raising_a_weight_lowers_no_value(problem, ranking, choose)


def precedence_holds_within_bands_and_blockers_are_worth_as_much_as_what_they_block(problem: Problem, ranking: Ranking) -> None:
    place = {item: at for at, item in enumerate(ranking.order)}
    assert {edge for edge in problem.edges if place[edge[0]] > place[edge[1]]} == set(ranking.conflicts)
    reasons = {(ranking.band(a), ranking.band(b)) for a, b in ranking.conflicts}
    assert {(a, b) for a, b in reasons if b > 0} <= {(3, 1), (3, 2), (4, 3), (5, 1), (5, 2), (5, 3), (5, 4)}
    together = [(a, b) for a, b in problem.edges if ranking.band(a) <= 2 and ranking.band(b) <= 2]
    assert [(a, b) for a, b in together if ranking.value(a) < ranking.value(b)] == []


def an_edit_changes_keys_only_in_its_component(problem: Problem, ranking: Ranking, choose: random.Random) -> None:
    item = choose.choice(problem.candidates)

    after = problem.changed(item.id, terms={"value": choose.randint(0, 40_000)}, size=choose.randint(0, 20_000)).rank()

    others = [other for other in problem.candidates if ranking.component(other.id) != ranking.component(item.id)]
    assert keys(after, others) == keys(ranking, others)


def a_closed_blocker_is_as_if_it_had_never_been(problem: Problem, choose: random.Random) -> None:
    closed = choose.choice(problem.candidates).id
    left = [item for item in problem.candidates if item.id != closed]

    still_named = rank(left, problem.edges)

    assert keys(still_named, left) == keys(rank(left, [edge for edge in problem.edges if closed not in edge]), left)


def a_pin_changes_places_and_no_value(problem: Problem, ranking: Ranking, choose: random.Random) -> None:
    pinnable = [item.id for item in problem.candidates if item.band <= 2]
    after = problem.changed(choose.choice(pinnable), band=1).rank() if pinnable else ranking

    scored = [other.id for other in problem.candidates if ranking.band(other.id) <= 2 and after.band(other.id) <= 2]
    assert [after.value(other) for other in scored] == [ranking.value(other) for other in scored]


def raising_a_weight_lowers_no_value(problem: Problem, ranking: Ranking, choose: random.Random) -> None:
    item = choose.choice(problem.candidates)

    raised = problem.changed(item.id, terms={**item.terms, "more": choose.randint(1, 50_000)}).rank()

    assert [other.id for other in problem.candidates if raised.value(other.id) < ranking.value(other.id)] == []
