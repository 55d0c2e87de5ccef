"""Two links that are fine alone and close a circle together. The guard has a twin without it that shows the race."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from django.db import connection

from activity.errors import DomainError
from backlog.graph import find_cycle
from backlog.models import Dependency
from backlog.selectors.dependencies import find_link_contradiction
from backlog.services import dependencies
from backlog.services.dependencies import link_dependency
from tests.factories.accounts import make_organization, make_team
from tests.factories.backlog import make_item

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 2  # seconds that the first waits for the second at the barrier; with the guard the second never comes


@pytest.fixture
def two_items():
    team = make_team(make_organization())
    return make_item(team), make_item(team)


def _link_both_ways(items, monkeypatch):
    """Link a before b and b before a at once: both have looked for a contradiction before either writes, unless a lock forbids it."""
    a, b = items
    barrier = threading.Barrier(2)

    def look_and_wait(**ends):
        found = find_link_contradiction(**ends)
        with suppress(threading.BrokenBarrierError):  # with the guard the other one waits for the lock instead
            barrier.wait(PATIENCE)
        return found

    def link(blocker, blocked):
        try:
            return link_dependency(blocker=blocker, blocked=blocked, by=None)
        except DomainError as error:
            return error
        finally:
            connection.close()

    monkeypatch.setattr(dependencies, "find_link_contradiction", look_and_wait)
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(link, (a, b), (b, a)))


def _edges(item):
    return list(Dependency.objects.filter(organization=item.organization_id).values_list("blocker_id", "blocked_id"))


def test_two_links_at_once_cannot_close_a_circle(two_items, monkeypatch):
    outcomes = _link_both_ways(two_items, monkeypatch)

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Dependency", "DependencyCycleError"]
    assert find_cycle(_edges(two_items[0])) is None


def test_without_the_lock_they_do(two_items, monkeypatch):
    monkeypatch.setattr(dependencies, "lock_links", lambda **_: None)

    _link_both_ways(two_items, monkeypatch)

    assert find_cycle(_edges(two_items[0])) is not None
