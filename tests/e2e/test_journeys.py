"""What people come for, from end to end: a request becomes ranked work, a score moves a row, the list is worked by keyboard."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Page, expect

from accounts.roles import Role
from backlog.models import Item
from backlog.services.items import edit_item
from prioritization.services.ranking import rank_organization
from tests.e2e.conftest import sign_in
from tests.factories.accounts import House, organization_with
from tests.factories.intake import make_form, make_request
from tests.factories.prioritization import make_scored

PATH = "/acme/checkout"


@pytest.fixture
def house(transactional_db: None) -> House:
    return organization_with("checkout", slug="acme", owner=Role.PRODUCT_OWNER, dev=Role.DEVELOPER, reader=Role.OBSERVER)


def keys_on(page: Page) -> list[str]:
    return page.locator("#list [data-row] .l-key").all_inner_texts()


# --- a request ------------------------------------------------------------------------------------


def test_request_without_account_becomes_a_ranked_item_that_its_status_page_tells_of(house, open_as, new_context, task_worker):
    first = make_scored(house.team, value=5, title="Gift cards at checkout")
    rank_organization(organization_id=house.organization.pk, refresh=True)
    form = make_form(house.team, by=house.people["owner"])
    make_request(house.team, problem="The voucher is refused.")
    backlog, inbox = open_as(house.people["reader"]), open_as(house.people["owner"])
    backlog.goto(f"{PATH}/backlog/")
    inbox.goto(f"{PATH}/inbox/")

    visitor = new_context(phone=True).new_page()
    visitor.goto(f"/r/{form.token}/")
    visitor.get_by_label("What happens, and where?").fill("I cannot change the address after I have paid.")
    visitor.locator("label", has_text="My team").tap()
    visitor.locator("label", has_text="I am stuck").tap()
    visitor.get_by_role("button", name="Send request").tap()
    expect(visitor.locator(".number")).to_have_text("2")
    visitor.get_by_role("link", name="See the status page").tap()
    expect(visitor.locator(".big")).to_contain_text("We have it and will read it.")

    expect(inbox.locator("#inbox-list")).to_contain_text("I cannot change the address")
    inbox.keyboard.press("j")  # also for what came in since the page was opened
    expect(inbox.get_by_role("heading", name="I cannot change the address")).to_be_visible()
    inbox.keyboard.press("a")
    expect(inbox.locator("#landing")).to_contain_text(re.compile(r"place \d+ of \d+"))

    accepted = Item.objects.for_organization(house.organization).exclude(pk=first.pk).get()
    expect(backlog.locator(f"#item-{accepted.key}")).to_contain_text("I cannot change the address")
    visitor.reload()
    expect(visitor.locator(".big")).to_contain_text("It is in the backlog.")
    expect(visitor.locator(".big")).to_contain_text(re.compile(r"Place \d+ of \d+"))


# --- a score --------------------------------------------------------------------------------------


def test_changed_score_is_a_new_place_on_another_persons_open_page(house, open_as, task_worker, record_property):
    low, *others = [make_scored(house.team, value=value) for value in (1, 3, 5)]
    rank_organization(organization_id=house.organization.pk, refresh=True)
    owner, reader = open_as(house.people["owner"]), open_as(house.people["reader"])
    reader.goto(f"{PATH}/backlog/")
    assert keys_on(reader) == [others[1].key, others[0].key, low.key]
    owner.goto(f"/acme/{low.key}/")
    value = owner.get_by_role("group", name="Business value")
    value.locator("label", has_text="20").click()

    began = time.monotonic()
    owner.get_by_role("button", name="Save scores").click()
    expect(reader.locator("#list [data-row] .l-key").first).to_have_text(low.key)
    record_property("seconds", round(time.monotonic() - began, 3))

    assert keys_on(reader) == [low.key, others[1].key, others[0].key]
    reader.locator(f"#item-{low.key} a").first.click()
    expect(reader.locator("#receipt #compare")).to_be_visible()
    expect(reader.locator("#receipt .sum")).to_be_visible()


# --- keys -----------------------------------------------------------------------------------------


def test_a_key_goes_on_from_where_it_was_while_fresh_rows_still_settle(house, open_as):
    top, middle, last = (make_scored(house.team, value=value) for value in (8, 5, 3))
    rank_organization(organization_id=house.organization.pk, refresh=True)
    page = open_as(house.people["owner"])
    page.goto(f"{PATH}/backlog/")
    page.wait_for_load_state()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator(f"#item-{middle.key}")).to_have_attribute("data-cursor", "")
    page.evaluate("htmx.config.defaultSettleDelay = 1500")

    edit_item(item=last, changes={"title": "Lamps by post"}, by=house.people["owner"])
    expect(page.locator("#list")).to_contain_text("Lamps by post")
    page.keyboard.press("k")

    expect(page.locator(f"#item-{top.key}")).to_have_attribute("data-cursor", "")
    expect(page.locator(".htmx-settling")).to_have_count(0)
    expect(page.locator("[data-cursor]")).to_have_attribute("id", f"item-{top.key}")


def test_list_is_worked_by_keyboard_alone(house, open_as, task_worker):
    top, below = make_scored(house.team, value=5), make_scored(house.team, value=3)
    rank_organization(organization_id=house.organization.pk, refresh=True)
    page = open_as(house.people["owner"])
    page.goto(f"{PATH}/backlog/")
    page.wait_for_load_state()

    page.keyboard.press("n")
    expect(page.get_by_role("textbox", name="Title")).to_be_focused()
    page.keyboard.type("Lamps by post")
    page.keyboard.press("Enter")
    expect(page.locator("#new-item")).to_contain_text("is in the backlog")
    page.keyboard.press("Escape")
    expect(page.get_by_role("textbox", name="Title")).to_have_count(0)  # until then keys are words
    expect(page.locator("#list")).to_contain_text("Lamps by post")

    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator("[data-cursor]")).to_have_attribute("id", f"item-{top.key}")  # says which row has it instead
    page.keyboard.press("e")
    expect(page.get_by_label(f"Title of {top.key}")).to_be_focused()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("Gift cards by post")
    page.keyboard.press("Enter")
    expect(page.locator(f"#item-{top.key} .l-title")).to_have_text("Gift cards by post")

    page.keyboard.press("s")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("p")
    expect(page.locator(".toast")).to_contain_text(f"{top.key} is planned now.")
    page.locator("body").press("z")
    expect(page.locator(".toast", has_text="is planned now")).to_have_count(0)
    top.refresh_from_db()
    assert (top.title, top.status) == ("Gift cards by post", Item.Status.OPEN)
    assert below.key in keys_on(page)


# --- many tabs ------------------------------------------------------------------------------------

# A headless browser calls every tab visible; this one says what a person's browser would.
TAB = """
Object.defineProperty(document, "visibilityState", { get: () => (window.isBehind ? "hidden" : "visible") });
Object.defineProperty(document, "hidden", { get: () => Boolean(window.isBehind) });
"""
TURN = "isBehind => { window.isBehind = isBehind; document.dispatchEvent(new Event('visibilitychange')); }"


def test_twelve_tabs_of_one_browser_all_work(house, new_context, asgi_server, task_worker):
    item = make_scored(house.team, value=5, title="Before")
    make_request(house.team)
    rank_organization(organization_id=house.organization.pk, refresh=True)
    context = new_context()
    context.add_init_script(TAB)
    sign_in(context, house.people["owner"], asgi_server)
    tabs: list[Page] = []
    for number in range(12):
        tab = context.new_page()
        tab.goto(f"/acme/{item.key}/" if number % 3 == 2 else f"{PATH}/backlog/")
        expect(tab.get_by_text("Before").first).to_be_visible()
        tab.evaluate(TURN, True)
        tabs.append(tab)

    edit_item(item=item, changes={"title": "After"}, by=house.people["owner"])

    for tab in tabs:
        tab.evaluate(TURN, False)
        expect(tab.get_by_text("After").first).to_be_visible()
        tab.get_by_role("link", name="Inbox").first.click()
        expect(tab.get_by_role("heading", name="Inbox")).to_be_visible()
        tab.evaluate(TURN, True)
