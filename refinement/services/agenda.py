"""The way through the agenda. Only who leads the session moves it."""

from django.utils import timezone

from accounts.models import User
from activity.errors import ConflictError, UnknownReferenceError
from activity.services.acts import one_act
from activity.services.events import record
from backlog.models import Item
from refinement.errors import SessionClosedError
from refinement.models import Entry, Round, Session
from refinement.selectors.agenda import ADDED
from refinement.services.sessions import MAX_ENTRIES, check_leads, lock_session, see_participant, show_change


@one_act()
def start_session(*, session: Session, by: User) -> Session:
    """Begin: `by` leads and the first entry is open. A session that runs already stays as it is; raises SessionClosedError when it is over."""
    session = lock_session(session)
    if session.state == Session.State.LIVE:
        return session
    if session.state == Session.State.ENDED:
        raise SessionClosedError("This session is over. Start a new one.")
    session.state = Session.State.LIVE
    session.started_at = timezone.now()
    session.facilitator = by
    record(subject=session, verb="session.started", by=by)
    show_change(session, "state", "started_at", "facilitator")
    see_participant(session=session, by=by, is_voter=True)
    return go_to_next(session=session, by=by)


@one_act()
def go_to_entry(*, entry: Entry, by: User) -> Session:
    """Put everybody's eyes on the entry and open a round where it has none. Going where everybody already looks changes nothing.

    A round left behind keeps its votes and takes more when the session comes back to it.
    """
    session = lock_session(entry.session)
    check_leads(session, by)
    entry = session.entries.select_related("item").get(pk=entry.pk)
    if session.current_id == entry.pk:
        return session
    if entry.state == Entry.State.SKIPPED:
        entry.state = Entry.State.WAITING
        entry.save(update_fields=["state"])
    session.current = entry
    record(subject=session, verb="session.moved_to", by=by, after={"item": entry.item.key})
    if entry.state == Entry.State.WAITING and entry.item.is_ranked:
        open_round(session=session, entry=entry, by=by)
    show_change(session, "current")
    return session


def open_round(*, session: Session, entry: Entry, by: User) -> Round:
    """The entry's latest round unless it was dropped, else a new one on the team's scale. For callers that hold the session's lock."""
    latest = entry.rounds.order_by("-number").first()
    if latest is not None and latest.state in (Round.State.VOTING, Round.State.REVEALED):
        return latest
    return new_round(session=session, entry=entry, number=latest.number + 1 if latest else 1, by=by)


def new_round(*, session: Session, entry: Entry, number: int, by: User) -> Round:
    """A round that takes votes. For callers that hold the session's lock and know that none is open."""
    round_ = Round.objects.create(organization_id=session.organization_id, entry=entry, number=number, scale=session.team.scale)
    record(subject=round_, verb="round.opened", by=by, after={"item": entry.item.key, "number": number})
    return round_


@one_act()
def go_to_next(*, session: Session, by: User) -> Session:
    """Go to the next entry that waits, from the start again after the last; where none waits, stay."""
    session = lock_session(session)
    check_leads(session, by)
    here = session.current.position if session.current else 0
    waiting = session.entries.filter(state=Entry.State.WAITING).select_related("session").order_by("position")
    others = [entry for entry in waiting if entry.pk != session.current_id]
    following = [entry for entry in others if entry.position > here] or others
    return go_to_entry(entry=following[0], by=by) if following else session


@one_act()
def skip_entry(*, entry: Entry, by: User) -> Session:
    """Leave the entry without a size and go on. Its open round is dropped and its votes stay blind. Skipped twice is skipped once."""
    session = lock_session(entry.session)
    check_leads(session, by)
    entry = session.entries.select_related("item", "session").get(pk=entry.pk)
    if entry.state == Entry.State.SKIPPED:
        return session
    if entry.state == Entry.State.SIZED:
        raise ConflictError(f"{entry.item.key} already has its size. Go to the next item instead.")
    entry.rounds.filter(state=Round.State.VOTING).update(state=Round.State.DROPPED, closed_at=timezone.now())
    entry.state = Entry.State.SKIPPED
    entry.save(update_fields=["state"])
    record(subject=session, verb="session.skipped", by=by, after={"item": entry.item.key})
    show_change(session)
    return go_to_next(session=session, by=by) if session.current_id == entry.pk else session


@one_act()
def add_entry(*, session: Session, item: Item, by: User) -> Entry:
    """Put an item of the team at the end of the agenda; one that is on it already stays where it is."""
    session = lock_session(session)
    check_leads(session, by)
    entries = list(session.entries.order_by("position"))
    present = next((entry for entry in entries if entry.item_id == item.pk), None)
    if present is not None:
        return present
    if item.team_id != session.team_id or not item.is_ranked:
        raise UnknownReferenceError(f"{item.key} is not open in this team's backlog.", field="key")
    if len(entries) >= MAX_ENTRIES:
        raise ConflictError(f"The agenda holds {MAX_ENTRIES} items already.")
    position = entries[-1].position + 1 if entries else 1
    entry = Entry.objects.create(organization_id=session.organization_id, session=session, item=item, position=position, reason=ADDED)
    record(subject=session, verb="session.item_added", by=by, after={"item": item.key})
    show_change(session)
    return entry
