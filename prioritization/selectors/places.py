"""Where items stand in their list, read along the index of its order."""

from collections.abc import Sequence

from django.db import connection

from accounts.permissions import Access
from backlog.models import Item
from backlog.permissions import visible_items

Key = tuple[int, float, int, int]
"""(band, falling, component, position), as the index has it."""


def _list_of(item: Item) -> str:
    return "team_id" if item.team_id else "train_id"


def find_rank(item: Item) -> int | None:
    """The item's number in its list as computed, from 1, counted along the index; None where it has no place."""
    home = _list_of(item)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT (SELECT count(*) FROM backlog_placement q WHERE q.{home} = p.{home} "  # noqa: S608, one of two names
            "AND (q.band, q.falling, q.component, q.position) <= (p.band, p.falling, p.component, p.position)) "
            "FROM backlog_placement p WHERE p.item_id = %s",
            [item.pk],
        )
        row = cursor.fetchone()
    return row[0] if row else None


_WAITING = """
    SELECT EXISTS (
        SELECT 1 FROM backlog_stalerank s WHERE s.organization_id = %s
        AND s.item_id = ANY(ARRAY(
            SELECT q.item_id FROM backlog_placement p JOIN backlog_placement q USING (organization_id, component) WHERE p.item_id = %s
        ))
    )
"""


def is_waiting(item: Item) -> bool:
    """Whether something that the item is tied to changed and is not ranked yet."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [item.organization_id, item.pk])
        return bool(cursor.fetchone()[0])


_ABOVE = """
    SELECT above.item_id FROM backlog_placement p
    CROSS JOIN LATERAL (
        SELECT q.item_id FROM backlog_placement q
        WHERE q.{home} = p.{home} AND q.band = p.band AND (q.falling, q.component, q.position) < (p.falling, p.component, p.position)
        ORDER BY q.band DESC, q.falling DESC, q.component DESC, q.position DESC LIMIT 1
    ) above
    WHERE p.item_id = %s
"""


def find_neighbour_above(*, item: Item, access: Access) -> Item | None:
    """The item right above in the same list and band, one step back along the index; None for the first, and for what has no place."""
    with connection.cursor() as cursor:
        cursor.execute(_ABOVE.format(home=_list_of(item)), [item.pk])
        row = cursor.fetchone()
    return visible_items(access).filter(pk=row[0]).first() if row else None


def count_above(item: Item, keys: Sequence[Key]) -> list[int]:
    """For each key how many items of the item's list stand above it, or on it, as stored."""
    columns = [list(column) for column in zip(*keys, strict=True)]
    if not columns:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT (SELECT count(*) FROM backlog_placement q WHERE q.{_list_of(item)} = %s "  # noqa: S608, one of two names
            "AND (q.band, q.falling, q.component, q.position) <= (k.band, k.falling, k.component, k.position)) "
            "FROM unnest(%s::int[], %s::float8[], %s::bigint[], %s::int[]) WITH ORDINALITY k (band, falling, component, position, nth) "
            "ORDER BY k.nth",
            [item.team_id or item.train_id, *columns],
        )
        return [count for (count,) in cursor.fetchall()]
