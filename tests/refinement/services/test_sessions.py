from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.roles import Role
from activity.errors import InvalidError, NotAllowedError, UnknownReferenceError
from activity.models import Event, Topic
from backlog.services.statuses import set_status
from refinement.errors import SessionClosedError
from refinement.models import Participant, Round, Session
from refinement.services.agenda import start_session
from refinement.services.sessions import create_session, end_session, hand_over, see_participant
from refinement.times import AWAY_AFTER, SEEN_EVERY
from tests.factories.accounts import make_member, organization_with
from tests.factories.backlog import make_item
from tests.factories.refinement import meet

pytestmark = pytest.mark.django_db


def version_of(session: Session) -> int:
    return Topic.objects.get(organization=session.organization_id, key=session.topic).version


def test_create_session_numbers_within_the_organization():
    first, second = meet(), meet()
    again = create_session(team=first.house.team, agenda=[(first.items[0], "")], by=first.user("lead"))

    assert (first.session.number, second.session.number, again.number) == (1, 1, 2)


def test_create_session_keeps_the_order_and_the_reasons():
    meeting = meet(items=3, is_started=False)

    assert [(entry.position, entry.item, entry.reason) for entry in meeting.entries] == [
        (position, item, "no size yet") for position, item in enumerate(meeting.items, 1)
    ]
    assert meeting.session.state == Session.State.PLANNED


def test_create_session_refuses_items_of_another_team():
    house = organization_with("checkout", "returns", lead=Role.SCRUM_MASTER)
    foreign = make_item(house.teams["returns"])

    with pytest.raises(UnknownReferenceError):
        create_session(team=house.team, agenda=[(foreign, "")], by=house.people["lead"])


def test_create_session_refuses_closed_items_and_an_empty_agenda():
    meeting = meet(is_started=False)
    closed = set_status(item=meeting.items[0], status="done", by=None)

    with pytest.raises(UnknownReferenceError):
        create_session(team=meeting.house.team, agenda=[(closed, "")], by=meeting.user("lead"))
    with pytest.raises(InvalidError):
        create_session(team=meeting.house.team, agenda=[], by=meeting.user("lead"))


def test_start_session_opens_the_first_round_and_gives_the_lead():
    meeting = meet(is_started=False)

    session = start_session(session=meeting.session, by=meeting.user("ben"))

    assert (session.state, session.facilitator) == (Session.State.LIVE, meeting.user("ben"))
    assert session.current == meeting.entries[0]
    assert (meeting.round.number, meeting.round.scale) == (1, meeting.house.team.scale)


def test_start_session_twice_is_once():
    meeting = meet()

    start_session(session=meeting.session, by=meeting.user("ben"))

    assert meeting.session.facilitator == meeting.user("lead")
    assert Round.objects.filter(entry__session=meeting.session).count() == 1


def test_end_session_leaves_open_votes_blind():
    meeting = meet()
    round_ = meeting.vote({"ben": "5"})

    session = end_session(session=meeting.session, by=meeting.user("lead"))

    round_.refresh_from_db()
    assert (session.state, session.current) == (Session.State.ENDED, None)
    assert (round_.state, round_.is_blind) == (Round.State.DROPPED, True)


def test_end_session_twice_is_once():
    meeting = meet()
    ended_at = end_session(session=meeting.session, by=meeting.user("lead")).ended_at

    assert end_session(session=meeting.session, by=meeting.user("lead")).ended_at == ended_at
    assert Event.objects.filter(verb="session.ended").count() == 1


def test_end_session_is_the_leads():
    meeting = meet()

    with pytest.raises(NotAllowedError):
        end_session(session=meeting.session, by=meeting.user("ben"))


def test_start_session_refuses_one_that_is_over():
    meeting = meet()
    end_session(session=meeting.session, by=meeting.user("lead"))

    with pytest.raises(SessionClosedError):
        start_session(session=meeting.session, by=meeting.user("lead"))


def test_hand_over_gives_the_lead_and_lets_it_be_taken():
    meeting = meet()

    given = hand_over(session=meeting.session, to=meeting.user("ben"), by=meeting.user("lead"))
    taken = hand_over(session=meeting.session, to=meeting.user("chidi"), by=meeting.user("chidi"))

    assert (given.facilitator, taken.facilitator) == (meeting.user("ben"), meeting.user("chidi"))


def test_hand_over_refuses_others_hands_and_people_who_may_not_lead():
    meeting = meet()
    stranger = make_member(organization_with().team)

    with pytest.raises(NotAllowedError):
        hand_over(session=meeting.session, to=meeting.user("chidi"), by=meeting.user("ben"))
    for other in (meeting.user("watcher"), stranger):
        with pytest.raises(InvalidError):
            hand_over(session=meeting.session, to=other, by=meeting.user("lead"))


def test_see_participant_gives_one_seat_and_writes_seldom():
    meeting = meet()
    now = timezone.now()
    seat = see_participant(session=meeting.session, by=meeting.user("ben"), is_voter=True, now=now)
    version = version_of(meeting.session)

    see_participant(session=meeting.session, by=meeting.user("ben"), is_voter=True, now=now + SEEN_EVERY - timedelta(seconds=1))
    seat.refresh_from_db()
    assert seat.last_seen_at == now

    see_participant(session=meeting.session, by=meeting.user("ben"), is_voter=True, now=now + SEEN_EVERY)
    seat.refresh_from_db()
    assert seat.last_seen_at == now + SEEN_EVERY
    assert version_of(meeting.session) == version
    assert Participant.objects.filter(session=meeting.session, user=meeting.user("ben")).count() == 1


def test_see_participant_tells_the_others_when_somebody_is_back():
    meeting = meet()
    now = timezone.now()
    see_participant(session=meeting.session, by=meeting.user("ben"), is_voter=True, now=now)
    version = version_of(meeting.session)

    see_participant(session=meeting.session, by=meeting.user("ben"), is_voter=True, now=now + AWAY_AFTER)

    assert version_of(meeting.session) == version + 1
