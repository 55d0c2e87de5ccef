"""Anchors over the API."""

import pytest

from accounts.roles import Role
from backlog.models import Item
from tests.factories.accounts import organization_with
from tests.factories.api import call_by_token
from tests.factories.backlog import make_item
from tests.factories.prioritization import make_scored

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return organization_with("checkout", slug="acme", owner=Role.PRODUCT_OWNER, dev=Role.DEVELOPER, watcher=Role.OBSERVER)


@pytest.fixture
def item(house) -> Item:
    return make_scored(house.team, value=8)


def anchors_beside(caller, item):
    return [each["key"] for each in caller.get(f"items/{item.key}/scores/").json()["factors"][0]["anchors"]]


def test_an_anchor_stands_beside_the_scale_until_it_is_lifted(house, item):
    owner, other = call_by_token(house.people["owner"], house.organization), make_scored(house.team, value=3)
    path = f"items/{item.key}/anchors/business_value/"

    for _ in range(2):
        answer = owner.put(path, {})
        assert (answer.status_code, answer.json()) == (200, {"key": item.key, "factor": "business_value", "is_anchor": True})
    assert anchors_beside(owner, other) == [item.key]
    for _ in range(2):
        assert owner.send("DELETE", path).json()["is_anchor"] is False
    assert anchors_beside(owner, other) == []


def test_what_is_not_scored_or_not_asked_for_is_refused(house, item):
    owner = call_by_token(house.people["owner"], house.organization)
    bare = make_item(house.team)

    assert owner.put(f"items/{bare.key}/anchors/business_value/", {}).status_code == 409
    assert owner.put(f"items/{item.key}/anchors/severity/", {}).status_code == 422
    assert owner.put(f"items/{item.key}/anchors/business_value/?x=1", {}).status_code == 400


def test_each_is_met_by_each(house, item):
    path = f"items/{item.key}/anchors/business_value/"
    for name in ("dev", "watcher"):
        caller = call_by_token(house.people[name], house.organization)
        assert (caller.put(path, {}).status_code, caller.send("DELETE", path).status_code) == (403, 403)
    stranger = organization_with("x", slug="other", who=Role.PRODUCT_OWNER)
    outside = call_by_token(stranger.people["who"], stranger.organization)
    assert (outside.put(path, {}).status_code, outside.put(f"/api/v1/acme/{path}", {}).status_code) == (404, 404)
