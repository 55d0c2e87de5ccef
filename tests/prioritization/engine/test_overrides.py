"""What people decide over the order: precedence holds whatever they decide, and taking a decision back restores what was (property 16)."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prioritization.engine import Candidate, rank
from prioritization.engine.overrides import BOOST, Overrides, apply_overrides, boost_term, hold_values
from prioritization.engine.terms import CLAIMED, Problem
from tests.prioritization.engine.graphs import problems


def solve(candidates, edges, overrides, lists):
    done = apply_overrides(Problem(list(candidates), list(edges), {}), overrides, lists)
    ranking = rank(done.problem.candidates, done.problem.edges)
    index = {candidate.id: at for at, candidate in enumerate(sorted(done.problem.candidates, key=lambda candidate: candidate.id))}
    shown = hold_values(ranking.arrays, {index[item]: value for item, value in overrides.frozen.items()})
    names = sorted(index)
    return done, ranking, [names[at] for at in shown.order.tolist()], dict(zip(names, shown.band.tolist(), strict=True))


def candidate(number, weight=10, size=1_000, band=2):
    return Candidate(number, {"value": weight}, size, band)


@st.composite
def overridden(draw):
    problem = draw(problems(bands=(0, 2, 2, 2, 3, 4, 5)))
    ids = sorted(candidate.id for candidate in problem.candidates)
    some = st.lists(st.sampled_from(ids), max_size=3, unique=True)
    lists = {item: draw(st.sampled_from((1, 2))) for item in ids}
    pairs = st.tuples(st.sampled_from(ids), st.sampled_from(ids)).filter(lambda pair: pair[0] != pair[1])
    overrides = Overrides(
        pins={item: draw(st.sampled_from((lists[item], None))) for item in draw(some)},
        above=draw(st.lists(pairs, max_size=3)) if len(ids) > 1 else [],
        on_hold=dict.fromkeys(draw(some), "2030-01-01"),
        boosts={item: draw(st.sampled_from((250, 500, 1_500, 4_000))) for item in draw(some)},
        frozen={item: draw(st.floats(0, 50)) for item in draw(some)},
    )
    return problem, overrides, lists


@given(overridden())
def test_nothing_stands_above_its_open_blocker_in_a_list(drawn):
    problem, overrides, lists = drawn

    done, _, order, band = solve(problem.candidates, problem.edges, overrides, lists)

    place = {item: at for at, item in enumerate(order)}
    assert sorted(order) == sorted(candidate.id for candidate in problem.candidates)
    for blocker, blocked in done.problem.edges:
        if lists[blocker] == lists[blocked] and {band[blocker], band[blocked]} <= {1, 2}:
            assert place[blocker] < place[blocked]


@given(overridden())
def test_receipts_still_add_up(drawn):
    problem, overrides, lists = drawn

    _, ranking, _, _ = solve(problem.candidates, problem.edges, overrides, lists)

    for one in problem.candidates:
        assert ranking.receipt(one.id).total == ranking.value(one.id)


@given(overridden())
def test_a_pin_moves_only_what_it_takes_along_and_changes_no_value(drawn):
    problem, overrides, lists = drawn
    pins = Overrides(pins=overrides.pins)
    scored = [one if one.band != 4 else replace(one, band=2) for one in problem.candidates]  # an unscored one gets a value by being pinned

    done, ranking, order, band = solve(scored, problem.edges, pins, lists)
    _, plain, before, before_band = solve(scored, problem.edges, Overrides(), lists)

    moved = {item for item in order if band[item] != before_band[item]}
    assert moved <= set(pins.pins) | set(done.taken_along)
    assert all(ranking.value(item) == plain.value(item) for item in order)
    assert [item for item in order if item not in moved] == [item for item in before if item not in moved]


def test_a_pin_takes_along_what_it_waits_for_in_its_list_and_leaves_the_rest():
    candidates = [candidate(n) for n in range(1, 5)]
    edges = [(1, 2), (2, 3)]  # 1 here, 2 elsewhere, 3 here and pinned

    done, _, _, band = solve(candidates, edges, Overrides(pins={3: 7}), {1: 7, 2: 8, 3: 7, 4: 7})

    assert done.taken_along == {1: 3}
    assert done.awaited == {2: 3}
    assert band == {1: 1, 2: 2, 3: 1, 4: 2}


def test_a_pin_of_the_train_reaches_every_list():
    done, _, _, band = solve([candidate(n) for n in (1, 2, 3)], [(1, 2), (2, 3)], Overrides(pins={3: None}), {1: 7, 2: 8, 3: 7})

    assert done.taken_along == {1: 3, 2: 3}
    assert set(band.values()) == {1}


def test_kept_above_is_an_edge_and_the_older_of_two_opposites_stands():
    low, high = candidate(1, weight=1), candidate(2, weight=90)

    done, ranking, order, _ = solve([low, high], [], Overrides(above=[(1, 2), (2, 1)]), {1: 7, 2: 7})

    assert order == [1, 2]
    assert done.resting == ((2, 1),)
    assert ranking.value(1) == Fraction(91, 2_000)


def test_a_dependency_wins_over_a_pair():
    done, _, order, _ = solve([candidate(1, weight=1), candidate(2, weight=90)], [(2, 1)], Overrides(above=[(1, 2)]), {1: 7, 2: 7})

    assert done.resting == ((1, 2),)
    assert order == [2, 1]


def test_on_hold_leaves_the_order_but_not_the_sprint():
    _, _, _, band = solve([candidate(1), candidate(2, band=0)], [], Overrides(on_hold={1: "2030-01-01", 2: "2030-01-01"}), {})

    assert band == {1: 3, 2: 0}


def test_a_boost_is_a_term_of_its_own_and_leaves_what_children_claim():
    terms = {"value": 30_000, CLAIMED: -12_000}

    assert boost_term(terms, 1_500) == 15_000
    assert boost_term(terms, 250) == -18_000  # never below nothing
    done, _, _, _ = solve([Candidate(1, {"value": 10}, 1_000)], [], Overrides(boosts={1: 2_000}), {})
    assert done.problem.candidates[0].terms == {"value": 10, BOOST: 10}


@pytest.mark.parametrize(("held", "order"), [(0.5, [3, 1, 2]), (0.01, [3, 2, 1]), (9.0, [1, 3, 2])])
def test_a_frozen_item_keeps_its_value(held, order):
    candidates = [candidate(1, weight=50), candidate(2, weight=20), candidate(3, weight=1_000)]

    assert solve(candidates, [], Overrides(frozen={1: held}), {})[2] == order


def test_a_frozen_item_stays_between_what_it_waits_for_and_what_it_blocks():
    candidates = [candidate(1, weight=90), candidate(2, weight=50), candidate(3, weight=10)]

    assert solve(candidates, [(1, 2), (2, 3)], Overrides(frozen={2: 900.0}), {})[2] == [1, 2, 3]
    assert solve(candidates, [(1, 2), (2, 3)], Overrides(frozen={2: 0.0}), {})[2] == [1, 2, 3]
