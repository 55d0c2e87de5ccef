"""Versions of what live pages show. The row is the truth; Redis only rings."""

from collections.abc import Iterable

from django.db import connection, transaction

from activity.doorbell import ring_topics


def bump_topics(topics: Iterable[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """Raise the version of each (organization id, key) by one, in sorted order, and ring after commit; return the new versions."""
    wanted = sorted(set(topics))
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        # ORDER BY in the subselect fixes the locking order; a VALUES list would not promise one.
        cursor.execute(
            """
            INSERT INTO activity_topic AS t (organization_id, key, version)
            SELECT o, k, 1 FROM unnest(%s::bigint[], %s::text[]) AS given(o, k) ORDER BY o, k
            ON CONFLICT (organization_id, key) DO UPDATE SET version = t.version + 1
            RETURNING organization_id, key, version
            """,
            [[o for o, _ in wanted], [k for _, k in wanted]],
        )
        versions = {(row[0], row[1]): row[2] for row in cursor.fetchall()}
    # A plain function: on_commit(partial, robust=True) raises in Django 5.2 when the callback fails.
    transaction.on_commit(lambda: ring_topics(versions))
    return versions
