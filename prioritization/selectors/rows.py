"""What ranking reads: items, factors, edges and overrides as plain tuples, of a whole organization or of what is tied to some items."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from django.db import connection

from backlog.models.item import RANKED
from prioritization.engine.overrides import Overrides
from prioritization.engine.types import Edge, ItemId
from prioritization.placing import Stored
from prioritization.scoring import Row


@dataclass(frozen=True)
class Loaded:
    """Ranked items in order of their id, with all that ties and values them."""

    rows: list[Row]
    stored: dict[int, Stored]
    factors: Mapping[int, Mapping[str, int]]
    edges: list[tuple[int, int]]
    closed: list[Row]
    """Items that were asked for and have no place any more."""
    overrides: Overrides = field(default_factory=Overrides)
    """What people decided over the order, and has not ended; lists are named as by `list_of`."""


class TooManyError(Exception):
    """More items are tied together than the caller can rank now."""


_RANKED = tuple(str(status) for status in RANKED)
_COLUMNS = """
    SELECT i.id, i.key, i.kind, i.status, i.is_dormant, i.team_id, i.train_id, i.parent_id, (i.job_size * 1000)::bigint, i.demand,
           i.goal_id, i.urgency, i.due_on - DATE '1970-01-01', i.urgency_days, (i.created_at AT TIME ZONE 'UTC')::date - DATE '1970-01-01',
           p.band, p.value, p.component, p.position, (p.cost_of_delay * 1000)::bigint, p.is_assumed, p.is_size_assumed, p.reason,
           p.reason_item_id, p.ranked_at IS NOT NULL, p.id"""
_FROM = "FROM backlog_item i LEFT JOIN backlog_placement p ON p.item_id = i.id WHERE"
_ROW, _STORED = slice(0, len(Row._fields)), slice(15, 24)
_IS_RANKED, _PLACEMENT, _EDGES_OUT, _FACTORS, _OVERRIDES = 24, 25, slice(26, 30), 30, 31
_OVERRIDE = "o.id, o.item_id, o.kind, o.anchor_id, o.team_id, o.expires_on::text, (o.multiplier * 1000)::int, o.held_value"
# Each row of the components with all that leads out of it, in one statement: a person waits for it.
# ARRAY(...) keeps the planner at the indexes, whatever it thinks of a component's size; OFFSET 0 keeps it at the items' own, where a
# table fresh from an import has no statistics and all of an organization seems to be one row.
_TIED = f"""
    {_COLUMNS},
        ARRAY(SELECT blocker_id FROM backlog_dependency WHERE blocked_id = i.id AND kind = 'blocks'),
        ARRAY(SELECT blocked_id FROM backlog_dependency WHERE blocker_id = i.id AND kind = 'blocks'),
        ARRAY(SELECT id FROM backlog_item c WHERE c.parent_id = i.id AND c.status = ANY(%(ranked)s)),
        ARRAY(SELECT item_id FROM prioritization_override WHERE anchor_id = i.id AND ended_at IS NULL),
        (SELECT json_object_agg(name, (value * 1000)::bigint) FROM prioritization_factor WHERE item_id = i.id)::text,
        (SELECT json_agg(json_build_array({_OVERRIDE})) FROM prioritization_override o WHERE o.item_id = i.id AND o.ended_at IS NULL)::text
    FROM unnest(ARRAY(
        SELECT unnest(%(ids)s::bigint[])
        UNION SELECT item_id FROM backlog_placement
            WHERE organization_id = %(organization)s
                AND component = ANY(ARRAY(SELECT component FROM backlog_placement WHERE item_id = ANY(%(ids)s)))
        LIMIT %(limit)s
    )) AS tied (id)
    CROSS JOIN LATERAL (SELECT * FROM backlog_item WHERE id = tied.id OFFSET 0) i
    LEFT JOIN backlog_placement p ON p.item_id = i.id
    WHERE i.organization_id = %(organization)s
"""  # noqa: S608, own words only
_OVERRIDES_OF = f"SELECT {_OVERRIDE} FROM prioritization_override o WHERE o.organization_id = %s AND o.ended_at IS NULL"  # noqa: S608
_NO_LIMIT = 10**9
_HOPS = 2  # of a walk along the edges, a statement each; what is still missing then is found by one that walks to the end
_REACHED = """
    WITH RECURSIVE reached (id) AS (
        SELECT unnest(%(ids)s::bigint[])
        UNION
        SELECT linked.id FROM reached
            JOIN backlog_item i ON i.id = reached.id AND i.organization_id = %(organization)s AND i.status = ANY(%(ranked)s)
            CROSS JOIN LATERAL (
                SELECT blocker_id AS id FROM backlog_dependency WHERE blocked_id = i.id AND kind = 'blocks'
                UNION ALL SELECT blocked_id FROM backlog_dependency WHERE blocker_id = i.id AND kind = 'blocks'
                UNION ALL SELECT c.id FROM backlog_item c WHERE c.parent_id = i.id AND c.status = ANY(%(ranked)s)
                UNION ALL SELECT i.parent_id WHERE i.parent_id IS NOT NULL
            ) linked
    )
    SELECT id FROM reached LIMIT %(limit)s
"""


def load_organization(organization_id: int) -> Loaded:
    """Every ranked item of the organization."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_COLUMNS} {_FROM} i.organization_id = %s AND i.status = ANY(%s) ORDER BY i.id", [organization_id, list(_RANKED)])
        rows, stored, _ = _split(cursor.fetchall())
        cursor.execute(
            "SELECT blocker_id, blocked_id FROM backlog_dependency WHERE organization_id = %s AND kind = 'blocks'", [organization_id]
        )
        edges = cursor.fetchall()
        cursor.execute(
            "SELECT item_id, name, (value * 1000)::bigint FROM prioritization_factor WHERE organization_id = %s", [organization_id]
        )
        factors = _by_item(cursor.fetchall())
        cursor.execute(_OVERRIDES_OF, [organization_id])
        overrides = _to_overrides(cursor.fetchall(), rows)
    return Loaded(rows, stored, factors, edges, [], overrides)


def load_tied(organization_id: int, item_ids: Iterable[int], *, at_most: int = _NO_LIMIT) -> Loaded:
    """The items with everything tied to them now or when they were last ranked, whole components each.

    The component kept in the placements saves walking the graph; what it misses is found by the edges that lead out. A handful of
    statements, however much is tied. Raises TooManyError beyond `at_most`.
    """
    given = set(item_ids)
    found: dict[int, tuple[Any, ...]] = {}
    edges: set[tuple[int, int]] = set()
    overrides: list[Any] = []
    missing = given
    hops = 0
    with connection.cursor() as cursor:
        while missing:
            room = at_most - len(found)
            asking: dict[str, Any] = {"organization": organization_id, "ranked": list(_RANKED), "limit": min(room + 1, _NO_LIMIT)}
            if hops == _HOPS:  # a long chain that was never ranked
                cursor.execute(_REACHED, {**asking, "ids": list(missing), "limit": min(at_most + 1, _NO_LIMIT)})
                missing = {pk for (pk,) in cursor.fetchall()} - found.keys()
            hops += 1
            cursor.execute(_TIED, {**asking, "ids": list(missing)})
            fresh = cursor.fetchall()
            if len(fresh) > room:
                raise TooManyError
            asked = missing | found.keys()
            outside: set[int] = set()
            for record in fresh:
                found[record[0]] = record
                blockers, blocked, children, kept_above = record[_EDGES_OUT]
                made = json.loads(record[_OVERRIDES]) if record[_OVERRIDES] else ()
                is_ranked = record[3] in _RANKED
                if is_ranked:
                    edges.update((blocker, record[0]) for blocker in blockers)
                    edges.update((record[0], other) for other in blocked)
                if is_ranked or record[0] in given:  # what just closed still tells whom it tied
                    outside.update(blockers, blocked, children, kept_above, () if record[7] is None else (record[7],))
                    outside.update(anchor for _, _, _, anchor, *_ in made if anchor is not None)
                if is_ranked:
                    overrides.extend(made)
            missing = outside - found.keys() - asked
    rows, stored, closed = _split(sorted(found.values(), key=itemgetter(0)))
    factors = {row.id: json.loads(scores) for row in rows if (scores := found[row.id][_FACTORS]) is not None}
    return Loaded(rows, stored, factors, sorted(edges), closed, _to_overrides(overrides, rows))


def list_of(row: Row) -> int:
    """A name for the list in which the item stands: positive for teams, negative for trains."""
    return row.team if row.team is not None else -(row.train or 0)


def _to_overrides(found: Sequence[Sequence[Any]], rows: Iterable[Row]) -> Overrides:
    """Those of ranked items, for the engine."""
    if not found:
        return Overrides()
    ranked = {row.id for row in rows}
    pins: dict[ItemId, ItemId | None] = {}
    above: list[Edge] = []
    on_hold: dict[ItemId, str] = {}
    boosts: dict[ItemId, int] = {}
    frozen: dict[ItemId, float] = {}
    for _, item, kind, anchor, team, until, multiplier, held_value in sorted(found, key=itemgetter(0)):
        if item not in ranked:
            continue
        if kind == "pin":
            pins[item] = team  # of a train: every list
        elif kind == "keep_above":
            above.append((item, anchor))
        elif kind == "not_before":
            on_hold[item] = until
        elif kind == "boost":
            boosts[item] = multiplier
        else:
            frozen[item] = held_value
    return Overrides(pins, above, on_hold, boosts, frozen)


def _split(found: Iterable[tuple[Any, ...]]) -> tuple[list[Row], dict[int, Stored], list[Row]]:
    rows, stored, closed = [], {}, []
    for record in found:
        row = Row._make(record[_ROW])
        if row.status not in _RANKED:
            closed.append(row)
            continue
        rows.append(row)
        if record[_PLACEMENT] is not None:
            stored[row.id] = Stored(record[_STORED], record[_IS_RANKED])
    return rows, stored, closed


def _by_item(found: Iterable[tuple[int, str, int]]) -> dict[int, dict[str, int]]:
    factors: dict[int, dict[str, int]] = {}
    for item, name, value in found:
        factors.setdefault(item, {})[name] = value
    return factors
