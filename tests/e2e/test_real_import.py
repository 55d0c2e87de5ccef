"""A real backlog on an open page, where WINNOW_REAL_DATA names the folder of real exports."""

from __future__ import annotations

import os
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from accounts.roles import Role
from backlog.kinds import Kind
from backlog.models import Item
from prioritization.services.ranking import rank_organization
from prioritization.services.scores import score_item
from tests.factories.accounts import House, organization_with

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.skipif("WINNOW_REAL_DATA" not in os.environ, reason="WINNOW_REAL_DATA names no folder of real exports")

WITHIN = 2000  # milliseconds; what the product promises
# By the page's own clock: the moment at which the one row had come to stand above the other, or nothing if it took too long.
WATCH = """
([risen, passed]) => {
  const row = key => document.getElementById(`item-${key}`);
  const isAbove = () => row(risen)?.compareDocumentPosition(row(passed)) & Node.DOCUMENT_POSITION_FOLLOWING;
  window.arrived = new Promise(resolve => {
    const look = () => row(passed) && isAbove() && resolve(performance.now());
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
  });
}
"""
WAIT = """
async within => {
  const answeredAt = performance.now();
  const arrivedAt = await Promise.race([window.arrived, new Promise(resolve => setTimeout(resolve, within))]);
  return arrivedAt === undefined ? null : arrivedAt - answeredAt;
}
"""


@pytest.fixture
def house(transactional_db: None) -> House:
    house = organization_with("wallet", slug="acme", owner=Role.PRODUCT_OWNER, reader=Role.OBSERVER)
    file = Path(os.environ["WINNOW_REAL_DATA"]) / "exports/jira-csv/nautilus-wallet.csv"
    call_command("import_backlog", str(file), "--team", "wallet", "--json", stdout=StringIO())
    return house


def open_and_listen(page: Page, path: str) -> None:
    """Go to the page, and wait until the server answers its stream."""
    with page.expect_response(lambda response: "/acme/live/" in response.url and response.ok):
        page.goto(path)


def places_of(page: Page, *keys: str) -> list[int]:
    """How far down the items stand among those that are neither planned nor begun."""
    shown = page.locator("#list [data-row] .l-key").all_inner_texts()
    above = min(shown.index(key) for key in keys)
    return [shown.index(key) - above + 1 for key in keys]


def test_changed_score_of_an_imported_item_is_its_new_place_within_two_seconds(
    house: House, open_as: Callable[..., Page], task_worker: None, record_property: Callable[[str, object], None]
) -> None:
    stories = Item.objects.for_organization(house.organization).filter(team=house.team, kind=Kind.STORY, status=Item.Status.OPEN)
    first, second = stories.order_by("-id")[:2]
    for item, value in ((first, 8), (second, 3)):
        score_item(item=item, factors={"business_value": value}, by=house.people["owner"])
    rank_organization(organization_id=house.organization.pk, refresh=True)
    reader, owner = open_as(house.people["reader"]), open_as(house.people["owner"])
    open_and_listen(reader, "/acme/wallet/backlog/")
    assert places_of(reader, first.key, second.key) == [1, 2]
    reader.evaluate(WATCH, [second.key, first.key])
    owner.goto(f"/acme/{second.key}/")
    owner.get_by_role("group", name="Business value").locator("label", has_text="20").click()

    with owner.expect_response(lambda response: response.request.method == "POST") as answered:
        owner.get_by_role("button", name="Save scores").click()
    assert answered.value.ok
    took = reader.evaluate(WAIT, WITHIN)  # below zero where the page knew before the answer was read

    assert took is not None
    record_property("milliseconds", round(took))
    assert places_of(reader, second.key, first.key) == [1, 2]
    reader.locator(f"#item-{second.key} a").first.click()
    expect(reader.locator("#receipt .sum")).to_be_visible()
    expect(reader.locator("#receipt")).to_contain_text("20, Owner")
