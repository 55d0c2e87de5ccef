"""Class quotas keep precedence and shares (property 18), and tell their price."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prioritization.engine import Candidate, ItemId, RankInputError, rank
from prioritization.engine.quotas import balance
from tests.prioritization.engine.graphs import problems

CLASSES = ("feature", "enabler", "debt")


def alike(kinds: str) -> list[Candidate]:
    """Items of one point, in an order of falling value."""
    return [Candidate(f"{at:02}{kind}", {"value": 1_000 - at}, 1_000) for at, kind in enumerate(kinds)]


def by_letter(items: list[Candidate]) -> dict[ItemId, str]:
    return {item.id: str(item.id)[2:] for item in items}


def test_every_fifth_point_goes_to_debt():
    items = alike("f" * 12 + "d" * 6)

    balanced = balance(rank(items, []), by_letter(items), {"f": 80, "d": 20})

    assert "".join(str(name)[2:] for name in balanced.order) == "fdffffdffffdfffddd"
    assert balanced.price.delay > 0


def test_a_blocker_comes_first_and_counts_for_its_own_class():
    items = alike("fffddd")
    items[0] = replace(items[0], terms={"value": 9_000})
    ranking = rank(items, [("05d", "00f")])

    balanced = balance(ranking, by_letter(items), {"f": 1, "d": 1})

    assert balanced.order == ["05d", "00f", "01f", "03d", "02f", "04d"]
    assert balanced.asked_for == {"05d"}


def test_a_class_without_a_share_comes_last_and_other_bands_keep_their_places():
    items = [*alike("xfxf"), Candidate("now", {}, 1_000, band=0), Candidate("hold", {"value": 9_000}, 1_000, band=3)]

    balanced = balance(rank(items, []), {**by_letter(items), "now": "f", "hold": "f"}, {"f": 100, "x": 0})

    assert balanced.order == ["now", "01f", "03f", "00x", "02x", "hold"]


@pytest.mark.parametrize("shares", [{}, {"f": 0}, {"f": 5, "d": -1}])
def test_shares_that_sum_to_nothing_are_refused(shares):
    with pytest.raises(RankInputError, match="share above 0"):
        balance(rank(alike("fd"), []), {}, shares)


@settings(max_examples=150, deadline=None)
@given(problems(bands=(1, 2, 2, 2, 4), cyclic=True), st.data())
def test_every_prefix_is_closed_under_blockers_and_shares_hold_within_one_item(problem, data):
    classes = {item.id: data.draw(st.sampled_from(CLASSES)) for item in problem.candidates}
    shares = {name: data.draw(st.integers(1, 9)) for name in CLASSES}
    ranking = problem.rank()

    balanced = balance(ranking, classes, shares)

    assert sorted(balanced.order) == sorted(ranking.order)
    place = {item: at for at, item in enumerate(balanced.order)}
    assert {edge for edge in problem.edges if place[edge[0]] > place[edge[1]]} <= set(
        ranking.conflicts
    )  # of a cycle, another turn may break fewer
    assert balanced.price.cost_without + balanced.price.delay == balanced.price.cost_with
    normal = [item for item in balanced.order if ranking.band(item) == 2]
    sizes = {item.id: item.size for item in problem.candidates}
    largest = {name: max((sizes[item] for item in normal if classes[item] == name), default=0) for name in CLASSES}
    served, lent = dict.fromkeys(CLASSES, 0), dict.fromkeys(CLASSES, 0)
    for at, item in enumerate(normal):
        own = classes[item]
        served[own] += sizes[item]
        lent[own] = lent[own] + sizes[item] if item in balanced.asked_for else 0
        waiting = {classes[other] for other in normal[at + 1 :]}
        for other in waiting - {own}:
            ahead = Fraction(served[own], shares[own]) - Fraction(served[other], shares[other])
            assert ahead <= Fraction(largest[own] + lent[own], shares[own])


def test_the_order_of_one_class_is_the_computed_one():
    problem = [replace(item, band=2) for item in alike("ffff")]

    assert balance(rank(problem, [("03f", "00f")]), by_letter(problem), {"f": 20}).order == rank(problem, [("03f", "00f")]).order
