"""Browsers of several people."""

import pytest
from django.test import Client

from accounts.roles import Role
from tests.factories.accounts import House, organization_with


@pytest.fixture
def house() -> House:
    return organization_with(
        "checkout", "cart", slug="acme", owner=Role.PRODUCT_OWNER, dev=Role.DEVELOPER, manager=Role.PRODUCT_MANAGER, watcher=Role.OBSERVER
    )


@pytest.fixture
def browse(house):
    """`browse("dev")` is the browser of a person of the house, or of any user."""

    def of(person):
        client = Client()
        client.force_login(house.people[person] if isinstance(person, str) else person)
        return client

    return of


HTMX = {"HX-Request": "true"}
