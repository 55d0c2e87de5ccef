"""Moving items and the page of overrides, by everybody who might ask."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.roles import Role
from activity.models import Event
from backlog.models import Cut, Placement
from backlog.services.dependencies import link_dependency
from prioritization.models import Override
from prioritization.selectors import prices
from prioritization.services.manual_order import mode_of, set_mode
from prioritization.services.overrides import end_due_overrides, lift_override, set_override
from prioritization.services.ranking import rank_organization
from tests.factories.accounts import make_member, make_team, organization_with
from tests.factories.api import call_by_token
from tests.factories.prioritization import make_scored

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def house():
    return organization_with("checkout", slug="acme", owner=Role.PRODUCT_OWNER, dev=Role.DEVELOPER, manager=Role.PRODUCT_MANAGER)


@pytest.fixture
def items(house):
    made = [make_scored(house.team, value=value) for value in (20, 8, 1)]
    rank_organization(organization_id=house.organization.pk)
    return made


@pytest.fixture
def owner(client, house):
    client.force_login(house.people["owner"])
    return client


def path(item, name="item-move"):
    return reverse(f"prioritization:{name}", kwargs={"organization": "acme", "key": item.key})


PAGE = "/acme/checkout/overrides/"


def test_the_dialog_proposes_what_was_asked(owner, items):
    page = owner.get(path(items[2]), {"to": "above", "other": items[0].key, "from": "drag"})
    dialog = owner.get(path(items[2]), {"to": "above", "other": items[0].key, "from": "drag"}, **HTMX)

    assert (page.status_code, dialog.status_code) == (200, 200)
    assert b"<html" in page.content
    assert b"<html" not in dialog.content
    assert b"You dragged it. What do you mean?" in dialog.content
    assert f'value="{items[0].key}"' in dialog.content.decode()
    assert b"Decided by Owner" in dialog.content


def test_only_who_orders_moves(client, house, items):
    client.force_login(house.people["dev"])
    assert client.get(path(items[0])).status_code == 403
    assert client.post(path(items[0]), {"to": "top", "reason": "So."}).status_code == 403
    assert client.get(PAGE).status_code == 200
    client.force_login(make_member(make_team(organization_with("other").organization)))
    assert client.get(path(items[0])).status_code == 404
    assert client.get(PAGE).status_code == 404
    assert not Override.objects.for_organization(house.organization).exists()


def test_a_preview_says_place_price_and_neighbours_and_writes_nothing(owner, house, items):
    events = Event.objects.count()

    preview = owner.get(path(items[2], "item-move-preview"), {"to": "top", "reason": "So."}, **HTMX).content.decode()

    assert "number 1" in preview
    assert f"above {items[0].key}" in preview
    assert "It costs" in preview
    assert Event.objects.count() == events
    assert not Override.objects.for_organization(house.organization).exists()


def test_a_preview_says_why_it_cannot_be(owner, items):
    link_dependency(blocker=items[0], blocked=items[2], by=None)

    preview = owner.get(path(items[2], "item-move-preview"), {"to": "above", "other": items[0].key, "reason": "So."}, **HTMX)

    assert f"{items[0].key} → {items[2].key}" in preview.content.decode()


def test_a_move_is_one_act_that_can_be_undone_and_not_done_twice(owner, house, items):
    form = {"to": "above", "other": items[0].key.lower(), "reason": "The fair.", "idempotency_key": "once"}

    first, again = owner.post(path(items[2]), form, **HTMX), owner.post(path(items[2]), form, **HTMX)

    assert (first.status_code, again.status_code) == (200, 200)
    assert first["HX-Trigger"] == "changed"
    assert f"{items[2].key} is kept above {items[0].key}" in first.content.decode()
    event = Event.objects.get(organization=house.organization, verb="item.overridden")
    assert f"/acme/undo/{event.act}/" in first.content.decode()
    assert owner.post(path(items[2]), {**form, "to": "top"}, **HTMX).status_code == 422


def test_a_refused_move_comes_back_with_its_words(owner, items):
    link_dependency(blocker=items[0], blocked=items[2], by=None)

    answer = owner.post(path(items[2]), {"to": "above", "other": items[0].key, "reason": "Mine first."}, **HTMX)
    plain = owner.post(path(items[2]), {"to": "top", "reason": ""})

    assert answer.status_code == 409
    assert "Mine first." in answer.content.decode()
    assert f"{items[0].key} → {items[2].key}" in answer.content.decode()
    assert plain.status_code == 422
    assert owner.post(path(items[2]), {"to": "above", "other": "ZZ-9", "reason": "So."}).status_code == 422


def test_without_script_a_move_leads_back_to_the_list(owner, items):
    answer = owner.post(path(items[2]), {"to": "top", "reason": "So."}, follow=True)

    assert answer.redirect_chain == [("/acme/checkout/backlog/", 302)]
    assert "is pinned to the top" in answer.content.decode()
    assert "pinned" in answer.content.decode()


def test_the_trains_level_needs_the_right_there(client, house, items):
    form = {"to": "top", "reason": "So.", "on_train": "on"}
    client.force_login(house.people["owner"])
    assert client.post(path(items[2]), form).status_code == 403
    client.force_login(house.people["manager"])
    assert client.post(path(items[2]), form).status_code == 302
    assert Override.objects.get(organization=house.organization).train == house.train


def test_the_page_lists_prices_lifts_and_what_ended(owner, house, items):
    pin = set_override(item=items[2], kind="pin", reason="The fair.", by=house.people["owner"])
    lift_override(override=set_override(item=items[1], kind="boost", multiplier=2, reason="Louder.", by=None), by=None)

    page = owner.get(PAGE).content.decode()
    price = owner.get(path(items[2], "override-price"), {"kind": "pin"}, **HTMX)
    all_prices = owner.get(f"{PAGE}prices/", **HTMX).content.decode()
    assert owner.get(f"{PAGE}prices/", {"from": "x"}, **HTMX).status_code == 400
    assert "price-" not in owner.get(f"{PAGE}prices/", {"from": "25"}, **HTMX).content.decode()
    lifted = owner.post(path(items[2], "override-lift"), {"kind": "pin", "above": ""}, **HTMX)
    pin.refresh_from_db()

    assert "The fair." in page
    assert "Ended in the last 30 days" in page
    assert "Louder." in page
    assert f'hx-get="{PAGE}prices/?from=0" hx-trigger="revealed"' in page
    name = f'id="price-{items[2].key}-pin"'
    assert name in page
    assert f'<div {name} hx-swap-oob="innerHTML">{price.content.decode().strip()}</div>' in all_prices
    assert "value-weeks of delay." in price.content.decode()
    assert lifted["HX-Trigger"] == "changed"
    assert pin.ended_by == house.people["owner"]
    assert owner.post(path(items[2], "override-lift"), {"kind": "pin"}).status_code == 404
    assert owner.get(path(items[2], "override-price"), {"kind": "pin"}).status_code == 404


def test_prices_that_take_long_come_one_after_the_other(owner, house, items, monkeypatch):
    monkeypatch.setattr(prices, "SECONDS", -1)
    for item in items[:2]:
        set_override(item=item, kind="pin", reason="The fair.", by=house.people["owner"])

    first = owner.get(f"{PAGE}prices/", **HTMX).content.decode()
    then = owner.get(f"{PAGE}prices/", {"from": "1"}, **HTMX).content.decode()

    assert f'id="price-{items[0].key}-pin" hx-swap-oob="outerHTML" hx-get="{PAGE}prices/?from=1" hx-trigger="load"' in first
    assert f'id="price-{items[1].key}-pin" hx-swap-oob="innerHTML"' in first
    assert f'id="price-{items[0].key}-pin" hx-swap-oob="innerHTML"' in then
    assert "hx-get" not in then


def test_what_ended_by_itself_is_told_where_priorities_begin(owner, house, items):
    lifted, expired = (set_override(item=item, kind="boost", multiplier=2, reason="Louder.", by=None) for item in items[:2])
    lift_override(override=lifted, by=None)
    assert "ended by" not in owner.get("/acme/checkout/priorities/").content.decode()
    Override.objects.filter(organization=house.organization, pk=expired.pk).update(expires_on=timezone.localdate())

    end_due_overrides()

    assert "1 override ended by itself in the last week." in owner.get("/acme/checkout/priorities/").content.decode()


def test_the_receipt_tells_overrides_apart_from_the_score(owner, house, items):
    set_override(item=items[2], kind="keep_above", anchor=items[0], reason="The fair.", by=house.people["owner"])

    for item in (items[0], items[2]):
        receipt = owner.get(path(item, "item-receipt"), **HTMX).content.decode()
        assert f"kept above {items[0].key}" in receipt
        assert "The fair." in receipt


def shown(client, query=""):
    content = client.get(f"/acme/checkout/backlog/{query}").content.decode()
    return [key for key in _keys(content) if key]


def _keys(content):
    return [part.partition('"')[0] for part in content.split('id="item-')[1:]]


def test_a_list_by_hand(owner, house, items):
    a, b, c = (item.key for item in items)
    assert owner.post("/acme/checkout/overrides/mode/", {"mode": "advise"}).status_code == 302
    assert mode_of(house.team) == "advise"

    moved = owner.post(path(items[2]), {"to": "above", "other": b}, **HTMX)
    page = owner.get("/acme/checkout/backlog/").content.decode()

    assert "stands above" in moved.content.decode()
    assert shown(owner) == [a, c, b]
    assert "computed 3rd" in page
    assert "agree on" in owner.get(PAGE).content.decode()
    set_mode(home=house.team, mode="manual", by=None)
    assert shown(owner) == [a, c, b]
    assert "computed 3rd" not in owner.get("/acme/checkout/backlog/").content.decode()
    assert owner.post("/acme/checkout/overrides/mode/", {"mode": "wild"}).status_code == 422
    set_mode(home=house.team, mode="computed", by=None)
    assert shown(owner) == [a, b, c]


def test_a_list_by_hand_goes_on_page_by_page(owner, house, monkeypatch):
    monkeypatch.setattr("backlog.selectors.filters.ROWS", (2, 100))
    made = [make_scored(house.team, value=value) for value in (20, 13, 8, 5, 3)]
    rank_organization(organization_id=house.organization.pk)
    set_mode(home=house.team, mode="manual", by=None)
    new = make_scored(house.team, value=1)

    seen, after = [], ""
    while True:
        answer = owner.get("/acme/checkout/backlog/", {"after": after} if after else {})
        seen += _keys(answer.content.decode())
        after = answer.context["page"].next
        if not after:
            break

    assert seen == [item.key for item in (*made, new)]
    assert Placement.objects.filter(organization=house.organization, manual_key=None).count() == 1
    assert shown(owner, f"?q={made[3].key}") == [made[3].key]


def test_the_api_moves(house, items):
    call = call_by_token(house.people["owner"], house.organization)
    body = {"to": "above", "other": items[0].key, "reason": "The fair."}

    done = call.post(f"items/{items[2].key}/move/", body)

    assert done.status_code == 200
    assert done.json()["text"].startswith(f"{items[2].key} is kept above {items[0].key}")
    opposite = call.post(f"items/{items[0].key}/move/", {"to": "above", "other": items[2].key, "reason": "No."})
    assert (opposite.status_code, opposite.json()["code"]) == (409, "override_contradiction")
    stale = call.post(f"items/{items[0].key}/move/", {"to": "position", "number": 1, "reason": "No.", "version": 0})
    assert (stale.status_code, stale.json()["code"]) == (409, "version_conflict")
    assert call.post(f"items/{items[0].key}/move/", {"to": "above", "other": "ZZ-9", "reason": "No."}).json()["code"] == "unknown_reference"
    assert call.post(f"items/{items[0].key}/move/", {"to": "sideways"}).status_code in (400, 422)
    dev = call_by_token(house.people["dev"], house.organization)
    assert dev.post(f"items/{items[0].key}/move/", body).status_code == 403


@pytest.mark.parametrize("mode", ["computed", "manual"])
def test_a_move_in_a_narrowed_list_gives_the_order_of_the_same_move_in_the_whole_one(owner, house, mode):
    """Above the row that is seen above it, which is not its neighbour: what the filter hides stays in its order around both."""
    titles = ["Seen", "Hidden", "Hidden", "Seen", "Hidden", "Seen"]
    made = [make_scored(house.team, title=title, value=20 - 3 * number) for number, title in enumerate(titles)]
    rank_organization(organization_id=house.organization.pk)
    set_mode(home=house.team, mode=mode, by=None)
    whole, seen = shown(owner), shown(owner, "?q=seen")
    assert seen == [made[0].key, made[3].key, made[5].key]

    form = {"to": "above", "other": seen[1], "reason": "First", "until": str(timezone.localdate() + timedelta(days=9))}
    between = owner.get(path(made[5], "item-move-preview"), form, **HTMX).content.decode()
    owner.post(path(made[5]), form, **HTMX)
    rank_organization(organization_id=house.organization.pk)

    hidden = [key for key in whole if key not in seen]
    assert (made[2].key in between, made[3].key in between) == (True, True)  # the neighbour that the filter hides is named
    assert shown(owner) == [*whole[:3], made[5].key, made[3].key, made[4].key]
    assert [key for key in shown(owner) if key not in seen] == hidden
    assert shown(owner, "?q=seen") == [made[0].key, made[5].key, made[3].key]


def set_next_end(team, item):
    """Let the tier of what is next end with the item."""
    key = Placement.objects.values("band", "falling", "component", "position").get(item=item, organization=team.organization_id)
    Cut.objects.update_or_create(organization_id=team.organization_id, team=team, tier="next", defaults=key)


def test_to_the_ends_of_a_tier(owner, house):
    made = [make_scored(house.team, value=20 - number) for number in range(5)]
    rank_organization(organization_id=house.organization.pk)
    set_next_end(house.team, made[1])
    until = str(timezone.localdate() + timedelta(days=9))

    preview = owner.get(path(made[4], "item-move-preview"), {"to": "tier_top", "reason": "Now", "until": until}, **HTMX).content.decode()
    assert f"between {made[1].key} and {made[2].key}" in preview
    owner.post(path(made[4]), {"to": "tier_top", "reason": "Now", "until": until}, **HTMX)
    rank_organization(organization_id=house.organization.pk)
    assert shown(owner) == [item.key for item in (made[0], made[1], made[4], made[2], made[3])]
    set_next_end(house.team, made[1])
    owner.post(path(made[0]), {"to": "tier_end", "reason": "Now", "until": until}, **HTMX)
    rank_organization(organization_id=house.organization.pk)
    assert shown(owner)[:3] == [item.key for item in (made[1], made[0], made[4])]
