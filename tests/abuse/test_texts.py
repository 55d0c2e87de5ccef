"""What nobody types by accident, in every text of the backlog: an exact answer, nothing stored in part, and the words kept to be mended."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from accounts.roles import Role
from activity.models import Event
from backlog.gherkin.reading import MAX_LINES
from backlog.models import Criterion, Item
from backlog.services.comments import add_comment
from backlog.services.criteria import add_criterion, add_task
from backlog.services.questions import ask_question
from backlog.services.stale_items import find_stale_items
from tests.factories.accounts import House, organization_with
from tests.factories.api import call_by_token
from tests.factories.backlog import make_item
from tests.factories.intake import make_request
from tests.factories.stale import make_old

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
KB64 = 64 * 1024
# path below the organization, the form without its text (`{key}` stands for the item), the name of the text
TEXTS: list[tuple[str, dict[str, str], str]] = [
    ("checkout/backlog/new/", {"kind": "story"}, "title"),
    ("{key}/edit/", {}, "title"),
    ("{key}/description/", {}, "description"),
    ("{key}/description/preview/", {}, "description"),
    ("{key}/details/", {}, "role"),
    ("{key}/details/", {"field": "benefit"}, "benefit"),
    ("{key}/criteria/", {"form": "plain"}, "text"),
    ("{key}/criteria/", {"form": "gherkin"}, "text"),
    ("{key}/criteria/1/", {}, "text"),
    ("{key}/criteria/import/", {}, "text"),
    ("{key}/tasks/", {}, "text"),
    ("{key}/tasks/1/", {}, "text"),
    ("{key}/questions/ask/", {}, "text"),
    ("{key}/comments/", {}, "text"),
    ("{key}/split/", {"size": ""}, "title"),
    ("{key}/status/", {"status": "removed"}, "reason"),
    ("{key}/parent/", {}, "other"),
    ("{key}/link/", {"relation": "waits_for"}, "other"),
    ("{key}/comments/1/", {"was_text": "Stands"}, "text"),
    ("{key}/questions/1/", {"was_text": "Stands"}, "text"),
    ("{key}/questions/1/answer/", {}, "answer"),
    ("{key}/ready/size/", {"state": "waived"}, "reason"),
    ("{key}/split/", {"title": "Part", "criterion-1": "dropped"}, "why-1"),
    ("{key}/scores/", {"business_value": "5"}, "business_value_evidence"),
    ("{key}/move/", {"to": "top"}, "reason"),
    ("checkout/goals/", {"weight": "1"}, "name"),
    ("checkout/goals/", {"weight": "1", "name": "Fewer calls"}, "description"),
    ("checkout/ready/", {"act": "add", "kind": ""}, "text"),
    ("checkout/backlog/views/new/?kind=story", {}, "name"),
    ("checkout/backlog/change/", {"key": "{key}", "what": "status", "status": "removed"}, "reason"),
    ("checkout/backlog/stale/verdict/", {"key": "{key}", "verdict": "remove"}, "reason"),
    ("checkout/inbox/form/", {"act": "words", "intro": "Tell us"}, "title"),
    ("checkout/inbox/form/", {"act": "words", "title": "Ask us"}, "intro"),
    ("checkout/inbox/1/accept/", {"title": "Ask", "kind": "story"}, "sentence"),
    ("checkout/inbox/1/decline/", {}, "sentence"),
    ("settings/tokens/", {"scope": "read", "days": "30"}, "name"),
]
SHORT = ("title", "name", "reason", "sentence", "why-1", "business_value_evidence", "answer")
"""Texts that are a line; the others may be as long as a page."""
XSS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "'-alert(1)-'</textarea><script>alert(1)</script>",
    '<a href="javascript:alert(1)">x</a>',
    "<b hx-on:load=alert(1) hx-get=/evil hx-trigger=load>x</b>",
    "<form action=//evil><input name=q>",
    "</title><iframe src=//evil>",
    "{{ item.key }}{% load x %}",
]


@pytest.fixture
def house() -> House:
    return organization_with("checkout", "cart", slug="acme", owner=Role.PRODUCT_OWNER)


@pytest.fixture
def item(house: House) -> Item:
    item = make_old(house.team, title="Gift cards")
    add_criterion(item=item, text="Stands", by=None)
    add_task(item=item, text="Stands", by=None)
    add_comment(item=item, text="Stands", by=house.people["owner"])
    ask_question(item=item, text="Stands", by=house.people["owner"])
    make_request(house.team)
    find_stale_items(home=house.team)
    return item


@pytest.fixture
def client(house: House) -> Client:
    client = Client()
    client.force_login(house.people["owner"])
    return client


def send(client: Client, item: Item, place: tuple[str, dict[str, str], str], text: str) -> Any:
    path, form, name = place
    filled = {field: value.format(key=item.key) for field, value in form.items()}
    return client.post(f"/acme/{path.format(key=item.key)}", {**filled, name: text}, headers=HTMX)


def count_events(item: Item) -> int:
    return Event.objects.filter(organization=item.organization_id).count()


def typed_in(page: str) -> str:
    """All that stands in fields of the page."""
    areas = re.findall(r"<textarea[^>]*>\n?(.*?)</textarea>", page, re.DOTALL)
    return unescape("\n".join([*areas, *re.findall(r'<input[^>]* value="([^"]*)"', page)]))


@pytest.mark.parametrize("place", TEXTS, ids=lambda place: "-".join([place[0].strip("/"), *place[1].values(), place[2]]))
@pytest.mark.parametrize("text", ["x" * (KB64 + 1), "Words\x00 with NUL"], ids=["64 KB", "NUL"])
def test_a_text_that_cannot_be_stored_is_refused_and_kept(client, item, place, text):
    before = count_events(item)

    answer = send(client, item, place, text)

    page = answer.content.decode()
    assert answer.status_code in (413, 422)
    assert count_events(item) == before
    if place[0] != "{key}/description/preview/":  # it stands in the form beside it
        kept = typed_in(page)
        assert text.replace("\x00", "") in kept.replace("\x00", "").replace("\ufffd", "")


@pytest.mark.parametrize(
    ("place", "most"),
    [
        (("{key}/status/", {"status": "removed"}, "reason"), 500),
        (("{key}/ready/size/", {"state": "waived"}, "reason"), 300),
        (("{key}/split/", {"title": "Part", "criterion-1": "dropped"}, "why-1"), 300),
    ],
    ids=["removed", "waived", "split"],
)
def test_a_reason_is_refused_rather_than_cut(client, item, place, most):
    answer = send(client, item, place, "x" * (most + 1))

    assert (answer.status_code, f"Keep the reason to {most} characters" in answer.content.decode()) == (422, True)
    assert "x" * (most + 1) in typed_in(answer.content.decode())
    assert send(client, item, place, "x" * most).status_code in (200, 302)


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("{key}/unlink/", {"relation": "waits_for", "other": "A\0-1"}),
        ("{key}/hints/dismiss/", {"other": "A\0-1"}),
        ("{key}/overrides/lift/", {"kind": "pi\0n"}),
        ("{key}/overrides/lift/", {"kind": "keep_above", "above": "A\0-1"}),
        ("checkout/ready/", {"act": "ask", "code": "cr\0", "kind": "", "asked": "no"}),
        ("checkout/done/", {"act": "forget", "code": "cr\0"}),
        ("checkout/sessions/", {"items": "A\0-1"}),
        ("checkout/ballots/new/", {"key": "A\0-1", "closes_on": "2126-01-01"}),
        ("checkout/move/", {"key": "A\0-1", "to": "top"}),
        ("checkout/backlog/change/", {"key": "A\0-1", "what": "size", "size": "5"}),
        ("checkout/backlog/stale/verdict/", {"key": "A\0-1", "verdict": "keep", "reason": "Wanted"}),
        ("checkout/what-if/change/", {"unlink": "A\0-1"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_a_name_that_cannot_be_looked_for_is_refused(client, item, path, form):
    before = count_events(item)

    for headers in (HTMX, {}):
        answer = client.post(f"/acme/{path.format(key=item.key)}", form, headers=headers)
        assert answer.status_code in (400, 404, 409, 422), answer.content
    assert count_events(item) == before


def test_no_address_asks_the_database_for_what_it_cannot_hold(client, house, item):
    assert client.get(f"/acme/{item.key}/why/?above=A%00-1").status_code == 422
    api = call_by_token(house.people["owner"], house.organization)
    for path in ("items/?q=%00", "items/?status=%00", "items/?under=A%00-1", "ranking/?team=%00", "stale/?team=%00"):
        assert api.send("GET", path).status_code in (400, 404, 422), path


@pytest.mark.parametrize("place", TEXTS, ids=lambda place: "-".join([place[0].strip("/"), *place[1].values(), place[2]]))
def test_half_a_character_is_never_an_error_of_ours(client, item, place):
    path, form, name = place
    body = "&".join([*(f"{field}={quote(value.format(key=item.key))}" for field, value in form.items()), f"{name}=Words%ED%A0%80"])

    answer = client.post(f"/acme/{path.format(key=item.key)}", body, content_type="application/x-www-form-urlencoded", headers=HTMX)

    assert answer.status_code in (200, 302, 422)


@pytest.mark.parametrize("name", ["title", "description"])
def test_half_a_character_in_json_is_422(house, item, name):
    api = call_by_token(house.people["owner"], house.organization)

    answer = api.send("PATCH", f"items/{item.key}/", f'{{"{name}": "half \\ud800"}}', if_match="*")

    assert answer.status_code == 422, answer.content


def test_no_text_becomes_markup(client, house, item):
    evil, line, words = "\n".join(XSS), " ".join(XSS)[:300], XSS[1] + XSS[2]
    for place in TEXTS:
        path, form, name = place
        if name == "other" or "import" in path or form.get("form") == "gherkin" or "removed" in form.values() or form.get("verdict"):
            continue
        is_title = (name == "title" and "form" not in path) or "tasks" in path
        text = line if is_title else words if name in SHORT or "ready" in path else evil
        assert send(client, item, place, text).status_code in (200, 302, 409), place
    add_criterion(item=item, text=f"Scenario: {XSS[0]}\n  Given {XSS[1]}\n  | {XSS[2]} |", form="gherkin", by=None)
    of_item = ["", "peek/", "history/", "graph/", "split/", "advice/", "questions/", "comments/", "ready/", "scores/", "receipt/"]
    of_item += ["?edit=description", "?edit=details", "criteria.feature", "status/", "move/", "requesters/"]
    of_team = (
        "backlog/",
        "backlog/views/",
        "backlog/stale/",
        "goals/",
        "ready/",
        "overrides/",
        "moved/",
        "inbox/",
        "inbox/form/",
        "inbox/1/",
    )
    of_all = ("find/?q=alert", "settings/tokens/", "waiting/")
    see_no_markup(client, *(f"{item.key}/{page}" for page in of_item), *(f"checkout/{page}" for page in of_team), *of_all)

    assert send(client, item, ("{key}/status/", {"status": "removed"}, "reason"), line).status_code == 200
    see_no_markup(client, f"{item.key}/", f"{item.key}/removed/", f"{item.key}/history/", "checkout/backlog/removed/")


def see_no_markup(client: Client, *paths: str) -> None:
    """The corpus stands as text alone in these pages below the organization."""
    for path in paths:
        answer = client.get(f"/acme/{path}", headers=HTMX if "peek" in path else {})
        if not answer["Content-Type"].startswith("text/html"):
            assert answer["X-Content-Type-Options"] == "nosniff"
            continue
        page = answer.content.decode()
        assert answer.status_code == 200, path
        for sign in ("<script>alert", "<img", "<svg onload", '<a href="javascript', "<b hx-on", "<form action=//evil", "<iframe"):
            assert sign not in page, (path, sign)


def test_marks_that_turn_text_are_shown(client, item):
    client.post(f"/acme/{item.key}/edit/", {"title": "invoice\u202efdp.exe"}, headers=HTMX)

    for path in (f"/acme/{item.key}/", "/acme/checkout/backlog/", f"/acme/{item.key}/history/"):
        page = client.get(path).content.decode()
        assert 'text">RLO</span>fdp.exe' in page
        assert "invoice\u202e" not in re.sub(r"<(textarea|input)[^>]*>", "", page)


# --- Gherkin ----------------------------------------------------------------------------------------


def test_ten_thousand_lines_are_too_much_for_a_criterion_and_for_an_item(client, item):
    one = "Scenario: long\n" + "  Given a step\n" * 10_000
    many = "Feature: f\n" + "Scenario: s\n  Given x\n" * 5_000
    before = count_events(item)

    criterion = send(client, item, ("{key}/criteria/", {"form": "gherkin"}, "text"), one)
    file = send(client, item, ("{key}/criteria/import/", {}, "text"), many)
    lines = send(client, item, ("{key}/criteria/import/", {}, "text"), "\n" * MAX_LINES)

    assert (criterion.status_code, file.status_code, lines.status_code) == (422, 422, 422)
    assert "longer than 64 KB" in criterion.content.decode()
    assert "at most 200" in file.content.decode()
    assert f"{MAX_LINES:,} lines" in lines.content.decode()
    assert count_events(item) == before


def test_two_scenarios_of_one_id_are_named_by_their_lines(client, item):
    text = f"Feature: f\n@id:{item.key}.1\nScenario: a\n  Given x\n@id:{item.key}.1\nScenario: b\n  Given y\n"

    answer = send(client, item, ("{key}/criteria/import/", {}, "text"), text)

    page = unescape(answer.content.decode())
    assert answer.status_code == 422
    assert f"The id @id:{item.key}.1 stands at line 3 already" in page
    assert text in typed_in(answer.content.decode())
    assert Criterion.objects.filter(organization=item.organization_id, item=item).count() == 1


# --- addresses --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    ["team__organization__slug=acme", "order_by=title", "status__in=open", "x=1", "kind=story&kind__startswith=s", "q=%00", "view=1%27--"],
)
def test_a_list_knows_its_own_filters_alone(client, item, query):
    assert client.get(f"/acme/checkout/backlog/?{query}").status_code == 400


def test_a_view_with_an_unknown_field_is_400(client, item):
    assert client.post("/acme/checkout/backlog/views/new/?team__id=1", {"name": "Mine"}).status_code == 400


def test_one_foreign_key_among_many_changes_none(client, item):
    foreign = make_item(organization_with("other", slug="zeta", who=Role.PRODUCT_OWNER).team)
    before = count_events(item)

    answer = client.post("/acme/checkout/backlog/change/", {"key": [item.key, foreign.key], "what": "size", "size": "5"}, headers=HTMX)

    assert (answer.status_code, count_events(item)) == (404, before)
