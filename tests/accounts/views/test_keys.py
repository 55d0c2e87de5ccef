"""A person's own keys: changed one by one, refused where they meet another on the same screen, and put back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from accounts.keys import ACTS, taken_by
from accounts.models import User
from accounts.roles import Role
from tests.factories.accounts import House, organization_with

pytestmark = pytest.mark.django_db
PATH = "/acme/settings/keys/"


@pytest.fixture
def house() -> House:
    return organization_with("checkout", slug="acme", dev=Role.DEVELOPER)


@pytest.fixture
def browser(house: House) -> Client:
    client = Client()
    client.force_login(house.people["dev"])
    return client


def test_a_key_is_changed_kept_and_told_to_every_page(house, browser):
    response = browser.post(PATH, {"act": "n", "key": "I"})

    assert response.json() == {"keys": {"n": "i"}}
    assert User.objects.get(pk=house.people["dev"].pk).key_map == {"n": "i"}
    assert 'data-key-map="{&quot;n&quot;: &quot;i&quot;}"' in browser.get("/acme/checkout/backlog/").content.decode()
    assert browser.post(PATH, {"act": "n", "key": "n"}).json() == {"keys": {}}
    assert "data-key-map" not in browser.get("/acme/checkout/backlog/").content.decode()


def test_a_key_that_does_something_else_on_the_same_screen_is_refused_with_what(browser):
    refused = browser.post(PATH, {"act": "n", "key": "v"})

    assert (refused.status_code, refused.json()) == (
        409,
        {"message": "V is taken: Views, or vote again. Give that another key first."},
    )
    browser.post(PATH, {"act": "v", "key": "i"})
    assert browser.post(PATH, {"act": "n", "key": "v"}).json() == {"keys": {"v": "i", "n": "v"}}
    assert browser.post(PATH, {"act": "v", "key": "v"}).status_code == 409
    assert browser.post(PATH, {"reset": "yes"}).json() == {"keys": {}}


def test_a_key_of_another_screen_is_free():
    assert taken_by("x", "t", {}) is None
    assert taken_by("x", "z", {}) is ACTS["z"]


@pytest.mark.parametrize(
    ("act", "key"), [("n", "5"), ("n", "?"), ("n", "Enter"), ("n", ""), ("n", "ab"), ("n", "\x00"), ("7", "i"), ("", "i")]
)
def test_what_is_no_key_is_refused(house, browser, act, key):
    assert browser.post(PATH, {"act": act, "key": key}).status_code == 422
    assert User.objects.get(pk=house.people["dev"].pk).key_map == {}


def test_keys_are_changed_by_posts_of_members(house, browser):
    other = Client()
    other.force_login(organization_with("other", who=Role.DEVELOPER).people["who"])

    assert browser.get(PATH).status_code == 405
    assert other.post(PATH, {"act": "n", "key": "i"}).status_code == 404
    assert Client().post(PATH, {"act": "n", "key": "i"}).status_code == 302


def test_every_key_that_a_page_draws_is_known_by_what_it_does():
    drawn = {
        key for path in (Path(settings.BASE_DIR) / "templates").rglob("*.html") for key in re.findall(r'data-key="(\D)"', path.read_text())
    }

    assert drawn - ACTS.keys() == set()
