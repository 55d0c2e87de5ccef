"""What ranking reads: items, factors and edges as plain tuples, of a whole organization or of what is tied to some items."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection

from backlog.models.item import RANKED
from prioritization.scoring import Row


class Stored(NamedTuple):
    """A placement as it stands: (band, value, component, position, cost of delay, assumed, size assumed, reason, its item), and whether it was ever ranked."""

    place: tuple[Any, ...]
    is_ranked: bool


@dataclass(frozen=True)
class Loaded:
    """Ranked items in order of their id, with all that ties and values them."""

    rows: list[Row]
    stored: dict[int, Stored]
    factors: Mapping[int, Mapping[str, int]]
    edges: list[tuple[int, int]]
    closed: list[Row]
    """Items that were asked for and have no place any more."""


class TooManyError(Exception):
    """More items are tied together than the caller can rank now."""


_RANKED = tuple(str(status) for status in RANKED)
_ROWS = """
    SELECT i.id, i.key, i.kind, i.status, i.is_dormant, i.team_id, i.train_id, i.parent_id, (i.job_size * 1000)::bigint, i.demand,
           p.band, p.value, p.component, p.position, (p.cost_of_delay * 1000)::bigint, p.is_assumed, p.is_size_assumed, p.reason,
           p.reason_item_id, p.ranked_at IS NOT NULL, p.id
    FROM backlog_item i LEFT JOIN backlog_placement p ON p.item_id = i.id
    WHERE i.organization_id = %s AND """
_TIED = """
    WITH given AS MATERIALIZED (SELECT unnest(%(ids)s::bigint[]) AS id),
    near AS (
        SELECT id FROM given
        UNION SELECT i.parent_id FROM backlog_item i JOIN given USING (id) WHERE i.parent_id IS NOT NULL
        UNION SELECT i.id FROM backlog_item i JOIN given g ON i.parent_id = g.id
        UNION SELECT d.blocked_id FROM backlog_dependency d JOIN given g ON d.blocker_id = g.id WHERE d.kind = 'blocks'
        UNION SELECT d.blocker_id FROM backlog_dependency d JOIN given g ON d.blocked_id = g.id WHERE d.kind = 'blocks'
    ),
    components AS (SELECT DISTINCT p.component FROM backlog_placement p JOIN near ON p.item_id = near.id)
    SELECT p.item_id FROM backlog_placement p JOIN components USING (component) WHERE p.organization_id = %(organization)s
    UNION SELECT id FROM near
    LIMIT %(limit)s
"""
_NO_LIMIT = 10**9


def load_organization(organization_id: int) -> Loaded:
    """Every ranked item of the organization."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_ROWS} i.status = ANY(%s) ORDER BY i.id", [organization_id, list(_RANKED)])
        rows, stored, _ = _split(cursor.fetchall())
        cursor.execute(
            "SELECT blocker_id, blocked_id FROM backlog_dependency WHERE organization_id = %s AND kind = 'blocks'", [organization_id]
        )
        edges = cursor.fetchall()
        cursor.execute(
            "SELECT item_id, name, (value * 1000)::bigint FROM prioritization_factor WHERE organization_id = %s", [organization_id]
        )
        factors = _by_item(cursor.fetchall())
    return Loaded(rows, stored, factors, edges, [])


def load_tied(organization_id: int, item_ids: Iterable[int], *, at_most: int = _NO_LIMIT) -> Loaded:
    """The items with everything tied to them now or when they were last ranked, whole components each.

    The component kept in the placements saves walking the graph; what it misses is found by the edges that lead out.
    Raises TooManyError beyond `at_most`.
    """
    found: dict[int, tuple[Any, ...]] = {}
    edges: set[tuple[int, int]] = set()
    missing = set(item_ids)
    with connection.cursor() as cursor:
        while missing:
            cursor.execute(
                _TIED, {"organization": organization_id, "ids": list(missing), "limit": min(at_most + 1 - len(found), _NO_LIMIT)}
            )
            ids = sorted({*missing, *(row[0] for row in cursor.fetchall())} - found.keys())
            if len(ids) + len(found) > at_most:
                raise TooManyError
            cursor.execute(f"{_ROWS} i.id = ANY(%s)", [organization_id, ids])
            fresh = {row[0]: row for row in cursor.fetchall()}
            found |= fresh
            ranked = [row[0] for row in fresh.values() if row[3] in _RANKED]
            near = _edges_at(cursor, organization_id, ranked)
            edges |= near
            outside = {end for edge in near for end in edge} | {row[7] for row in fresh.values() if row[3] in _RANKED and row[7]}
            missing = outside - found.keys() - set(ids)
        rows, stored, closed = _split(sorted(found.values()))
        cursor.execute(
            "SELECT item_id, name, (value * 1000)::bigint FROM prioritization_factor WHERE item_id = ANY(%s)", [[row.id for row in rows]]
        )
        factors = _by_item(cursor.fetchall())
    return Loaded(rows, stored, factors, sorted(edges), closed)


def _edges_at(cursor: Any, organization_id: int, item_ids: Sequence[int]) -> set[tuple[int, int]]:
    """Hard dependencies at the items, one statement an end so that each uses its index."""
    if not item_ids:
        return set()
    cursor.execute(
        "SELECT blocker_id, blocked_id FROM backlog_dependency WHERE organization_id = %(o)s AND kind = 'blocks' AND blocker_id = ANY(%(i)s) "
        "UNION SELECT blocker_id, blocked_id FROM backlog_dependency WHERE organization_id = %(o)s AND kind = 'blocks' AND blocked_id = ANY(%(i)s)",
        {"o": organization_id, "i": item_ids},
    )
    return set(cursor.fetchall())


def _split(found: Iterable[tuple[Any, ...]]) -> tuple[list[Row], dict[int, Stored], list[Row]]:
    rows, stored, closed = [], {}, []
    for record in found:
        row = Row._make(record[:10])
        if row.status not in _RANKED:
            closed.append(row)
            continue
        rows.append(row)
        if record[20] is not None:
            stored[row.id] = Stored(record[10:19], record[19])
    return rows, stored, closed


def _by_item(found: Iterable[tuple[int, str, int]]) -> dict[int, dict[str, int]]:
    factors: dict[int, dict[str, int]] = {}
    for item, name, value in found:
        factors.setdefault(item, {})[name] = value
    return factors
