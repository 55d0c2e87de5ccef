"""Grooming a list by keyboard: many rows selected and changed at once, a column of sizes filled, and each taken back."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from accounts.roles import Role
from backlog.models import Item
from prioritization.services.ranking import rank_organization
from tests.e2e.test_accessibility import faults_of
from tests.factories.accounts import House, organization_with
from tests.factories.prioritization import make_scored

LIST = "/acme/checkout/backlog/"


@pytest.fixture
def house(transactional_db: None) -> House:
    return organization_with("checkout", slug="acme", owner=Role.PRODUCT_OWNER)


@pytest.fixture
def page(house, open_as) -> Page:
    for value in range(12, 0, -1):
        make_scored(house.team, value=value)
    rank_organization(organization_id=house.organization.pk, refresh=True)
    opened: Page = open_as(house.people["owner"])
    opened.goto(LIST)
    return opened


def serious_faults(page):
    page.evaluate(Axe().axe_script)
    return faults_of(page)


def sizes(house):
    return [
        float(size or 0) for size in Item.objects.for_organization(house.organization).order_by("id").values_list("job_size", flat=True)
    ]


def test_rows_are_selected_changed_and_taken_back_by_keys(page, house):
    before = sizes(house)

    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("Shift+J")
    page.keyboard.press("Shift+J")
    expect(page.locator("[data-chosen-count]")).to_have_text("3 selected")
    expect(page.locator("#filters")).to_be_hidden()

    page.keyboard.press("b")
    expect(page.get_by_label("Points")).to_be_focused()
    page.keyboard.type("13")
    expect(page.get_by_role("dialog").get_by_text("3 will change.")).to_be_visible()
    assert serious_faults(page) == []
    page.keyboard.press("Enter")

    expect(page.locator("#toasts")).to_contain_text("3 items changed.")
    expect(page.locator("[data-chosen]")).to_be_hidden()
    assert sizes(house)[:3] == [13.0, 13.0, 13.0]

    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator("#toasts")).to_contain_text("Undone")
    assert sizes(house) == before


def test_a_selection_outlives_a_page_and_escape_clears_it(page):
    page.locator("#list li[data-row] .l-check").first.check()

    page.reload()

    expect(page.locator("[data-chosen-count]")).to_have_text("1 selected")
    expect(page.locator("#list li[data-row]").first).to_have_class("ledger-row is-selected")
    page.keyboard.press("Escape")
    expect(page.locator("#filters")).to_be_visible()
    expect(page.locator("#list li.is-selected")).to_have_count(0)


def test_ten_sizes_go_into_ten_rows_with_twenty_presses(page, house):
    page.locator("#list li[data-row] [data-edit=size]").first.focus()
    page.keyboard.press("Enter")
    page.locator("[data-edit=size] input[name=size]").wait_for()
    keys = page.locator("#list li[data-row]").evaluate_all("rows => rows.map(row => row.id.slice(5))")

    for digit in "3581235813":
        page.keyboard.press(digit)
        page.keyboard.press("Enter")

    expect(page.locator(f"#item-{keys[9]} .l-size")).to_have_text("3")
    expect(page.locator("#list .sent")).to_have_count(0)  # shown at once, and kept by now
    found = dict(Item.objects.for_organization(house.organization).values_list("key", "job_size"))
    assert [f"{found[key]:f}"[0] for key in keys[:10]] == list("3581235813")


def test_the_cursor_stays_when_the_answer_to_a_filter_comes_late(page):
    key = page.locator("#list li[data-row]").nth(1).get_attribute("id")
    page.keyboard.press("/")
    page.keyboard.type("item")
    with page.expect_response(lambda response: "q=item" in response.url):
        page.locator(f"#{key} a[href]").first.focus()  # leaving the field asks at once

    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)
    expect(page.locator(f"#{key}")).to_have_attribute("data-cursor", "")
    expect(page.locator(f"#{key} a[href]").first).to_be_focused()


def test_a_panel_follows_the_cursor_and_leaves_the_list_where_it_is(page):
    keys = page.locator("#list li[data-row]").evaluate_all("rows => rows.map(row => row.id.slice(5))")
    panel = page.get_by_role("complementary", name="The item at the cursor")

    page.keyboard.press("j")
    page.keyboard.press("Space")
    expect(panel.locator(".l-key")).to_have_text(keys[0])
    expect(panel).to_contain_text("by its own value")
    assert serious_faults(page) == []
    page.keyboard.press("j")
    page.keyboard.press("j")

    expect(panel.locator(".l-key")).to_have_text(keys[2])
    expect(page.locator(f"#item-{keys[2]} a")).to_be_focused()
    page.keyboard.press("Space")
    expect(panel).to_be_hidden()
    page.locator(f"#item-{keys[4]} .l-why").click()
    expect(panel.locator(".l-key")).to_have_text(keys[4])
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()


def test_the_palette_finds_items_pages_and_acts_by_keys(page):
    palette = page.get_by_role("dialog", name="Search or jump to")
    key = page.locator("#list li[data-row]").nth(3).get_attribute("id").removeprefix("item-")

    page.keyboard.press("ControlOrMeta+k")
    page.keyboard.type("new it")
    expect(palette.get_by_role("option")).to_have_text(["New itemN"])
    assert serious_faults(page) == []
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="Title")).to_be_focused()
    page.keyboard.press("Escape")

    page.keyboard.press("ControlOrMeta+k")
    page.keyboard.type("sections that nobody has")
    expect(palette.get_by_text("Nothing fits.")).to_be_visible()
    page.locator("#palette-words").fill("what moved")
    expect(palette.get_by_role("option", name="What moved")).to_have_attribute("aria-selected", "true")
    page.locator("#palette-words").fill(key)
    expect(palette.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{key}/")
