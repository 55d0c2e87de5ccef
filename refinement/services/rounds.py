"""Blind votes, their reveal and the size the team settles on.

Events of a vote hold no value: people read events on history pages, and a value is its voter's own until the reveal.
"""

from decimal import Decimal

from django.utils import timezone

from accounts.models import User
from activity.errors import ConflictError, InvalidError
from activity.services.acts import one_act, touch_topic
from activity.services.events import record
from backlog.services.items import lock_item, set_job_size
from refinement.engine import PAUSE, UNSURE, plain, points_of
from refinement.errors import RoundClosedError
from refinement.models import Entry, Round, Session, Vote
from refinement.selectors.board import why_item_is_closed
from refinement.services.agenda import new_round
from refinement.services.sessions import check_leads, lock_session, see_participant, show_change
from refinement.times import AWAY_AFTER, clock


def _locked(round_: Round) -> tuple[Session, Entry, Round]:
    """The session under its lock, then the entry and the round as they stand now."""
    session = lock_session(round_.entry.session)
    round_ = Round.objects.for_organization(session.organization_id).select_related("entry__item").get(pk=round_.pk)
    return session, round_.entry, round_


def _check_takes_votes(session: Session, entry: Entry, round_: Round) -> None:
    if round_.closed_at is not None:
        raise RoundClosedError(f"Voting closed at {clock(round_.closed_at)}. Your vote was not counted.", at=round_.closed_at)
    if session.current_id != entry.pk:
        raise RoundClosedError(f"The session has moved on from {entry.item.key}. Your vote was not counted.")
    if gone := why_item_is_closed(entry.item):
        raise RoundClosedError(f"{gone} Your vote was not counted.", at=entry.item.closed_at)


@one_act()
def cast_vote(*, round_: Round, value: str, by: User) -> Vote:
    """Store the person's one vote of the round, or change it; the same value again changes nothing.

    Raises RoundClosedError once the votes are revealed or the session has moved on, InvalidError for a value that is not on the scale.
    """
    session, entry, round_ = _locked(round_)
    _check_takes_votes(session, entry, round_)
    if value not in (*round_.scale, UNSURE, PAUSE):
        raise InvalidError("Choose one of the cards.", field="value")
    see_participant(session=session, by=by, is_voter=True)
    vote = round_.votes.filter(person=by).first()
    if vote is not None and vote.value == value:
        return vote
    if vote is None:
        vote = Vote.objects.create(organization_id=session.organization_id, round=round_, person=by, value=value)
        record(subject=vote, verb="vote.cast", by=by)
    else:
        vote.value = value
        vote.save(update_fields=["value"])
        record(subject=vote, verb="vote.changed", by=by)
    _tell_votes(session, round_)
    return vote


def _tell_votes(session: Session, round_: Round) -> None:
    """Touch the session's topic with how many of how many voted, `6/9`."""
    voted = set(round_.votes.values_list("person_id", flat=True))
    here = session.participants.filter(is_voter=True, last_seen_at__gte=timezone.now() - AWAY_AFTER).values_list("user_id", flat=True)
    touch_topic(organization_id=session.organization_id, key=session.topic, note=f"{len(voted)}/{len(voted.union(here))}")


@one_act()
def withdraw_vote(*, round_: Round, by: User) -> None:
    """Take the person's vote back while voting lasts. Raises RoundClosedError afterwards."""
    session, entry, round_ = _locked(round_)
    _check_takes_votes(session, entry, round_)
    vote = round_.votes.filter(person=by).first()
    if vote is None:
        return
    record(subject=vote, verb="vote.withdrawn", by=by)
    vote.delete()
    _tell_votes(session, round_)


@one_act()
def reveal_votes(*, round_: Round, by: User) -> Round:
    """Close the voting and let everybody see the values. Revealed twice is revealed once; ConflictError without any vote."""
    session, entry, round_ = _locked(round_)
    check_leads(session, by)
    if round_.state in (Round.State.REVEALED, Round.State.AGREED):
        return round_
    if round_.state == Round.State.DROPPED:
        raise RoundClosedError(f"This round was left at {clock(round_.closed_at)}. Its votes stay blind.", at=round_.closed_at)
    if gone := why_item_is_closed(entry.item):
        raise RoundClosedError(f"{gone} Go to the next item.")
    values = sorted(round_.votes.values_list("value", flat=True))
    if not values:
        raise ConflictError("Nobody has voted yet.")
    round_.state = Round.State.REVEALED
    round_.closed_at = timezone.now()
    round_.save(update_fields=["state", "closed_at"])
    record(subject=round_, verb="round.revealed", by=by, after={"item": entry.item.key, "number": round_.number, "values": values})
    show_change(session)
    return round_


@one_act()
def revote(*, round_: Round, by: User) -> Round:
    """Open the entry's next round; earlier ones are kept. From a round that is no longer the latest it returns the latest as it is."""
    session, entry, round_ = _locked(round_)
    check_leads(session, by)
    latest = entry.rounds.order_by("-number")[0]
    if latest.pk != round_.pk or round_.state == Round.State.VOTING:
        return latest
    if gone := why_item_is_closed(entry.item):
        raise RoundClosedError(f"{gone} Go to the next item.")
    latest = new_round(session=session, entry=entry, number=round_.number + 1, by=by)
    entry.state = Entry.State.WAITING
    entry.save(update_fields=["state"])
    show_change(session)
    return latest


@one_act()
def agree_estimate(*, round_: Round, points: Decimal, by: User) -> Round:
    """Close the round with the points the team settled on and size its item; the rank follows.

    Agreed twice on the same points is agreed once. Raises RoundClosedError where it has other points, is not the latest or its item is closed.
    """
    session, entry, round_ = _locked(round_)
    check_leads(session, by)
    if round_.state == Round.State.AGREED:
        if round_.agreed_points == points:
            return round_
        raise RoundClosedError(
            f"{round_.agreed_by} agreed on {plain(round_.agreed_points)} at {clock(round_.agreed_at)}. Vote again to change it.",
            at=round_.agreed_at,
        )
    if round_.state == Round.State.VOTING:
        raise ConflictError("Reveal the votes first.")
    if round_.state == Round.State.DROPPED or entry.rounds.filter(number__gt=round_.number).exists():
        raise RoundClosedError("A later round has replaced this one.")
    item = lock_item(entry.item)  # so that it cannot be closed between this check and its size
    if gone := why_item_is_closed(item):
        raise RoundClosedError(f"{gone} Its size was not changed.")
    if points not in [points_of(value) for value in round_.scale]:
        raise InvalidError("Choose a size from the scale.", field="points")
    round_.state = Round.State.AGREED
    round_.agreed_points, round_.agreed_by, round_.agreed_at = points, by, timezone.now()
    round_.save(update_fields=["state", "agreed_points", "agreed_by", "agreed_at"])
    entry.state = Entry.State.SIZED
    entry.save(update_fields=["state"])
    set_job_size(item=item, job_size=points, by=by, cause=f"session {session.number}, round {round_.number}")
    record(subject=round_, verb="round.agreed", by=by, after={"item": item.key, "number": round_.number, "points": plain(points)})
    show_change(session)
    return round_
