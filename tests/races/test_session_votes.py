"""Votes racing the close of their round. Each guard has a twin without it that shows the race, at an explicit barrier."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from activity.models import Event
from activity.services.acts import one_act
from backlog.services.items import lock_item
from refinement.errors import RoundClosedError
from refinement.models import Round, Session, Vote
from refinement.services import rounds
from refinement.services.rounds import agree_estimate, cast_vote, reveal_votes
from refinement.services.sessions import see_participant
from tests.factories.refinement import Meeting, meet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future

    from backlog.models import Item

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 10  # seconds; a test that needs them has failed


class Race:
    """Runs calls in threads with connections of their own."""

    def __init__(self) -> None:
        self.pool = ThreadPoolExecutor(max_workers=4)

    def start(self, call: Callable[[], Any]) -> Future[Any]:
        def run() -> Any:
            try:
                return call()
            except Exception as error:
                return error  # an outcome like any other
            finally:
                connection.close()

        return self.pool.submit(run)


@pytest.fixture
def race() -> Iterator[Race]:
    race = Race()
    yield race
    race.pool.shutdown(wait=True)


@contextmanager
def held_open(call: Callable[[], Any]) -> Iterator[None]:
    """Do `call` and leave its transaction open until the block ends."""
    with one_act():
        call()
        yield


def wait_for_a_lock() -> None:
    """Return as soon as some connection of this database waits for a row that another one holds."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    pause = threading.Event()
    for _ in range(PATIENCE * 100):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")  # else a transaction sees the first answer again and again
            cursor.execute(query)
            if cursor.fetchone()[0]:
                return
        pause.wait(0.01)
    pytest.fail("Nobody waits for the lock.")


def without_lock(session: Session) -> Session:
    """What `lock_session` would be without its lock."""
    return (
        Session.objects.for_organization(session.organization_id).select_related("team", "facilitator", "organization").get(pk=session.pk)
    )


def vote_in_another_window(meeting: Meeting, race: Race, name: str = "chidi", value: str = "8") -> Future[Any]:
    round_ = meeting.round
    return race.start(lambda: cast_vote(round_=round_, value=value, by=meeting.user(name)))


def test_a_vote_that_meets_the_reveal_waits_and_is_told(race):
    meeting = meet()
    round_ = meeting.vote({"ben": "3"})
    see_participant(session=meeting.session, by=meeting.user("chidi"), is_voter=True)

    with held_open(lambda: reveal_votes(round_=round_, by=meeting.user("lead"))):
        late = vote_in_another_window(meeting, race)
        wait_for_a_lock()

    assert isinstance(late.result(PATIENCE), RoundClosedError)
    assert Event.objects.get(verb="round.revealed").after["values"] == [vote.value for vote in round_.votes.all()]


def test_without_the_lock_a_vote_slips_in_after_the_reveal(race, monkeypatch):
    meeting = meet()
    round_ = meeting.vote({"ben": "3"})
    see_participant(session=meeting.session, by=meeting.user("chidi"), is_voter=True)
    monkeypatch.setattr(rounds, "lock_session", without_lock)

    with held_open(lambda: reveal_votes(round_=round_, by=meeting.user("lead"))):
        late = vote_in_another_window(meeting, race).result(PATIENCE)

    assert isinstance(late, Vote)
    assert Event.objects.get(verb="round.revealed").after["values"] == ["3"]
    assert sorted(vote.value for vote in round_.votes.all()) == ["3", "8"]  # one that the reveal did not show


def two_windows_of_one_person(meeting: Meeting, race: Race) -> list[Any]:
    both = [vote_in_another_window(meeting, race, "ben", value) for value in ("3", "8")]
    return [window.result(PATIENCE) for window in both]


@pytest.fixture
def meet_before_insert(monkeypatch) -> None:
    """Let both windows look for the vote before either inserts one."""
    barrier = threading.Barrier(2)
    create = Vote.objects.create

    def create_together(**fields: Any) -> Vote:
        barrier.wait(PATIENCE)
        return create(**fields)

    monkeypatch.setattr(rounds, "lock_session", without_lock)
    monkeypatch.setattr(Vote.objects, "create", create_together)


def test_one_person_in_two_windows_has_one_vote(race):
    meeting = meet()
    see_participant(session=meeting.session, by=meeting.user("ben"), is_voter=True)

    outcomes = two_windows_of_one_person(meeting, race)

    assert all(isinstance(outcome, Vote) for outcome in outcomes)
    assert meeting.round.votes.count() == 1


def test_without_the_lock_the_unique_row_still_refuses_the_second_vote(race, meet_before_insert):
    meeting = meet()
    see_participant(session=meeting.session, by=meeting.user("ben"), is_voter=True)

    outcomes = two_windows_of_one_person(meeting, race)

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["IntegrityError", "Vote"]
    assert meeting.round.votes.count() == 1


@pytest.fixture
def votes_not_unique(transactional_db) -> Iterator[None]:
    """Take the constraint away, as the owner, until the test ends."""
    name = connection.settings_dict["NAME"]
    with psycopg.connect(settings.DATABASE_OWNER_URL, dbname=name, autocommit=True) as owner:
        owner.execute("ALTER TABLE refinement_vote DROP CONSTRAINT vote_once_a_person")
        yield
        owner.execute("DELETE FROM refinement_vote")
        owner.execute("ALTER TABLE refinement_vote ADD CONSTRAINT vote_once_a_person UNIQUE (round_id, person_id)")


def test_without_lock_and_unique_row_one_person_votes_twice(race, meet_before_insert, votes_not_unique):
    meeting = meet()
    see_participant(session=meeting.session, by=meeting.user("ben"), is_voter=True)

    two_windows_of_one_person(meeting, race)

    assert meeting.round.votes.count() == 2


def agree_in_two_windows(meeting: Meeting, round_: Round, race: Race) -> list[Any]:
    lead = meeting.user("lead")
    both = [race.start(partial(agree_estimate, round_=round_, points=Decimal(points), by=lead)) for points in (5, 8)]
    return [window.result(PATIENCE) for window in both]


def test_two_agreements_leave_one_estimate(race):
    meeting = meet()
    round_ = reveal_votes(round_=meeting.vote({"ben": "5"}), by=meeting.user("lead"))

    outcomes = agree_in_two_windows(meeting, round_, race)

    (agreed,) = [outcome for outcome in outcomes if isinstance(outcome, Round)]
    assert [type(outcome) for outcome in outcomes if outcome is not agreed] == [RoundClosedError]
    meeting.items[0].refresh_from_db()
    assert meeting.items[0].job_size == agreed.agreed_points


def test_without_the_lock_two_agreements_both_believe_they_won(race, monkeypatch):
    meeting = meet()
    round_ = reveal_votes(round_=meeting.vote({"ben": "5"}), by=meeting.user("lead"))
    barrier = threading.Barrier(2)

    def lock_item_together(item: Item) -> Item:
        barrier.wait(PATIENCE)  # both have seen the round as not yet agreed
        return lock_item(item)

    monkeypatch.setattr(rounds, "lock_session", without_lock)
    monkeypatch.setattr(rounds, "lock_item", lock_item_together)

    outcomes = agree_in_two_windows(meeting, round_, race)

    assert [type(outcome) for outcome in outcomes] == [Round, Round]
    assert Event.objects.filter(verb="round.agreed").count() == 2
