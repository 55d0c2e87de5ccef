from decimal import Decimal

import pytest

from activity.errors import ConflictError, InvalidError, NotAllowedError
from activity.models import Event, Topic
from backlog.models import StaleRank
from backlog.services.statuses import set_status
from refinement.errors import RoundClosedError
from refinement.models import Entry, Round, Vote
from refinement.services.agenda import go_to_entry
from refinement.services.rounds import agree_estimate, cast_vote, reveal_votes, revote, withdraw_vote
from refinement.services.sessions import end_session
from tests.factories.refinement import Meeting, meet

pytestmark = pytest.mark.django_db

ODD = ["0.125", "733.25", "911.5"]  # values that nothing else on a page or in a row looks like


def revealed(meeting: Meeting, **votes: str) -> Round:
    return reveal_votes(round_=meeting.vote(votes or {"ben": "5", "chidi": "8"}), by=meeting.user("lead"))


def version_of(meeting: Meeting) -> int:
    return Topic.objects.get(organization=meeting.house.organization, key=meeting.session.topic).version


def test_cast_vote_stores_one_row_that_may_change():
    meeting = meet()
    round_ = meeting.vote({"ben": "3"})

    cast_vote(round_=round_, value="5", by=meeting.user("ben"))

    assert [(vote.person, vote.value) for vote in round_.votes.all()] == [(meeting.user("ben"), "5")]


def test_cast_vote_of_the_same_value_changes_nothing():
    meeting = meet()
    round_ = meeting.vote({"ben": "3"})
    version, events = version_of(meeting), Event.objects.count()

    cast_vote(round_=round_, value="3", by=meeting.user("ben"))

    assert (version_of(meeting), Event.objects.count()) == (version, events)


@pytest.mark.parametrize("value", ["?", "pause"])
def test_cast_vote_takes_the_two_cards_beside_the_scale(value):
    meeting = meet()

    meeting.vote({"ben": value})

    assert Vote.objects.get(round=meeting.round).value == value


@pytest.mark.parametrize("value", ["4", "", "-1", "1000000000", "NaN", "5 ", "5\x00"])
def test_cast_vote_refuses_what_is_not_a_card(value):
    meeting = meet()

    with pytest.raises(InvalidError):
        cast_vote(round_=meeting.round, value=value, by=meeting.user("ben"))


def test_cast_vote_after_the_reveal_says_when_voting_closed():
    meeting = meet()
    round_ = revealed(meeting)

    with pytest.raises(RoundClosedError, match=rf"^Voting closed at {round_.closed_at:%H:%M:%S}\. Your vote was not counted\.$"):
        cast_vote(round_=round_, value="3", by=meeting.user("lead"))


def test_cast_vote_refuses_once_the_session_has_moved_on():
    meeting = meet()
    round_ = meeting.round
    go_to_entry(entry=meeting.entries[1], by=meeting.user("lead"))

    with pytest.raises(RoundClosedError, match=f"moved on from {meeting.items[0].key}"):
        cast_vote(round_=round_, value="3", by=meeting.user("ben"))


def test_a_removed_item_takes_no_votes_no_reveal_and_no_size():
    meeting = meet()
    round_ = meeting.vote({"ben": "3"})
    set_status(item=meeting.items[0], status="removed", reason="Two of a kind.", by=None)

    with pytest.raises(
        RoundClosedError, match=rf"^{meeting.items[0].key} was removed at [\d:]+ \(Two of a kind\)\. Your vote was not counted\."
    ):
        cast_vote(round_=round_, value="5", by=meeting.user("chidi"))
    with pytest.raises(RoundClosedError, match="Go to the next item"):
        reveal_votes(round_=round_, by=meeting.user("lead"))


def test_an_item_done_meanwhile_keeps_its_size():
    meeting = meet()
    round_ = revealed(meeting)
    set_status(item=meeting.items[0], status="done", by=None)

    with pytest.raises(RoundClosedError, match=r"was done at .* Its size was not changed"):
        agree_estimate(round_=round_, points=Decimal(5), by=meeting.user("lead"))


def test_withdraw_vote_takes_it_back_until_the_reveal():
    meeting = meet()
    round_ = meeting.vote({"ben": "3", "chidi": "5"})

    withdraw_vote(round_=round_, by=meeting.user("ben"))
    withdraw_vote(round_=round_, by=meeting.user("ben"))
    assert [vote.person for vote in round_.votes.all()] == [meeting.user("chidi")]

    reveal_votes(round_=round_, by=meeting.user("lead"))
    with pytest.raises(RoundClosedError):
        withdraw_vote(round_=round_, by=meeting.user("chidi"))


def test_no_event_holds_a_value_before_the_reveal():
    meeting = meet(scale=ODD)
    meeting.vote({"ben": "733.25"})
    meeting.vote({"ben": "911.5"})
    withdraw_vote(round_=meeting.vote({"chidi": "0.125"}), by=meeting.user("chidi"))

    told = "".join(f"{event.before}{event.after}{event.cause}" for event in Event.objects.all())

    assert not [value for value in ODD if value in told]


def test_reveal_votes_is_the_leads_and_needs_a_vote():
    meeting = meet()

    with pytest.raises(ConflictError, match="Nobody has voted yet"):
        reveal_votes(round_=meeting.round, by=meeting.user("lead"))
    with pytest.raises(NotAllowedError, match="leads this session"):
        reveal_votes(round_=meeting.vote({"ben": "5"}), by=meeting.user("ben"))


def test_reveal_votes_twice_is_once():
    meeting = meet()
    first = revealed(meeting)

    again = reveal_votes(round_=first, by=meeting.user("lead"))

    assert again.closed_at == first.closed_at
    assert Event.objects.filter(verb="round.revealed").count() == 1


def test_revote_keeps_the_earlier_round():
    meeting = meet()
    first = revealed(meeting)

    second = revote(round_=first, by=meeting.user("lead"))

    assert (second.number, second.state) == (2, Round.State.VOTING)
    assert sorted(vote.value for vote in first.votes.all()) == ["5", "8"]


def test_revote_twice_opens_one_round():
    meeting = meet()
    first = revealed(meeting)

    assert revote(round_=first, by=meeting.user("lead")) == revote(round_=first, by=meeting.user("lead"))
    assert meeting.entries[0].rounds.count() == 2


@pytest.mark.usefixtures("ranked_later")
def test_agree_estimate_sizes_the_item_and_marks_its_rank():
    meeting = meet()
    StaleRank.objects.all().delete()

    round_ = agree_estimate(round_=revealed(meeting), points=Decimal(8), by=meeting.user("lead"))

    item = meeting.items[0]
    item.refresh_from_db()
    assert (item.job_size, meeting.entries[0].state) == (Decimal(8), Entry.State.SIZED)
    assert (round_.state, round_.agreed_by) == (Round.State.AGREED, meeting.user("lead"))
    assert StaleRank.objects.filter(item_id=item.pk).exists()
    assert Event.objects.get(verb="item.edited").cause == f"session {meeting.session.number}, round 1"


def test_agree_estimate_twice_on_the_same_points_is_once():
    meeting = meet()
    round_ = revealed(meeting)

    for _ in range(2):
        agree_estimate(round_=round_, points=Decimal(8), by=meeting.user("lead"))

    assert Event.objects.filter(verb="round.agreed").count() == 1


def test_agree_estimate_refuses_other_points_afterwards():
    meeting = meet()
    round_ = revealed(meeting)
    agree_estimate(round_=round_, points=Decimal(8), by=meeting.user("lead"))

    with pytest.raises(RoundClosedError, match="agreed on 8 at"):
        agree_estimate(round_=round_, points=Decimal(5), by=meeting.user("lead"))


def test_agree_estimate_needs_the_reveal_and_a_value_of_the_scale():
    meeting = meet()

    with pytest.raises(ConflictError, match="Reveal the votes first"):
        agree_estimate(round_=meeting.vote({"ben": "5"}), points=Decimal(5), by=meeting.user("lead"))
    round_ = revealed(meeting)
    for points in (Decimal(4), Decimal(-1), Decimal(10) ** 9, Decimal("NaN")):
        with pytest.raises(InvalidError):
            agree_estimate(round_=round_, points=points, by=meeting.user("lead"))


def test_agree_estimate_refuses_a_round_that_was_voted_again():
    meeting = meet()
    first = revealed(meeting)
    revote(round_=first, by=meeting.user("lead"))

    with pytest.raises(RoundClosedError, match="later round"):
        agree_estimate(round_=first, points=Decimal(5), by=meeting.user("lead"))


def test_voting_again_after_an_agreement_opens_the_entry():
    meeting = meet()
    round_ = agree_estimate(round_=revealed(meeting), points=Decimal(8), by=meeting.user("lead"))

    again = revote(round_=round_, by=meeting.user("lead"))

    assert (again.number, meeting.entries[0].state) == (2, Entry.State.WAITING)


def test_a_dropped_round_is_never_revealed():
    meeting = meet()
    round_ = meeting.vote({"ben": "3"})
    end_session(session=meeting.session, by=meeting.user("lead"))

    with pytest.raises(ConflictError):
        reveal_votes(round_=round_, by=meeting.user("lead"))
