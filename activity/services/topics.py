"""Versions of what live pages show. The row is the truth; Redis only rings."""

import re
from collections.abc import Iterable, Mapping

from django.db import transaction

from activity.doorbell import ring_topics
from activity.live import Version
from activity.statements import array, execute, write

Bumped = tuple[int, str, int, str]
"""(organization id, topic, version, note)"""
_TOPIC = re.compile(r"[a-z_]+:[A-Za-z0-9_-]{1,60}\Z")
_NOTE = re.compile(r"[ -~]{0,40}\Z")


def check_topic(topic: str, note: str = "") -> None:
    """Refuse, as a programming error, what would break the line in which it travels."""
    if not _TOPIC.match(topic) or not _NOTE.match(note):
        raise ValueError(f"no topic or no note: {topic!r} {note!r}")


def bump_topics(
    notes: Mapping[tuple[int, str], str], *, rings: Mapping[tuple[int, str], int] | None = None
) -> dict[tuple[int, str], Version]:
    """Raise the version of each (organization id, topic) by one, in sorted order, and ring after commit; return the new versions.

    `rings` are topics that keep their version elsewhere: they are rung in the same message.
    """
    rows = execute(_BUMP, _topics_of(notes)) if notes else []
    return ring_bumped(rows, rings=rings or {})


def write_bump(notes: Mapping[tuple[int, str], str]) -> str:
    """As the first half of `bump_topics`, together with what else is sent in an `as_one`.

    Returns an expression for what is written after it there: the rows for `ring_bumped`, in JSON.
    """
    write(_BUMP, _topics_of(notes), name="bumped")
    return "(SELECT json_agg(json_build_array(organization_id, key, version, note)) FROM bumped)::text"


def ring_bumped(rows: Iterable[Bumped], *, rings: Mapping[tuple[int, str], int]) -> dict[tuple[int, str], Version]:
    """Ring after commit what was bumped, and the `rings`; return their versions."""
    versions = {topic: Version(number) for topic, number in rings.items()}
    versions |= {(organization_id, key): Version(number, note) for organization_id, key, number, note in rows}
    if versions:
        # A plain function: on_commit(partial, robust=True) raises in Django 5.2 when the callback fails.
        transaction.on_commit(lambda: ring_topics(versions))
    return versions


def _topics_of(notes: Mapping[tuple[int, str], str]) -> list[str]:
    wanted = sorted(notes)
    return [array(o for o, _ in wanted), array(k for _, k in wanted), array(notes[topic] for topic in wanted)]


# ORDER BY in the subselect fixes the locking order; a VALUES list would not promise one.
_BUMP = """
    INSERT INTO activity_topic AS t (organization_id, key, version, note)
    SELECT o, k, 1, n FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS given(o, k, n) ORDER BY o, k
    ON CONFLICT (organization_id, key) DO UPDATE SET version = t.version + 1, note = EXCLUDED.note
    RETURNING organization_id, key, version, note
"""
