"""Many people moving items of one list at once. Each guard has a twin without it that shows the race."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from django.db import connection

from activity.errors import DomainError
from activity.live import topic_version
from activity.models import Event
from backlog.graph import find_cycle
from backlog.models import ListMode, Placement
from backlog.selectors.paging import topic_of
from prioritization.engine import fractional
from prioritization.models import Override
from prioritization.selectors.overrides import find_contradiction
from prioritization.services import manual_order, overrides
from prioritization.services.checking import check_organization
from prioritization.services.manual_order import Spot, place_by_hand, set_mode
from prioritization.services.overrides import set_override
from prioritization.services.ranking import rank_organization
from tests.factories.accounts import make_organization, make_team
from tests.factories.backlog import make_item
from tests.factories.prioritization import make_scored

pytestmark = pytest.mark.django_db(transaction=True)

CLIENTS, MOVES = 8, 1_000
PATIENCE = 1  # seconds that one waits for the other at the barrier; with the guard the other never comes


def in_order(team) -> list[str]:
    rows = Placement.objects.filter(organization=team.organization_id, team=team).order_by("manual_key")
    return list(rows.values_list("item__key", flat=True))


def replayed(order: list[str], team) -> list[str]:
    """The order that the acknowledged moves make, one after the other as the log has them."""
    order = list(order)
    for event in Event.objects.filter(organization=team.organization_id, verb="item.reordered").order_by("id"):
        order.remove(event.subject_ref)
        if "above" in event.after:
            order.insert(order.index(event.after["above"]), event.subject_ref)
        elif "below" in event.after:
            order.insert(order.index(event.after["below"]) + 1, event.subject_ref)
        else:
            order.insert(0, event.subject_ref)
    return order


@pytest.fixture
def team():
    return make_team(make_organization())


def by_hand(team, count):
    items = [make_item(team) for _ in range(count)]
    set_mode(home=team, mode="manual", by=None)
    return items


def test_eight_people_move_a_thousand_times_and_no_move_is_lost(team):
    items = by_hand(team, 40)
    before, version = in_order(team), topic_version(organization_id=team.organization_id, topic=topic_of(team))

    def work(seed):
        draw, done = random.Random(seed), 0
        for _ in range(MOVES // CLIENTS):
            item, other = draw.sample(items, 2)
            spot = draw.choice([Spot(above=other), Spot(above=other), Spot(below=other), Spot()])
            place_by_hand(item=item, spot=spot, by=None)
            done += 1
        connection.close()
        return done

    with ThreadPoolExecutor(CLIENTS) as pool:
        acknowledged = sum(pool.map(work, range(CLIENTS)))

    after = in_order(team)
    assert acknowledged == MOVES
    assert sorted(after) == sorted(before)
    assert after == replayed(before, team)
    assert topic_version(organization_id=team.organization_id, topic=topic_of(team)) == version + MOVES


def _follow_one_who_leaves(team, monkeypatch, *, is_locked=True):
    """One puts an item above another and has found the gap; only then somebody moves that other one away, unless a lock forbids it."""
    first, _, third = by_hand(team, 3)
    before, gone = in_order(team), threading.Event()
    if not is_locked:
        monkeypatch.setattr(manual_order, "lock_list", lambda home: ListMode.objects.get(organization=home.organization_id, team=home))
    real = fractional.key_between

    def look_and_wait(low, high):
        if threading.current_thread().name.startswith("follower"):
            gone.wait(PATIENCE)
        return real(low, high)

    def follow():
        place_by_hand(item=first, spot=Spot(above=third), by=None)
        connection.close()

    def leave():
        place_by_hand(item=third, spot=Spot(), by=None)
        gone.set()
        connection.close()

    monkeypatch.setattr(manual_order, "key_between", look_and_wait)
    with ThreadPoolExecutor(1, thread_name_prefix="follower") as one, ThreadPoolExecutor(1) as other:
        following = one.submit(follow)
        with suppress(TimeoutError):
            following.result(timeout=PATIENCE / 4)  # it has read its gap by now
        other.submit(leave).result()
        following.result()
    return before


def test_a_move_beside_another_holds_against_whoever_moves_that_one(team, monkeypatch):
    before = _follow_one_who_leaves(team, monkeypatch)

    assert in_order(team) == replayed(before, team)


def test_without_the_lock_an_acknowledged_move_is_lost(team, monkeypatch):
    before = _follow_one_who_leaves(team, monkeypatch, is_locked=False)

    assert in_order(team) != replayed(before, team)


def test_many_who_override_leave_no_contradiction_and_a_full_order(team):
    items = [make_scored(team, value=value) for value in (1, 2, 3, 5, 8, 13)]
    version = topic_version(organization_id=team.organization_id, topic=topic_of(team))

    def work(seed):
        draw, done = random.Random(seed), 0
        for number in range(12):
            item, anchor = draw.sample(items, 2)
            with suppress(DomainError):
                set_override(item=item, kind="keep_above", anchor=anchor, reason=f"Said by {seed}, {number}.", by=None)
                done += 1
        connection.close()
        return done

    with ThreadPoolExecutor(CLIENTS) as pool:
        acknowledged = sum(pool.map(work, range(CLIENTS)))

    rank_organization(organization_id=team.organization_id)
    active = Override.objects.filter(organization=team.organization_id, ended_at=None)
    assert acknowledged == Override.objects.filter(organization=team.organization_id).count() > 5
    assert find_cycle(active.values_list("item_id", "anchor_id")) is None
    assert check_organization(organization_id=team.organization_id).differing == []
    assert topic_version(organization_id=team.organization_id, topic=topic_of(team)) >= version + acknowledged


def _contradict_each_other(team, monkeypatch):
    """A above B and B above A at once: both have looked before either writes, unless a lock forbids it."""
    a, b = make_scored(team), make_scored(team)
    barrier = threading.Barrier(2)

    def look_and_wait(**ends):
        found = find_contradiction(**ends)
        with suppress(threading.BrokenBarrierError):
            barrier.wait(PATIENCE)
        return found

    def put(item, anchor):
        try:
            set_override(item=item, kind="keep_above", anchor=anchor, reason="So.", by=None)
        except DomainError as error:
            return error.code
        finally:
            connection.close()
        return "done"

    monkeypatch.setattr(overrides, "find_contradiction", look_and_wait)
    with ThreadPoolExecutor(2) as pool:
        return sorted(pool.map(put, (a, b), (b, a)))


def test_two_opposites_at_once_are_one(team, monkeypatch):
    assert _contradict_each_other(team, monkeypatch) == ["done", "override_contradiction"]


def test_without_the_lock_they_are_two(team, monkeypatch):
    monkeypatch.setattr(overrides, "lock_links", lambda **_: None)

    assert _contradict_each_other(team, monkeypatch) == ["done", "done"]
