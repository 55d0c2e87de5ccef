"""The review of stale items by keyboard alone: evidence, ticks that outlive what others do, a verdict with its preview, and the way back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.roles import Role
from activity.services.acts import one_act
from backlog.models import Item
from backlog.models.item import Status
from backlog.services.stale_items import find_stale_items
from backlog.services.verdicts import Ruling, decide_items
from backlog.stale import Verdict
from tests.factories.accounts import House, organization_with
from tests.factories.stale import make_old


@pytest.fixture
def house(transactional_db: None) -> House:
    return organization_with("checkout", slug="acme", owner=Role.PRODUCT_OWNER, deputy=Role.PRODUCT_OWNER)


def tab_to(page: Page, name: str) -> None:
    for _ in range(60):
        if name in page.evaluate(
            "(e => e.matches('a, button') && (e.getAttribute('aria-label') || e.textContent) || '')(document.activeElement)"
        ):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{name} is not reached by Tab")


def test_stale_items_are_reviewed_by_keyboard_alone(house, open_as):
    with one_act():
        items = [make_old(house.team, title=title, days=900 - 50 * at) for at, title in enumerate(["Lamp", "Desk", "Chair", "Shelf"])]
    find_stale_items(home=house.team)
    page: Page = open_as(house.people["owner"])
    page.goto("/acme/checkout/backlog/stale/")
    press, ticked = page.keyboard.press, page.locator("#stale-list input:checked")

    # the evidence on the first; it and the next are ticked
    expect(page.locator("#stale-item .review-line")).to_contain_text("Untouched for 2 years · nobody asks for it")
    press("x")
    press("j")
    expect(page.locator("#stale-item h2").first).to_have_text("Desk")
    press("x")
    expect(page.locator("[data-ticked]")).to_have_text("2")

    # somebody else decides about another meanwhile: the list is a fresh one, the ticks stay
    decide_items(home=house.team, items=[items[3]], ruling=Ruling(Verdict.KEEP), by=house.people["deputy"])
    expect(page.locator("#stale-list .mail")).to_have_count(3)
    expect(ticked).to_have_count(2)

    # the ticked are removed with a reason, after a look at what happens; one key takes it back
    press("t")
    expect(page.locator("#verdict .effects tbody tr")).to_have_count(2)
    page.keyboard.type("Nobody asks.")
    press("Shift+Tab")
    expect(page.get_by_label("Keep", exact=True)).to_be_focused()
    press("ArrowDown")
    press("ArrowDown")
    expect(page.locator("#verdict")).to_contain_text("2 of 2 will be removed.")
    tab_to(page, "Decide about 2 items")
    press("Enter")
    expect(page.locator("#toasts")).to_contain_text("2 items removed.")
    expect(page.locator("#stale-list .mail")).to_have_count(1)
    press("z")
    expect(page.locator("#stale-list .mail")).to_have_count(3)

    # one is removed; its page says why, and brings it back
    press("r")
    expect(page.get_by_label("Why")).to_be_focused()
    page.keyboard.type("We have one.")
    press("Enter")
    expect(page.locator("#stale-list .mail")).to_have_count(2)
    gone = Item.objects.for_organization(house.organization).get(status=Status.REMOVED)
    tab_to(page, "More of the review")
    press("Enter")
    tab_to(page, "Removed items")
    press("Enter")
    expect(page.locator(".removed-rows")).to_contain_text("We have one.")
    tab_to(page, gone.title)
    press("Enter")
    expect(page.locator(".say.tombstone")).to_contain_text("Removed. We have one.")
    tab_to(page, "Restore")
    press("Enter")
    expect(page.locator("#toasts")).to_contain_text(f"{gone.key} is back, with its place, its links and its people.")
    gone.refresh_from_db()
    assert (gone.status, gone.created_at < timezone.now() - timedelta(days=700)) == (Status.OPEN, True)
