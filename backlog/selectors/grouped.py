"""The list of a team or a train in groups: those whose best item stands higher come first, and within each the order of the list."""

from decimal import Decimal
from itertools import groupby
from typing import Any, NamedTuple

from accounts.permissions import Access
from backlog.columns import Layout
from backlog.kinds import Kind
from backlog.models.item import Channel
from backlog.numbers import counted, short
from backlog.reasons import RESTRICTED
from backlog.selectors.counting import CAP
from backlog.selectors.extras import add_extras
from backlog.selectors.filters import Group, ItemFilters, Need
from backlog.selectors.goals import NO_GOAL
from backlog.selectors.narrowing import Home, column_of, fetch, narrow_list
from backlog.selectors.paging import ListPage, hidden_of, topic_of
from backlog.selectors.ranked import Line, line_of, row_of

SHOWN = 5
"""How many items of a group are shown; the rest is its own narrowed list."""
_MOST_GROUPS = 200  # read at once

_BY = {
    Group.EPIC: ("up.key", "up.title", "up.team_id", ""),
    Group.GOAL: (
        "goal.number::text",
        "goal.name",
        "NULL::bigint",
        """LEFT JOIN backlog_item above ON above.id = up.parent_id
           LEFT JOIN backlog_goal goal ON goal.id = coalesce(i.goal_id, up.goal_id, above.goal_id)""",
    ),
    Group.CHANNEL: ("i.channel", "i.channel", "NULL::bigint", ""),
    Group.KIND: ("i.kind", "i.kind", "NULL::bigint", ""),
}
_VERSION = "SELECT version FROM activity_topic WHERE organization_id = %(organization)s AND key = %(topic)s"
# The numbers are those of the whole list, whatever the filter hides.
_GROUPS_SQL = """
WITH placed AS MATERIALIZED (
  SELECT p.id, p.item_id, p.place, {name} AS name, {label} AS label, {team} AS of_team, i.job_size,
         row_number() OVER (PARTITION BY {name} ORDER BY p.place) AS step
  FROM (
    SELECT p.*, row_number() OVER (ORDER BY p.band, p.falling, p.component, p.position) AS place
    FROM backlog_placement p WHERE p.{home} = %(home)s
  ) AS p
  JOIN backlog_item i ON i.id = p.item_id
  LEFT JOIN backlog_item up ON up.id = i.parent_id
  {joined}
  WHERE true {narrowed}
), counted AS (
  SELECT name, min(place) AS best, count(*) AS items, sum(job_size) AS points, count(*) FILTER (WHERE job_size IS NULL) AS unsized
  FROM placed GROUP BY name HAVING min(place) > %(after)s ORDER BY 2 LIMIT %(groups)s
)
SELECT c.name, placed.label, placed.of_team, c.best, c.items, c.points, c.unsized, placed.place,
       p.band, p.falling, p.component, p.position, p.cost_of_delay, p.reason,
       i.id, i.key, i.kind, i.title, i.job_size, i.status, up.key, up.title, up.team_id,
       other.key, other.team_id, p.is_assumed::int + p.is_size_assumed::int
FROM counted c
JOIN placed ON placed.name IS NOT DISTINCT FROM c.name AND placed.step <= %(shown)s
JOIN backlog_placement p ON p.id = placed.id
JOIN backlog_item i ON i.id = p.item_id
LEFT JOIN backlog_item up ON up.id = i.parent_id
LEFT JOIN backlog_item other ON other.id = p.reason_item_id
ORDER BY c.best, placed.place
"""


class _Head(NamedTuple):
    """What a row of the statement says of its group, and the row's place."""

    name: str | None
    label: str | None
    team: int | None
    best: int
    items: int
    points: Decimal | None
    unsized: int
    place: int


def list_grouped_items(*, home: Home, access: Access, filters: ItemFilters, layout: Layout, after: int = 0, rows: int = 0) -> ListPage:
    """Groups behind the one whose best item has the number `after`, until a page of items is shown, each with its first SHOWN items.

    A heading has a `narrow`: what to change of the filters to see the whole group. Four statements, however many groups.
    """
    params: dict[str, Any] = {"organization": home.organization_id, "topic": topic_of(home), "home": home.pk}
    version = fetch(_VERSION, params)  # before the rows, so that what is shown is never older than the version beside it
    narrowed = narrow_list(home, filters, params)
    name, label, team, joined = _BY[Group(filters.group)]
    statement = _GROUPS_SQL.format(home=column_of(home), name=name, label=label, team=team, joined=joined, narrowed=narrowed.on("i.id"))
    found = fetch(statement, {**params, "after": after, "groups": _MOST_GROUPS, "shown": SHOWN})
    groups = _apart(found)
    page = ListPage(version=version[0][0] if version else 0, is_first=not after, layout=layout, is_close=narrowed.is_close)
    teams = {team for _, lines in groups for _, line in lines for team in (line.up_team, line.other_team)}
    hidden = hidden_of(home, access, teams)
    ids: dict[str, int] = {}
    best = 0
    for head, lines in groups:
        if len(ids) >= max(filters.rows, rows):
            page.next = str(best)
            break
        page.rows.append(_heading(head, filters.group, is_hidden=head.team in hidden))
        for place, line in lines:
            page.rows.append({**row_of(line, hidden), "rank": f"{place:,}", "block": ""})
            ids[line.key] = line.id
        best = head.best
    add_extras(page, ids)
    return page


def _apart(found: list[tuple[Any, ...]]) -> list[tuple[_Head, list[tuple[int, Line]]]]:
    """The rows of the statement as groups: what is said of each, and its lines with their places."""
    width = len(_Head._fields)
    groups = []
    for _, each in groupby(found, key=lambda row: row[3]):
        rows = [(_Head._make(row[:width]), line_of(row[width:])) for row in each]
        groups.append((rows[0][0], [(head.place, line) for head, line in rows]))
    return groups


def _heading(head: _Head, group: str, *, is_hidden: bool) -> dict[str, Any]:
    """The heading of a group: its name, how much it holds, and what its own list is narrowed to."""
    points = f" · {short(head.points)} points" if head.points else ""
    unsized = f", {head.unsized:,} without" if head.unsized and head.points else ""
    name, narrow = _named(head, group)
    if is_hidden:
        name, narrow = RESTRICTED, {}
    return {"tier": name, "words": f"{counted(head.items, most=CAP)} items{points}{unsized}", "narrow": narrow, "load": "All of it"}


def _named(head: _Head, group: str) -> tuple[str, dict[str, str]]:
    name, label = head.name, head.label or ""
    if group == Group.EPIC:
        return (label, {"parent": name}) if name else ("Part of nothing", {"needs": Need.PARENT.value})
    if group == Group.GOAL:
        return (label, {"goal": name}) if name else ("Without a goal", {"goal": NO_GOAL})
    if group == Group.CHANNEL:
        return Channel(label).label, {"channel": label}
    return Kind(label).label, {"kind": label}
