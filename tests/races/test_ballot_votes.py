"""Votes of a ballot racing its close and each other. Each guard has a twin without it that shows the race, at an explicit barrier."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from accounts.roles import Role
from refinement.errors import BallotClosedError
from refinement.models import Ballot, BallotEntry, BallotVote
from refinement.services import ballots
from refinement.services.ballots import cast_ballot_vote, close_ballot
from tests.factories.accounts import House, organization_with
from tests.factories.ballots import make_ballot
from tests.races.test_session_votes import PATIENCE, Race, held_open, wait_for_a_lock

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def race() -> Iterator[Race]:
    race = Race()
    yield race
    race.pool.shutdown(wait=True)


@pytest.fixture
def house() -> House:
    return organization_with("checkout", owner=Role.PRODUCT_OWNER, ben=Role.DEVELOPER)


def without_lock(ballot: Ballot) -> Ballot:
    """What `lock_ballot` would be without its lock."""
    return Ballot.objects.for_organization(ballot.organization_id).select_related("team").get(pk=ballot.pk)


def entry_of(house: House) -> BallotEntry:
    make_ballot(house, items=1)
    return BallotEntry.objects.for_organization(house.organization).select_related("ballot__team", "item").get()


def test_a_vote_that_meets_the_close_waits_and_is_told(race, house):
    entry = entry_of(house)

    with held_open(lambda: close_ballot(ballot=entry.ballot, by=house.people["owner"])):
        late = race.start(lambda: cast_ballot_vote(entry=entry, value="keep", by=house.people["ben"]))
        wait_for_a_lock()

    assert isinstance(late.result(PATIENCE), BallotClosedError)
    assert entry.votes.count() == 0


def test_without_the_lock_a_vote_slips_in_after_the_close(race, house, monkeypatch):
    entry = entry_of(house)
    monkeypatch.setattr(ballots, "lock_ballot", without_lock)

    def voted() -> Any:
        monkeypatch.setattr(ballots, "touch_topic", lambda **_: None)  # the topic's row would make it wait
        return cast_ballot_vote(entry=entry, value="keep", by=house.people["ben"])

    with held_open(lambda: close_ballot(ballot=entry.ballot, by=house.people["owner"])):
        late = race.start(voted).result(PATIENCE)

    assert isinstance(late, BallotVote)
    assert entry.votes.count() == 1


@pytest.fixture
def meet_before_insert(monkeypatch) -> None:
    """Let both windows look for the vote before either inserts one."""
    barrier = threading.Barrier(2)
    create = BallotVote.objects.create

    def create_together(**fields: Any) -> BallotVote:
        barrier.wait(PATIENCE)
        return create(**fields)

    monkeypatch.setattr(ballots, "lock_ballot", without_lock)
    monkeypatch.setattr(BallotVote.objects, "create", create_together)


def two_windows(house: House, entry: BallotEntry, race: Race) -> list[str]:
    both = [race.start(partial(cast_ballot_vote, entry=entry, value=value, by=house.people["ben"])) for value in ("keep", "remove")]
    return sorted(type(window.result(PATIENCE)).__name__ for window in both)


def test_one_person_in_two_windows_has_one_vote(race, house):
    entry = entry_of(house)

    assert two_windows(house, entry, race) == ["BallotVote", "BallotVote"]
    assert entry.votes.count() == 1


def test_without_the_lock_the_unique_row_still_refuses_the_second(race, house, meet_before_insert):
    entry = entry_of(house)

    assert two_windows(house, entry, race) == ["BallotVote", "IntegrityError"]
    assert entry.votes.count() == 1


@pytest.fixture
def votes_not_unique(transactional_db) -> Iterator[None]:
    """Take the constraint away, as the owner, until the test ends."""
    name = connection.settings_dict["NAME"]
    with psycopg.connect(settings.DATABASE_OWNER_URL, dbname=name, autocommit=True) as owner:
        owner.execute("ALTER TABLE refinement_ballotvote DROP CONSTRAINT ballot_vote_once_a_person")
        yield
        owner.execute("DELETE FROM refinement_ballotvote")
        owner.execute("ALTER TABLE refinement_ballotvote ADD CONSTRAINT ballot_vote_once_a_person UNIQUE (entry_id, person_id)")


def test_without_lock_and_unique_row_one_person_votes_twice(race, house, meet_before_insert, votes_not_unique):
    entry = entry_of(house)

    two_windows(house, entry, race)

    assert entry.votes.count() == 2
