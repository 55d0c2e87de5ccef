"""Following items by the API."""

import pytest

from accounts.roles import Role
from backlog.models import Watcher
from tests.factories.accounts import organization_with
from tests.factories.api import call_by_token
from tests.factories.backlog import make_item

pytestmark = pytest.mark.django_db


def test_each_follows_for_themselves_and_twice_is_once():
    house = organization_with("checkout", dev=Role.DEVELOPER, watcher=Role.OBSERVER)
    path = f"items/{make_item(house.team).key}/watching/"
    dev, watcher = (call_by_token(house.people[name], house.organization) for name in ("dev", "watcher"))

    watched = [watcher.put(path, None) for _ in range(2)]

    assert [(answer.status_code, answer.json()) for answer in watched] == [(200, {"is_watching": True})] * 2
    assert (watcher.get(path).json(), dev.get(path).json()) == ({"is_watching": True}, {"is_watching": False})
    assert [watcher.send("DELETE", path).status_code for _ in range(2)] == [204, 204]
    assert watcher.get(path).json() == {"is_watching": False}
    assert Watcher.objects.unscoped().filter(person=house.people["watcher"]).count() == 1


def test_a_token_that_reads_turns_nothing_on():
    house = organization_with("checkout", dev=Role.DEVELOPER)
    path = f"items/{make_item(house.team).key}/watching/"
    reader = call_by_token(house.people["dev"], house.organization, can_write=False)

    assert (reader.get(path).status_code, reader.put(path, None).status_code, reader.send("DELETE", path).status_code) == (200, 403, 403)
