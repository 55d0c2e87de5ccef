"""No page has a serious fault that axe can see, in either theme, on a desk or a phone."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from accounts.roles import Role
from tests.factories.accounts import PASSWORD, make_member, make_organization, make_team, make_train, make_user
from tests.factories.backlog import make_item

PUBLIC = ["/accounts/login/", "/accounts/password/reset/", "/accounts/signup/", "/nothing/here/at/all/"]
SIGNED_IN = [
    "/acorn/",
    "/acorn/checkout/backlog/",
    "/acorn/trains/storefront/backlog/",
    "/acorn/checkout/backlog/new/",
    "/acorn/settings/tokens/",
    "/accounts/password/change/",
]


def faults_of(page) -> list[tuple[str, str]]:
    found = Axe().run(page).response["violations"]
    return [(fault["id"], fault["nodes"][0]["html"][:120]) for fault in found if fault["impact"] in ("serious", "critical")]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_pages_have_no_serious_fault(new_context, theme, phone):
    team = make_team(make_train(make_organization("Acorn Lane", "acorn"), "Storefront", "storefront"), "Checkout", "checkout", "CHK")
    make_member(team, Role.PRODUCT_OWNER, make_user("Ada", "ada@example.org"))
    for number in range(3):
        make_item(team, title=f"Item {number}")
    page = new_context(phone=phone, color_scheme=theme).new_page()
    faults = {}
    for path in PUBLIC:
        page.goto(path)
        faults[path] = faults_of(page)
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill("ada@example.org")
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/backlog/")
    for path in SIGNED_IN:
        page.goto(path)
        faults[path] = faults_of(page)

    assert {path: found for path, found in faults.items() if found} == {}
