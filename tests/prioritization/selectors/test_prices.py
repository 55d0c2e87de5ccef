"""What an override costs, in cost of delay a week times weeks, and whom it delays."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.roles import Role
from backlog.services.dependencies import link_dependency
from backlog.services.statuses import set_status
from prioritization.models import Override
from prioritization.selectors.prices import price_override, price_overrides
from prioritization.services.overrides import set_override
from prioritization.services.ranking import rank_organization
from tests.factories.accounts import House, organization_with
from tests.factories.prioritization import make_scored

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    """A team that does 20 points in two weeks, 10 a week."""
    return organization_with("checkout", "pricing", owner=Role.PRODUCT_OWNER)


def meant(item, kind, **fields) -> Override:
    return Override(organization_id=item.organization_id, item=item, kind=kind, team=item.team, **fields)


def test_a_pin_costs_what_the_others_lose_less_what_it_gains(house):
    first, last = make_scored(house.team, value=18, size=5), make_scored(house.team, value=2, size=10)
    rank_organization(organization_id=house.organization.pk)

    price = price_override(override=meant(last, "pin"), access=house.access("owner"))

    # `first`, worth 20 a week, comes a week later; `last`, worth 4 a week, half a week earlier.
    assert price.amount == pytest.approx(20 * 1 - 4 * 0.5)
    assert (price.place_before, price.place_after, price.delayed) == (2, 1, 1)
    assert price.words == "It costs 18 value-weeks of delay."
    assert price.whom == f"It delays {first.key} by 7 days."


def test_it_costs_the_same_once_it_stands(house):
    make_scored(house.team, value=18, size=5)
    last = make_scored(house.team, value=2, size=10)
    rank_organization(organization_id=house.organization.pk)
    set_override(item=last, kind="pin", reason="The fair.", by=None)
    rank_organization(organization_id=house.organization.pk)
    pin = Override.objects.select_related("item").get(organization=house.organization)

    assert price_override(override=pin, access=house.access("owner")).amount == pytest.approx(18)


def test_what_acts_on_a_closed_item_costs_nothing_and_keeps_no_other_price_back(house):
    make_scored(house.team, value=18, size=5)
    last, closed = make_scored(house.team, value=2, size=10), make_scored(house.team)
    kept = make_scored(house.team, value=1)
    set_override(item=closed, kind="pin", reason="The fair.", by=None)
    set_override(item=kept, kind="keep_above", anchor=closed, reason="The fair.", by=None)
    set_override(item=last, kind="pin", reason="The fair.", by=None)
    set_status(item=closed, status="done", by=None)
    rank_organization(organization_id=house.organization.pk)
    overrides = list(Override.objects.select_related("item").filter(organization=house.organization).order_by("id"))

    prices = price_overrides(overrides=overrides, access=house.access("owner"))

    assert [price.is_idle for price in prices] == [True, True, False]
    assert price_override(override=overrides[0], access=house.access("owner")).words == "It does nothing: its item is closed."
    assert prices[2].amount == price_override(override=overrides[2], access=house.access("owner")).amount


def test_nothing_moves_nothing_costs(house):
    first, last = make_scored(house.team, value=18, size=5), make_scored(house.team, value=2, size=10)
    rank_organization(organization_id=house.organization.pk)

    price = price_override(override=meant(first, "keep_above", anchor=last), access=house.access("owner"))

    assert (price.words, price.whom) == ("It costs nothing in delay.", "Nothing comes later.")


def test_a_pair_that_a_dependency_forbids_rests(house):
    first, last = make_scored(house.team, value=18, size=5), make_scored(house.team, value=2, size=10)
    link_dependency(blocker=first, blocked=last, by=None)
    rank_organization(organization_id=house.organization.pk)

    assert price_override(override=meant(last, "keep_above", anchor=first), access=house.access("owner")).resting


def test_a_hold_delays_the_item_itself(house):
    first, last = make_scored(house.team, value=18, size=5), make_scored(house.team, value=2, size=10)
    rank_organization(organization_id=house.organization.pk)
    day = timezone.localdate() + timedelta(days=70)

    price = price_override(override=meant(first, "not_before", expires_on=day), access=house.access("owner"))

    assert price.amount == pytest.approx(20 * 1 - 4 * 0.5)
    assert (price.place_before, price.place_after) == (1, 2)
    assert last.key not in price.whom


def test_prices_of_many_are_those_of_each_and_the_list_is_read_once(house, django_assert_max_num_queries):
    items = [make_scored(house.team, value=20 - 2 * number, size=5) for number in range(8)]
    elsewhere = make_scored(house.teams["pricing"], value=3, size=5)
    link_dependency(blocker=elsewhere, blocked=items[6], by=None)
    rank_organization(organization_id=house.organization.pk)
    set_override(item=items[6], kind="pin", reason="The fair.", by=None)
    set_override(item=items[5], kind="keep_above", anchor=items[1], reason="Agreed.", by=None)
    set_override(item=items[0], kind="not_before", reason="Law.", by=None, expires_on=timezone.localdate() + timedelta(days=30))
    set_override(item=items[7], kind="keep_above", anchor=items[2], reason="Agreed.", by=None)
    rank_organization(organization_id=house.organization.pk)
    stored = list(Override.objects.filter(organization=house.organization).select_related("item", "anchor").order_by("id"))

    with django_assert_max_num_queries(9):
        together = price_overrides(overrides=stored, access=house.access("owner"))

    assert together == [price_override(override=each, access=house.access("owner")) for each in stored]
    assert all(abs(price.amount) > 0.5 for price in together)
    assert price_overrides(overrides=[], access=house.access("owner")) == []
