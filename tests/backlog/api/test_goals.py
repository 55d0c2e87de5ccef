"""Goals by the API, and the goal of an item."""

from __future__ import annotations

import pytest

from accounts.roles import Role
from activity.models import Event
from backlog.models import Goal
from backlog.services.goals import set_goal
from tests.factories.accounts import House, make_organization, organization_with
from tests.factories.api import call_by_token
from tests.factories.backlog import make_item
from tests.factories.goals import make_goal

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return organization_with("checkout", slug="acme", owner=Role.PRODUCT_OWNER, dev=Role.DEVELOPER)


def caller(house: House, person: str):
    return call_by_token(house.people[person], house.organization)


def test_goals_are_made_once_and_listed_as_a_tree(house):
    owner = caller(house, "owner")
    body = {"name": "Fewer returns", "description": "Each costs us 9.", "weight": "1.5", "ends_on": "2027-01-31"}

    first, again = (owner.post("goals/", body, idempotency_key="k1") for _ in range(2))
    owner.post("goals/", {"name": "Trust"})
    below = owner.post("goals/", {"name": "Labels that stick", "parent": 1})

    assert (first.status_code, again.status_code, below.status_code) == (201, 200, 201)
    assert first.json() == again.json() | {"parent": None}
    assert {"weight": "1.5", "is_active": True, "starts_on": None, "ends_on": "2027-01-31"}.items() <= first.json().items()
    listed = caller(house, "dev").get("goals/").json()["goals"]
    assert [(goal["number"], goal["parent"]) for goal in listed] == [(1, None), (3, 1), (2, None)]


def test_goals_are_shaped_by_whoever_decides_an_order(house):
    make_goal(house.organization)
    dev = caller(house, "dev")

    assert dev.get("goals/1/").status_code == 200
    assert [dev.post("goals/", {"name": "Mine"}).status_code, dev.patch("goals/1/", {"weight": 2}).status_code] == [403, 403]
    assert caller(house, "owner").patch("goals/1/", {"weight": 2, "is_active": False}).json()["weight"] == "2"


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 422, "name"),
        ({"name": "\x00"}, 422, "name"),
        ({"name": "x" * 201}, 422, "name"),
        ({"name": "Trust", "weight": "NaN"}, 422, "weight"),
        ({"name": "Trust", "weight": 6}, 422, "weight"),
        ({"name": "Trust", "parent": 9}, 422, "parent"),
        ({"name": "Trust", "ends_on": "31.1.2027"}, 422, "ends_on"),
        ({"name": "Trust", "starts_on": "2027-02-01", "ends_on": "2027-01-31"}, 422, "ends_on"),
        ({"name": "Trust", "number": 4}, 400, None),
    ],
)
def test_what_cannot_be_a_goal_is_refused(house, body, status, field):
    answer = caller(house, "owner").post("goals/", body)

    assert (answer.status_code, next(iter(answer.json().get("fields", {})), None)) == (status, field)
    assert not Goal.objects.for_organization(house.organization).exists()


def test_an_item_says_and_changes_its_goal(house):
    trust = make_goal(house.organization, "Trust")
    item = make_item(house.team)
    dev = caller(house, "dev")

    answer = dev.patch(f"items/{item.key}/", {"goal": 1, "title": "Other"}, if_match="*")
    assert (answer.status_code, answer.json()["goal"], answer.json()["title"]) == (200, 1, "Other")
    assert len(set(Event.objects.filter(subject_id=item.pk, verb__in=["item.edited", "item.aimed"]).values_list("act", flat=True))) == 1
    assert [row["key"] for row in dev.get("items/?team=checkout&goal=1").json()["items"]] == [item.key]
    assert dev.get("items/?team=checkout&goal=none").json()["items"] == []
    assert dev.get("items/?team=checkout&goal=-1").status_code == 400

    refused = dev.patch(f"items/{item.key}/", {"goal": 9, "title": "Third"}, if_match="*")
    assert (refused.status_code, refused.json()["code"], refused.json()["fields"].keys()) == (422, "unknown_reference", {"goal"})
    assert dev.get(f"items/{item.key}/").json()["title"] == "Other"
    assert dev.patch(f"items/{item.key}/", {"goal": None}, if_match="*").json()["goal"] is None
    made = dev.post("items/", {"team": "checkout", "kind": "story", "title": "New", "goal": trust.number})
    assert (made.status_code, made.json()["goal"]) == (201, 1)


def test_a_goal_of_another_organization_is_no_goal(house):
    make_goal(make_organization(), "Theirs")
    item = make_item(house.team)

    assert caller(house, "owner").get("goals/1/").status_code == 404
    assert caller(house, "owner").patch(f"items/{item.key}/", {"goal": 1}, if_match="*").status_code == 422


def test_a_list_of_items_asks_for_goals_once(house, django_assert_max_num_queries):
    goal = make_goal(house.organization)
    for _ in range(3):
        set_goal(item=make_item(house.team), goal=goal, by=None)
    dev = caller(house, "dev")
    dev.get("items/?team=checkout")
    with django_assert_max_num_queries(8):
        assert [row["goal"] for row in dev.get("items/?team=checkout").json()["items"]] == [1, 1, 1]


def test_a_goal_is_removed_by_whoever_decides_an_order(house):
    goal = make_goal(house.organization)
    item = make_item(house.team)
    set_goal(item=item, goal=goal, by=None)
    owner = caller(house, "owner")
    assert caller(house, "dev").send("DELETE", "goals/1/").status_code == 403

    assert owner.send("DELETE", "goals/1/").status_code == 204

    item.refresh_from_db()
    assert (item.goal, owner.send("DELETE", "goals/1/").status_code) == (None, 404)
    make_goal(house.organization, parent=make_goal(house.organization))
    assert owner.send("DELETE", "goals/2/").status_code == 409
