"""The pages about an order, one beside the other."""

import pytest
from django.urls import reverse

from accounts.roles import Role
from prioritization.sections import SECTIONS
from tests.factories.accounts import make_member, make_team, organization_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return organization_with("checkout", owner=Role.PRODUCT_OWNER, observer=Role.OBSERVER)


def path_of(house, name="prioritization:priorities"):
    return reverse(name, kwargs={"organization": house.organization.slug, "team": house.team.slug})


def test_overview_leads_to_every_page_that_is_there(client, house):
    client.force_login(house.people["observer"])

    html = client.get(path_of(house)).content.decode()

    for section in SECTIONS:
        shown = f'<a href="{path_of(house, section.team_name)}"' in html
        assert shown or section.verb != "read", section.label


def test_each_page_marks_itself_in_the_row_and_priorities_in_the_rail(client, house):
    client.force_login(house.people["owner"])
    for section in SECTIONS:
        url = path_of(house, section.team_name)
        html = client.get(url).content.decode()
        assert f'<a href="{url}" aria-current="page">{section.label}</a>' in html
        assert f'href="{path_of(house)}" aria-current="page"' in html


def test_a_train_has_them_too(client, house):
    client.force_login(house.people["owner"])
    for section in SECTIONS:
        if section.train_name:
            url = reverse(section.train_name, kwargs={"organization": house.organization.slug, "train": house.train.slug})
            assert client.get(url).status_code == 200


def test_others_find_nothing(client, house):
    client.force_login(make_member(make_team(organization_with("other").organization)))

    assert client.get(path_of(house)).status_code == 404
