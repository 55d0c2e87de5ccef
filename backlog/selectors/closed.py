"""Items of a team or a train that have no place in its order (done, removed, in triage): the newest first, page by page."""

from decimal import Decimal
from typing import Any, NamedTuple

from accounts.permissions import Access
from backlog.columns import read_layout
from backlog.kinds import KINDS, Kind
from backlog.models import Item
from backlog.models.item import Status
from backlog.numbers import short
from backlog.reasons import RESTRICTED
from backlog.selectors.extras import add_extras
from backlog.selectors.filters import BadFilterError, ItemFilters
from backlog.selectors.narrowing import Home, column_of, fetch, narrow_list
from backlog.selectors.paging import LAYOUT_SQL, Cursor, ListPage, Stretch, hidden_of, level_of, topic_of

_CLOSED_SQL = """
SELECT (SELECT version FROM activity_topic WHERE organization_id = %(organization)s AND key = %(topic)s), {layout}, closed.*
FROM (SELECT 1) AS one
LEFT JOIN LATERAL (
  SELECT i.id, i.key, i.kind, i.title, i.job_size, i.status, i.removed_reason, up.key AS up_key, up.title AS up_title, up.team_id AS up_team
  FROM backlog_item i
  LEFT JOIN backlog_item up ON up.id = i.parent_id
  WHERE i.{home} = %(home)s {narrowed}
  ORDER BY i.id DESC
  LIMIT %(limit)s
) AS closed ON TRUE
"""


class _Closed(NamedTuple):
    """A row of the statement above, from `i.id` on."""

    id: int
    key: str
    kind: str
    title: str
    size: Decimal | None
    status: str
    removed_reason: str
    up_key: str | None
    up_title: str | None
    up_team: int | None


def list_closed_items(*, home: Home, access: Access, filters: ItemFilters, stretch: Stretch) -> ListPage:
    """One page. One statement; one more each on a later page, with a goal, with a column that is not usual, and where a row names another team."""
    cursor, count = stretch.cursor, max(filters.rows, stretch.rows)
    params: dict[str, Any] = {
        "organization": home.organization_id,
        "topic": topic_of(home),
        "reader": access.user.pk,
        "level": level_of(home),
        "home": home.pk,
        "limit": count + 1,
    }
    narrowed = narrow_list(home, filters, params)
    condition = narrowed.on("i.id")
    if cursor.key:
        before = Item.objects.for_organization(home.organization_id).filter(key=cursor.key).values_list("id", flat=True).first()
        if before is None:
            raise BadFilterError("This page does not exist. Start at the top of the list.")
        condition += " AND i.id < %(before)s"
        params["before"] = before
    found = fetch(_CLOSED_SQL.format(home=column_of(home), layout=LAYOUT_SQL, narrowed=condition), params)
    lines = [_Closed._make(row[2:]) for row in found if row[2] is not None]
    page = ListPage(version=found[0][0] or 0, is_first=not cursor.key, is_close=narrowed.is_close)
    page.layout = filters.over(read_layout(found[0][1]))
    if len(lines) > count:
        lines.pop()
        page.next = str(Cursor(cursor.count + count, lines[-1].key))
    hidden = hidden_of(home, access, {line.up_team for line in lines})
    page.rows = [_closed_row(line, hidden) for line in lines]
    add_extras(page, {line.key: line.id for line in lines})
    return page


_CLOSED_ICONS = {Status.DONE: ("circle-check", "is-ready"), Status.REMOVED: ("archive-x", ""), Status.PROPOSED: ("inbox", "")}


def _closed_row(line: _Closed, hidden: frozenset[int]) -> dict[str, Any]:
    icon, tone = _CLOSED_ICONS[Status(line.status)]
    kind = Kind(line.kind)
    return {
        "key": line.key,
        "icon": KINDS[kind].icon,
        "kind": kind.label,
        "title": line.title,
        "up": RESTRICTED if line.up_team in hidden else line.up_title or "",
        "up_key": None if line.up_team in hidden else line.up_key,
        "size": short(line.size, places=3),
        "cost": "",
        "value": "",
        "rank": "",
        "block": "",
        "tone": tone,
        "reason_icon": icon,
        "reason": line.removed_reason or Status(line.status).label.lower(),
        "status": line.status,
    }
