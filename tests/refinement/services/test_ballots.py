"""Ballots: one vote a person and item, changeable until the close, blind until then."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.roles import Role
from activity.errors import ConflictError, InvalidError
from activity.models import Event
from backlog.selectors.stale_items import find_stale_item
from refinement.errors import BallotClosedError
from refinement.models import Ballot, BallotVote
from refinement.selectors.ballots import get_ballot_board
from refinement.services.agenda import start_session
from refinement.services.ballots import cast_ballot_vote, close_ballot, open_ballot
from refinement.services.rounds import cast_vote
from refinement.services.sessions import create_session
from tests.factories.accounts import organization_with
from tests.factories.backlog import make_item
from tests.factories.ballots import make_ballot, vote_all
from tests.factories.stale import make_stale

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return organization_with("checkout", owner=Role.PRODUCT_OWNER, ben=Role.DEVELOPER, chidi=Role.DEVELOPER)


def board(house, ballot, reader="ben"):
    ballot.refresh_from_db()
    return get_ballot_board(ballot=ballot, reader=house.people[reader], at=timezone.now())


def test_a_vote_is_one_row_that_its_voter_changes(house):
    entry = make_ballot(house).entries.select_related("ballot__team", "item")[0]

    for value in ("keep", "keep", "remove"):
        cast_ballot_vote(entry=entry, value=value, by=house.people["ben"])

    assert [vote.value for vote in BallotVote.objects.filter(entry=entry)] == ["remove"]
    assert [event.after for event in Event.objects.filter(verb="ballot.voted")] == [{"item": entry.item.key}] * 2


def test_while_it_is_open_each_sees_their_own_votes_alone(house):
    ballot = make_ballot(house)
    vote_all(ballot, {"ben": "keep", "chidi": "remove"}, house.people)

    seen = board(house, ballot)

    assert [(line.mine, line.counts) for line in seen.lines] == [("keep", {}), ("keep", {})]
    assert (seen.voters, seen.voted, seen.current) == (2, 2, None)


@pytest.mark.parametrize(
    ("votes", "agreement"),
    [
        ({"ben": "remove", "chidi": "remove", "owner": "either"}, "remove"),
        ({"ben": "keep", "chidi": "keep"}, "keep"),
        ({"ben": "keep", "chidi": "remove"}, "split"),
        ({"ben": "remove", "chidi": "either"}, ""),
        ({}, ""),
    ],
)
def test_when_it_is_closed_all_see_how_far_they_agree(house, votes, agreement):
    ballot = make_ballot(house, items=1)
    vote_all(ballot, votes, house.people)

    close_ballot(ballot=ballot, by=house.people["owner"])

    (line,) = board(house, ballot).lines
    assert line.agreement == agreement
    assert line.voters == len(votes)


def test_after_the_close_or_the_last_day_no_vote_counts(house):
    ballot = make_ballot(house)
    entry = ballot.entries.select_related("ballot__team", "item")[0]
    Ballot.objects.filter(team=house.team).update(closes_on=timezone.now().date() - timedelta(days=1))
    with pytest.raises(BallotClosedError):
        cast_ballot_vote(entry=entry, value="keep", by=house.people["ben"])

    close_ballot(ballot=ballot, by=house.people["owner"])
    close_ballot(ballot=ballot, by=house.people["owner"])

    with pytest.raises(BallotClosedError, match="Your vote was not counted"):
        cast_ballot_vote(entry=entry, value="keep", by=house.people["ben"])
    assert Event.objects.filter(verb="ballot.closed").count() == 1


def test_a_value_that_is_none_is_refused(house):
    entry = make_ballot(house).entries.select_related("ballot__team", "item")[0]

    with pytest.raises(InvalidError):
        cast_ballot_vote(entry=entry, value="maybe", by=house.people["ben"])


def test_a_ballot_is_about_stale_items_and_one_at_a_time(house):
    owner = house.people["owner"]
    with pytest.raises(InvalidError):
        open_ballot(team=house.team, items=[make_item(house.team)], closes_on=None, by=owner)
    with pytest.raises(InvalidError):
        open_ballot(team=house.team, items=[make_stale(house.team)], closes_on=timezone.now().date() - timedelta(days=1), by=owner)
    first = make_ballot(house)
    with pytest.raises(ConflictError, match="Close it first"):
        open_ballot(team=house.team, items=[make_stale(house.team)], closes_on=None, by=owner)

    Ballot.objects.filter(team=house.team).update(closes_on=timezone.now().date() - timedelta(days=1))
    second = open_ballot(team=house.team, items=[make_stale(house.team)], closes_on=None, by=owner)

    first.refresh_from_db()
    assert (first.state, second.number) == (Ballot.State.CLOSED, first.number + 1)


def test_votes_on_its_size_are_what_a_removal_would_lose_and_those_of_the_ballot_are_not(house):
    ballot = make_ballot(house, items=1)
    item = ballot.entries.get().item
    vote_all(ballot, {"ben": "keep", "chidi": "remove"}, house.people)
    session = start_session(
        session=create_session(team=house.team, agenda=[(item, "no size yet")], by=house.people["ben"]), by=house.people["ben"]
    )
    assert session.current is not None
    cast_vote(round_=session.current.rounds.select_related("entry__session").get(), value="3", by=house.people["chidi"])

    evidence = find_stale_item(home=house.team, key=item.key)

    assert evidence is not None
    assert evidence.losses == ["1 vote"]
