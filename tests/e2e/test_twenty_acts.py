"""A product owner grooms a backlog for a morning, with the keyboard alone: twenty acts, each seen to be done."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from accounts.roles import Role
from activity.services.acts import one_act
from backlog.models import Criterion, Dependency, Item, ListLayout, SavedView
from prioritization.services.ranking import rank_organization
from tests.factories.accounts import House, organization_with
from tests.factories.prioritization import make_scored

LIST = "/acme/checkout/backlog/"
ROWS = "#list li[data-row]"


@pytest.fixture
def house(transactional_db: None) -> House:
    return organization_with("checkout", slug="acme", owner=Role.PRODUCT_OWNER)


class Owner:
    """The page, and what one does on it by keys."""

    def __init__(self, page: Page, house: House) -> None:
        self.page, self.house = page, house
        self.press, self.type = page.keyboard.press, page.keyboard.type

    def items(self) -> dict[str, Item]:
        return {item.key: item for item in Item.objects.for_organization(self.house.organization)}

    def keys(self) -> list[str]:
        return self.page.locator(ROWS).evaluate_all("rows => rows.map(row => row.id.slice(5))")  # type: ignore[no-any-return]

    def row(self, key: str) -> None:
        """Put the cursor on a row, as J and K would."""
        self.page.locator(f"#item-{key} a[href]").first.focus()

    def tab_to(self, name: str) -> None:
        for _ in range(40):
            if name in self.page.evaluate("document.activeElement.textContent || document.activeElement.name || ''"):
                return
            self.press("Tab")
        raise AssertionError(f"{name} is not reached by Tab")

    def leave_form(self) -> None:
        expect(self.page.locator(".part-form :is(input, textarea):focus")).to_have_value("")  # it stands open for the next
        self.tab_to("Cancel")
        self.press("Enter")
        expect(self.page.get_by_label("New criterion").or_(self.page.get_by_label("New task"))).to_have_count(0)

    def told(self, words: str) -> None:
        expect(self.page.locator("#toasts")).to_contain_text(words)


def test_twenty_acts_of_grooming_without_a_mouse(house, open_as):
    with one_act():
        titles = ["Return label", "Gift cards", "Voucher totals", "Split orders", "Larger taps", "Pick-up point"]
        made = [make_scored(house.team, value=13 - number, title=title) for number, title in enumerate(titles)]
    rank_organization(organization_id=house.organization.pk, refresh=True)
    page: Page = open_as(house.people["owner"])
    page.goto(LIST)
    po = Owner(page, house)
    first, second, third, fourth, fifth, sixth = (item.key for item in made)

    # 1 the list is narrowed by words, 2 and shown whole again
    po.press("/")
    po.type("gift")
    expect(page.locator(ROWS)).to_have_count(1)
    po.press("Escape")
    expect(page.locator(ROWS)).to_have_count(6)
    po.press("Escape")

    # 3 a new item
    po.press("n")
    expect(page.get_by_role("textbox", name="Title")).to_be_focused()
    po.type("Card form on small phones")
    po.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("is in the backlog")
    po.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)  # until it is gone, keys are its own
    expect(page.locator(ROWS)).to_have_count(7)

    # 4 the cursor goes down, 5 a title is changed, 6 two sizes are typed ahead
    for key in (first, second):
        po.press("j")
        expect(page.locator(f"#item-{key}")).to_have_attribute("data-cursor", "")
    po.press("e")
    page.get_by_label(f"Title of {second}").wait_for()
    po.type("Gift cards at checkout")
    po.press("Enter")
    expect(page.locator(f"#item-{second} .l-title a")).to_have_text("Gift cards at checkout")
    page.locator(f"#item-{second} [data-edit=size]").focus()
    po.press("Enter")
    page.get_by_label(f"Size of {second}").wait_for()
    for key in ("3", "Enter", "8", "Enter"):
        po.press(key)
    expect(page.locator(".sent")).to_have_count(0)
    po.press("Escape")
    expect(page.locator("#list form")).to_have_count(0)
    assert [float(po.items()[key].job_size or 0) for key in (second, third)] == [3, 8]

    # 7 a status
    po.row(sixth)
    po.press("s")
    page.get_by_role("dialog").wait_for()
    po.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert po.items()[sixth].status != "open"

    # 8 two rows are selected, 9 changed at once, 10 and that is taken back
    po.row(fourth)
    po.press("x")
    po.press("Shift+J")
    expect(page.locator("[data-chosen-count]")).to_have_text("2 selected")
    po.press("b")
    expect(page.get_by_role("textbox", name="Points")).to_be_focused()
    po.type("2")
    expect(page.get_by_role("dialog")).to_contain_text("2 will change.")
    po.press("Enter")
    po.told("2 items changed.")
    expect(page.get_by_role("dialog")).to_have_count(0)
    po.press("z")
    po.told("Undone")
    assert {float(item.job_size or 0) for key, item in po.items().items() if key in (fourth, fifth)} == {5}

    # 11 a row is pinned
    po.row(fifth)
    po.press("m")
    page.get_by_role("dialog").get_by_text("It will be number").wait_for()
    po.press("Enter")
    expect(page.locator(f"#item-{fifth}")).to_contain_text("pinned")

    # 12 the panel opens, follows the cursor and closes
    po.row(first)
    po.press("Space")
    panel = page.get_by_role("complementary", name="The item at the cursor")
    expect(panel.locator(".l-key")).to_have_text(first)
    po.press("j")
    expect(panel.locator(".l-key")).not_to_have_text(first)
    po.press("Space")
    expect(panel).to_be_hidden()

    # 13 columns
    po.press("d")
    page.locator("#column-age").wait_for()
    po.tab_to("column")
    for _ in range(20):
        if page.evaluate("document.activeElement.id") == "column-age":
            break
        po.press("Tab")
    po.press("Space")
    expect(page.locator("#list .ledger-head .l-age")).to_have_count(1)
    po.press("Escape")
    assert ListLayout.objects.get(organization=house.organization).columns.endswith("age")

    # 14 groups, 15 kept as a view
    po.press("g")
    po.press("ArrowDown")
    expect(page.locator("#list .tier h2").first).to_have_text("Part of nothing")
    po.press("Escape")
    po.press("v")
    page.locator("#views-menu a", has_text="Keep this view").wait_for()
    po.press("End")
    po.press("Enter")
    expect(page.get_by_role("textbox", name="Name")).to_be_focused()
    po.type("By epic")
    po.press("Enter")
    po.told("“By epic” is kept")
    assert SavedView.objects.get(organization=house.organization).query == "?group=epic"

    # 16 the palette leads to an item
    po.press("ControlOrMeta+k")
    po.type(third)
    expect(page.get_by_role("dialog", name="Search or jump to").get_by_role("option")).to_have_count(1)
    po.press("Enter")
    page.wait_for_url(f"**/{third}/")

    # 17 a criterion, 18 a task, 19 a link
    po.press("c")
    page.locator("form textarea:focus, form input:focus").wait_for()
    po.type("The total is that of the invoice")
    po.press("Enter")
    expect(page.locator("main li", has_text="The total is that of the invoice").first).to_be_visible()
    assert Criterion.objects.filter(item__organization=house.organization).count() == 1
    po.leave_form()
    po.press("t")
    page.get_by_label("New task").wait_for()
    po.type("Ask the carrier")
    po.press("Enter")
    expect(page.locator("main li", has_text="Ask the carrier").first).to_be_visible()
    po.leave_form()
    po.press("l")
    expect(page.get_by_label("The other item")).to_be_focused()
    po.type(first)
    po.press("Enter")
    expect(page.get_by_label("The other item")).to_have_count(0)
    expect(page.locator("main")).to_contain_text(titles[0])
    assert Dependency.objects.unscoped().filter(organization=house.organization).count() == 1

    # 20 the item is split
    po.press("p")
    page.wait_for_url("**/split/**")
    for number in (0, 1):
        page.locator("textarea[name=title]").nth(number).focus()
        po.press("ControlOrMeta+a")
        po.type(f"Part {number + 1}")
    po.tab_to("Split the")
    po.press("Enter")
    page.wait_for_url(f"**/{third}/**")
    expect(page.locator("main")).to_contain_text("Part 2")
