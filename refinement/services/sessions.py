"""Sessions from plan to end, who leads them and who is there. Every change locks the session's row first."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import F
from django.utils import timezone

from accounts.models import Team, User
from accounts.permissions import find_access
from accounts.roles import Verb
from activity.errors import InvalidError, NotAllowedError, UnknownReferenceError
from activity.services.acts import one_act, touch_topic
from activity.services.events import record
from backlog.models import Item
from refinement.errors import SessionClosedError
from refinement.models import Entry, Participant, Round, Session, SessionNumber
from refinement.times import AWAY_AFTER, SEEN_EVERY

MAX_ENTRIES = 30


def lock_session(session: Session) -> Session:
    """The session as it stands, locked until the transaction ends."""
    return (
        Session.objects.for_organization(session.organization_id)
        .select_related("team", "facilitator", "organization")
        .select_for_update(of=("self",), no_key=True)
        .get(pk=session.pk)
    )


def check_leads(session: Session, by: User) -> None:
    """Raise NotAllowedError unless the person leads, SessionClosedError unless the session runs."""
    if session.state != Session.State.LIVE:
        raise SessionClosedError("This session is over." if session.ended_at else "This session has not started yet.")
    if session.facilitator_id != by.pk:
        raise NotAllowedError(f"{session.facilitator} leads this session. Take the lead first, or ask for it.")


def show_change(session: Session, *fields: str) -> None:
    """Save the fields and tell every open page that the session looks different now."""
    session.revision += 1
    session.save(update_fields=[*fields, "revision"])
    touch_topic(organization_id=session.organization_id, key=session.topic)


@one_act()
def create_session(*, team: Team, agenda: Sequence[tuple[Item, str]], by: User) -> Session:
    """Plan a session of the team, led by `by`, over the items in this order, each with the reason why it is there.

    Raises UnknownReferenceError for an item that is not open in the team's backlog, InvalidError for no item or too many.
    """
    if not agenda:
        raise InvalidError("Choose at least one item.", field="items")
    if len(agenda) > MAX_ENTRIES:
        raise InvalidError(f"Choose at most {MAX_ENTRIES} items. More than that is no meeting.", field="items")
    for item, _ in agenda:
        if item.team_id != team.pk or not item.is_ranked:
            raise UnknownReferenceError(f"{item.key} is not open in this team's backlog.", field="items")
    session = Session.objects.create(
        organization_id=team.organization_id, team=team, number=_next_number(team.organization_id), facilitator=by, created_by=by
    )
    Entry.objects.bulk_create(
        Entry(organization_id=team.organization_id, session=session, item=item, position=position, reason=reason)
        for position, (item, reason) in enumerate(agenda, 1)
    )
    record(subject=session, verb="session.created", by=by, after={"number": session.number, "items": [item.key for item, _ in agenda]})
    touch_topic(organization_id=session.organization_id, key=session.topic)
    return session


def _next_number(organization_id: int) -> int:
    series, _ = SessionNumber.objects.get_or_create(organization_id=organization_id)
    SessionNumber.objects.filter(organization=organization_id).update(last_number=F("last_number") + 1)
    series.refresh_from_db(fields=["last_number"])
    return series.last_number


@one_act()
def end_session(*, session: Session, by: User) -> Session:
    """Close the session; what was not agreed stays as it was and open votes stay blind. Ended twice is ended once."""
    session = lock_session(session)
    if session.state == Session.State.ENDED:
        return session
    if session.state == Session.State.LIVE:
        check_leads(session, by)
    now = timezone.now()
    Round.objects.filter(entry__session=session, state=Round.State.VOTING).update(state=Round.State.DROPPED, closed_at=now)
    session.state = Session.State.ENDED
    session.ended_at = now
    session.current = None
    sized = list(session.entries.filter(state=Entry.State.SIZED).order_by("position").values_list("item__key", flat=True))
    record(subject=session, verb="session.ended", by=by, after={"sized": sized})
    show_change(session, "state", "ended_at", "current")
    return session


@one_act()
def hand_over(*, session: Session, to: User, by: User) -> Session:
    """Let `to` lead: given by who leads now, or taken by `to`. Raises NotAllowedError for others' hands, InvalidError where `to` may not lead."""
    session = lock_session(session)
    if session.state != Session.State.LIVE:
        raise SessionClosedError("Only a running session has somebody who leads it.")
    if session.facilitator_id == to.pk:
        return session
    if by.pk not in (session.facilitator_id, to.pk):
        raise NotAllowedError(f"{session.facilitator} leads this session. Only {session.facilitator} can hand it to somebody else.")
    access = find_access(user=to, slug=session.organization.slug)
    if access is None or not access.may(Verb.FACILITATE, session.team):
        raise InvalidError(f"{to} has no role in this team that may lead a session.", field="seat")
    record(subject=session, verb="session.handed_over", by=by, before={"facilitator": session.facilitator_id}, after={"facilitator": to.pk})
    session.facilitator = to
    show_change(session, "facilitator")
    return session


@one_act()
def see_participant(*, session: Session, by: User, is_voter: bool, now: datetime | None = None) -> Participant:
    """Note that the person has the session open; the first time gives them a seat. Writes at most every 20 s, and nothing once it is over."""
    now = now or timezone.now()
    seat, is_new = Participant.objects.get_or_create(
        session=session, user=by, organization_id=session.organization_id, defaults={"is_voter": is_voter, "last_seen_at": now}
    )
    if is_new:
        record(subject=session, verb="session.joined", by=by)
        touch_topic(organization_id=session.organization_id, key=session.topic)
        return seat
    gap = now - seat.last_seen_at
    if gap < SEEN_EVERY and seat.is_voter == is_voter:
        return seat
    if gap >= AWAY_AFTER or seat.is_voter != is_voter:  # others see the seat differently from now on
        touch_topic(organization_id=session.organization_id, key=session.topic)
    seat.last_seen_at, seat.is_voter = now, is_voter
    seat.save(update_fields=["last_seen_at", "is_voter"])
    return seat
