"""Questions by the API."""

import pytest

from accounts.roles import Role
from tests.factories.accounts import organization_with
from tests.factories.api import call_by_token
from tests.factories.backlog import make_item

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return organization_with("checkout", slug="acme", dev=Role.DEVELOPER, watcher=Role.OBSERVER, voice=Role.STAKEHOLDER)


@pytest.fixture
def call(house):
    return lambda person: call_by_token(house.people[person], house.organization)


@pytest.fixture
def base(house):
    return f"items/{make_item(house.team).key}/questions/"


def test_a_question_is_asked_changed_answered_opened_and_removed(house, call, base):
    dev, email = call("dev"), house.people["dev"].email
    asked = {"text": "Who tells finance?", "owner": email, "due_on": "2026-12-04"}

    first = dev.post(base, asked, idempotency_key="k")
    again = dev.post(base, asked, idempotency_key="k")
    answered = dev.patch(f"{base}1/", {"answer": "Jon", "due_on": None})
    opened = dev.patch(f"{base}1/", {"answer": ""})

    assert (first.status_code, again.status_code, again.json()) == (201, 200, first.json())
    assert {**asked, "number": 1, "is_open": True, "answer": ""}.items() <= first.json().items()
    assert (answered.json()["is_open"], answered.json()["due_on"], opened.json()["is_open"]) == (False, None, True)
    assert [row["number"] for row in call("watcher").get(base).json()["questions"]] == [1]
    assert dev.send("DELETE", f"{base}1/").status_code == 204
    assert dev.send("DELETE", f"{base}1/").status_code == 404


def test_what_cannot_be_asked_changes_nothing(call, base):
    dev = call("dev")
    dev.post(base, {"text": "Who?"})

    answers = [
        dev.post(base, {"text": ""}),
        dev.post(base, {"text": "Who?", "owner": "nobody@example.com"}),
        dev.post(base, {"text": "Who?", "due_on": "soon"}),
        dev.post(base, {"text": "Who?", "item": "CHK-1"}),
        dev.patch(f"{base}1/", {"answer": "Jon", "owner": "nobody@example.com"}),
    ]

    assert [answer.status_code for answer in answers] == [422, 422, 422, 400, 422]
    assert answers[1].json()["code"] == "unknown_reference"
    assert [(row["text"], row["is_open"]) for row in dev.get(base).json()["questions"]] == [("Who?", True)]


def test_who_may_only_read_or_comment(call, base):
    call("dev").post(base, {"text": "Who?"})

    assert call("watcher").post(base, {"text": "Why?"}).status_code == 403
    assert call("watcher").patch(f"{base}1/", {"answer": "So"}).status_code == 403
    assert call("voice").patch(f"{base}1/", {"text": "Why?"}).status_code == 403
    assert call("voice").send("DELETE", f"{base}1/").status_code == 403
    assert call("voice").patch(f"{base}1/", {"answer": "So"}).status_code == 200
