"""What ranking reads: items, factors, edges and overrides as plain tuples, of a whole organization or of what is tied to some items."""

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import Any

from django.db import connection

from activity.statements import array, execute
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

    def only(self, items: Collection[int]) -> "Loaded":
        """What concerns these items alone."""
        given, kept = self.overrides, set(items)
        overrides = Overrides(
            {pk: home for pk, home in given.pins.items() if pk in kept},
            [pair for pair in given.above if kept.issuperset(pair)],
            {pk: day for pk, day in given.on_hold.items() if pk in kept},
            {pk: times for pk, times in given.boosts.items() if pk in kept},
            {pk: value for pk, value in given.frozen.items() if pk in kept},
            {(pk, kind): day for (pk, kind), day in given.ends.items() if pk in kept},
        )
        rows = [row for row in self.rows if row.id in kept]
        edges = [edge for edge in self.edges if kept.issuperset(edge)]
        return replace(self, rows=rows, stored={pk: self.stored[pk] for pk in kept if pk in self.stored}, edges=edges, overrides=overrides)


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
_IS_RANKED, _PLACEMENT, _EDGES_OUT, _FACTORS, _OVERRIDES, _COUNT, _BESIDE = 24, 25, slice(26, 30), 30, 31, 32, 33
_OVERRIDE = "o.id, o.item_id, o.kind, o.anchor_id, o.team_id, o.expires_on::text, (o.multiplier * 1000)::int, o.held_value"
# Each row of the components with all that leads out of it, in one statement: a person waits for it. What is asked `beside` comes with the first.
# Where there are too many, only one of them is read: whoever asked leaves them to others.
# ARRAY(...) keeps the planner at the indexes, whatever it thinks of a component's size; OFFSET 0 keeps it at the items' own, where a
# table fresh from an import has no statistics and all of an organization seems to be one row.
_TIED = f"""
    WITH reached (ids) AS MATERIALIZED (SELECT ARRAY(
        SELECT unnest(%(ids)s::bigint[])
        UNION
        (SELECT item_id FROM backlog_placement
            WHERE organization_id = %(organization)s
                AND component = ANY(ARRAY(SELECT component FROM backlog_placement WHERE item_id = ANY(%(ids)s::bigint[])))
            LIMIT %(limit)s)
    )),
    tied (ids, count) AS MATERIALIZED (
        SELECT CASE WHEN cardinality(ids) < %(limit)s THEN ids ELSE ids[1:1] END, cardinality(ids) FROM reached
    ){{homes}}
    {_COLUMNS},
        ARRAY(SELECT blocker_id FROM backlog_dependency WHERE blocked_id = i.id AND kind = 'blocks'),
        ARRAY(SELECT blocked_id FROM backlog_dependency WHERE blocker_id = i.id AND kind = 'blocks'),
        ARRAY(SELECT id FROM backlog_item c WHERE c.parent_id = i.id AND c.status = ANY(%(ranked)s::text[])),
        ARRAY(SELECT item_id FROM prioritization_override WHERE anchor_id = i.id AND ended_at IS NULL),
        (SELECT json_object_agg(name, (value * 1000)::bigint) FROM prioritization_factor WHERE item_id = i.id)::text,
        (SELECT json_agg(json_build_array({_OVERRIDE})) FROM prioritization_override o WHERE o.item_id = i.id AND o.ended_at IS NULL)::text,
        (SELECT count FROM tied)
        {{beside}}
    FROM unnest((SELECT ids FROM tied)) WITH ORDINALITY AS each (id, at)
    CROSS JOIN LATERAL (SELECT * FROM backlog_item WHERE id = each.id OFFSET 0) i
    LEFT JOIN backlog_placement p ON p.item_id = i.id
    WHERE i.organization_id = %(organization)s
"""  # noqa: S608, own words only
_HOMES = """,
    homes (teams, trains) AS MATERIALIZED (
        SELECT array_agg(team_id), array_agg(train_id) FROM backlog_item WHERE id = ANY((SELECT ids FROM tied)::bigint[])
    )
"""
_ALONE = _TIED.format(homes="", beside="")
_OVERRIDES_OF = f"SELECT {_OVERRIDE} FROM prioritization_override o WHERE o.organization_id = %s AND o.ended_at IS NULL"  # noqa: S608
_NO_LIMIT = 10**9
_HOPS = 2  # of a walk along the edges, a statement each; what is still missing then is found by one that walks to the end
_REACHED = """
    WITH RECURSIVE reached (id) AS (
        SELECT unnest(%(ids)s::bigint[])
        UNION
        SELECT linked.id FROM reached
            JOIN backlog_item i ON i.id = reached.id AND i.organization_id = %(organization)s AND i.status = ANY(%(ranked)s::text[])
            CROSS JOIN LATERAL (
                SELECT blocker_id AS id FROM backlog_dependency WHERE blocked_id = i.id AND kind = 'blocks'
                UNION ALL SELECT blocked_id FROM backlog_dependency WHERE blocker_id = i.id AND kind = 'blocks'
                UNION ALL SELECT c.id FROM backlog_item c WHERE c.parent_id = i.id AND c.status = ANY(%(ranked)s::text[])
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
    walk = _Walk(organization_id, set(item_ids), at_most)
    while walk.missing:
        walk.step(_ALONE)
    return walk.loaded()


_SPACED = re.compile(r" ?([(),=*<>|-]) ?")
_SHORT = {"organization": "o", "ids": "i", "ranked": "r", "limit": "l"}


def reading_beside(*values: str) -> str:
    """A statement for `load_beside` that reads these values; each may ask for the `teams` and `trains` of `homes`, those of the items.

    The first is never null.
    """
    sql = _TIED.format(homes=_HOMES, beside="".join(f", CASE WHEN each.at = 1 THEN ({value}) END" for value in values))
    for name, short in _SHORT.items():
        sql = sql.replace(f"%({name})s", f"%({short})s")
    return _SPACED.sub(r"\1", " ".join(sql.split()))  # the driver reads a statement of more than 4 KB anew each time


def load_beside(sql: str, organization_id: int, item_ids: Iterable[int], *, at_most: int) -> tuple[Loaded, Sequence[Any], bool]:
    """As `load_tied`, with the values that a statement of `reading_beside` read with it (none where there are no such items), and whether
    that one statement found everything."""
    walk = _Walk(organization_id, set(item_ids), at_most)
    fresh = walk.step(sql)
    beside = next((record[_BESIDE:] for record in fresh if record[_BESIDE] is not None), ())
    is_all = not walk.missing
    while walk.missing:
        walk.step(_ALONE)
    return walk.loaded(), beside, is_all


@dataclass
class _Walk:
    """From some items along the edges to all that is tied to them."""

    organization_id: int
    given: set[int]
    at_most: int
    found: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    edges: set[tuple[int, int]] = field(default_factory=set)
    overrides: list[Any] = field(default_factory=list)
    missing: set[int] = field(init=False)
    hops: int = 0

    def __post_init__(self) -> None:
        self.missing = self.given

    def step(self, sql: str) -> list[tuple[Any, ...]]:
        """Read what is missing, and find what is missing then."""
        room = self.at_most - len(self.found)
        asking: dict[str, Any] = {
            "organization": self.organization_id,
            "ranked": array(_RANKED),
            "limit": min(room + 1, _NO_LIMIT),
        }
        if self.hops == _HOPS:  # a long chain that was never ranked
            reached = execute(_REACHED, {**asking, "ids": array(self.missing), "limit": min(self.at_most + 1, _NO_LIMIT)})
            self.missing = {pk for (pk,) in reached} - self.found.keys()
        self.hops += 1
        asking["ids"] = array(self.missing)
        if sql is not _ALONE:
            asking = {_SHORT[name]: value for name, value in asking.items()}
        fresh = execute(sql, asking)
        if fresh and fresh[0][_COUNT] > room:
            raise TooManyError
        asked = self.missing | self.found.keys()
        self.missing = self._outside(fresh) - self.found.keys() - asked
        return fresh

    def _outside(self, fresh: list[tuple[Any, ...]]) -> set[int]:
        """Keep what was read; return where its edges lead."""
        outside: set[int] = set()
        for record in fresh:
            self.found[record[0]] = record
            blockers, blocked, children, kept_above = record[_EDGES_OUT]
            made = json.loads(record[_OVERRIDES]) if record[_OVERRIDES] else ()
            is_ranked = record[3] in _RANKED
            if is_ranked:
                self.edges.update((blocker, record[0]) for blocker in blockers)
                self.edges.update((record[0], other) for other in blocked)
            if is_ranked or record[0] in self.given:  # what just closed still tells whom it tied
                outside.update(blockers, blocked, children, kept_above, () if record[7] is None else (record[7],))
                outside.update(anchor for _, _, _, anchor, *_ in made if anchor is not None)
            if is_ranked:
                self.overrides.extend(made)
        return outside

    def loaded(self) -> Loaded:
        rows, stored, closed = _split(sorted(self.found.values(), key=itemgetter(0)))
        factors = {row.id: json.loads(scores) for row in rows if (scores := self.found[row.id][_FACTORS]) is not None}
        return Loaded(rows, stored, factors, sorted(self.edges), closed, _to_overrides(self.overrides, rows))


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
    ends: dict[tuple[ItemId, str], str] = {}
    for _, item, kind, anchor, team, until, multiplier, held_value in sorted(found, key=itemgetter(0)):
        if item not in ranked:
            continue
        ends[item, kind] = min(until, ends.get((item, kind), until))  # of several pairs the one that ends first
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
    return Overrides(pins, above, on_hold, boosts, frozen, ends)


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
