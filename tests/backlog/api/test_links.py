"""Links, by a program."""

import pytest

from accounts.roles import Role
from backlog.models import Dependency
from backlog.services.dependencies import RELATIONS, link_dependency
from tests.factories.accounts import make_team, organization_with
from tests.factories.api import call_by_token
from tests.factories.backlog import make_item

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ranked_later")]


@pytest.fixture
def house():
    return organization_with("checkout", slug="acme", dev=Role.DEVELOPER, watcher=Role.OBSERVER)


@pytest.fixture
def item(house):
    return make_item(house.team)


def test_each_relation_is_made_listed_and_taken_away(house, item):
    caller = call_by_token(house.people["dev"], house.organization)
    others = {relation: make_item(house.team, title=relation) for relation in RELATIONS}

    for relation, other in others.items():
        for _ in range(2):  # the same twice is one
            assert caller.post(f"items/{item.key}/links/", {"relation": relation, "item": other.key}).status_code == 200
    listed = {(link["relation"], link["item"], link["title"]) for link in caller.get(f"items/{item.key}/links/").json()["links"]}
    assert listed == {(relation, other.key, relation) for relation, other in others.items()}

    for relation, other in others.items():
        assert caller.send("DELETE", f"items/{item.key}/links/{relation}/{other.key}/").status_code == 204
        assert caller.send("DELETE", f"items/{item.key}/links/{relation}/{other.key}/").status_code == 404
    assert not Dependency.objects.for_organization(house.organization).exists()


def test_a_circle_is_printed_and_a_hidden_end_is_restricted(house, item):
    caller = call_by_token(house.people["dev"], house.organization)
    other, hidden = make_item(house.team), make_item(make_team(house.train, is_private=True), title="Nobody knows")
    link_dependency(blocker=item, blocked=other, by=None)
    link_dependency(blocker=hidden, blocked=item, by=None)

    circle = caller.post(f"items/{item.key}/links/", {"relation": "waits_for", "item": other.key})

    assert (circle.status_code, circle.json()["code"]) == (409, "dependency_cycle")
    assert f"{item.key} → {other.key} → {item.key}" in circle.json()["message"]
    restricted = caller.get(f"items/{item.key}/links/").json()["links"][0]
    assert restricted == {"relation": "waits_for", "item": None, "title": "a restricted item", "status": "", "is_open": True}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"relation": "fears", "item": "X-1"}, 422),
        ({"relation": "waits_for"}, 422),
        ({"relation": "waits_for", "item": "X-1", "n": 1}, 400),
    ],
)
def test_what_cannot_be_linked_is_refused(house, item, body, status):
    hidden = make_item(make_team(house.train, is_private=True))
    caller = call_by_token(house.people["dev"], house.organization)

    assert caller.post(f"items/{item.key}/links/", body).status_code == status
    unseen = caller.post(f"items/{item.key}/links/", {"relation": "relates", "item": hidden.key})
    assert (unseen.status_code, unseen.json()["code"]) == (422, "unknown_reference")
    assert caller.send("DELETE", f"items/{item.key}/links/relates/{hidden.key}/").status_code == 404
    watcher = call_by_token(house.people["watcher"], house.organization)
    assert watcher.post(f"items/{item.key}/links/", {"relation": "relates", "item": make_item(house.team).key}).status_code == 403
