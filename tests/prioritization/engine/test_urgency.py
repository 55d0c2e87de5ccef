"""How a cost of delay changes with the days."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prioritization.engine.terms import AGING, GOAL, MEAN_COST, URGENCY, Basis, Scored, aging, prepare
from prioritization.engine.urgency import asks_for_verdict, lead_days, urgency

days = st.integers(-4000, 40_000)
spans = st.none() | st.integers(1, 730)
leads = st.integers(0, 180)


@given(days, days, spans, leads)
def test_a_fixed_date_rises_until_it_is_there_and_asks_afterwards(day, due, span, lead):
    now = urgency("fixed_date", day=day, due=due, span=span, lead=lead)
    if day < due:
        assert urgency("fixed_date", day=day + 1, due=due, span=span, lead=lead) >= now >= 0
    assert asks_for_verdict("fixed_date", day=day, due=due) == (day > due)
    if day > due:
        assert now == 1000


@given(days, st.integers(0, 400), spans, leads, leads)
def test_what_takes_longer_is_urgent_earlier(due, before, span, lead, more):
    assert urgency("fixed_date", day=due - before, due=due, span=span, lead=lead + more) >= urgency(
        "fixed_date", day=due - before, due=due, span=span, lead=lead
    )


@given(days, days, spans)
def test_a_short_life_fades_and_an_intangible_grows(day, due, span):
    fading = [urgency("short_life", day=day + n, due=due, span=span) for n in (0, 1)]
    growing = [urgency("intangible", day=day + n, due=due, span=span) for n in (0, 1)]
    assert 1000 >= fading[0] >= fading[1] >= 0
    assert 200 <= growing[0] <= growing[1] <= 1000


@pytest.mark.parametrize("profile", ["standard", "expedite"])
def test_others_stay_as_they_are(profile):
    assert urgency(profile, day=100, due=90) == 1000
    assert not asks_for_verdict(profile, day=100, due=90)


def test_the_curves_at_their_marks():
    assert urgency("fixed_date", day=0, due=365) == 0
    assert urgency("fixed_date", day=93, due=100) == 1000  # the buffer before it: half of the peak of 2
    assert urgency("fixed_date", day=100, due=100) > 1200
    assert urgency("short_life", day=130, due=100) == 368  # 1/e after a month
    assert (urgency("intangible", day=100, due=100), urgency("intangible", day=128, due=100)) == (200, 1000)


@pytest.mark.parametrize(("size", "pace", "expected"), [(None, 20_000, 0), (20_000, 20_000, 14), (1, 20_000, 1), (10**9, 1_000, 180)])
def test_the_days_that_an_item_takes(size, pace, expected):
    assert lead_days(size, pace) == expected


def test_goal_date_and_waiting_are_terms_of_their_own():
    basis = Basis({(None, None, MEAN_COST): 16_000})
    item = Scored("a", "story", {"value": 8_000}, 2_000, goal=1_500, urgency=500, weeks=13)

    (candidate,) = prepare([item], [], basis).candidates

    assert candidate.terms == {"value": 8_000, GOAL: 4_000, URGENCY: -6_000, AGING: 2_000}


def test_children_serve_the_goal_above_them_and_claim_nothing_for_waiting():
    family = [
        Scored("p", "feature", {"value": 10_000}, 8_000, goal=2_000),
        Scored("c", "story", {"value": 5_000}, 3_000, parent="p", weeks=52),
        Scored("d", "story", {"value": 1_000}, 1_000, parent="p", goal=1_000),
    ]

    parent, child, own = prepare(family, [], Basis({(None, None, MEAN_COST): 4_000})).candidates

    assert child.terms == {"value": 5_000, GOAL: 5_000, AGING: 1_000}
    assert own.terms == {"value": 1_000}
    assert parent.weight == 20_000 - 10_000 - 1_000


@given(st.integers(0, 10**9), st.integers(0, 2_000), st.integers(0, 2_000))
def test_waiting_adds_at_most_a_quarter_of_the_mean(mean, weeks, more):
    assert 0 <= aging(weeks, mean) <= aging(weeks + more, mean) <= mean // 4
