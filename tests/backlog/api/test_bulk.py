"""Many items at once, by a program."""

from decimal import Decimal

import pytest

from accounts.roles import Role
from activity.models import Event
from backlog.models import Item
from backlog.services.criteria import add_task
from tests.factories.accounts import make_team, organization_with
from tests.factories.api import call_by_token
from tests.factories.backlog import make_item, make_iteration

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ranked_later")]


@pytest.fixture
def house():
    return organization_with("checkout", "cart", slug="acme", owner=Role.PRODUCT_OWNER, watcher=Role.OBSERVER)


@pytest.fixture
def items(house):
    return [make_item(house.team, job_size=3) for _ in range(3)]


@pytest.fixture
def send(house, items):
    """Change the items as somebody, and give the answer."""

    def call(body, who="owner", **headers):
        caller = call_by_token(house.people[who], house.organization)
        return caller.post("items/bulk/", {"keys": [item.key for item in items], **body}, **headers)

    return call


def now(house, field):
    return list(Item.objects.for_organization(house.organization).filter(team=house.team).order_by("id").values_list(field, flat=True))


def test_each_kind_of_change_is_one_act_that_comes_back_whole(house, items, send):
    feature, sprint = make_item(house.train), make_iteration(house.team, name="Sprint 15")
    changes = {
        "job_size": ("8", "job_size", Decimal(8)),
        "status": ("planned", "status", "planned"),
        "kind": ("bug", "kind", "bug"),
        "parent": (feature.key, "parent", feature.pk),
        "iteration": ("Sprint 15", "iteration", sprint.pk),
    }
    caller = call_by_token(house.people["owner"], house.organization)

    for name, (value, field, stored) in changes.items():
        before = now(house, field)
        done = send({name: value}).json()
        assert (done["changed"], {each["outcome"] for each in done["items"]}, now(house, field)) == (3, {"changed"}, [stored] * 3)
        undone = caller.post(f"undo/{done['act']}/", None)
        assert (undone.status_code, undone.json()["text"], now(house, field)) == (200, "Undone.", before)


def test_a_preview_says_the_same_and_changes_nothing(house, items, send):
    add_task(item=items[0], text="Write to finance", by=None)
    events = Event.objects.filter(subject_kind="item").count()

    seen = send({"status": "done", "preview": True}).json()

    assert (seen["act"], seen["changed"], Event.objects.filter(subject_kind="item").count()) == (None, 2, events)
    assert seen["items"][0] == {
        "item": items[0].key,
        "outcome": "refused",
        "before": "Open",
        "after": "Done",
        "reason": f"{items[0].key} is not done yet (1 task still open). Say why it is done without, or finish that first.",
    }
    done = send({"status": "done"}).json()
    assert (done["changed"], done["items"]) == (2, seen["items"])
    assert send({"status": "done", "reason": "Nobody asks"}).json()["changed"] == 1


def test_one_key_that_is_not_yours_and_nothing_is_changed(house, items, send):
    hidden = make_item(make_team(house.train, is_private=True))
    foreign = make_item(organization_with("other").team)

    for key in (hidden.key, foreign.key, "NOPE-1"):
        refused = send({"keys": [items[0].key, key], "job_size": 5})
        assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
    assert now(house, "job_size") == [3, 3, 3]


def test_the_same_key_is_one_act_and_another_body_is_refused(house, send):
    first = send({"job_size": 5}, idempotency_key="k1")
    again = send({"job_size": 5}, idempotency_key="k1")

    assert (first.status_code, again.json()) == (200, first.json())
    assert send({"job_size": 8}, idempotency_key="k1").json()["code"] == "idempotency_mismatch"
    assert Event.objects.filter(verb="item.edited").count() == 3


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"job_size": 5, "kind": "bug"}, 400),
        ({"colour": "red"}, 400),
        ({"keys": "CHK-1", "job_size": 5}, 422),
        ({"keys": [], "job_size": 5}, 422),
        ({"keys": [f"X-{number}" for number in range(1, 502)], "job_size": 5}, 422),
        ({"keys": ["X-1\x00"], "job_size": 5}, 422),
        ({"job_size": "many"}, 422),
        ({"job_size": -1}, 422),
        ({"status": "lost"}, 422),
        ({"status": "removed"}, 422),
        ({"parent": "NOPE-1"}, 422),
        ({"iteration": "Sprint 99"}, 422),
        ({"job_size": 5, "reason": "Because"}, 422),
    ],
)
def test_what_cannot_be_asked_is_refused(house, send, body, status):
    assert send(body).status_code == status
    assert now(house, "job_size") == [3, 3, 3]


def test_who_may(house, items, send):
    assert send({"job_size": 5}, "watcher").status_code == 403
    outside = make_item(house.teams["cart"])
    assert send({"keys": [items[0].key, outside.key], "job_size": 5}).status_code == 403
    assert now(house, "job_size") == [3, 3, 3]
    reader = call_by_token(house.people["owner"], house.organization, can_write=False)
    assert reader.post("items/bulk/", {"keys": [items[0].key], "job_size": 5}).status_code == 403


def test_another_ones_act_is_not_found_by_the_undo(house, send):
    act = send({"job_size": 5}).json()["act"]
    other = organization_with("other", slug="other", who=Role.PRODUCT_OWNER)

    assert call_by_token(other.people["who"], other.organization).post(f"undo/{act}/", None).status_code == 404
    assert call_by_token(house.people["watcher"], house.organization).post(f"undo/{act}/", None).status_code == 403
    caller = call_by_token(house.people["owner"], house.organization)
    assert caller.post(f"undo/{act}/", None).status_code == 200
    assert caller.post(f"undo/{act}/", None).status_code == 409
