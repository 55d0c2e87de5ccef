"""How many items a list holds."""

from typing import Any, NamedTuple

from backlog.selectors.filters import ItemFilters
from backlog.selectors.narrowing import Home, column_of, fetch, narrow_count, narrow_list

CAP = 10_000


_TIERS_SQL = """
WITH until AS (SELECT band, falling, component, position FROM backlog_cut WHERE {home} = %(home)s AND tier = 'next')
SELECT (SELECT count(*) FROM backlog_placement WHERE {home} = %(home)s AND band = 0),
       (SELECT count(*) FROM (SELECT 1 FROM backlog_placement p, until u WHERE p.{home} = %(home)s AND p.band IN (1, 2)
          AND (p.band, p.falling, p.component, p.position) <= (u.band, u.falling, u.component, u.position) LIMIT %(most)s) AS next),
       (SELECT count(*) FROM (SELECT 1 FROM backlog_placement p WHERE p.{home} = %(home)s AND p.band IN (1, 2) LIMIT %(most)s) AS ordered),
       (SELECT count(*) FROM (SELECT 1 FROM backlog_placement WHERE {home} = %(home)s AND band = 3 LIMIT %(most)s) AS hold),
       (SELECT count(*) FROM (SELECT 1 FROM backlog_placement WHERE {home} = %(home)s AND band = 4 LIMIT %(most)s) AS unscored),
       (SELECT count(*) FROM (SELECT 1 FROM backlog_placement WHERE {home} = %(home)s AND band = 5 LIMIT %(most)s) AS dormant),
       (SELECT mode FROM backlog_listmode WHERE {home} = %(home)s AND mode <> 'computed')
"""


class TierCounts(NamedTuple):
    """How many items stand in each tier of a computed order; each stops counting behind CAP. `mode` says how, where the order is by hand."""

    now: int
    next: int
    later: int
    hold: int
    unscored: int
    dormant: int
    mode: str | None

    @property
    def total(self) -> int:
        return sum(self[:-1])


def count_tiers(home: Home) -> TierCounts:
    """One statement, along the list's index."""
    params = {"home": home.pk, "most": CAP + 1}
    now, following, ordered, *others = fetch(_TIERS_SQL.format(home=column_of(home)), params)[0]
    later = ordered if ordered > CAP else ordered - following
    return TierCounts(now, following, later, *others)


def count_items(*, home: Home, filters: ItemFilters) -> int:
    """How many items the filters leave; stops counting behind CAP."""
    params: dict[str, Any] = {"home": home.pk, "organization": home.organization_id, "limit": CAP + 1}
    if not filters:
        return _count(f"backlog_placement p WHERE p.{column_of(home)} = %(home)s", params)
    if filters.is_ranked:
        source = f"backlog_placement p JOIN backlog_item i ON i.id = p.item_id WHERE p.{column_of(home)} = %(home)s"
    else:
        source = f"backlog_item i WHERE i.{column_of(home)} = %(home)s"
    counted = _count(f"{source} {narrow_count(home, filters, params)}", params)
    if counted or not filters.q:
        return counted
    return _count(f"{source} {narrow_list(home, filters, params).on('i.id')}", params)  # what comes close is listed, so it counts


def _count(source: str, params: dict[str, Any]) -> int:
    return int(fetch(f"SELECT count(*) FROM (SELECT 1 FROM {source} LIMIT %(limit)s) AS counted", params)[0][0])  # noqa: S608, own words only
