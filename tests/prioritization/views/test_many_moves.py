"""Moving the ticked items of a list as one act, by everybody who might ask."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.html import strip_tags

from accounts.roles import Role
from activity.models import Event
from activity.services.undo import undo
from backlog.services.items import edit_item
from backlog.services.statuses import set_status
from prioritization.models import Override
from prioritization.services.manual_order import set_mode
from prioritization.services.ranking import rank_organization
from tests.factories.accounts import make_member, make_team, organization_with
from tests.factories.prioritization import make_scored

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}
PATH = "/acme/checkout/move/"


@pytest.fixture
def house():
    return organization_with("checkout", slug="acme", owner=Role.PRODUCT_OWNER, dev=Role.DEVELOPER)


@pytest.fixture
def items(house):
    made = [make_scored(house.team, value=value) for value in (20, 13, 8, 5, 1)]
    rank_organization(organization_id=house.organization.pk)
    return made


@pytest.fixture
def owner(client, house):
    client.force_login(house.people["owner"])
    return client


def shown(client):
    content = client.get("/acme/checkout/backlog/").content.decode()
    return [part.partition('"')[0] for part in content.split('id="item-')[1:]]


def test_the_ticked_move_together_in_a_list_by_hand_and_one_undo_takes_it_back(owner, house, items):
    a, b, c, d, e = (item.key for item in items)
    set_mode(home=house.team, mode="manual", by=None)

    dialog = owner.get(PATH, {"key": [d, b]}, **HTMX).content.decode()
    moved = owner.post(PATH, {"key": [d, b], "to": "below", "other": e}, **HTMX)

    assert "Move 2 items" in dialog
    assert "Boost" not in dialog
    assert f"2 items stand below {e} now." in moved.content.decode()
    assert moved["HX-Trigger"] == "changed, unselect"
    assert shown(owner) == [a, c, e, b, d]
    act = Event.objects.filter(verb="item.reordered").values_list("act", flat=True)[0]
    undo(act=act, organization_id=house.organization.pk, access=house.access("owner"), by=house.people["owner"])
    assert shown(owner) == [a, b, c, d, e]
    plain = owner.post(PATH, {"key": [e, c], "to": "position", "number": 2})
    assert (plain.status_code, plain["Location"]) == (302, "/acme/checkout/backlog/")
    assert shown(owner) == [a, c, e, b, d]


def test_a_drag_proposes_and_says_between_what_they_would_stand_whatever_a_filter_hides(owner, house, items):
    a, b, c, d, e = (item.key for item in items)
    set_mode(home=house.team, mode="manual", by=None)
    edit_item(item=items[1], changes={"kind": "bug"}, by=None)

    dialog = owner.get(PATH, {"key": [d, e], "to": "above", "other": c, "from": "drag"}, **HTMX).content.decode()
    shown_between = owner.get(PATH, {"preview": 1, "key": [d, e], "to": "above", "other": c}, **HTMX).content.decode()

    assert ("You dragged them" in dialog, f'value="{c}"' in dialog) == (True, True)
    assert re.search(r'value="above"[^>]* checked', dialog)
    assert strip_tags(shown_between).strip() == f"They will stand between {b} and {c}."
    assert (
        "cannot stand beside itself" in owner.get(PATH, {"preview": 1, "key": [d, e], "to": "below", "other": d}, **HTMX).content.decode()
    )
    assert "first, above" in owner.get(PATH, {"preview": 1, "key": [d, e], "to": "top"}, **HTMX).content.decode()
    assert shown(owner) == [a, b, c, d, e]


def test_in_a_computed_list_each_gets_its_override(owner, house, items):
    form = {"key": [item.key for item in items[3:]], "reason": "Fair of May", "until": str(timezone.localdate() + timedelta(days=9))}

    said = owner.post(PATH, {**form, "to": "above", "other": items[1].key}, **HTMX).content.decode()

    assert "Each of 2 items is kept above" in said
    order = [*shown(owner)]
    assert max(order.index(item.key) for item in items[3:]) < order.index(items[1].key)
    assert Override.objects.for_organization(house.organization).filter(reason="Fair of May").count() == 2
    said = owner.post(PATH, {**form, "to": "top"}, **HTMX).content.decode()
    assert "Each of 2 items is pinned to the top until" in said
    first = shown(owner)
    below = owner.post(PATH, {**form, "key": first[2:4], "to": "position", "number": 5}, **HTMX).content.decode()
    assert f"{first[4]} is kept above each of 2 items" in below


def test_what_cannot_be_is_refused_and_what_was_typed_is_kept(owner, house, items, monkeypatch):
    keys = [item.key for item in items[:2]]
    form = {"key": keys, "reason": "So be it", "until": "2099-01-01"}

    for more, status, words in (
        ({"to": "above", "other": keys[1]}, 422, "is one of them"),
        ({"to": "above", "other": "NO-1"}, 422, "no such item"),
        ({"to": "position", "number": 99}, 422, "not that long"),
        ({"to": "sideways"}, 422, "valid choice"),
        ({"to": "position", "number": 2, "version": 0}, 409, "changed since"),
        ({"to": "top", "reason": "\x00"}, 422, "haracter"),
    ):
        refused = owner.post(PATH, {**form, **more}, **HTMX)
        assert (refused.status_code, words in refused.content.decode()) == (status, True), more
    monkeypatch.setattr("prioritization.services.moves.MOST_OVERRIDDEN", 1)
    assert "at most 1 items" in owner.post(PATH, {**form, "to": "top"}, **HTMX).content.decode()
    assert not Override.objects.for_organization(house.organization).exists()
    assert owner.get(PATH).status_code == 422
    set_status(item=items[4], status="done", by=None)
    assert owner.get(PATH, {"key": items[4].key}).status_code == 422


def test_only_who_decides_the_order_moves_and_only_items_of_the_list(client, house, items):
    foreign = make_scored(make_team(house.train), value=3)
    outsider = make_member(organization_with("other").organization, Role.ADMINISTRATOR)
    asked = {"key": [items[0].key, items[1].key], "to": "top"}

    for person, status in ((house.people["dev"], 403), (outsider, 404)):
        client.force_login(person)
        assert (client.get(PATH, asked).status_code, client.post(PATH, asked).status_code) == (status, status)
    client.force_login(house.people["owner"])
    assert client.post(PATH, {**asked, "key": [items[0].key, foreign.key]}).status_code == 404
    assert client.post("/acme/nowhere/move/", asked).status_code == 404
    assert 'data-chosen-at="/acme/checkout/move/"' in client.get("/acme/checkout/backlog/").content.decode()
