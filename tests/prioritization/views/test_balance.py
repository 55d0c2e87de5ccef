"""The balanced view over HTTP."""

import pytest
from django.urls import reverse

from accounts.roles import Role
from prioritization.selectors.interleaving import shares_of
from prioritization.services.ranking import rank_organization
from tests.factories.accounts import make_member, make_team, organization_with
from tests.factories.prioritization import make_scored

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}
SHARES = {"features": "80", "debt": "20", "was": "{}"}


@pytest.fixture
def house():
    return organization_with("checkout", owner=Role.PRODUCT_OWNER, observer=Role.OBSERVER)


def path(house):
    return reverse("prioritization:balance", kwargs={"organization": house.organization.slug, "team": house.team.slug})


def test_shares_are_set_shown_and_can_be_undone(client, house):
    item = make_scored(house.team, title="Lamp")
    rank_organization(organization_id=house.organization.pk)
    client.force_login(house.people["owner"])
    assert "No shares are kept" in client.get(path(house)).content.decode()

    done = client.post(path(house), SHARES, **HTMX).content.decode()

    assert "The balanced order" in done
    assert item.key in done
    assert "Undo" in done
    assert client.post(path(house), SHARES, **HTMX).status_code == 409
    assert client.post(path(house), {}).status_code == 302
    assert shares_of(house.team) == {}


def test_what_was_typed_stands_beside_the_refusal(client, house):
    client.force_login(house.people["owner"])

    for shares in ({"features": "lots"}, {"features": "60"}, {"features": "80", "was": "[]"}):
        answer = client.post(path(house), shares, **HTMX)
        assert answer.status_code in (409, 422)
        assert f'value="{shares["features"]}"' in answer.content.decode()


def test_who_may_see_and_who_may_set(client, house):
    client.force_login(house.people["observer"])
    assert client.get(path(house)).status_code == 200
    assert client.post(path(house), SHARES).status_code == 403
    client.force_login(make_member(make_team(organization_with("other").organization)))
    assert client.get(path(house)).status_code == 404
    assert client.post(path(house), SHARES).status_code == 404


def test_it_costs_the_same_for_one_and_for_many(client, house, django_assert_max_num_queries):
    for value in (5, 8, 13):
        make_scored(house.team, value=value)
    rank_organization(organization_id=house.organization.pk)
    client.force_login(house.people["owner"])
    client.post(path(house), SHARES)
    with django_assert_max_num_queries(20):
        client.get(path(house), **HTMX)
