"""Writing places: only rows that change, in one statement."""

from collections.abc import Mapping, Sequence

from activity.statements import array, write
from prioritization.placing import Place, Stored

_UPDATE = """
    UPDATE backlog_placement p
    SET band = n.band, value = n.value, component = n.component, position = n.position,
        cost_of_delay = n.cost / 1000.0, is_assumed = n.is_assumed, is_size_assumed = n.is_size_assumed,
        reason = n.reason, reason_item_id = n.reason_item, run = %s, ranked_at = statement_timestamp()
    FROM unnest(%s::bigint[], %s::smallint[], %s::float8[], %s::bigint[], %s::int[], %s::bigint[], %s::bool[], %s::bool[], %s::text[], %s::bigint[])
        AS n(item, band, value, component, position, cost, is_assumed, is_size_assumed, reason, reason_item)
    WHERE p.item_id = n.item AND p.organization_id = %s
        AND (p.band, p.value, p.component, p.position, p.cost_of_delay, p.is_assumed, p.is_size_assumed, p.reason, p.reason_item_id,
             p.ranked_at IS NULL)
            IS DISTINCT FROM
            (n.band, n.value, n.component, n.position, n.cost / 1000.0, n.is_assumed, n.is_size_assumed, n.reason, n.reason_item, false)
    RETURNING 1
"""
_INSERT = """
    INSERT INTO backlog_placement (organization_id, item_id, band, value, component, position, cost_of_delay, is_assumed, is_size_assumed,
                                   reason, reason_item_id, run, ranked_at, team_id, train_id)
    SELECT %s, n.item, n.band, n.value, n.component, n.position, n.cost / 1000.0, n.is_assumed, n.is_size_assumed,
           n.reason, n.reason_item, %s, statement_timestamp(), i.team_id, i.train_id
    FROM unnest(%s::bigint[], %s::smallint[], %s::float8[], %s::bigint[], %s::int[], %s::bigint[], %s::bool[], %s::bool[], %s::text[], %s::bigint[])
        AS n(item, band, value, component, position, cost, is_assumed, is_size_assumed, reason, reason_item)
    JOIN backlog_item i ON i.id = n.item
    ON CONFLICT (item_id) DO NOTHING
    RETURNING 1
"""


def write_places(organization_id: int, places: Sequence[Place], stored: Mapping[int, Stored], *, run_id: int) -> str:
    """Bring the stored places to these, and add those that items lack.

    Returns an expression that counts the rows which changed, for what is written after it in the same `as_one`.
    """
    counted = ["0"]
    known = [place for place in places if place.item in stored]
    missing = [place for place in places if place.item not in stored]
    if known:
        write(_UPDATE, [run_id, *_columns(known), organization_id], name="placed")
        counted.append("(SELECT count(*) FROM placed)")
    if missing:
        write(_INSERT, [organization_id, run_id, *_columns(missing)], name="added")
        counted.append("(SELECT count(*) FROM added)")
    return " + ".join(counted)


def _columns(places: Sequence[Place]) -> list[str]:
    return [array(column) for column in zip(*places, strict=True)]
