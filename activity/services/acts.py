"""One act of a person: a transaction, one act id over its events, and the topics it touched bumped last."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from django.db import transaction

from activity.services.topics import bump_topics, check_topic


@dataclass
class Act:
    id: uuid.UUID = field(default_factory=uuid.uuid4)
    topics: dict[tuple[int, str], str] = field(default_factory=dict)  # to their notes
    rings: dict[tuple[int, str], int] = field(default_factory=dict)  # to the versions they keep elsewhere


_current: ContextVar[Act | None] = ContextVar("act", default=None)


@contextmanager
def one_act() -> Iterator[Act]:
    """Open the current act, or join the one that is open. Works as a decorator of services: `@one_act()`.

    Topics are bumped when the outermost act ends, sorted, so that two acts never wait for each other crosswise
    and hold those rows for the shortest time. A refusal rolls everything back, the topics with it.
    """
    act = _current.get()
    if act is not None:
        topics, rings = dict(act.topics), dict(act.rings)
        try:
            with transaction.atomic():
                yield act
        except BaseException:
            act.topics, act.rings = topics, rings  # what was rolled back has touched nothing
            raise
        return
    act = Act()
    token = _current.set(act)
    try:
        with transaction.atomic():
            yield act
            bump_topics(act.topics, rings=act.rings)
    finally:
        _current.reset(token)


def current_act() -> Act | None:
    return _current.get()


def touch_topic(*, organization_id: int, key: str, note: str = "") -> None:
    """Say that what the topic shows has changed. At once outside an act, else when the act ends.

    `note` travels with the version to everybody who may hear the topic, so it holds counts, never content.
    """
    check_topic(key, note)
    act = _current.get()
    if act is None:
        bump_topics({(organization_id, key): note})
    else:
        act.topics[organization_id, key] = note or act.topics.get((organization_id, key), "")


def ring_topic(*, organization_id: int, key: str, version: int) -> None:
    """Say that a topic which keeps its version elsewhere (an item in its own row) has reached `version`. Writes nothing."""
    check_topic(key)
    act = _current.get()
    if act is None:
        bump_topics({}, rings={(organization_id, key): version})
    else:
        act.rings[organization_id, key] = max(version, act.rings.get((organization_id, key), 0))
