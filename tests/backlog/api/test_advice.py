"""Advice by the API."""

import pytest

from accounts.roles import Role
from tests.factories.accounts import make_team, organization_with
from tests.factories.api import call_by_token
from tests.factories.backlog import make_item

pytestmark = pytest.mark.django_db


def test_advice_is_read_with_the_words_it_is_about():
    house = organization_with("checkout", slug="acme", watcher=Role.OBSERVER)
    item = make_item(house.teams["checkout"], title="As a clerk, I want to export lists and print labels, so that I can file them.")
    hidden = make_item(make_team(house.train, slug="secret", is_private=True))
    caller = call_by_token(house.people["watcher"], house.organization)

    said = caller.get(f"items/{item.key}/advice/").json()

    assert said["story"].startswith("As a clerk")
    assert [(note["criterion"], note["words"]) for note in said["notes"]] == [("atomic", "export lists and print")]
    assert caller.get(f"items/{hidden.key}/advice/").status_code == 404
