"""Distances between orders against their definitions, and prices."""

import random
from itertools import combinations

import pytest

from prioritization.engine import Candidate
from prioritization.engine.drift import Drift, delay_ratio, kendall_tau, measure_drift, order_cost, top_overlap
from prioritization.engine.price import Shift, price_of

ITEMS = [Candidate(name, {"value": weight}, size) for name, weight, size in (("a", 3, 1), ("b", 5, 2), ("c", 0, 4))]


def plain_tau(order: list[int], other: list[int]) -> float:
    place = {item: at for at, item in enumerate(other)}
    signs = [1 if place[a] < place[b] else -1 for a, b in combinations(order, 2)]
    return sum(signs) / len(signs)


def test_tau_counts_pairs_like_its_definition():
    for seed in range(80):
        draw = random.Random(seed)
        order = draw.sample(range(100), draw.randint(2, 40))
        other = draw.sample(order, len(order))

        assert kendall_tau(order, other) == pytest.approx(plain_tau(order, other), abs=1e-12)


def test_tau_of_equal_reversed_and_empty_orders():
    assert kendall_tau([1, 2, 3], [1, 2, 3]) == 1
    assert kendall_tau([1, 2, 3], [3, 2, 1]) == -1
    assert kendall_tau([], [1]) == 1


def test_only_common_items_count():
    assert kendall_tau([9, 1, 2], [1, 8, 2]) == 1
    assert top_overlap([1, 2, 3, 4], [3, 1, 9, 2, 4], top=2) == 0.5
    assert top_overlap([], [1]) == 1


def test_delay_ratio_compares_costs():
    assert order_cost(["a", "b", "c"], {item.id: item for item in ITEMS}) == 3 * 1 + 5 * 3
    assert delay_ratio(["c", "a", "b"], ["a", "b", "c"], ITEMS) == (3 * 5 + 5 * 7) / 18
    assert measure_drift(["a", "b", "c"], ["a", "b", "c"], ITEMS) == Drift(1, 1, 1)


def test_a_price_is_the_cost_added_and_names_whom_it_delays():
    price = price_of(["a", "b", "c"], ["c", "a", "b"], ITEMS)

    assert (price.cost_without, price.cost_with, price.delay) == (18, 50, 32)
    assert price.delayed == (Shift("b", 4, 20), Shift("a", 4, 12))
    assert price.hastened == (Shift("c", -3, 0),)
    assert sum(shift.cost for shift in price.delayed + price.hastened) == price.delay


def test_costs_have_no_limit_of_64_bits():
    items = [Candidate(number, {"value": 10**12}, 10**12) for number in range(40)]

    assert order_cost(range(40), {item.id: item for item in items}) == 10**24 * 40 * 41 // 2
