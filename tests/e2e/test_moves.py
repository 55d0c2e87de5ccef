"""Moving rows in a browser: by keys, by drag, and back again."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from accounts.roles import Role
from prioritization.services.manual_order import set_mode
from prioritization.services.ranking import rank_organization
from tests.e2e.test_journeys import keys_on
from tests.factories.accounts import House, organization_with
from tests.factories.prioritization import make_scored

PATH = "/acme/checkout"


@pytest.fixture
def house(transactional_db: None) -> House:
    return organization_with("checkout", slug="acme", owner=Role.PRODUCT_OWNER)


@pytest.fixture
def items(house):
    made = [make_scored(house.team, value=value) for value in (20, 8, 1)]
    rank_organization(organization_id=house.organization.pk, refresh=True)
    return made


@pytest.fixture
def page(house, items, open_as) -> Page:
    opened: Page = open_as(house.people["owner"])
    opened.goto(f"{PATH}/backlog/")
    return opened


def test_a_row_is_kept_above_another_by_keys_and_taken_back(page, items):
    a, b, c = (item.key for item in items)
    page.locator(f"#item-{c} a").focus()

    page.keyboard.press("Alt+ArrowUp")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("The other item")).to_have_value(b)
    expect(dialog.get_by_text("It will be number 2 instead of 3")).to_be_visible()
    page.keyboard.press("Enter")

    expect(page.locator(f"#item-{c}")).to_contain_text(f"kept above {b}")
    assert keys_on(page) == [a, c, b]
    page.locator("body").press("z")
    expect(page.locator(f"#item-{c}")).not_to_contain_text("kept above")
    assert keys_on(page) == [a, b, c]


def test_m_pins_a_row(page, items):
    page.locator(f"#item-{items[2].key} a").focus()

    page.keyboard.press("m")
    page.get_by_role("dialog").get_by_text("It will be number 1").wait_for()
    page.keyboard.press("Enter")

    expect(page.locator(f"#item-{items[2].key}")).to_contain_text("pinned")
    assert keys_on(page)[0] == items[2].key


def test_a_drag_in_a_list_by_hand(page, house, items):
    set_mode(home=house.team, mode="manual", by=None)
    page.reload()
    a, b, c = (item.key for item in items)

    page.locator(f"#item-{c}").drag_to(page.locator(f"#item-{a}"), source_position={"x": 500, "y": 10}, target_position={"x": 500, "y": 4})
    expect(page.get_by_text("You dragged it. What do you mean?")).to_be_visible()
    page.keyboard.press("Enter")

    expect(page.locator("#list [data-row] .l-key").first).to_have_text(c)
    assert keys_on(page) == [c, a, b]


def test_dragging_one_of_several_selected_rows_moves_them_all(page, house, items):
    set_mode(home=house.team, mode="manual", by=None)
    page.reload()
    a, b, c = (item.key for item in items)
    for key in (b, c):
        page.locator(f"#item-{key} .l-check").check()

    page.locator(f"#item-{c}").drag_to(page.locator(f"#item-{a}"), source_position={"x": 500, "y": 10}, target_position={"x": 500, "y": 4})
    expect(page.get_by_text("You dragged them. What do you mean?")).to_be_visible()
    expect(page.get_by_role("dialog")).to_contain_text(f"They will stand first, above {a}.")
    page.keyboard.press("Enter")

    expect(page.locator("#list [data-row] .l-key").first).to_have_text(b)
    assert keys_on(page) == [b, c, a]
    expect(page.locator("[data-chosen]")).to_be_hidden()
    page.locator("body").press("z")
    expect(page.locator("#list [data-row] .l-key").first).to_have_text(a)
    assert keys_on(page) == [a, b, c]
