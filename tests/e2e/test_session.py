"""A refinement session in several windows at once: the one who leads, a second laptop, a phone, and somebody who reads along."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from accounts.roles import Role
from tests.factories.accounts import House, organization_with
from tests.factories.prioritization import make_scored
from tests.refinement.views.test_blindness import SCALE, SECRETS

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import BrowserContext, Page, Response

    from accounts.models import User
    from backlog.models import Item

VALUES = "buttons => buttons.map(button => button.value)"


class Window:
    """A person's page and every byte of text that reached it: pages, fragments and the lines of its stream."""

    def __init__(self, context: BrowserContext, user: User, address: str) -> None:
        client = Client()
        client.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": address}])
        self.page = context.new_page()
        self.lines: list[str] = []
        self._answers: list[Response] = []
        self.page.on("response", self._keep)
        wire = context.new_cdp_session(self.page)
        wire.send("Network.enable")
        wire.on("Network.eventSourceMessageReceived", self._hear)

    def _keep(self, response: Response) -> None:
        if response.request.resource_type in ("document", "xhr", "fetch"):
            self._answers.append(response)

    def _hear(self, message: dict[str, Any]) -> None:
        self.lines.append(f"{message['eventName']} {message['eventId']} {message['data']}")

    def received(self) -> str:
        return "\n".join([*self.lines, *(answer.text() for answer in self._answers if answer.status not in (204, 302))])


@pytest.fixture
def house() -> House:
    return organization_with(
        "checkout", lead=Role.SCRUM_MASTER, ben=Role.DEVELOPER, chidi=Role.DEVELOPER, watcher=Role.STAKEHOLDER, owner=Role.PRODUCT_OWNER
    )


@pytest.fixture
def items(house: House) -> list[Item]:
    """Two items: the first is worth more, but has no size yet; the second is sized."""
    house.team.scale = SCALE
    house.team.save(update_fields=["scale"])
    unsized = make_scored(house.team, value=5, size=None, title="Gift cards at checkout")
    sized = make_scored(house.team, value=3, size=3, title="Return label by e-mail")
    return [unsized, sized]


@pytest.fixture
def open_window(new_context: Callable[..., BrowserContext], house: House, asgi_server: str) -> Callable[..., Window]:
    def open_window(name: str, *, phone: bool = False) -> Window:
        return Window(new_context(phone=phone), house.people[name], asgi_server)

    return open_window


def order_on(page: Page) -> list[str]:
    return page.locator("#list [data-row] .l-key").all_inner_texts()


def test_two_windows_and_a_phone_vote_reveal_and_agree(house, items, open_window, task_worker):
    path = f"/{house.organization.slug}/{house.team.slug}"
    lead, ben, phone = open_window("lead"), open_window("ben"), open_window("chidi", phone=True)
    reader, backlog = open_window("watcher"), open_window("owner")
    backlog.page.goto(f"{path}/backlog/")
    assert order_on(backlog.page) == [item.key for item in items]

    lead.page.goto(f"{path}/sessions/")
    lead.page.get_by_role("button", name="Start now").click()
    expect(lead.page.get_by_role("heading", level=1)).to_have_text("Gift cards at checkout")
    ben.page.goto(lead.page.url)
    reader.page.goto(lead.page.url)
    phone.page.goto(f"{path}/sessions/")
    phone.page.get_by_role("link", name="Join").tap()
    expect(lead.page.locator("#session-here")).to_have_text("4 here")

    # three taps on the phone: Refine, Join, a card
    phone.page.get_by_role("button", name="911.5").tap()
    expect(phone.page.get_by_text("Your vote, 911.5, is saved.")).to_be_visible()
    ben.page.get_by_role("button", name="0.125").click()
    expect(ben.page.get_by_text("Your vote, 0.125, is saved.")).to_be_visible()
    ben.page.get_by_role("button", name="733.25").click()
    expect(ben.page.get_by_text("Your vote, 733.25, is saved.")).to_be_visible()
    for window in (lead, ben, phone, reader):
        expect(window.page.locator("#seats")).to_contain_text("2 of 3 voted")

    # what Ben is writing outlives a stage that comes anew, and reaches everybody
    ben.page.keyboard.press("q")
    words = ben.page.get_by_role("textbox", name=f"Question about {items[0].key}")
    words.fill("Do they expire?")
    reader.page.get_by_role("link", name="Ask").click()
    reader.page.get_by_role("textbox", name="Question about").fill("Who tells finance?")
    reader.page.get_by_role("button", name="Ask", exact=True).click()
    expect(ben.page.locator("#stage")).to_contain_text("Who tells finance?")
    expect(words).to_have_value("Do they expire?")
    ben.page.get_by_role("button", name="Ask", exact=True).click()
    expect(phone.page.locator("#stage")).to_contain_text("2 open")
    lead.page.keyboard.press("c")
    lead.page.get_by_role("textbox", name=f"Criterion of {items[0].key}").fill("They expire after a year.")
    lead.page.keyboard.press("Enter")
    expect(lead.page.locator("#session-criterion")).to_be_focused()
    phone.page.get_by_role("link", name="Read it: 1 criterion, 2 questions").tap()
    expect(phone.page.get_by_text("They expire after a year.")).to_be_in_viewport()
    phone.page.get_by_role("link", name="Back to the vote").tap()
    expect(phone.page.locator("#card-1")).to_be_in_viewport()

    ben.page.reload()
    expect(ben.page.get_by_role("button", name="733.25")).to_have_attribute("aria-pressed", "true")

    before = reader.received()
    assert any(line.rpartition(" ")[2] == "2/3" for line in reader.lines), reader.lines
    assert SECRETS.findall(before) == []
    assert not any(value in line for window in (lead, ben, phone) for line in window.lines for value in SCALE)
    pressed = [window.page.locator('#cards [aria-pressed="true"]').evaluate_all(VALUES) for window in (lead, ben, phone, reader)]
    assert pressed == [[], ["733.25"], ["911.5"], []]

    lead.page.keyboard.press("r")
    for window in (lead, ben, phone, reader):
        expect(window.page.locator("svg.dots")).to_have_attribute("aria-label", "Two votes: one 733.25, one 911.5. Median 911.5.")
        expect(window.page.locator("#panel")).to_contain_text("One step apart.")
    assert "911.5" in reader.received()

    lead.page.keyboard.press("v")
    for window in (lead, ben, phone):
        window.page.locator('#cards [value="911.5"]').click()
    expect(lead.page.locator("#seats")).to_contain_text("3 of 3 voted")
    lead.page.keyboard.press("r")
    expect(phone.page.locator("#panel")).to_contain_text("All the same.")
    lead.page.get_by_role("button", name="Take 911.5").click()

    for window in (lead, ben, phone, reader):
        expect(window.page.locator("#panel")).to_contain_text("Agreed on 911.5.")
    items[0].refresh_from_db()
    assert items[0].job_size == Decimal("911.5")
    expect(backlog.page.locator("#list [data-row] .l-key").first).to_have_text(items[1].key)
    assert order_on(backlog.page) == [items[1].key, items[0].key]


def test_a_card_counts_that_was_pressed_while_the_vote_of_somebody_else_came(house, items, open_window):
    lead, ben = open_window("lead"), open_window("ben")
    lead.page.goto(f"/{house.organization.slug}/{house.team.slug}/sessions/")
    lead.page.get_by_role("button", name="Start now").click()
    ben.page.goto(lead.page.url)
    expect(lead.page.locator("#session-here")).to_have_text("2 here")

    ben.page.get_by_role("button", name="0.125").hover()
    ben.page.mouse.down()
    lead.page.get_by_role("button", name="911.5").click()
    expect(lead.page.get_by_text("Your vote, 911.5, is saved.")).to_be_visible()
    expect(ben.page.locator("#panel[data-waiting]")).to_be_visible()
    ben.page.mouse.up()

    expect(ben.page.get_by_text("Your vote, 0.125, is saved.")).to_be_visible()
    for window in (lead, ben):
        expect(window.page.locator("#seats")).to_contain_text("2 of 2 voted")

    lead.page.get_by_role("button", name="733.25").hover()
    lead.page.mouse.down()
    ben.page.get_by_role("button", name="Take it back").click()
    expect(lead.page.locator("#panel[data-waiting]")).to_be_visible()
    lead.page.get_by_role("heading", level=1).hover()
    lead.page.mouse.up()

    expect(lead.page.locator("#seats")).to_contain_text("1 of 2 voted")
    expect(lead.page.get_by_text("Your vote, 911.5, is saved.")).to_be_visible()

    lead.page.locator("#panel").dispatch_event("pointerdown")  # of a scroll bar, whose release is not always told
    ben.page.get_by_role("button", name="733.25").click()
    expect(lead.page.locator("#panel[data-waiting]")).to_be_visible()
    lead.page.get_by_role("heading", level=1).hover()

    expect(lead.page.locator("#seats")).to_contain_text("2 of 2 voted")


def test_keys_vote_reveal_and_go_on(house, items, open_window):
    house.team.scale = ["1", "2", "3", "5", "8", "13", "20"]
    house.team.save(update_fields=["scale"])
    lead = open_window("lead")
    lead.page.goto(f"/{house.organization.slug}/{house.team.slug}/sessions/")
    lead.page.get_by_role("checkbox").last.check()
    lead.page.get_by_role("button", name="Start now").click()
    panel = lead.page.locator("#panel")
    lead.page.wait_for_load_state()  # keys are heard once the page has its scripts

    for key, said in (
        ("5", "Your vote, 5, is saved."),
        ("9", "Your vote, 13, is saved."),
        ("u", "“Not sure” is saved."),
        ("3", "Your vote, 3,"),
    ):
        lead.page.keyboard.press(key)
        expect(panel).to_contain_text(said)
    lead.page.keyboard.press("r")
    expect(panel).to_contain_text("Only one vote. Take 3")
    lead.page.locator("body").press("Enter")
    expect(panel).to_contain_text("Agreed on 3.")
    lead.page.keyboard.press("n")
    expect(lead.page.get_by_role("heading", level=1)).to_have_text("Return label by e-mail")
    expect(lead.page.locator("#agenda li.done")).to_contain_text("sized 3")


def test_a_session_that_somebody_else_ends_becomes_its_summary(house, items, open_window):
    lead, ben = open_window("lead"), open_window("ben")
    lead.page.goto(f"/{house.organization.slug}/{house.team.slug}/sessions/")
    lead.page.get_by_role("button", name="Start now").click()
    ben.page.goto(lead.page.url)
    expect(ben.page.locator("#panel")).to_be_visible()
    lead.page.on("dialog", lambda dialog: dialog.accept())

    lead.page.get_by_role("button", name="End session").click()

    expect(ben.page.get_by_role("cell", name="not reached")).to_be_visible()
    expect(lead.page.get_by_role("cell", name="not reached")).to_be_visible()


def test_voting_works_without_scripts(house, items, open_window, new_context, asgi_server):
    lead = open_window("lead")
    lead.page.goto(f"/{house.organization.slug}/{house.team.slug}/sessions/")
    lead.page.get_by_role("button", name="Start now").click()
    plain = Window(new_context(java_script_enabled=False), house.people["ben"], asgi_server)
    plain.page.goto(lead.page.url)

    plain.page.get_by_role("button", name="733.25").click()

    expect(plain.page.get_by_text("Your vote, 733.25, is saved.")).to_be_visible()
