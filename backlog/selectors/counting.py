"""How many items a list holds."""

from typing import Any

from backlog.selectors.filters import ItemFilters
from backlog.selectors.narrowing import Home, column_of, fetch, narrow_count, narrow_list

CAP = 10_000


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
