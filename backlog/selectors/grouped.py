"""The list of a team or a train in groups: those whose best item stands higher come first, and within each the order of the list."""

import json
from collections.abc import Iterable, Mapping
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
from backlog.selectors.filters import NO_PARENT, Group, ItemFilters
from backlog.selectors.goals import NO_GOAL
from backlog.selectors.narrowing import Home, column_of, fetch, narrow_list
from backlog.selectors.paging import ListPage, hidden_of, topic_of
from backlog.selectors.ranked import Line, line_of, row_of

SHOWN, MORE = 5, 50
"""How many items of a group are shown at first, and how many more come at a time."""
NONE = "none"
"""The ref of the group of what belongs to none. That of any other is what it is narrowed by: a key, a goal's number, a channel, a kind."""
BESIDE = "~"
"""Before an item's key: the ref of the group in which that stands, where the group's own name is hidden from the reader."""
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
_ABOUT = """
SELECT (SELECT version FROM activity_topic WHERE organization_id = %(organization)s AND key = %(topic)s),
       (SELECT mode FROM backlog_listmode WHERE {home} = %(home)s AND mode <> 'computed')
"""
_COMPUTED = "p.band, p.falling, p.component, p.position"
_BY_HAND = f"p.manual_key, {_COMPUTED}"  # what came since has no key and stands last
# The numbers are those of the whole list, whatever the filter hides.
_PLACED = """
WITH placed AS MATERIALIZED (
  SELECT p.id, p.item_id, p.place, {name} AS name, {label} AS label, {team} AS of_team, i.key, i.job_size,
         row_number() OVER (PARTITION BY {name} ORDER BY p.place) AS step
  FROM (
    SELECT p.*, row_number() OVER (ORDER BY {order}) AS place FROM backlog_placement p WHERE p.{home} = %(home)s
  ) AS p
  JOIN backlog_item i ON i.id = p.item_id
  LEFT JOIN backlog_item up ON up.id = i.parent_id
  {joined}
  WHERE true {narrowed}
)"""
_LINES = """placed.place, placed.step,
       p.band, p.falling, p.component, p.position, p.cost_of_delay, p.reason,
       i.id, i.key, i.kind, i.title, i.job_size, i.status, up.key, up.title, up.team_id,
       other.key, other.team_id, p.is_assumed::int + p.is_size_assumed::int"""
_JOINS = """JOIN backlog_placement p ON p.id = placed.id
JOIN backlog_item i ON i.id = p.item_id
LEFT JOIN backlog_item up ON up.id = i.parent_id
LEFT JOIN backlog_item other ON other.id = p.reason_item_id"""
_GROUPS_SQL = f"""{_PLACED}, counted AS (
  SELECT name, min(place) AS best, count(*) AS items, sum(job_size) AS points, count(*) FILTER (WHERE job_size IS NULL) AS unsized
  FROM placed GROUP BY name HAVING min(place) > %(after)s ORDER BY 2 LIMIT %(groups)s
)
SELECT c.name, placed.label, placed.of_team, c.best, c.items, c.points, c.unsized, {_LINES}
FROM counted c
JOIN placed ON placed.name IS NOT DISTINCT FROM c.name
           AND placed.step <= greatest(%(usual)s, (%(wide)s::jsonb ->> coalesce(c.name, '{NONE}'))::int)
{_JOINS}
ORDER BY c.best, placed.place
"""  # noqa: S608, own words only
# Behind the item that stood last, wherever it stands by now; behind as many as there were where it has left the group.
_GROUP_SQL = f"""{_PLACED}, of_group AS (SELECT * FROM placed WHERE name IS NOT DISTINCT FROM %(name)s::text)
SELECT placed.name, placed.label, placed.of_team, 0, (SELECT count(*) FROM of_group), NULL, 0, {_LINES}
FROM of_group placed
{_JOINS}
WHERE placed.step > coalesce((SELECT step FROM of_group WHERE key = %(after)s), %(count)s)
ORDER BY placed.step LIMIT %(limit)s
"""  # noqa: S608, own words only
_BESIDE_SQL = """
SELECT i.key, up.key FROM backlog_item i JOIN backlog_item up ON up.id = i.parent_id
WHERE i.organization_id = %(organization)s AND i.{home} = %(home)s AND i.key = ANY(%(keys)s)
"""


class _Head(NamedTuple):
    """What a row of a statement says of its group, and the row's place in the list and in the group."""

    name: str | None
    label: str | None
    team: int | None
    best: int
    items: int
    points: Decimal | None
    unsized: int
    place: int
    step: int


class Mark(NamedTuple):
    """Where the next rows of a group begin: behind the item `key`, which was the `number`th of it then."""

    number: int = 0
    key: str = ""


FIRST = Mark()
_Rows = list[tuple[_Head, Line]]


def list_grouped_items(
    *,
    home: Home,
    access: Access,
    filters: ItemFilters,
    layout: Layout,
    after: int = 0,
    rows: int = 0,
    shown: Mapping[str, int] | None = None,
) -> ListPage:
    """Groups behind the one whose best item has the number `after`, until a page of items is shown, each with its first items: SHOWN of them, or
    as many as `shown` says by the group's ref; with 0 it is closed.

    A heading has a `ref`, and a `narrow`: what to change of the filters to see the whole group, where an address can say that. Where more of a
    group follows, a `rest` stands behind its rows. Four statements, however many groups; one more where `shown` names one that is hidden.
    """
    shown = shown or {}
    page, params, statement = _begin(home, filters, layout, _GROUPS_SQL)
    names = _names_beside(home, shown)
    wide = {names.get(ref, ref): count for ref, count in shown.items()}
    found = fetch(statement, {**params, "after": after, "groups": _MOST_GROUPS, "usual": SHOWN, "wide": json.dumps(wide)})
    groups = [_parted(rows) for _, rows in groupby(found, key=lambda row: row[3])]
    hidden = _hidden(home, access, (each for group in groups for each in group))
    page.is_first = not after
    ids: dict[str, int] = {}
    for number, group in enumerate(groups):
        if len(ids) >= max(filters.rows, rows):
            page.next = str(groups[number - 1][0][0].best)
            break
        head, ref = group[0][0], _ref(group, filters.group, hidden)
        kept = group[: shown.get(ref, SHOWN)]
        page.rows.append(_heading(head, ref, filters.group, is_hidden=head.team in hidden, is_open=bool(kept)))
        _print(page, ref, kept, hidden, ids)
    if not page.next and len(groups) == _MOST_GROUPS:
        page.next = str(groups[-1][0][0].best)
    add_extras(page, ids)
    return page


def list_group(
    *, home: Home, access: Access, filters: ItemFilters, layout: Layout, ref: str, after: Mark = FIRST, limit: int = SHOWN
) -> ListPage:
    """The next rows of one group of `list_grouped_items`, and a `rest` where still more follow; nothing where the reader knows no such group."""
    page, params, statement = _begin(home, filters, layout, _GROUP_SQL)
    name = None if ref == NONE else _names_beside(home, [ref]).get(ref, ref)
    found = _parted(fetch(statement, {**params, "name": name, "after": after.key, "count": after.number, "limit": limit}))
    hidden = _hidden(home, access, found)
    if found and found[0][0].team in hidden and not ref.startswith(BESIDE):
        return page  # who guesses the key of what is hidden learns nothing
    ids: dict[str, int] = {}
    _print(page, ref, found, hidden, ids)
    add_extras(page, ids)
    return page


def _begin(home: Home, filters: ItemFilters, layout: Layout, statement: str) -> tuple[ListPage, dict[str, Any], str]:
    """An empty page, and a statement of this module with what it takes."""
    column = column_of(home)
    params: dict[str, Any] = {"organization": home.organization_id, "topic": topic_of(home), "home": home.pk}
    # before the rows, so that what is shown is never older than the version beside it
    ((version, mode),) = fetch(_ABOUT.format(home=column), params)
    narrowed = narrow_list(home, filters, params)
    name, label, team, joined = _BY[Group(filters.group)]
    order = _BY_HAND if mode else _COMPUTED
    page = ListPage(version=version or 0, layout=layout, is_close=narrowed.is_close)
    return (
        page,
        params,
        statement.format(home=column, name=name, label=label, team=team, joined=joined, order=order, narrowed=narrowed.on("i.id")),
    )


def _names_beside(home: Home, refs: Iterable[str]) -> dict[str, str]:
    """The names of the groups that are known by an item in them. A query only where there are such."""
    keys = [ref.removeprefix(BESIDE) for ref in refs if ref.startswith(BESIDE)]
    if not keys:
        return {}
    params = {"organization": home.organization_id, "home": home.pk, "keys": keys}
    return {f"{BESIDE}{key}": name for key, name in fetch(_BESIDE_SQL.format(home=column_of(home)), params)}


def _parted(rows: Iterable[tuple[Any, ...]]) -> _Rows:
    """The rows of a statement as what each says of its group, and its line."""
    width = len(_Head._fields)
    return [(_Head._make(row[:width]), line_of(row[width:])) for row in rows]


def _hidden(home: Home, access: Access, rows: Iterable[tuple[_Head, Line]]) -> frozenset[int]:
    return hidden_of(home, access, {team for _, line in rows for team in (line.up_team, line.other_team)})


def _ref(group: _Rows, by: str, hidden: frozenset[int]) -> str:
    head, line = group[0]
    return f"{BESIDE}{line.key}" if head.team in hidden else head.name or NONE


def _print(page: ListPage, ref: str, rows: _Rows, hidden: frozenset[int], ids: dict[str, int]) -> None:
    """Put rows of a group on the page, and how many of it follow."""
    for head, line in rows:
        page.rows.append({**row_of(line, hidden), "rank": f"{head.place:,}", "block": ""})
        ids[line.key] = line.id
    if rows and (left := rows[-1][0].items - rows[-1][0].step):
        page.rows.append({"rest": ref, "next": min(left, MORE), "left": left, "after": Mark(rows[-1][0].step, rows[-1][1].key)})


def _heading(head: _Head, ref: str, group: str, *, is_hidden: bool, is_open: bool) -> dict[str, Any]:
    """The heading of a group: its name, how much it holds, and what its own list is narrowed to."""
    points = f" · {short(head.points)} points" if head.points else ""
    unsized = f", {head.unsized:,} without" if head.unsized and head.points else ""
    name, narrow = _named(head, group)
    if is_hidden:
        name, narrow = RESTRICTED, {}
    words = f"{counted(head.items, most=CAP)} item{'' if head.items == 1 else 's'}{points}{unsized}"
    return {"tier": name, "words": words, "narrow": narrow, "load": "All of it", "ref": ref, "is_open": is_open}


def _named(head: _Head, group: str) -> tuple[str, dict[str, str]]:
    name, label = head.name, head.label or ""
    if group == Group.EPIC:
        return (label, {"parent": name}) if name else ("Part of nothing", {"parent": NO_PARENT})
    if group == Group.GOAL:
        return (label, {"goal": name}) if name else ("Without a goal", {"goal": NO_GOAL})
    if group == Group.CHANNEL:
        return Channel(label).label, {"channel": label}
    return Kind(label).label, {"kind": label}
