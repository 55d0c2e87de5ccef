"""How a backlog is scored, over the API."""

import pytest

from accounts.roles import Role
from prioritization.selectors.choices import choice_in
from tests.factories.accounts import organization_with
from tests.factories.api import call_by_token
from tests.factories.prioritization import make_scored

pytestmark = pytest.mark.django_db
PATH = "scoring/story/?team=checkout"


@pytest.fixture
def house():
    return organization_with("checkout", slug="acme", owner=Role.PRODUCT_OWNER, dev=Role.DEVELOPER, watcher=Role.OBSERVER)


@pytest.fixture
def owner(house):
    return call_by_token(house.people["owner"], house.organization)


def of_stories(answer):
    return next(each for each in answer.json()["scoring"] if each["kind"] == "story")


def test_reading_says_model_weights_and_what_is_there(owner, house):
    make_scored(house.team)

    body = of_stories(owner.get("scoring/?team=checkout"))

    assert body["words"] == "Business value + time criticality + risk or opportunity, over job size"
    assert body["weights"] == {"business_value": "1", "time_criticality": "1", "risk_reduction": "1"}
    assert (body["model"], body["rate"], body["is_whole"], body["models"][:2]) == ("wsjf", "1", False, ["wsjf", "cd3"])
    assert body["items"] == {"total": 1, "whole": 1, "assumed": 0, "unscored": 0, "unsized": 0}
    assert body["factors"][-1] == {"name": "confidence", "label": "Confidence", "is_optional": True}
    assert [each["kind"] for each in owner.get(f"scoring/?train={house.train.slug}").json()["scoring"]] == ["epic", "feature"]


def test_choosing_is_read_again(owner, house):
    answer = owner.put(PATH, {"model": "wsjf", "weights": {"business_value": 2, "risk_reduction": "0"}})

    assert answer.status_code == 200
    assert answer.json() == of_stories(owner.get("scoring/?team=checkout"))
    assert answer.json()["weights"] == {"business_value": "2", "time_criticality": "1", "risk_reduction": "0"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"model": "nonsense"}, 422),
        ({"model": "a\x00b"}, 422),
        ({"model": "wsjf", "weights": {"reach": 1}}, 422),
        ({"model": "wsjf", "weights": {"business_value": -1}}, 422),
        ({"model": "wsjf", "weights": {"business_value": "NaN"}}, 422),
        ({"model": "wsjf", "weights": {"business_value": True}}, 422),
        ({"model": "wsjf", "weights": {"business_value": 0, "time_criticality": 0, "risk_reduction": 0}}, 422),
        ({"model": "wsjf", "rate": 0}, 422),
        ({"model": "wsjf", "is_whole": True}, 422),
        ({"model": "rice", "kind": "bug"}, 400),
        ('{"model": "rice", "model": "ice"}', 400),
    ],
)
def test_choosing_refuses(owner, house, body, status):
    assert owner.put(PATH, body).status_code == status
    assert choice_in(house.team, "story").model == "wsjf"


def test_each_is_met_by_each(house, owner):
    stranger = organization_with("x", slug="other", who=Role.PRODUCT_OWNER)
    outside = call_by_token(stranger.people["who"], stranger.organization)
    assert outside.get("/api/v1/acme/scoring/?team=checkout").status_code == 404
    assert outside.put(f"/api/v1/acme/{PATH}", {"model": "rice"}).status_code == 404
    assert outside.put("scoring/story/?team=checkout", {"model": "rice"}).status_code == 404
    for name in ("dev", "watcher"):
        caller = call_by_token(house.people[name], house.organization)
        assert (caller.get("scoring/?team=checkout").status_code, caller.put(PATH, {"model": "rice"}).status_code) == (200, 403)
    assert owner.put("scoring/epic/?team=checkout", {"model": "rice"}).status_code == 404
    assert owner.put("scoring/story/", {"model": "rice"}).status_code == 400
    assert choice_in(house.team, "story").model == "wsjf"
