"""A person comes in by e-mail and password."""

from playwright.sync_api import Page, expect

from accounts.models import User


def test_sign_in_page_refuses_a_wrong_password(page: Page):
    User.objects.create_user(email="ada@example.org", password="correct horse battery")

    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill("ada@example.org")
    page.locator("input[name=password]").fill("wrong horse battery")
    page.get_by_role("button", name="Sign in").click()

    expect(page.locator("body")).to_contain_text("not correct")
