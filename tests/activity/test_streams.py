"""The one stream of a page: what it tells, what it holds, when it ends."""

from __future__ import annotations

import asyncio
import contextlib
import threading

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import Membership, Team
from accounts.roles import Role
from activity import doorbell, streams
from activity.live import topic_version
from activity.services.acts import one_act, ring_topic, touch_topic
from tests.asgi import in_thread, open_page, open_pages
from tests.factories.accounts import House, make_member, make_team, organization_with

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def house() -> House:
    return organization_with("checkout", slug="acme", dev=Role.DEVELOPER, admin=Role.ADMINISTRATOR)


@pytest.fixture
def browser(house: House) -> Client:
    client = Client()
    client.force_login(house.people["dev"])
    return client


@pytest.fixture
def often(monkeypatch):
    monkeypatch.setattr(streams, "CHECK_EVERY", 0.2)


@pytest.fixture
def silent_redis(monkeypatch, settings):
    """Redis is not there: nothing rings and nobody hears."""
    assert doorbell.ringer.flush(5)
    settings.REDIS_URL = "unix:///nonexistent/socket"
    doorbell._redis.cache_clear()
    doorbell.breaker.reset()
    yield
    assert doorbell.ringer.flush(5)
    doorbell._redis.cache_clear()
    doorbell.breaker.reset()


def touch(house: House, topic: str = "team:checkout", note: str = "") -> None:
    touch_topic(organization_id=house.organization.pk, key=topic, note=note)


def test_tells_at_once_what_the_page_missed(house, browser):
    touch(house)
    touch(house)

    async def scenario():
        async with open_page(browser, "acme", "team:checkout=1") as page:
            await page.until(lambda page: page.lines)
            return page

    page = asyncio.run(scenario())

    assert page.lines == ["team:checkout 2"]
    assert page.headers["Content-Type"] == "text/event-stream"
    assert page.headers["Cache-Control"] == "no-store, private"


def test_tells_each_change_of_its_own_topics_only(house, browser):
    async def scenario():
        async with open_page(browser, "acme", "team:checkout=0") as page:
            await asyncio.sleep(0.2)
            await in_thread(lambda: touch(house, f"train:{house.train.slug}"))
            await in_thread(lambda: touch(house))
            await page.until(lambda page: page.lines)
            await asyncio.sleep(0.2)
            await in_thread(lambda: touch(house))
            await page.until(lambda page: len(page.lines) == 2)
            return page.lines

    assert asyncio.run(scenario()) == ["team:checkout 1", "team:checkout 2"]


def test_tells_the_note_of_a_topic(house, browser):
    touch(house, note="5/9")

    async def scenario():
        async with open_page(browser, "acme", "team:checkout=0") as page:
            await page.until(lambda page: page.lines)
            await in_thread(lambda: touch(house, note="6/9"))
            await page.until(lambda page: len(page.lines) == 2)
            return page.lines

    assert asyncio.run(scenario()) == ["team:checkout 1 5/9", "team:checkout 2 6/9"]


def test_same_topic_of_another_organization_is_not_told(house, browser):
    other = organization_with("checkout", slug="other")

    async def scenario():
        async with open_page(browser, "acme", "team:checkout=0") as page:
            await asyncio.sleep(0.2)
            await in_thread(lambda: touch(other))
            await asyncio.sleep(0.3)
            return page.lines

    assert asyncio.run(scenario()) == []


def test_rings_together_become_one(house, browser):
    def touch_often():
        for _ in range(20):
            touch(house)

    async def scenario():
        async with open_page(browser, "acme", "team:checkout=0") as page:
            await asyncio.sleep(0.2)
            await in_thread(touch_often)
            await page.until(lambda page: page.lines[-1:] == ["team:checkout 20"])
            return page.lines

    assert len(asyncio.run(scenario())) < 10


def test_a_rolled_back_change_is_not_told(house, browser):
    def fail():
        with contextlib.suppress(ZeroDivisionError), one_act():
            touch(house)
            raise ZeroDivisionError

    async def scenario():
        async with open_page(browser, "acme", "team:checkout=0") as page:
            await asyncio.sleep(0.2)
            await in_thread(fail)
            await asyncio.sleep(0.3)
            return page.lines

    assert asyncio.run(scenario()) == []


def test_topic_with_its_version_elsewhere_is_rung_without_a_row(house, browser):
    async def scenario():
        async with open_page(browser, "acme", "team:checkout=0") as page:
            await asyncio.sleep(0.2)
            await in_thread(lambda: ring_topic(organization_id=house.organization.pk, key="team:checkout", version=7))
            await page.until(lambda page: page.lines)
            return page.lines

    assert asyncio.run(scenario()) == ["team:checkout 7"]
    assert topic_version(organization_id=house.organization.pk, topic="team:checkout") == 0


def test_silent_redis_is_made_good(house, browser, often, silent_redis):
    async def scenario():
        async with open_page(browser, "acme", "team:checkout=0") as page:
            await asyncio.sleep(0.1)
            await in_thread(lambda: touch(house))
            await page.until(lambda page: page.lines)
            return page.lines

    assert asyncio.run(scenario()) == ["team:checkout 1"]


def test_checks_often_enough():
    """An ended membership is heard of within 5 s, a missed ring made good within 6 s."""
    assert streams.CHECK_EVERY + streams.TOGETHER < 5


def test_holds_neither_connection_nor_thread(house, browser):
    def connections_held() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
            return int(cursor.fetchone()[0])

    async def scenario():
        async with contextlib.AsyncExitStack() as stack:
            pages = await open_pages(stack, browser, "acme", ["team:checkout=0"], 30)
            await in_thread(lambda: touch(house))
            for page in pages:
                await page.until(lambda page: page.lines)
            await asyncio.sleep(0.2)
            return await in_thread(connections_held), threading.active_count(), len(streams.current_hub())

    held, threads, open_streams = asyncio.run(scenario())

    assert open_streams == 30
    assert held <= 1  # that of this test
    assert threads < 20  # the loop's own few, and not one for each stream


def test_process_with_no_stream_left_rests(house, browser):
    async def scenario():
        async with open_page(browser, "acme", "team:checkout=0"):
            busy = list(streams.current_hub()._tasks)
        await asyncio.sleep(0.05)
        return len(streams.current_hub()), streams.current_hub()._of_topic, [task.done() for task in busy]

    assert asyncio.run(scenario()) == (0, {}, [True, True])


def _remove(house):
    Membership.objects.for_organization(house.organization).filter(user=house.people["dev"]).delete()


def _change_role(house):
    Membership.objects.for_organization(house.organization).filter(user=house.people["dev"]).update(role=Role.STAKEHOLDER)


def _sign_out(house):
    Session.objects.all().delete()


def _expire(house):
    Session.objects.update(expire_date=timezone.now())


def _deactivate(house):
    person = house.people["dev"]
    person.is_active = False
    person.save()


def _change_password(house):
    person = house.people["dev"]
    person.set_password("another horse battery")
    person.save()


REVOCATIONS = [_remove, _change_role, _sign_out, _expire, _deactivate, _change_password]


@pytest.mark.parametrize("revoke", REVOCATIONS, ids=lambda revoke: revoke.__name__.strip("_"))
def test_ends_when_sign_in_or_role_end(house, browser, often, revoke):
    async def scenario():
        async with open_page(browser, "acme", "team:checkout=0") as page:
            await asyncio.sleep(0.3)
            was_open = not page.is_closed.is_set()
            await in_thread(lambda: revoke(house))
            await page.until(lambda page: page.is_closed.is_set())
            return was_open

    assert asyncio.run(scenario())


def test_ends_for_who_does_not_see_a_team_that_became_private_and_is_refused_anew(house, browser, often):
    outsider = Client()
    outsider.force_login(make_member(make_team(house.train)))

    async def scenario():
        async with open_page(browser, "acme", "team:checkout=0") as member, open_page(outsider, "acme", "team:checkout=0") as page:
            await asyncio.sleep(0.3)
            was_open = not page.is_closed.is_set()
            await in_thread(lambda: Team.objects.filter(organization=house.organization, pk=house.team.pk).update(is_private=True))
            await page.until(lambda page: page.is_closed.is_set())
            async with open_page(outsider, "acme", "team:checkout=0") as again:
                await again.until(lambda page: page.status)
            await in_thread(lambda: touch(house))
            await member.until(lambda member: member.lines)
            return was_open, page.lines, again.status

    assert asyncio.run(scenario()) == (True, [], 404)


def test_a_team_that_is_private_from_the_start_ends_nothing(house, often):
    outsider = Client()
    outsider.force_login(make_member(make_team(house.train, slug="lamps")))
    make_team(house.train, is_private=True)

    async def scenario():
        async with open_page(outsider, "acme", "team:lamps=0") as page:
            await asyncio.sleep(0.3)
            await in_thread(lambda: make_team(house.train, is_private=True))
            await asyncio.sleep(0.5)
            return page.is_closed.is_set()

    assert asyncio.run(scenario()) is False


def test_other_peoples_streams_stay(house, browser, often):
    admin = Client()
    admin.force_login(house.people["admin"])

    async def scenario():
        async with open_page(browser, "acme", "team:checkout=0") as page, open_page(admin, "acme", "team:checkout=0") as other:
            await in_thread(lambda: _remove(house))
            await page.until(lambda page: page.is_closed.is_set())
            await asyncio.sleep(0.3)
            await in_thread(lambda: touch(house))
            await other.until(lambda other: other.lines)
            return other.is_closed.is_set()

    assert asyncio.run(scenario()) is False


def test_reader_that_stops_reading_costs_one_line_a_topic_and_is_let_go(house, browser, often, monkeypatch):
    async def scenario():
        async with open_page(browser, "acme", "team:checkout=0") as page:
            await asyncio.sleep(0.2)
            page.reads.clear()
            for _ in range(5):
                await in_thread(lambda: touch(house))
                await asyncio.sleep(0.15)
            (stream,) = streams.current_hub()._streams
            waiting = len(stream._waiting)
            monkeypatch.setattr(streams, "STALLED", 0.0)
            async with asyncio.timeout(3):
                while len(streams.current_hub()):
                    await asyncio.sleep(0.05)
            page.reads.set()
            return waiting

    assert asyncio.run(scenario()) == 1


def test_database_away_for_a_moment_leaves_the_stream(house, browser, often, monkeypatch):
    look = streams._look
    failures = iter([True, True])

    def look_or_fail(*args):
        if next(failures, False):
            raise OSError("away")
        return look(*args)

    monkeypatch.setattr(streams, "_look", look_or_fail)
    touch(house)

    async def scenario():
        async with open_page(browser, "acme", "team:checkout=0") as page:
            await page.until(lambda page: page.lines)
            return page.lines

    assert asyncio.run(scenario()) == ["team:checkout 1"]
