"""The dialog that changes many items at once."""

import pytest
from django.test import Client

from accounts.roles import Role
from activity.models import Event
from activity.services.acts import one_act
from backlog.models import Item
from tests.backlog.views.conftest import HTMX
from tests.factories.accounts import make_team, organization_with
from tests.factories.backlog import make_item, place

pytestmark = pytest.mark.django_db

PATH = "/acme/checkout/backlog/change/"


def text_of(response):
    return response.content.decode()


def sizes(house):
    return [str(size) for size in Item.objects.for_organization(house.organization).order_by("id").values_list("job_size", flat=True)]


@pytest.fixture
def two(house):
    return [make_item(house.team, job_size=1), make_item(house.team, job_size=5)]


def test_the_dialog_says_what_changes_before_it_does(house, browse, two):
    client, keys = browse("dev"), [item.key for item in two]

    dialog = text_of(client.get(PATH, {"key": keys, "what": "size"}, headers=HTMX))
    preview = text_of(client.get(f"{PATH}preview/", {"key": keys, "what": "size", "size": "5"}, headers=HTMX))

    assert "Change 2 items" in dialog
    assert "<html" not in dialog
    assert "1 will change, 1 stand so already." in preview
    assert sizes(house) == ["1.000", "5.000"]


def test_the_change_is_told_with_its_undo_and_happens_once(house, browse, two):
    client = browse("dev")
    form = {"key": [item.key for item in two], "what": "size", "size": "2,5", "idempotency_key": "once"}

    first, second = (client.post(PATH, form, headers=HTMX) for _ in range(2))

    assert "2 items changed." in text_of(first)
    assert "/undo/" in text_of(first)
    assert "2 items changed." in text_of(second)
    assert Event.objects.filter(verb="item.edited").count() == 2
    assert sizes(house) == ["2.500", "2.500"]


def test_without_script_it_is_a_page_that_previews_and_leads_back(house, browse, two):
    client, keys = browse("dev"), [item.key for item in two]

    page = text_of(client.get(PATH, {"key": keys, "what": "size", "size": "3", "preview": "1"}))
    answer = client.post(PATH, {"key": keys, "what": "size", "size": "3"})

    assert "2 will change." in page
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/acme/checkout/backlog/"


@pytest.mark.parametrize(
    ("given", "status", "words"),
    [
        ({"what": "size", "size": "-1"}, 422, "above 0"),
        ({"what": "size", "size": "many"}, 422, "a number of points"),
        ({"what": "parent", "parent": "NO-999"}, 422, "No item that you see has this key."),
        ({"what": "parent", "parent": "\x00"}, 422, "Null characters"),
        ({"what": "status", "status": "removed"}, 422, "why they are removed"),
        ({"what": "organization_id"}, 422, "Select a valid choice"),
        ({}, 422, "required"),
    ],
)
def test_a_refused_form_comes_back_as_typed(house, browse, two, given, status, words):
    answer = browse("owner").post(PATH, {"key": [item.key for item in two], **given}, headers=HTMX)

    assert answer.status_code == status
    assert words in text_of(answer)
    assert sizes(house) == ["1.000", "5.000"]


def test_one_foreign_key_among_many_answers_404_and_changes_none(house, browse, two):
    elsewhere = make_item(make_team(house.train, slug="other"), job_size=1)
    foreign = make_item(organization_with("other", who=Role.PRODUCT_OWNER).team, job_size=1)

    for stranger in (elsewhere.key, foreign.key, "NO-1", "x" * 5000):
        answer = browse("owner").post(PATH, {"key": [two[0].key, stranger], "what": "size", "size": "8"}, headers=HTMX)

        assert answer.status_code == 404
    assert sizes(house)[:2] == ["1.000", "5.000"]


def test_who_may_not_edit_is_refused_and_who_does_not_belong_finds_nothing(house, browse, two):
    other = organization_with("other", who=Role.PRODUCT_OWNER).people["who"]
    form = {"key": two[0].key, "what": "size", "size": "8"}

    assert browse("watcher").post(PATH, form).status_code == 403
    assert browse(other).post(PATH, form).status_code == 404
    assert Client().post(PATH, form).status_code == 302
    assert browse("dev").post(PATH, {"what": "size", "size": "8"}).status_code == 422


def test_a_change_costs_the_same_queries_to_foresee_for_few_and_many(house, browse, django_assert_max_num_queries):
    with one_act():  # ranked once
        keys = [make_item(house.team, job_size=1).key for _ in range(30)]
    client = browse("dev")
    client.get(f"{PATH}preview/", {"key": keys[:1], "what": "size", "size": "5"}, headers=HTMX)

    for some in (keys[:1], keys):
        with django_assert_max_num_queries(8):
            client.get(f"{PATH}preview/", {"key": some, "what": "size", "size": "5"}, headers=HTMX)


def test_all_of_a_narrowed_list_are_told_by_key_up_to_what_one_act_changes(house, browse, monkeypatch):
    monkeypatch.setattr("backlog.views.bulk.MOST", 2)
    for number in range(3):
        place(make_item(house.team, title=f"Gift {number}", job_size=number or None), value=9 - number)
    other = make_item(house.team, title="Other")
    client = browse("dev")

    found = client.get("/acme/checkout/backlog/keys/?q=gift").json()

    assert ([points for _, points in found["items"]], found["total"]) == ([None, 1.0], "3")
    assert client.get(f"/acme/checkout/backlog/keys/?q={other.key}").json() == {"items": [[other.key, None]], "total": "1"}
    assert browse("watcher").get("/acme/checkout/backlog/keys/").status_code == 403
    assert client.get("/acme/checkout/backlog/keys/?x=1").status_code == 400
    assert client.get("/acme/nowhere/backlog/keys/").status_code == 404
