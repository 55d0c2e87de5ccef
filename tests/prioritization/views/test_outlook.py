"""How sure a place is, beside the receipt; and the notice while the order is being computed."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.roles import Role
from backlog.models import ListMode, StaleRank
from prioritization.models import Factor
from prioritization.selectors.outlook import outlook_of
from prioritization.services.ranking import rank_organization
from tests.factories.accounts import make_member, make_team, organization_with
from tests.factories.prioritization import make_scored

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("patient")]
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def house():
    return organization_with("checkout", owner=Role.PRODUCT_OWNER, observer=Role.OBSERVER)


def path_of(item, name="item-outlook"):
    return reverse(f"prioritization:{name}", kwargs={"organization": item.organization.slug, "key": item.key})


def text_of(client, item, name="item-outlook") -> str:
    response = client.get(path_of(item, name), **HTMX)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def test_a_place_between_near_values_is_told_with_its_range_and_its_coin_flip(client, house):
    first = make_scored(house.team, value=20, size=1)
    near = [make_scored(house.team, value=8, size=3) for _ in range(2)]
    last = make_scored(house.team, value=1, size=8)
    rank_organization(organization_id=house.organization.pk)
    client.force_login(house.people["observer"])

    assert "1st in at least 8 of 10 draws" in text_of(client, first)
    told = text_of(client, near[0])
    assert "2nd to 3rd in 8 of 10 draws" in told
    assert f"coin flip with 3rd, {near[1].key}" in told
    assert "in the next two sprints: <strong>100 %</strong>" in told
    assert "coin flip" not in text_of(client, last)
    assert text_of(client, near[0]) == told


def test_a_score_past_its_date_widens_what_is_said_of_the_place(client, house):
    for value in range(6, 20):
        make_scored(house.team, value=value, size=5)
    item = make_scored(house.team, value=12, size=5)
    rank_organization(organization_id=house.organization.pk)
    client.force_login(house.people["observer"])
    fresh = outlook_of(item)
    assert "past its date" not in text_of(client, item)

    Factor.objects.filter(organization=house.organization, item=item, name="risk_reduction").update(
        expires_on=timezone.localdate() - timedelta(days=1)
    )

    old = outlook_of(item)
    assert fresh is not None and old is not None
    assert (int(old.low[:-2]), int(old.high[:-2])) == pytest.approx((1, 14), abs=1)
    assert int(fresh.high[:-2]) - int(fresh.low[:-2]) < int(old.high[:-2]) - int(old.low[:-2])
    assert "Risk or opportunity past its date: in force, and drawn as uncertain as an assumed score" in text_of(client, item)
    assert "today, past its date of" in text_of(client, item, "item-receipt")


def test_a_score_that_the_model_does_not_ask_for_does_not_age(house):
    item = make_scored(house.team, value=12)
    rank_organization(organization_id=house.organization.pk)

    Factor.objects.create(
        organization=house.organization, item=item, name="revenue", value=5, expires_on=timezone.localdate() - timedelta(days=1)
    )

    outlook = outlook_of(item)
    assert outlook is not None and outlook.expired == ""


def test_a_list_ordered_by_hand_has_no_draws(client, house):
    item = make_scored(house.team, value=8)
    ListMode.objects.create(organization=house.organization, team=house.team, mode=ListMode.Mode.MANUAL)
    client.force_login(house.people["owner"])

    assert "No draws" in text_of(client, item)


def test_the_draws_of_a_place_take_as_many_queries_for_any_list(client, house, django_assert_num_queries):
    item = make_scored(house.team, value=8)
    client.force_login(house.people["owner"])
    client.get(path_of(item))
    with django_assert_num_queries(6) as at_one:
        text_of(client, item)
    for _ in range(3):
        make_scored(house.team, value=5)

    with django_assert_num_queries(len(at_one)):
        text_of(client, item)


def test_another_team_reads_it_and_another_organization_does_not(client, house):
    item = make_scored(house.team, value=8)
    client.force_login(make_member(make_team(house.organization), role=Role.DEVELOPER))
    assert client.get(path_of(item)).status_code == 200

    client.force_login(organization_with("other", owner=Role.PRODUCT_OWNER).people["owner"])
    assert client.get(path_of(item)).status_code == 404


def test_list_and_receipt_say_that_the_order_is_being_computed_until_it_is(client, house):
    item, other = make_scored(house.team, value=8), make_scored(house.team, value=5)
    client.force_login(house.people["owner"])
    list_path = reverse("backlog:item-list", kwargs={"organization": house.organization.slug, "team": house.team.slug})
    StaleRank.objects.create(organization=house.organization, item_id=item.pk, cause="item.scored")

    page = client.get(list_path).content.decode()
    assert "Order is being computed: 1 item changed, last complete <time" in page
    assert 'hx-trigger="every 4s"' in page
    assert "is being computed" in text_of(client, item, "item-receipt")
    assert "is being computed" not in text_of(client, other, "item-receipt")

    rank_organization(organization_id=house.organization.pk)
    assert "being computed" not in client.get(list_path).content.decode()
    assert "being computed" not in text_of(client, item, "item-receipt")
