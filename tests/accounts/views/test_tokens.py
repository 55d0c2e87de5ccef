"""The page of a person's own tokens."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import ApiToken
from accounts.roles import Role
from accounts.services.tokens import create_token
from tests.factories.accounts import House, organization_with
from tests.factories.api import Caller
from tests.meetings import meet

pytestmark = pytest.mark.django_db
GOOD = {"name": "nightly export", "scope": "write", "days": "30"}


@pytest.fixture
def house() -> House:
    return organization_with("checkout", slug="acme", dev=Role.DEVELOPER, mate=Role.DEVELOPER)


@pytest.fixture
def browser(house: House) -> Client:
    client = Client()
    client.force_login(house.people["dev"])
    return client


def test_page_is_met_by_each(house):
    expected = {"visitor": 302, "stranger": 404, "other organization": 404, "observer": 200, "neighbour": 200, "owner": 200}

    assert meet(house, "/acme/settings/tokens/") == expected
    assert meet(house, "/acme/settings/tokens/", data=GOOD) == expected


def test_new_token_is_shown_once_and_works(house, browser):
    page = browser.post("/acme/settings/tokens/", GOOD)

    secret = re.search(r'value="(wnw_[^"]+)"', page.content.decode())
    assert secret is not None
    assert page["Cache-Control"] == "no-store, private"
    answer = Caller("acme", {"Authorization": f"Bearer {secret[1]}"}).get("tokens/")
    assert [token["name"] for token in answer.json()["tokens"]] == ["nightly export"]
    again = browser.get("/acme/settings/tokens/").content.decode()
    assert "nightly export" in again
    assert "wnw_" not in again


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"name": "a\x00b"}, {"name": "x" * 81}, {"scope": "admin"}, {"days": "9999"}, {"days": "x"}]
)
def test_token_that_cannot_be_made_keeps_the_words(house, browser, wrong):
    page = browser.post("/acme/settings/tokens/", {**GOOD, **wrong})

    assert page.status_code == 422
    assert not ApiToken.objects.for_organization(house.organization).exists()


def test_revoking_is_for_ones_own_tokens(house, browser):
    mine, _ = create_token(organization=house.organization, user=house.people["dev"], name="mine", by=None)
    theirs, _ = create_token(organization=house.organization, user=house.people["mate"], name="theirs", by=None)

    def revoke(name: object) -> int:
        return int(browser.post(f"/acme/settings/tokens/{name}/revoke/").status_code)

    assert [revoke(theirs.public_id), revoke(uuid4()), revoke(mine.public_id)] == [404, 404, 302]
    page = browser.get("/acme/settings/tokens/").content.decode()
    assert "mine is revoked" in page
    assert "theirs" not in page
    assert revoke(mine.public_id) == 404


def test_page_costs_the_same_for_one_and_for_three(house, browser, django_assert_num_queries):
    create_token(organization=house.organization, user=house.people["dev"], name="x", by=None)
    browser.get("/acme/settings/tokens/")
    with django_assert_num_queries(5) as counted:
        browser.get("/acme/settings/tokens/")
    for _ in range(2):
        create_token(organization=house.organization, user=house.people["dev"], name="x", by=None)

    with django_assert_num_queries(len(counted)):
        browser.get("/acme/settings/tokens/")
