"""A request's way in a real browser: form without account, triage by keys, ranked, and the status page says so. And a file's way in."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from accounts.roles import Role
from backlog.models import Item
from intake.services.requests import status_token
from prioritization.services.ranking import rank_organization
from tests.factories.accounts import House, organization_with
from tests.factories.intake import import_text, make_form, make_request

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import BrowserContext, Page

    from accounts.models import User


@pytest.fixture
def house() -> House:
    return organization_with("checkout", slug="acme", owner=Role.PRODUCT_OWNER)


def signed_in(context: BrowserContext, user: User, address: str) -> Page:
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": address}])
    return context.new_page()


def fill(page: Page, words: str) -> None:
    page.get_by_label("What happens, and where?").fill(words)
    page.get_by_label("Customers").check()
    page.get_by_label("A lot").check()


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "plain"])
def test_from_the_form_to_a_place_in_the_backlog(new_context, asgi_server, house, has_script):
    form = make_form(house.team)
    visitor = new_context(phone=True, java_script_enabled=has_script).new_page()
    visitor.goto(f"/r/{form.token}/")
    visitor.get_by_role("button", name="Send request").click()
    expect(visitor.get_by_role("alert")).to_contain_text("Tell us what happens.")
    fill(visitor, "The locker code comes after the parcel. We cannot open it.")
    visitor.get_by_role("button", name="Send request").click()
    expect(visitor.locator(".ticket .number")).to_have_text("1")
    link = visitor.get_by_label("Link to your status page").input_value()

    owner = signed_in(new_context(java_script_enabled=has_script), house.people["owner"], asgi_server)
    owner.goto("/acme/checkout/inbox/")
    expect(owner.get_by_text("We cannot open it.")).to_be_visible()
    if has_script:
        owner.keyboard.press("a")
    else:
        owner.get_by_role("button", name="Accept into backlog").click()
    expect(owner.locator("#landing")).to_contain_text("Accepted as")
    rank_organization(organization_id=house.organization.pk)
    if not has_script:
        owner.reload()
    expect(owner.locator("#landing")).to_contain_text("place 1 of 1")

    visitor.goto(link)
    expect(visitor.locator(".answer")).to_contain_text("Place 1 of 1 on the Checkout list.")
    assert Item.objects.for_organization(house.organization).get().channel == "stakeholder"


def test_a_new_request_shows_on_an_open_inbox_and_is_declined_by_key(new_context, asgi_server, house):
    make_request(house.team, problem="The first one.")
    owner = signed_in(new_context(), house.people["owner"], asgi_server)
    owner.goto("/acme/checkout/inbox/")
    expect(owner.locator(".mail")).to_have_count(1)

    second = make_request(house.team, problem="The second one.")
    expect(owner.locator(".mail")).to_have_count(2)
    owner.keyboard.press("j")
    expect(owner.locator(".read-title")).to_have_text("The second one")
    owner.keyboard.press("d")
    owner.keyboard.type("Another team does this.")
    owner.get_by_role("button", name="Decline").click()
    expect(owner.locator(".read")).to_contain_text("Declined by Owner")

    visitor = new_context().new_page()
    visitor.goto(f"/r/status/{status_token(second)}/")
    expect(visitor.locator(".answer")).to_contain_text("Another team does this.")


def test_a_file_comes_in_with_progress_and_a_report_and_goes_again(new_context, asgi_server, task_worker, house, tmp_path):
    path = tmp_path / "backlog.csv"
    path.write_text("id,title,points\n" + "".join(f"{number},Title {number},3\n" for number in range(1, 301)) + "301,,2\n")
    owner = signed_in(new_context(), house.people["owner"], asgi_server)
    owner.goto("/acme/checkout/import/")
    owner.get_by_label("File").set_input_files(path)
    owner.get_by_role("button", name="Look into the file").click()

    owner.get_by_role("button", name="Import 301 rows").click()

    expect(owner.get_by_text("Finished. 301 rows read.")).to_be_visible(timeout=30_000)
    expect(owner.locator(".numbers")).to_contain_text(re.compile(r"Created\s*300"))
    expect(owner.get_by_role("row", name="302 title")).to_contain_text("The row has no title.")

    owner.locator(".toast", has_text="The import has finished.").get_by_role("button", name="Undo").click()
    expect(owner.locator(".toast", has_text="Taking back the import of backlog.csv.")).to_be_visible()
    expect(owner.get_by_text("Taken back.")).to_be_visible(timeout=30_000)
    assert not Item.objects.for_organization(house.organization).ranked().exists()


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_pages_of_intake_fit_their_window(new_context: Callable[..., BrowserContext], asgi_server, house, phone):
    request = make_request(house.team, problem="x" * 60 + " is a long word. " + "And so on. " * 30)
    run = import_text(house.team, "id,title,blocked by\n1,One,2\n2,Two,1\n3,,\n")
    page = signed_in(new_context(phone=phone), house.people["owner"], asgi_server)
    token = status_token(request)
    paths = [f"/r/{request.form.token}/", f"/r/status/{token}/", f"/r/status/{token}/sent/"]
    paths += ["/acme/checkout/inbox/", "/acme/checkout/inbox/1/", "/acme/checkout/inbox/form/", "/acme/checkout/import/"]
    paths += [f"/acme/checkout/import/{run.ref}/"]
    wider = []
    for path in paths:
        page.goto(path)
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            wider.append(path)

    assert wider == []


def test_what_arrives_in_an_open_inbox_is_reached_by_key(house, open_as):
    make_form(house.team)
    inbox = open_as(house.people["owner"])
    with inbox.expect_response(lambda response: "/live/" in response.url):
        inbox.goto("/acme/checkout/inbox/")
    expect(inbox.locator("#request")).to_contain_text("No requests wait")

    make_request(house.team, problem="The lamp stays dark.")
    expect(inbox.get_by_role("heading", name="The lamp stays dark")).to_be_visible()
    make_request(house.team, problem="The bell stays silent.")
    expect(inbox.locator("#inbox-list")).to_contain_text("The bell stays silent")

    inbox.keyboard.press("j")
    expect(inbox.get_by_role("heading", name="The bell stays silent")).to_be_visible()
    inbox.keyboard.press("k")
    expect(inbox.get_by_role("heading", name="The lamp stays dark")).to_be_visible()


def test_times_of_day_are_those_of_the_readers_clock(house, open_as):
    request = make_request(house.team)
    sent = request.created_at + timedelta(hours=9)

    page = open_as(house.people["owner"], timezone_id="Asia/Tokyo")
    page.goto("/acme/checkout/inbox/1/")
    expect(page.locator("#request time")).to_have_text(f"{sent.day} {sent:%b %Y}, {sent:%H:%M}")
    expect(page.locator("#request time")).to_have_attribute("title", re.compile("GMT\\+9"))

    plain = open_as(house.people["owner"], timezone_id="Asia/Tokyo", java_script_enabled=False)
    plain.goto("/acme/checkout/inbox/1/")
    expect(plain.locator("#request time")).to_have_text(re.compile(f"{request.created_at:%H:%M} UTC$"))
