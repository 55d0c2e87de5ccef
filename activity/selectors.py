"""What happened, read from the log."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db import models

from activity.errors import DomainError
from activity.models import Event

EVENTS_A_PAGE = 50
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class MalformedCursorError(DomainError):
    """The address asks for a page of the history that no link names: 400."""

    status = 400
    code = "malformed"


class History(NamedTuple):
    """A page of events, newest first, with their actors; `older` is the cursor of the next page, empty at the end."""

    events: list[Event]
    older: str


def list_events(subject: models.Model, *, before: str = "", size: int = EVENTS_A_PAGE) -> History:
    """What happened to `subject`, a page at a time. Two queries at most, however long the history.

    The cursor is a moment and how many events of that moment were shown, because an id would tell how much the whole server does.
    Raises MalformedCursorError.
    """
    events = Event.objects.filter(
        organization=getattr(subject, "organization_id", None) or subject.pk,
        subject_kind=str(subject._meta.model_name),
        subject_id=subject.pk,
    )
    shown = 0
    if before:
        moment, shown = _read_cursor(before)
        events = events.filter(at__lte=moment)
    page = list(events.select_related("actor").order_by("-at", "-id")[shown : shown + size + 1])
    if len(page) <= size:
        return History(page, "")
    page.pop()
    last = page[-1].at
    same = sum(event.at == last for event in page) + (shown if before and moment == last else 0)
    return History(page, f"{(last - _EPOCH) // timedelta(microseconds=1)}-{same}")


def _read_cursor(cursor: str) -> tuple[datetime, int]:
    micros, _, shown = cursor.partition("-")
    if not (micros.isascii() and micros.isdigit() and len(micros) <= 17 and shown.isascii() and shown.isdigit() and len(shown) <= 6):
        raise MalformedCursorError("This is no page of the history. Start at its top.")
    return _EPOCH + timedelta(microseconds=int(micros)), int(shown)
