from decimal import Decimal

import pytest

from activity.errors import ConflictError, NotAllowedError, UnknownReferenceError
from backlog.services.statuses import set_status
from refinement.errors import SessionClosedError
from refinement.models import Entry, Round
from refinement.services.agenda import add_entry, go_to_entry, go_to_next, skip_entry
from refinement.services.rounds import agree_estimate, cast_vote, reveal_votes
from refinement.services.sessions import end_session
from tests.factories.backlog import make_item
from tests.factories.refinement import meet

pytestmark = pytest.mark.django_db


def test_go_to_entry_opens_a_round_there():
    meeting = meet()

    session = go_to_entry(entry=meeting.entries[1], by=meeting.user("lead"))

    assert session.current == meeting.entries[1]
    assert (meeting.round.entry, meeting.round.number) == (meeting.entries[1], 1)


def test_go_to_entry_twice_opens_one_round():
    meeting = meet()

    for _ in range(2):
        go_to_entry(entry=meeting.entries[1], by=meeting.user("lead"))

    assert meeting.entries[1].rounds.count() == 1


def test_going_back_finds_the_votes_again():
    meeting = meet()
    left = meeting.vote({"ben": "5"})
    go_to_entry(entry=meeting.entries[1], by=meeting.user("lead"))

    go_to_entry(entry=meeting.entries[0], by=meeting.user("lead"))

    assert meeting.round == left
    assert cast_vote(round_=left, value="5", by=meeting.user("ben")) == left.votes.get()


def test_going_back_to_a_revealed_round_shows_it():
    meeting = meet()
    revealed = reveal_votes(round_=meeting.vote({"ben": "5"}), by=meeting.user("lead"))
    go_to_entry(entry=meeting.entries[1], by=meeting.user("lead"))

    go_to_entry(entry=meeting.entries[0], by=meeting.user("lead"))

    assert meeting.round == revealed


def test_going_to_a_closed_item_opens_no_round():
    meeting = meet()
    set_status(item=meeting.items[1], status="removed", reason="Not needed", by=None)

    session = go_to_entry(entry=meeting.entries[1], by=meeting.user("lead"))

    assert session.current == meeting.entries[1]
    assert not meeting.entries[1].rounds.exists()


def test_only_who_leads_moves_the_session():
    meeting = meet()

    for move in (go_to_entry, skip_entry):
        with pytest.raises(NotAllowedError):
            move(entry=meeting.entries[1], by=meeting.user("ben"))


def test_go_to_next_goes_round_and_stays_where_nothing_waits():
    meeting = meet(items=3)
    go_to_entry(entry=meeting.entries[2], by=meeting.user("lead"))

    assert go_to_next(session=meeting.session, by=meeting.user("lead")).current == meeting.entries[0]
    for entry in meeting.entries[1:]:
        skip_entry(entry=entry, by=meeting.user("lead"))
    assert go_to_next(session=meeting.session, by=meeting.user("lead")).current == meeting.entries[0]


def test_skip_entry_drops_its_round_and_goes_on():
    meeting = meet()
    round_ = meeting.vote({"ben": "5"})

    session = skip_entry(entry=meeting.entries[0], by=meeting.user("lead"))

    round_.refresh_from_db()
    assert (round_.state, meeting.entries[0].state) == (Round.State.DROPPED, Entry.State.SKIPPED)
    assert session.current == meeting.entries[1]


def test_skip_entry_twice_skips_one():
    meeting = meet(items=3)

    for _ in range(2):
        session = skip_entry(entry=meeting.entries[0], by=meeting.user("lead"))

    assert session.current == meeting.entries[1]
    assert [entry.state for entry in meeting.entries] == ["skipped", "waiting", "waiting"]


def test_a_skipped_entry_comes_back_with_a_new_round():
    meeting = meet()
    skip_entry(entry=meeting.entries[0], by=meeting.user("lead"))

    go_to_entry(entry=meeting.entries[0], by=meeting.user("lead"))

    assert (meeting.round.number, meeting.entries[0].state) == (2, Entry.State.WAITING)


def test_skip_entry_refuses_a_sized_one():
    meeting = meet()
    agree_estimate(
        round_=reveal_votes(round_=meeting.vote({"ben": "5"}), by=meeting.user("lead")), points=Decimal(5), by=meeting.user("lead")
    )

    with pytest.raises(ConflictError):
        skip_entry(entry=meeting.entries[0], by=meeting.user("lead"))


def test_add_entry_appends_once():
    meeting = meet()
    item = make_item(meeting.house.team)

    added = [add_entry(session=meeting.session, item=item, by=meeting.user("lead")) for _ in range(2)]

    assert added[0] == added[1] == meeting.entries[2]


def test_add_entry_refuses_items_of_another_team():
    meeting, other = meet(), meet()

    with pytest.raises(UnknownReferenceError):
        add_entry(session=meeting.session, item=other.items[0], by=meeting.user("lead"))


def test_nothing_moves_once_the_session_is_over():
    meeting = meet()
    end_session(session=meeting.session, by=meeting.user("lead"))

    with pytest.raises(SessionClosedError):
        go_to_entry(entry=meeting.entries[1], by=meeting.user("lead"))
