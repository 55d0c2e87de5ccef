"""Acceptance criteria by the API."""

import pytest

from accounts.roles import Role
from backlog.services.criteria import add_criterion
from tests.factories.accounts import make_team, organization_with
from tests.factories.api import call_by_token
from tests.factories.backlog import make_item

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return organization_with("checkout", slug="acme", dev=Role.DEVELOPER, watcher=Role.OBSERVER)


@pytest.fixture
def call(house):
    return lambda person: call_by_token(house.people[person], house.organization)


@pytest.fixture
def item(house):
    return make_item(house.teams["checkout"], title="Vouchers")


@pytest.fixture
def base(item):
    return f"items/{item.key}/"


def test_criteria_are_added_changed_moved_and_removed(call, item, base):
    dev = call("dev")

    first = dev.post(f"{base}criteria/", {"text": "One"}, idempotency_key="k1")
    again = dev.post(f"{base}criteria/", {"text": "One"}, idempotency_key="k1")
    dev.post(f"{base}criteria/", {"text": "Given x", "form": "gherkin"})
    changed = dev.patch(f"{base}criteria/1/", {"text": "Eins", "position": 9})

    assert (first.status_code, again.status_code, first.json()) == (201, 200, again.json())
    assert changed.json() == {"number": 1, "position": 1, "form": "plain", "text": "Eins", "id": f"{item.key}.1"}
    assert [(row["number"], row["form"]) for row in call("watcher").get(f"{base}criteria/").json()["criteria"]] == [
        (2, "gherkin"),
        (1, "plain"),
    ]
    assert dev.send("DELETE", f"{base}criteria/1/").status_code == 204
    assert dev.send("DELETE", f"{base}criteria/1/").status_code == 404


def test_a_scenario_that_does_not_read_is_422_with_its_line_and_changes_nothing(call, item, base):
    add_criterion(item=item, text="One", by=None)

    added = call("dev").post(f"{base}criteria/", {"text": "Given x\nbla", "form": "gherkin"})
    changed = call("dev").patch(f"{base}criteria/1/", {"form": "gherkin", "position": 0})

    assert (added.status_code, added.json()["code"]) == (422, "gherkin")
    assert added.json()["message"].startswith("Line 2: “bla”")
    assert changed.status_code == 422
    assert list(item.criteria.values_list("form", "text")) == [("plain", "One")]


def test_a_feature_goes_out_and_in_again(call, item, base):
    add_criterion(item=item, text="Given x", form="gherkin", by=None)
    text = call("watcher").get(f"{base}feature/").json()["text"]

    same = call("dev").post(f"{base}feature/", {"text": text})
    more = call("dev").post(f"{base}feature/", {"text": f"{text}  Scenario: b\n    Given y\n"})

    assert same.json() == {"added": 0, "updated": 0, "same": 1, "untouched": 0}
    assert more.json() == {"added": 1, "updated": 0, "same": 1, "untouched": 0}
    assert call("dev").post(f"{base}feature/", {"text": "bla"}).json()["code"] == "gherkin"


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "criteria/"), ("PATCH", "criteria/1/"), ("DELETE", "criteria/1/"), ("POST", "feature/")]
)
def test_who_only_reads_changes_nothing_and_a_hidden_item_is_not_there(house, call, item, base, method, path):
    hidden = make_item(make_team(house.train, slug="secret", is_private=True))
    for one in (item, hidden):
        add_criterion(item=one, text="One", by=None)

    assert call("watcher").send(method, f"{base}{path}", {"text": "Given x"}).status_code == 403
    assert call("dev").send(method, f"items/{hidden.key}/{path}", {"text": "Given x"}).status_code == 404
    assert call("dev").send(method, f"items/{item.key}/criteria/9/" if "criteria/1" in path else "items/NO-1/feature/", {}).status_code in (
        404,
        405,
    )
