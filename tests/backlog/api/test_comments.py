"""Comments by the API."""

import pytest

from accounts.roles import Role
from backlog.models import Comment
from tests.factories.accounts import organization_with
from tests.factories.api import call_by_token
from tests.factories.backlog import make_item

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return organization_with("checkout", slug="acme", dev=Role.DEVELOPER, owner=Role.PRODUCT_OWNER, watcher=Role.OBSERVER)


@pytest.fixture
def call(house):
    return lambda person: call_by_token(house.people[person], house.organization)


@pytest.fixture
def item(house):
    return make_item(house.team)


@pytest.fixture
def base(item):
    return f"items/{item.key}/comments/"


def test_a_comment_is_added_changed_and_removed(call, base):
    dev = call("dev")

    first = dev.post(base, {"text": "@Owner, so?"}, idempotency_key="k")
    again = dev.post(base, {"text": "@Owner, so?"}, idempotency_key="k")
    changed = dev.patch(f"{base}1/", {"text": "So."})

    assert (first.status_code, again.status_code, again.json()) == (201, 200, first.json())
    assert {"number": 1, "author": "Dev", "mentions": ["Owner"], "edited_at": None, "is_removed": False}.items() <= first.json().items()
    assert (changed.json()["text"], changed.json()["mentions"]) == ("So.", [])
    assert dev.send("DELETE", f"{base}1/").status_code == 204
    assert dev.send("DELETE", f"{base}1/").status_code == 409
    shown = call("watcher").get(base).json()["comments"]
    assert [(row["number"], row["text"], row["is_removed"]) for row in shown] == [(1, "", True)]


def test_pages_lead_from_the_latest_back(house, call, item, base):
    Comment.objects.bulk_create(Comment(organization_id=item.organization_id, item=item, number=n, text="x") for n in range(1, 31))
    dev = call("dev")

    latest = dev.get(base).json()
    earlier = dev.get(f"{base}?before={latest['next_before']}").json()

    assert ([row["number"] for row in latest["comments"]], latest["next_before"]) == (list(range(11, 31)), 11)
    assert ([row["number"] for row in earlier["comments"]], earlier["next_before"]) == (list(range(1, 11)), None)
    assert dev.get(f"{base}?before=soon").status_code == 400


def test_others_read_and_change_nothing(call, base):
    call("dev").post(base, {"text": "Mine"})

    assert call("watcher").post(base, {"text": "So"}).status_code == 403
    assert call("owner").patch(f"{base}1/", {"text": "So"}).status_code == 403
    assert call("owner").send("DELETE", f"{base}1/").status_code == 403
    assert call("dev").post(base, {"text": " "}).status_code == 422
    assert call("dev").post(base, {"text": "a\x00"}).status_code == 422
    assert [row["text"] for row in call("owner").get(base).json()["comments"]] == ["Mine"]
