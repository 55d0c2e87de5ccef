"""Taking an act back: one mechanism for every verb. Each app declares how its own verbs are undone, or why they are not."""

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple, Protocol

from django.db import connection
from django.http import Http404
from django.utils import timezone

from activity.errors import ConflictError, DomainError, GoneError, NotAllowedError
from activity.models import Event
from activity.services.acts import one_act
from activity.services.current import current_act

UNDO_WITHIN = timedelta(days=30)
_LOCKS = 7_410_221  # first half of advisory locks of acts that are being undone


class Inverse(Protocol):
    """Writes `event.before` back where `event.after` still stands, by services that record it as `cause`.

    Returns a sentence for each part that changed since and was therefore left alone.
    """

    def __call__(self, *, event: Event, by: Any, cause: str) -> list[str]: ...


MayUndo = Callable[[Any, Event], bool]  # access, event
SeenSubjects = Callable[[Any, Collection[int]], Iterable[int]]  # access, ids of subjects of one kind: those that the person sees


class Start(Protocol):
    """Lets the background take back all of the act in which the event stands; returns the sentence that says so."""

    def __call__(self, *, event: Event, by: Any) -> str: ...


class _Whole(NamedTuple):
    start: Start
    may: MayUndo


class _Entry(NamedTuple):
    inverse: Inverse
    may: MayUndo


_inverses: dict[str, _Entry] = {}
_finals: dict[str, str] = {}
_wholes: dict[str, _Whole] = {}
_seen: dict[str, SeenSubjects] = {}


def register_subject(*kinds: str, seen: SeenSubjects) -> None:
    """Declare who sees subjects of these kinds. What a person does not see was never done, as far as an undo tells them."""
    _seen.update(dict.fromkeys(kinds, seen))


def register_inverse(verb: str, inverse: Inverse, *, may: MayUndo) -> None:
    """Declare how events of the verb are undone, and who may: normally those who may do the same change now."""
    _inverses[verb] = _Entry(inverse, may)


def register_whole(verb: str, start: Start, *, may: MayUndo) -> None:
    """Declare that an act with an event of the verb is too large for one request, and who takes it back as a whole."""
    _wholes[verb] = _Whole(start, may)


def register_final(*verbs: str, reason: str) -> None:
    """Declare that events of these verbs stay, with the sentence that says so to a person."""
    _finals.update(dict.fromkeys(verbs, reason))


def known_verbs() -> set[str]:
    """All verbs that are declared either way."""
    return _inverses.keys() | _finals.keys() | _wholes.keys()


def known_inverses() -> set[str]:
    """The verbs that can be taken back."""
    return set(_inverses)


def standing(event: Event, now: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The old values of those fields whose new value still stands, and the names of the others. `now` has values as the event keeps them."""
    back: dict[str, Any] = {}
    changed: list[str] = []
    for name, value in event.after.items():
        if name in event.before and now.get(name) == value:
            back[name] = event.before[name]
        else:
            changed.append(name)
    return back, changed


@dataclass(frozen=True)
class Undone:
    """What came of it. `act` can itself be undone, unless the background goes on with it."""

    act: uuid.UUID
    left: list[str]  # sentences: what changed since, and what stays
    said: str = ""  # by the background that goes on with it

    @property
    def text(self) -> str:
        if self.said:
            return self.said
        return "Undone." if not self.left else f"Undone, except: {' '.join(self.left)}"


@one_act()
def undo(*, act: uuid.UUID, organization_id: int, access: Any, by: Any) -> Undone:
    """Take back what can be of an act, newest event first; one transaction, itself an act.

    404 for an act that is not of the organization or of which the person sees nothing, NotAllowedError (403) where they see it and may take
    nothing of it back, GoneError (410) after 30 days, ConflictError (409) where nothing is left to take back.
    """
    with connection.cursor() as cursor:  # a double click waits here, and then sees what the first one did
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_LOCKS, str(act)])
    whole = Event.objects.filter(act=act, organization=organization_id, verb__in=_wholes).order_by("id").first()
    if whole is not None:
        return _undo_whole(whole, access=access, by=by)
    done = list(Event.objects.filter(act=act, organization=organization_id).order_by("-id"))
    events = _visible(done, access)
    if not events:
        raise Http404("No such act.")
    _refuse_old(events[0])
    able = [event for event in events if event.verb in _inverses]
    if not able:
        raise ConflictError(_finals.get(events[0].verb, "This cannot be undone."))
    if not any(_inverses[event.verb].may(access, event) for event in able):
        raise NotAllowedError("Your role here does not allow this. Ask the person who did it.")
    left = [_finals[event.verb] for event in events if event.verb in _finals]
    if len(events) < len(done):
        left.append("What it changed in backlogs that you do not see stays.")
    for event in able:
        left += undo_event(event, access=access, by=by, cause=f"undo {act}")
    left = list(dict.fromkeys(left))
    mine = current_act()
    assert mine is not None
    if not Event.objects.filter(act=mine.id).exists():
        raise ConflictError(" ".join(left) or "This was already undone.")
    return Undone(act=mine.id, left=left)


def _visible(events: list[Event], access: Any) -> list[Event]:
    """Those whose subject the person sees; one query for each kind of subject, of which somebody must have declared who sees it."""
    subjects: dict[str, set[int]] = {}
    for event in events:
        subjects.setdefault(event.subject_kind, set()).add(event.subject_id)
    seen = {kind: set(_seen[kind](access, ids)) for kind, ids in subjects.items()}
    return [event for event in events if event.subject_id in seen[event.subject_kind]]


def _refuse_old(event: Event) -> None:
    if event.at < timezone.now() - UNDO_WITHIN:
        raise GoneError(f"This is more than {UNDO_WITHIN.days} days ago and stays as it is.")


def _undo_whole(event: Event, *, access: Any, by: Any) -> Undone:
    whole = _wholes[event.verb]
    if not _visible([event], access):
        raise Http404("No such act.")
    _refuse_old(event)
    if not whole.may(access, event):
        raise NotAllowedError("Your role here does not allow this. Ask the person who did it.")
    mine = current_act()
    assert mine is not None
    return Undone(act=mine.id, left=[], said=whole.start(event=event, by=by))


def undo_event(event: Event, *, access: Any, by: Any, cause: str) -> list[str]:
    """Take one event back; what is left of it, as sentences. A refusal leaves it whole."""
    entry = _inverses[event.verb]
    if not entry.may(access, event):
        return [f"{event.subject_ref}: your role does not allow this."]
    try:
        with one_act():
            return entry.inverse(event=event, by=by, cause=cause)
    except DomainError as error:
        return [error.message]
