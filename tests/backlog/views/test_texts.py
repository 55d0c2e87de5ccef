"""The description and the details of an item, written by one, by two at once, and after the item is gone."""

import json
import re
from html import unescape

import pytest

from activity.models import Event
from backlog.models.item import Status
from backlog.services.criteria import add_criterion
from backlog.services.details import edit_details
from backlog.services.items import edit_item
from backlog.services.statuses import set_status
from tests.backlog.views.conftest import HTMX
from tests.factories.accounts import make_team
from tests.factories.backlog import make_item

pytestmark = pytest.mark.django_db


@pytest.fixture
def item(house):
    return make_item(house.team, title="Gift cards", description="One.\nTwo.\n")


@pytest.fixture
def path(item):
    return f"/acme/{item.key}/"


def text_of(response):
    return response.content.decode()


def area_of(page):
    """What stands in the text area; a browser drops the line end behind its tag."""
    return unescape(re.findall(r"<textarea[^>]*>\n?(.*?)</textarea>", page, re.DOTALL)[0])


# --- description ------------------------------------------------------------------------------------


def test_a_preview_shows_the_text_and_writes_nothing(browse, item, path):
    preview = browse("dev").post(f"{path}description/preview/", {"description": f"**Bold** and {item.key}"}, headers=HTMX)

    assert "<strong>Bold</strong>" in text_of(preview)
    assert f'href="/acme/{item.key}/"' in text_of(preview)
    item.refresh_from_db()
    assert (item.description, item.version) == ("One.\nTwo.\n", 1)
    assert browse("watcher").post(f"{path}description/preview/", {"description": "x"}).status_code == 403


def test_a_preview_says_how_much_is_too_much(browse, path):
    preview = browse("dev").post(f"{path}description/preview/", {"description": "x" * 65_540}, headers=HTMX)

    assert preview.status_code == 422
    assert "4 bytes too many" in text_of(preview)


def test_keys_are_links_only_for_those_who_see_the_item_and_cost_one_query(house, browse, item, path, django_assert_max_num_queries):
    secret, seen = make_item(make_team(house.train, slug="secret", is_private=True)), make_item(house.team)
    client = browse("dev")
    client.get(path)
    with django_assert_max_num_queries(20) as without:
        client.get(path)
    edit_item(item=item, changes={"description": f"See {secret.key}, {seen.key} and {item.key}."}, by=None)

    with django_assert_max_num_queries(len(without) + 1):
        page = text_of(client.get(path))

    assert f'<a href="/acme/{seen.key}/"' in page
    assert f'href="/acme/{secret.key}/"' not in page


def test_two_editors_see_both_texts_and_one_may_merge(house, browse, item, path):
    edit_item(item=item, changes={"description": "One.\nTwo and more.\n"}, by=house.people["owner"])
    mine = {"description": "One!\r\nTwo.\r\n", "was_description": "One.\r\nTwo.\r\n"}
    client = browse("dev")

    clash = text_of(client.post(f"{path}description/", mine, headers=HTMX))
    assert "<b>Owner changed this" in clash
    assert "<del> and more</del>" in clash
    assert area_of(clash) == "One!\nTwo.\n"
    assert "Merge both" in clash

    again = {"description": mine["description"], "base_description": mine["was_description"], "merge": "1"}
    merged = text_of(client.post(f"{path}description/", again, headers=HTMX))
    assert area_of(merged) == "One!\nTwo and more.\n"
    item.refresh_from_db()
    assert item.description == "One.\nTwo and more.\n"

    client.post(f"{path}description/", {"description": area_of(merged), "was_description": item.description}, headers=HTMX)
    item.refresh_from_db()
    assert item.description == "One!\nTwo and more.\n"


@pytest.mark.parametrize(
    ("act", "form"),
    [
        ("description/", {"description": "My long text", "was_description": "One.\nTwo.\n"}),
        ("criteria/", {"text": "My long text"}),
        ("criteria/1/", {"text": "My long text", "was_text": "Stands"}),
        ("details/", {"role": "My long text", "was_details": "{}"}),
        ("details/", {"field": "role", "role": "My long text", "was_role": ""}),
        ("edit/", {"title": "My long text", "was_title": "Gift cards"}),
        ("tasks/", {"text": "My long text"}),
    ],
)
def test_an_item_removed_while_it_was_open_keeps_what_was_typed(house, browse, item, path, act, form):
    add_criterion(item=item, text="Stands", by=None)
    set_status(item=item, status=Status.REMOVED, reason="Nobody asked again.", by=house.people["owner"])
    written = Event.objects.filter(subject_id=item.pk).count()

    response = browse("dev").post(f"{path}{act}", form, headers=HTMX)

    assert response.status_code == 409
    assert f"{item.key} was removed meanwhile: Nobody asked again." in text_of(response)
    assert "My long text" in text_of(response)
    assert Event.objects.filter(subject_id=item.pk).count() == written


def test_both_changes_of_a_title_are_one_press_away(house, browse, item, path):
    edit_item(item=item, changes={"title": "Gift cards at checkout"}, by=house.people["owner"])
    client = browse("dev")

    clash = client.post(f"{path}edit/", {"title": "Gift cards by mail", "was_title": "Gift cards"}, headers=HTMX)
    apart = client.post(f"{path}edit/", {"title": "Paper Gift cards", "was_title": "Gift cards"}, headers=HTMX)

    assert (clash.status_code, "Both: “" in text_of(clash)) == (409, False)
    assert "Both: “Paper Gift cards at checkout”" in text_of(apart)


# --- details ----------------------------------------------------------------------------------------


def test_a_detail_is_changed_in_its_place(browse, item, path):
    client = browse("dev")
    assert 'name="role"' in text_of(client.get(f"{path}details/?field=role", headers=HTMX))

    shown = client.post(f"{path}details/", {"field": "role", "role": "shopper <b>", "was_role": ""}, headers=HTMX)

    assert text_of(shown).strip() == "shopper &lt;b&gt;"
    item.refresh_from_db()
    assert item.details == {"role": "shopper <b>"}
    assert client.get(f"{path}details/?field=severity", headers=HTMX).status_code == 400
    long = client.post(f"{path}details/", {"field": "role", "role": "x" * 10_001, "was_role": ""}, headers=HTMX)
    assert long.status_code == 422
    assert "x" * 10_001 in text_of(long)


def test_two_in_different_details_do_each_other_no_harm(house, browse, item, path):
    edit_details(item=item, given={"role": "buyer", "want": "to pay"}, by=None)
    was = json.dumps({"role": "buyer", "want": "to pay"})
    edit_details(item=item, given={"want": "to pay by card"}, by=house.people["owner"])

    assert (
        browse("dev").post(f"{path}details/", {"role": "shopper", "want": "to pay", "benefit": "", "was_details": was}).status_code == 302
    )

    item.refresh_from_db()
    assert item.details == {"role": "shopper", "want": "to pay by card"}


def test_two_in_the_same_detail_are_shown_both(house, browse, item, path):
    edit_details(item=item, given={"role": "buyer", "want": "to pay"}, by=None)
    was = json.dumps({"role": "buyer", "want": "to pay"})
    edit_details(item=item, given={"role": "gift buyer", "want": "to pay by card"}, by=house.people["owner"])

    response = browse("dev").post(f"{path}details/", {"role": "shopper", "want": "to pay", "was_details": was}, headers=HTMX)

    page = text_of(response)
    assert response.status_code == 409
    assert "<b>Owner changed this" in page
    assert "<del>gift buyer</del>" in page
    assert 'value="shopper"' in page
    assert 'value="to pay by card"' in page
    one = browse("dev").post(f"{path}details/", {"field": "role", "role": "shopper", "was_role": "buyer"}, headers=HTMX)
    assert (one.status_code, "It reads “gift buyer” now" in text_of(one)) == (409, True)


def test_both_changes_of_a_detail_come_back_in_its_field(house, browse, item, path):
    edit_details(item=item, given={"role": "buyer", "want": "to pay"}, by=None)
    was = json.dumps({"role": "buyer", "want": "to pay"})
    edit_details(item=item, given={"role": "gift buyer", "want": "to pay by card"}, by=house.people["owner"])
    client, mine = browse("dev"), {"role": "buyer of many", "want": "to pay", "benefit": "it is quick"}

    clash = text_of(client.post(f"{path}details/", {**mine, "was_details": was}, headers=HTMX))
    base = unescape(clash.split('name="base_details" value="')[1].split('"')[0])
    both = client.post(f"{path}details/", {**mine, "base_details": base, "merge": "1"}, headers=HTMX)
    one = client.post(f"{path}details/", {"field": "role", "role": "buyer of many", "was_role": "buyer"}, headers=HTMX)

    assert ("Merge both" in clash, both.status_code) == (True, 200)
    for words in ("gift buyer of many", "to pay by card", "it is quick"):
        assert f'value="{words}"' in both.content.decode()
    assert "Both: “gift buyer of many”" in text_of(one)
    item.refresh_from_db()
    assert item.details["role"] == "gift buyer"
    for broken in ("[]", "{", "\x00"):
        assert client.post(f"{path}details/", {**mine, "base_details": broken, "merge": "1"}, headers=HTMX).status_code == 400
