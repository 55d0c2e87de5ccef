"""One act of a person: a transaction, one act id over its events, and the topics it touched bumped last."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from django.db import transaction

from activity.services.topics import bump_topics


@dataclass
class Act:
    id: uuid.UUID = field(default_factory=uuid.uuid4)
    topics: set[tuple[int, str]] = field(default_factory=set)


_current: ContextVar[Act | None] = ContextVar("act", default=None)


@contextmanager
def one_act() -> Iterator[Act]:
    """Open the current act, or join the one that is open. Works as a decorator of services: `@one_act()`.

    Topics are bumped when the outermost act ends, sorted, so that two acts never wait for each other crosswise
    and hold those rows for the shortest time. A refusal rolls everything back, the topics with it.
    """
    act = _current.get()
    if act is not None:
        with transaction.atomic():
            yield act
        return
    act = Act()
    token = _current.set(act)
    try:
        with transaction.atomic():
            yield act
            bump_topics(act.topics)
    finally:
        _current.reset(token)


def current_act() -> Act | None:
    return _current.get()


def touch_topic(*, organization_id: int, key: str) -> None:
    """Say that what the topic shows has changed. At once outside an act, else when the act ends."""
    act = _current.get()
    if act is None:
        bump_topics({(organization_id, key)})
    else:
        act.topics.add((organization_id, key))
