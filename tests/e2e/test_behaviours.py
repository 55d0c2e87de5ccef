"""The page's own behaviours in a real browser, under the real content policy; the server is a few canned answers."""

from __future__ import annotations

import mimetypes
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template import Context, Template
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page, Request, Route

ORIGIN = "http://winnow.test"
FRAME = "{% extends 'base.html' %}{% load winnow %}{% block page %}BODY{% endblock %}"
STREAM = {"content-type": "text/event-stream"}


class Site:
    """Canned answers by path, and what was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, Callable[[Request], tuple[int, str, dict[str, str]]]] = {}
        self.asked: list[Request] = []

    def page(self, path: str, body: str, **context: Any) -> None:
        html = Template(FRAME.replace("BODY", body)).render(Context(context))
        self.answer(path, html)

    def answer(self, path: str, body: str = "", status: int = 200, **headers: str) -> None:
        self.answers[path] = lambda _: (status, body, {name.replace("_", "-"): value for name, value in headers.items()})

    def requests(self, path: str) -> list[Request]:
        return [request for request in self.asked if urlsplit(request.url).path == path]

    def handle(self, route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path.startswith(settings.STATIC_URL):
            found = finders.find(path.removeprefix(settings.STATIC_URL))
            route.fulfill(path=str(found), content_type=mimetypes.guess_type(path)[0] or "text/plain")
            return
        self.asked.append(route.request)
        if path not in self.answers:
            route.fulfill(status=404, body="")
            return
        status, body, headers = self.answers[path](route.request)
        policy = {"content-security-policy": settings.CONTENT_SECURITY_POLICY, "content-type": "text/html; charset=utf-8"}
        route.fulfill(status=status, body=body, headers={**policy, **headers})


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    context = browser.new_context(base_url=ORIGIN, viewport={"width": 1280, "height": 800})
    context.set_default_timeout(8_000)
    faults: list[str] = []
    context.on("weberror", lambda error: faults.append(str(error.error)))
    context.on("console", lambda message: faults.append(message.text) if "Content Security Policy" in message.text else None)
    context.route(f"{ORIGIN}/**", site.handle)
    yield context.new_page()
    context.close()
    assert faults == []


def rows(*keys: str) -> str:
    return "".join(
        f'<li class="ledger-row" data-row id="item-{key}" data-edit-url="/edit/{key}/"><a class="l-title" href="/{key}/">{key}</a>'
        f'<span class="l-size num" data-edit="size" tabindex="-1">3</span></li>'
        for key in keys
    )


def live_list(version: int, *keys: str) -> str:
    return (
        f'<section class="ledger" id="list" data-topic="team:checkout" data-version="{version}" data-announce="The order changed" '
        f'hx-get="/list/" hx-trigger="topic" hx-swap="outerHTML"><ol>{rows(*keys)}</ol></section>'
    )


LIVE = {"shell": {"live_url": "/live/"}}


# --- live -----------------------------------------------------------------------------------------


def test_newer_version_fetches_the_list_and_marks_what_moved(page, site):
    site.page("/", live_list(1, "A-1", "A-2", "A-3"), **LIVE)
    site.answer("/live/", "data: team:checkout 2\n\n", **STREAM)
    site.answer("/list/", live_list(2, "A-3", "A-1", "A-2"))

    page.goto("/")

    expect(page.locator("#list")).to_have_attribute("data-version", "2")
    expect(page.locator("[data-row]").first).to_have_id("item-A-3")
    expect(page.locator(".moved")).to_have_count(1)
    expect(page.locator("#announcer")).to_have_text("The order changed")
    assert parse_qs(urlsplit(site.requests("/live/")[0].url).query) == {"t": ["team:checkout=1"]}


def test_version_that_is_shown_already_fetches_nothing(page, site):
    site.page("/", live_list(2, "A-1"), **LIVE)
    site.answer("/live/", "data: team:checkout 2\n\n", **STREAM)

    page.goto("/")
    page.wait_for_timeout(500)

    assert site.requests("/list/") == []


def test_list_waits_while_somebody_types_in_it(page, site):
    body = live_list(1, "A-1").replace("<ol>", '<input id="words" aria-label="Words"><ol>')
    site.page("/", body, **LIVE)
    site.answer("/live/", "", status=503)
    site.answer("/list/", live_list(2, "A-1", "A-2"))
    page.goto("/")
    page.locator("#words").fill("half a sen")

    site.answer("/live/", "data: team:checkout 2\n\n", **STREAM)
    page.wait_for_timeout(2500)

    assert len(site.requests("/live/")) > 1
    expect(page.locator("#words")).to_have_value("half a sen")

    page.locator("#words").blur()

    expect(page.locator("[data-row]")).to_have_count(2)


def test_an_act_calls_off_what_its_region_asked_for_and_what_waits_behind_that(page, site):
    act = '<form hx-post="/act/" hx-target="#list" hx-swap="outerHTML"><button>Act</button></form>'
    site.page("/", live_list(1, "A-1").replace("hx-swap", 'hx-sync="this:queue last" hx-swap') + act + '<p id="beside"></p>', **LIVE)
    site.answer("/act/", live_list(2, "A-1", "A-2"))
    held: list[Route] = []
    said: list[str] = []
    page.route("**/list/", lambda route: held.append(route))  # noqa: PLW0108, a method of C has no name that the driver can read
    page.on("console", lambda message: said.append(message.text))
    page.goto("/")
    page.evaluate("for (const _ of [1, 2]) htmx.trigger('#list', 'topic')")
    page.get_by_role("button", name="Act").click()
    expect(page.locator("#list")).to_have_attribute("data-version", "2")

    for route in held:
        route.fulfill(body=live_list(1, "A-1") + '<p id="beside" hx-swap-oob="true">late</p>', content_type="text/html")
    page.wait_for_timeout(100)

    assert [line for line in said if "oobErrorNoTarget" in line] == []


def test_page_reopens_its_stream_with_the_versions_it_shows(page, site):
    site.page("/", live_list(1, "A-1"), **LIVE)
    site.answer("/live/", "data: team:checkout 5\n\n", **STREAM)
    site.answer("/list/", live_list(5, "A-1"))

    page.goto("/")
    expect(page.locator("#list")).to_have_attribute("data-version", "5")
    page.wait_for_timeout(2500)

    assert parse_qs(urlsplit(site.requests("/live/")[-1].url).query) == {"t": ["team:checkout=5"]}


def test_hidden_page_holds_no_stream(page, site):
    site.page("/", live_list(1, "A-1"), **LIVE)
    site.answer("/live/", "", status=503)
    page.goto("/")
    page.evaluate("""() => {
        Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
    }""")
    asked = len(site.requests("/live/"))
    page.wait_for_timeout(2000)

    assert len(site.requests("/live/")) == asked

    page.evaluate("""() => {
        Object.defineProperty(document, "visibilityState", { value: "visible", configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
    }""")
    page.wait_for_timeout(300)

    assert len(site.requests("/live/")) == asked + 1


def test_a_list_goes_on_and_a_refresh_brings_as_much_and_leaves_the_reader_where_he_was(page, site):
    first, then = [[f"A-{number}" for number in numbers] for numbers in (range(1, 41), range(40, 80))]
    near = '<li class="pager" id="more"><span class="near" hx-get="/list/more/" hx-target="#more" hx-swap="outerHTML" hx-trigger="intersect once"></span></li>'
    whole = live_list(1, *first).replace('id="list"', 'id="list" data-rows="40"').replace("</ol>", f"{near}</ol>")
    site.page("/", f'<div class="backlog">{whole}</div>', **LIVE)
    site.answer("/live/", "", status=503)
    site.answer("/list/more/", rows(*then))
    site.answer("/list/", live_list(2, "A-0", *first, *then[1:]).replace('id="list"', 'id="list" data-rows="40"'))
    page.goto("/")
    page.mouse.move(400, 400)
    page.mouse.wheel(0, 700)
    expect(page.locator("[data-row]")).to_have_count(79)  # the one that came twice stands once
    page.locator("#item-A-60 a").scroll_into_view_if_needed()
    before = page.locator("#item-A-60").bounding_box()

    page.evaluate("htmx.trigger(document.getElementById('list'), 'topic')")

    expect(page.locator("#list")).to_have_attribute("data-version", "2")
    assert parse_qs(urlsplit(site.requests("/list/")[0].url).query) == {"show": ["79"]}
    after = page.locator("#item-A-60").bounding_box()
    assert before is not None
    assert after is not None
    assert abs(after["y"] - before["y"]) < 2


# --- keys -----------------------------------------------------------------------------------------


def test_j_and_k_go_through_the_rows_and_enter_opens(page, site):
    site.page("/", f"<ol>{rows('A-1', 'A-2')}</ol>")
    site.page("/A-2/", "<h1>A-2</h1>")
    page.goto("/")

    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator("#item-A-1")).to_have_attribute("data-cursor", "")
    page.keyboard.press("j")
    page.keyboard.press("Enter")

    expect(page).to_have_url(f"{ORIGIN}/A-2/")


def test_a_group_opens_and_closes_by_arrows_and_a_refresh_keeps_it_so(page, site):
    def group(ref: str, *keys: str) -> str:
        return (
            f'<li class="tier" data-group="{ref}" data-group-rows="/rows/{ref}/"><h2><a class="tier-toggle" id="group-{ref}" '
            f'href="/none/" data-stop aria-expanded="{"true" if keys else "false"}">{ref}</a></h2></li>{rows(*keys)}'
        )

    def listed(version: int, *groups: str) -> str:
        return live_list(version).replace('id="list"', 'id="list" data-groups="2"').replace("<ol>", f"<ol>{''.join(groups)}")

    site.page("/", f'<div class="backlog">{listed(1, group("E-1", "A-1", "A-2"), group("E-2", "A-3"))}</div>', **LIVE)
    site.answer("/live/", "", status=503)
    site.answer("/rows/E-1/", rows("A-1", "A-2", "A-4"))
    site.answer("/list/", listed(2, group("E-1", "A-1", "A-2", "A-4"), group("E-2")))
    page.goto("/")

    for key in ("j", "j", "j", "j"):
        page.keyboard.press(key)
    expect(page.locator("#group-E-2")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#item-A-3")).to_have_count(0)
    expect(page).to_have_url(f"{ORIGIN}/?groups=E-2:0")
    page.keyboard.press("k")
    page.keyboard.press("ArrowLeft")  # from a row to its group
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(f"{ORIGIN}/?groups=E-2:0,E-1:0")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#item-A-4")).to_be_visible()
    expect(page).to_have_url(f"{ORIGIN}/?groups=E-2:0,E-1:3")

    page.evaluate("htmx.trigger(document.getElementById('list'), 'topic')")

    expect(page.locator("#list")).to_have_attribute("data-version", "2")
    assert parse_qs(urlsplit(site.requests("/list/")[0].url).query)["groups"] == ["E-2:0,E-1:3"]
    expect(page.locator("#group-E-1")).to_be_focused()


def test_a_drawing_is_walked_made_larger_and_left_by_keys(page, site):
    boxes = "".join(
        f'<a id="node-{key}" href="/{key}/" data-stop-here><rect x="{x}" y="20" width="100" height="40"/><text x="{x}" y="40">{key}</text></a>'
        for key, x in (("A-1", 20), ("A-2", 220), ("A-3", 420))
    )
    buttons = "".join(
        f'<button data-zoom="{way}" data-key="{key}" data-key-label="{way}" aria-label="{way}"></button>'
        for way, key in (("in", "+"), ("out", "-"), ("fit", "0"))
    )
    site.page(
        "/",
        f'<div data-zoom-for="graph" hidden>{buttons}<span data-zoom-now></span></div><div data-zoom-region tabindex="0">'
        f'<svg id="graph" width="600" height="100" viewBox="0 0 600 100" data-walk>{boxes}</svg></div>',
    )
    site.page("/A-3/", "<h1>A-3</h1>")
    page.goto("/")
    shown = page.locator("[data-zoom-now]")

    page.keyboard.press("+")
    expect(shown).to_have_text("125 %")
    page.keyboard.press("-")
    page.keyboard.press("-")
    expect(shown).to_have_text("80 %")
    page.locator("#node-A-1").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#node-A-2")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")

    expect(page).to_have_url(f"{ORIGIN}/A-3/")


def test_arrows_walk_through_a_grid_that_is_one_stop_of_tab(page, site):
    lines = [
        "".join(
            f"<td data-stop-here>{f'<a href={chr(34)}/{row}{column}/{chr(34)}>{row}{column}</a>' if column else '-'}</td>"
            for column in range(3)
        )
        for row in range(3)
    ]
    site.page("/", f'<table role="grid" data-walk>{"".join(f"<tr>{line}</tr>" for line in lines)}</table><a href="/behind/">behind</a>')
    site.page("/22/", "<h1>22</h1>")
    page.goto("/")
    focused = page.locator(":focus")

    page.locator("td").first.focus()
    for key, there in (
        ("ArrowRight", "01"),
        ("ArrowDown", "11"),
        ("Home", "-"),
        ("End", "12"),
        ("ArrowRight", "12"),
        ("Control+Home", "-"),
    ):
        page.keyboard.press(key)
        expect(focused).to_have_text(there)
    page.keyboard.press("Tab")
    expect(focused).to_have_text("behind")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Control+End")
    page.keyboard.press("Enter")

    expect(page).to_have_url(f"{ORIGIN}/22/")


def test_key_presses_its_element_but_not_while_somebody_types(page, site):
    site.page("/", '<a href="/new/" data-key="n">New item</a><input id="words" aria-label="Words">')
    site.page("/new/", "<h1>New</h1>")
    page.goto("/")

    page.locator("#words").press_sequentially("none")
    expect(page.locator("#words")).to_have_value("none")
    assert page.url == f"{ORIGIN}/"
    page.locator("#words").blur()
    page.keyboard.press("n")

    expect(page).to_have_url(f"{ORIGIN}/new/")


def test_question_mark_lists_the_keys_of_the_page(page, site):
    site.page("/", '<button type="button" data-key="n">New item<span class="key">N</span></button>')
    page.goto("/")

    page.keyboard.press("?")

    expect(page.locator("#keyboard-help dt").first).to_have_text("New item")
    page.keyboard.press("Escape")
    expect(page.locator("#keyboard-help")).not_to_be_visible()


def test_a_key_is_changed_in_the_help_and_works_at_once(page, site):
    site.page("/acme/", '<a href="/new/" data-key="n">New item<span class="key">N</span></a>')
    site.page("/new/", "<h1>New</h1>")
    site.answer("/acme/settings/keys/", '{"message": "V is taken: Views."}', status=409, content_type="application/json")
    page.goto("/acme/")
    help_, said = page.locator("#keyboard-help"), page.locator("[data-keys-said]")

    page.keyboard.press("?")
    help_.get_by_role("button", name="Change the key of: New item").click()
    page.keyboard.press("v")
    expect(said).to_have_text("V is taken: Views.")
    site.answer("/acme/settings/keys/", '{"keys": {"n": "i"}}', content_type="application/json")
    page.keyboard.press("Enter")
    page.keyboard.press("i")
    expect(said).to_have_text("I it is.")
    expect(page.locator("a .key")).to_have_text("I")
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.keyboard.press("i")

    expect(page).to_have_url(f"{ORIGIN}/new/")


def test_single_keys_can_be_switched_off(page, site):
    site.page("/", '<a href="/new/" data-key="n">New item</a>')
    page.goto("/")
    page.keyboard.press("?")
    page.get_by_role("button", name="Switch single keys off").click()
    page.keyboard.press("Escape")

    page.reload()
    page.keyboard.press("n")
    page.wait_for_timeout(200)

    assert page.url == f"{ORIGIN}/"


# --- a cell and its form --------------------------------------------------------------------------

CELL_FORM = (
    '<form class="edit-form" hx-post="/save/" hx-target="closest [data-edit]"><input name="size" aria-label="Size" value="3"></form>'
)


def test_e_turns_a_cell_into_its_form_and_escape_brings_it_back(page, site):
    site.page("/", f"<ol>{rows('A-1')}</ol>")
    site.answer("/edit/A-1/", CELL_FORM)
    page.goto("/")
    page.keyboard.press("j")
    page.keyboard.press("e")
    expect(page.locator("[data-edit] input")).to_be_focused()
    assert urlsplit(site.requests("/edit/A-1/")[0].url).query == "field=size"

    page.keyboard.type("8")
    page.keyboard.press("Escape")

    expect(page.locator("[data-edit]")).to_have_text("3")
    expect(page.locator("[data-edit]")).to_be_focused()
    assert site.requests("/save/") == []


def test_enter_saves_a_cell(page, site):
    site.page("/", f"<ol>{rows('A-1')}</ol>")
    site.answer("/edit/A-1/", CELL_FORM)
    site.answer("/save/", "8")
    page.goto("/")
    page.locator("[data-edit]").click()
    page.locator("[data-edit] input").fill("8")
    page.keyboard.press("Enter")

    expect(page.locator("[data-edit]")).to_have_text("8")
    assert "size=8" in (site.requests("/save/")[0].post_data or "")


# --- forms ----------------------------------------------------------------------------------------


def keys_of(site: Site, path: str) -> list[str]:
    return [request.headers.get("idempotency-key", "") for request in site.requests(path)]


ADD = '<form hx-post="/add/" hx-swap="none"><input name="title" aria-label="Title" value="One"><button>Add</button></form>'


def test_act_keeps_its_key_until_it_is_answered(page, site):
    site.page("/", ADD)
    site.answer("/add/", status=503)
    page.goto("/")
    for _ in range(2):
        page.get_by_role("button", name="Add").click()
        page.wait_for_timeout(200)
    site.answer("/add/", status=204)
    page.get_by_role("button", name="Add").click()
    page.wait_for_timeout(200)
    page.get_by_role("button", name="Add").click()
    page.wait_for_timeout(200)

    first, again, answered, next_act = keys_of(site, "/add/")

    assert len(first) == 36
    assert first == again == answered
    assert next_act != answered


def test_other_content_is_another_act(page, site):
    site.page("/", ADD)
    site.answer("/add/", status=503)
    page.goto("/")
    page.get_by_role("button", name="Add").click()
    page.wait_for_timeout(200)
    page.get_by_label("Title").fill("Two")
    page.get_by_role("button", name="Add").click()
    page.wait_for_timeout(200)

    first, other = keys_of(site, "/add/")

    assert first != other


def test_failed_request_is_told_and_keeps_the_words(page, site):
    site.page("/", ADD)
    site.answer("/add/", status=500)
    page.goto("/")
    page.get_by_label("Title").fill("My words")
    page.get_by_role("button", name="Add").click()

    expect(page.locator(".toast")).to_contain_text("What you typed is still here")
    expect(page.get_by_label("Title")).to_have_value("My words")


def test_plain_form_is_sent_once_and_fills_its_hidden_key(page, site):
    site.page("/", '<form method="post" action="/sent/"><input type="hidden" name="idempotency_key"><button>Send</button></form>')
    site.page("/sent/", "<h1>Sent</h1>")
    page.goto("/")

    page.get_by_role("button", name="Send").dblclick()

    expect(page.locator("h1")).to_have_text("Sent")
    [request] = site.requests("/sent/")
    assert len(parse_qs(request.post_data or "")["idempotency_key"][0]) == 36


def test_words_survive_a_sign_in_in_between(page, site):
    site.page(
        "/acme/A-1/", '<form hx-post="/note/" id="note"><textarea name="text" aria-label="Note"></textarea><button>Save</button></form>'
    )
    site.answer("/note/", status=204, HX_Redirect="/accounts/login/")
    site.page("/accounts/login/", "<h1>Sign in</h1>")
    page.goto("/acme/A-1/")
    page.get_by_label("Note").fill("A long thought")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("h1")).to_have_text("Sign in")

    page.goto("/acme/A-1/")
    page.get_by_role("button", name="Put them back").click()

    expect(page.get_by_label("Note")).to_have_value("A long thought")


def test_words_of_a_plain_form_survive_a_sign_in_in_between(page, site):
    # A routed answer cannot redirect, so the form goes where the redirect would lead.
    form = '<form method="post" action="/accounts/login/"><textarea name="text" aria-label="Note"></textarea><button>Save</button></form>'
    site.page("/acme/A-1/", form)
    site.page("/accounts/login/", "<h1>Sign in</h1>")
    page.goto("/acme/A-1/")
    page.get_by_label("Note").fill("A long thought")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("h1")).to_have_text("Sign in")
    page.wait_for_load_state()

    page.goto("/acme/A-1/")
    page.get_by_role("button", name="Put them back").click()

    expect(page.get_by_label("Note")).to_have_value("A long thought")


def test_words_that_arrived_are_not_offered_again(page, site):
    form = '<form method="post" action="/sent/"><textarea name="text" aria-label="Note"></textarea><button>Save</button></form>'
    site.page("/acme/A-1/", form)
    site.page("/sent/", "<h1>Sent</h1>")
    page.goto("/acme/A-1/")
    page.get_by_label("Note").fill("A long thought")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("h1")).to_have_text("Sent")

    page.goto("/acme/A-1/")
    page.wait_for_timeout(200)

    expect(page.locator(".draft")).to_have_count(0)


# --- menus, dialogs, theme ------------------------------------------------------------------------


def test_menu_is_used_by_arrow_keys(page, site):
    site.page("/", "<h1>Home</h1>", shell={"place": "Checkout", "places_url": "/acme/"})
    site.answer("/acme/", '<a href="/checkout/">Checkout</a><a href="/search/">Search</a>')
    page.goto("/")

    page.locator(".rail-team").press("Enter")
    expect(page.locator("#team-menu a")).to_have_count(2)
    expect(page.locator("#team-menu a").first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#team-menu a").nth(1)).to_be_focused()
    page.keyboard.press("Escape")

    expect(page.locator("#team-menu")).not_to_be_visible()
    expect(page.locator(".rail-team")).to_be_focused()


def test_dialog_of_an_answer_opens_itself(page, site):
    site.page("/", '<button hx-get="/ask/" hx-target="#dialogs">Ask</button>')
    site.answer(
        "/ask/", '<dialog class="dialog" data-open-now aria-label="Ask"><button type="button" data-dialog-close>Close</button></dialog>'
    )
    page.goto("/")

    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_role("button", name="Close").click()

    expect(page.get_by_role("dialog")).to_have_count(0)


def test_theme_is_chosen_and_kept(page, site):
    site.page("/", "<h1>Home</h1>", shell={"person": {"name": "Ada", "initials": "A", "email": "ada@example.org"}})
    page.goto("/")
    page.get_by_role("button", name="Ada, account").click()
    page.get_by_role("button", name="Dark").click()

    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_toast_of_an_answer_takes_the_act_back_by_one_key(page, site):
    toast = (
        '<div hx-swap-oob="beforeend:#toasts"><div class="toast" data-toast><span>Moved.</span>'
        '<form hx-post="/undo/" hx-swap="none"><button data-key="z">Undo</button></form></div></div>'
    )
    site.page("/", '<button hx-post="/move/" hx-swap="none">Move</button>')
    site.answer("/move/", toast)
    site.answer("/undo/", status=204)
    page.goto("/")
    page.get_by_role("button", name="Move").click()
    expect(page.locator(".toast")).to_have_count(1)

    page.locator("body").press("z")

    expect(page.locator(".toast")).to_have_count(0)
    assert len(site.requests("/undo/")) == 1


def test_what_can_be_taken_back_is_said_once(page, site):
    site.page("/", "<h1>Home</h1>")
    page.goto("/")
    toast = '<div class="toast" data-toast><span>Imported.</span><form action="/undo/{}/"><button>Undo</button></form></div>'

    for act in (1, 1, 2):
        page.evaluate("html => document.getElementById('toasts').insertAdjacentHTML('beforeend', html)", toast.format(act))

    expect(page.locator("#toasts [data-toast]")).to_have_count(2)


# --- calling people -------------------------------------------------------------------------------


def test_an_at_offers_names_that_arrows_choose_and_enter_takes(site, page):
    site.page("/item/", '<form><textarea data-mentions="/people/"></textarea></form>')
    site.answer("/people/", '{"names": ["Ada Kim", "Adam <b>"]}')
    page.goto("/item/")
    text = page.locator("textarea")

    text.press_sequentially("See @ad")
    expect(page.get_by_role("option")).to_have_text(["Ada Kim", "Adam <b>"])
    text.press("ArrowDown")
    text.press("Enter")
    expect(text).to_have_value("See @Adam <b> ")
    expect(page.get_by_role("option")).to_have_count(0)

    text.press_sequentially("and @a")
    expect(page.get_by_role("option")).to_have_count(2)
    text.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)
    expect(text).to_have_value("See @Adam <b> and @a")
    assert parse_qs(urlsplit(site.requests("/people/")[0].url).query) == {"q": ["ad"]}


def test_a_cell_shows_what_was_sent_and_falls_back_with_the_reason(page, site):
    site.page("/", f'<div class="backlog"><ol class="ledger">{rows("A-1")}</ol></div>')
    form = '<form method="post" hx-post="/edit/A-1/" hx-target="closest [data-edit]" hx-swap="innerHTML"><input name="size" value="3" aria-label="Size" inputmode="decimal"></form>'
    site.answer("/edit/A-1/", form)
    page.goto("/")
    cell = page.locator("#item-A-1 [data-edit=size]")
    cell.click()
    page.get_by_label("Size").wait_for()
    waiting: list[Route] = []
    page.route("**/edit/A-1/", lambda route: waiting.append(route))  # noqa: PLW0108, a method of C has no name that the driver can read

    page.keyboard.type("8")
    page.keyboard.press("Enter")
    expect(cell.locator(".sent")).to_have_text("8")
    waiting.pop().abort()

    expect(cell.get_by_role("alert")).to_have_text("Not saved: no connection. It is still “3”; Enter tries again, Escape leaves it.")
    expect(page.get_by_label("Size")).to_have_value("8")
    page.keyboard.press("Enter")
    expect(cell.locator(".sent")).to_have_text("8")
    waiting.pop().fulfill(status=503, body="")
    expect(cell.get_by_role("alert")).to_contain_text("saving is paused")
    page.keyboard.press("Escape")
    expect(cell).to_have_text("3")

    page.unroute("**/edit/A-1/")
    site.answer("/edit/A-1/", form)
    cell.click()
    page.get_by_label("Size").fill("5")
    site.answer("/edit/A-1/", "5")
    page.keyboard.press("Enter")
    expect(cell).to_have_text("5")
    expect(cell.locator(".sent")).to_have_count(0)
