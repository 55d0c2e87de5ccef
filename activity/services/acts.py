"""One act of a person: a transaction, one act id over its events, and the topics it touched bumped last."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from activity.services.current import Act, act_going_on, current_act
from activity.services.jobs import write_jobs
from activity.services.topics import bump_topics, check_topic, ring_bumped, write_bump

__all__ = ["Act", "act_behind", "bump_along", "bumped_along", "current_act", "one_act", "ring_topic", "touch_topic"]


@contextmanager
def one_act(id_: uuid.UUID | None = None, *, apart: bool = False) -> Iterator[Act]:
    """Open the current act, or join the one that is open. Works as a decorator of services: `@one_act()`.

    What takes many transactions, such as an import, gives each of them the same `id_` and is one act all the same.

    Jobs are written and topics bumped when the outermost act ends, each sorted, so that two acts never wait for each other
    crosswise and hold those rows for the shortest time. A refusal rolls everything back, jobs and topics with it.
    `apart` gives the events inside an act id of their own: they follow from the act that is open, and are not undone with it.
    """
    outer = act_going_on.get()
    if outer is not None:
        before = outer.remember()
        act = outer.apart() if apart else outer
        token = act_going_on.set(act)
        try:
            with transaction.atomic():
                yield act
        except BaseException:
            outer.forget_since(before)  # what was rolled back has touched nothing
            raise
        finally:
            act_going_on.reset(token)
        return
    act = Act(id=id_) if id_ else Act()
    token = act_going_on.set(act)
    with transaction.atomic():
        try:
            yield act
            act.is_closing = True
            while act.closers:
                act.closers.pop(0)()
            write_jobs(act.jobs)
            bump_topics(act.topics, rings=act.rings)
        finally:
            act_going_on.reset(token)  # before the commit: what runs after it is another act, with topics and jobs of its own


@contextmanager
def act_behind(savepoint: str) -> Iterator[Act]:
    """As `one_act(apart=True)`, but back to `savepoint` where it fails inside another act.

    The caller sets the savepoint, first of all and with a statement that is sent anyhow. Nobody releases it: the commit ends it too, and
    setting and releasing one by themselves took a twelfth of an edit.
    """
    outer = act_going_on.get()
    if outer is None:
        with one_act() as act:
            yield act
        return
    before, act = outer.remember(), outer.apart()
    token = act_going_on.set(act)
    connection.savepoint_ids.append(savepoint)  # what is left to the commit from here on is forgotten with it
    try:
        yield act
    except BaseException:
        outer.forget_since(before)
        try:
            connection.savepoint_rollback(savepoint)
        except BaseException:
            transaction.set_rollback(True)  # or the server would answer a commit by rolling back, and nobody would know
            raise
        raise
    finally:
        connection.savepoint_ids.remove(savepoint)
        act_going_on.reset(token)


def bump_along() -> str:
    """Bump the topics of the current act with what is sent in an `as_one`, where that is the last its transaction writes: a round trip less.

    Returns an expression for a statement there, whose value is for `bumped_along` once they were sent; empty where they stay to the end.
    """
    act = act_going_on.get()
    if act is None or not act.topics or not act.has_only_topics_left:
        return ""
    return write_bump(act.topics)


def bumped_along(told: str) -> None:
    """The topics are bumped, and rung for after commit with the others of the act."""
    act = act_going_on.get()
    assert act is not None, "bump_along found one"
    ring_bumped((tuple(row) for row in json.loads(told)), rings=act.rings)
    act.topics.clear()
    act.rings.clear()


def touch_topic(*, organization_id: int, key: str, note: str = "") -> None:
    """Say that what the topic shows has changed. At once outside an act, else when the act ends.

    `note` travels with the version to everybody who may hear the topic, so it holds counts, never content.
    """
    check_topic(key, note)
    act = act_going_on.get()
    if act is None:
        bump_topics({(organization_id, key): note})
    else:
        act.topics[organization_id, key] = note or act.topics.get((organization_id, key), "")


def ring_topic(*, organization_id: int, key: str, version: int) -> None:
    """Say that a topic which keeps its version elsewhere (an item in its own row) has reached `version`. Writes nothing."""
    check_topic(key)
    act = act_going_on.get()
    if act is None:
        bump_topics({}, rings={(organization_id, key): version})
    else:
        act.rings[organization_id, key] = max(version, act.rings.get((organization_id, key), 0))
