"""Why one item stands above another, and what would change that."""

import re

import pytest
from django.urls import reverse

from accounts.roles import Role
from backlog.models import Placement
from backlog.services.dependencies import link_dependency
from backlog.services.items import set_job_size
from prioritization.services.ranking import rank_organization
from tests.factories.accounts import make_member, make_team, organization_with
from tests.factories.prioritization import make_scored

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def house():
    return organization_with("checkout", owner=Role.PRODUCT_OWNER, observer=Role.OBSERVER)


def path_of(item):
    return reverse("prioritization:item-why", kwargs={"organization": item.organization.slug, "key": item.key})


def ask(client, item, above=None, status=200) -> str:
    response = client.get(path_of(item), {"above": above.key} if above else {}, **HTMX)
    assert response.status_code == status
    return re.sub(r"\s+", " ", response.content.decode())


def test_the_stated_size_really_puts_it_above(client, house):
    high, low = make_scored(house.team, value=13, size=3), make_scored(house.team, value=8, size=5)
    rank_organization(organization_id=house.organization.pk)
    client.force_login(house.people["observer"])

    text = ask(client, low)

    assert f"{high.key} stands above {low.key} by its own value" in text
    found = re.search(r"its size is ([\d.]+) or less", text)
    assert found
    set_job_size(item=low, job_size=found[1], by=None)
    rank_organization(organization_id=house.organization.pk)
    above, below = (Placement.objects.unscoped().get(item=item) for item in (low, high))
    assert (above.falling, above.component) < (below.falling, below.component)


def test_what_waits_is_told_so_and_how_it_would_pass(client, house):
    blocker, blocked = make_scored(house.team, value=3), make_scored(house.team, value=20)
    link_dependency(blocker=blocker, blocked=blocked, by=None)
    rank_organization(organization_id=house.organization.pk)
    client.force_login(house.people["owner"])

    text = ask(client, blocked, above=blocker)

    assert f"{blocker.key} stands above {blocked.key} because {blocked.key} waits for it." in text
    assert f'it no longer waits for {blocker.key} <span class="soft">(then 1st)</span>' in text
    assert f"Without waiting for {blocker.key}: <strong>1st</strong> instead of 2nd." in text
    assert "its size is" not in text
    assert ask(client, blocker, above=blocked).count("because") == 1


def test_a_wrong_key_is_told_and_hidden_items_are_not(client, house):
    item = make_scored(house.team)
    secret = make_scored(make_team(house.train, is_private=True))
    rank_organization(organization_id=house.organization.pk)
    client.force_login(house.people["observer"])

    assert "There is no item" in ask(client, item, above=secret, status=422)
    assert "Choose another item" in ask(client, item, above=item, status=422)
    assert "Nothing stands right above" in ask(client, item)
    assert client.get(path_of(secret)).status_code == 404
    client.force_login(make_member(make_team(organization_with("other").organization)))
    assert client.get(path_of(item)).status_code == 404


def test_it_is_a_page_of_its_own_too(client, house):
    item = make_scored(house.team)
    rank_organization(organization_id=house.organization.pk)
    client.force_login(house.people["observer"])

    assert b"<html" in client.get(path_of(item)).content
