"""The list of a team or a train in rank order, page by page, as rows that a template only has to print.

The page is one statement, written by hand: it walks an index from the place where the last page ended, and reads the version
of the list's topic and the tiers' ends in the same snapshot, so that what a page shows is never older than the version it names.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from accounts.models import Team
from accounts.permissions import Access
from backlog.columns import TAIL, read_layout
from backlog.kinds import KINDS, Kind
from backlog.models import Placement
from backlog.models.placement import Band
from backlog.numbers import UNKNOWN, density, ordinal, short
from backlog.reasons import RESTRICTED, Reason, reason_of
from backlog.selectors.closed import list_closed_items
from backlog.selectors.confidence import Standing, coin_flips
from backlog.selectors.extras import add_extras
from backlog.selectors.filters import ItemFilters
from backlog.selectors.narrowing import Home, column_of, fetch, narrow_list
from backlog.selectors.paging import BODY, LAYOUT_SQL, WHOLE, Cursor, ListPage, Stretch, hidden_of, level_of, topic_of
from backlog.selectors.waiting import MOST_MARKS, WAITING_SQL, read_waiting
from backlog.selectors.whole_list import Key, places_in_whole_list

# One row always comes, so that an empty list has its version too. Scalar subqueries and few joins keep the planner at 0.5 ms;
# with all in one join it took 3.5.
_HEAD_SQL = """
SELECT (SELECT version FROM activity_topic WHERE organization_id = %(organization)s AND key = %(topic)s),
       (SELECT points FROM backlog_cut WHERE {home} = %(home)s AND tier = 'now'),
       (SELECT ARRAY[band::float8, falling, component::float8, position::float8, points::float8]
          FROM backlog_cut WHERE {home} = %(home)s AND tier = 'next'),
       {sprint},
       (SELECT mode FROM backlog_listmode WHERE {home} = %(home)s AND mode <> 'computed'),
       (SELECT json_agg(json_build_array(number::text, name) ORDER BY number)::text
          FROM backlog_goal WHERE organization_id = %(organization)s AND is_active),
       {waiting},
       {layout},
"""
_SPRINT_SQL = {"team_id": "(SELECT name FROM backlog_iteration WHERE team_id = %(home)s AND state = 'active')", "train_id": "NULL"}

_PAGE_SQL = """
       ranked.*
FROM (SELECT 1) AS one
LEFT JOIN LATERAL (
  SELECT p.band, p.falling, p.component, p.position, p.cost_of_delay, p.reason,
         i.id, i.key, i.kind, i.title, i.job_size, i.status, up.key AS up_key, up.title AS up_title, up.team_id AS up_team,
         other.key AS other_key, other.team_id AS other_team, p.is_assumed::int + p.is_size_assumed::int AS assumed
  FROM (
    SELECT p.* FROM backlog_placement p {joined} WHERE p.{home} = %(home)s {narrowed} {after}
    ORDER BY p.band, p.falling, p.component, p.position
    LIMIT %(limit)s OFFSET %(skip)s
  ) AS p
  JOIN backlog_item i ON i.id = p.item_id
  LEFT JOIN backlog_item up ON up.id = i.parent_id
  LEFT JOIN backlog_item other ON other.id = p.reason_item_id
  ORDER BY p.band, p.falling, p.component, p.position
) AS ranked ON TRUE
"""
_JOINED = "JOIN backlog_item i ON i.id = p.item_id"  # only where the narrowing asks for it: what is sorted stays small
_AFTER = "AND (p.band, p.falling, p.component, p.position) > (%(band)s, %(falling)s, %(component)s, %(position)s)"


class Line(NamedTuple):
    """A row of the statement above, from `p.band` on."""

    band: int
    falling: float
    component: int
    position: int
    cost: Decimal | None
    reason: str
    id: int
    key: str
    kind: str
    title: str
    size: Decimal | None
    status: str
    up_key: str | None
    up_title: str | None
    up_team: int | None
    other_key: str | None
    other_team: int | None
    assumed: int

    @property
    def order(self) -> Key:
        return self.band, self.falling, self.component, self.position

    @property
    def block(self) -> tuple[int, float, int]:
        """Items of one component and one value were ordered as one piece."""
        return self.band, self.falling, self.component


_HEADS = 8  # columns before the row's own


def list_ranked_items(*, home: Home, access: Access, filters: ItemFilters, stretch: Stretch = WHOLE) -> ListPage:
    """One page of the list: ranked items in their order, or, by a status that has no order, the newest first.

    Of a list that is ordered by hand only its mode. One statement, whatever the list holds; one more each on a later page, with a filter,
    with words, with a goal, with a column that is not usual, and where a row names another team.
    """
    if not filters.is_ranked:
        return list_closed_items(home=home, access=access, filters=filters, stretch=stretch)
    cursor, count = stretch.cursor, max(filters.rows, stretch.rows)
    params: dict[str, Any] = {
        "organization": home.organization_id,
        "topic": topic_of(home),
        "home": home.pk,
        "reader": access.user.pk,
        "level": level_of(home),
        "limit": count + 1,
        "skip": 0,
        "marks": MOST_MARKS + 1,
    }
    start, after = _key_of(home, cursor) if cursor.key else None, ""
    if start is not None:
        after = _AFTER
        params.update(zip(("band", "falling", "component", "position"), start, strict=True))
    elif cursor.key:  # it moved or left meanwhile: the page begins where it was by number
        params["skip"] = cursor.count
    after += _PARTS[stretch.part]
    narrowed = narrow_list(home, filters, params, after=after, is_ordered=not params["skip"])
    column = column_of(home)
    statement = (_HEAD_SQL + _PAGE_SQL).format(
        home=column,
        sprint=_SPRINT_SQL[column],
        waiting=WAITING_SQL.format(home=column),
        layout=LAYOUT_SQL,
        joined=_JOINED if narrowed.condition else "",
        narrowed=narrowed.on("p.item_id"),
        after=after,
    )
    found = fetch(statement, params)
    version, now_points, next_end, sprint, mode, goals, marks, layout = found[0][:_HEADS]
    if mode:
        return ListPage(mode=mode, layout=filters.over(read_layout(layout)))
    lines = [Line._make(row[_HEADS:]) for row in found if row[_HEADS] is not None]
    page = ListPage(version or 0, is_first=not cursor.key, goals=json.loads(goals) if goals else [], is_close=narrowed.is_close)
    page.waiting = read_waiting(*marks)
    page.layout = filters.over(read_layout(layout))
    ends = _Ends(home, sprint, now_points, next_end)
    flips = coin_flips([Standing(line.band, -line.falling, line.component, line.assumed) for line in lines])
    if stretch.part == BODY and "later" not in page.layout.opened:
        count = _folded(lines, count, filters.rows, ends)
    if len(lines) > count:
        del lines[count:]
        page.next = str(Cursor(cursor.count + count, lines[-1].key, lines[-1].band, lines[-1].falling))
    places: Sequence[int] = range(cursor.count + 1, cursor.count + 1 + count)
    if stretch.part in TAIL:  # behind the order: nobody counts so far
        places, flips = [0] * len(lines), {}
    elif filters:  # what stands above and below is not on the page
        places, flips = places_in_whole_list(home, page.version, [(line.id, line.order) for line in lines])
    hidden = hidden_of(home, access, {team for line in lines for team in (line.up_team, line.other_team)})
    named = ends.tier(start) if stretch.goes_on and start is not None else ""
    page.rows = list(_with_tiers(lines, places, hidden, ends, flips, named))
    page.last_tier = ends.tier(lines[-1].order) if lines else ""
    add_extras(page, {line.key: line.id for line in lines})
    return page


def _folded(lines: Sequence[Line], count: int, rows: int, ends: "_Ends") -> int:
    """How many of `count` lines to show where Later is folded: up to the end of the page on which it begins."""
    return next((end for end in range(rows, count, rows) if end <= len(lines) and ends.tier(lines[end - 1].order) == "later"), count)


def _key_of(home: Home, cursor: Cursor) -> Key | None:
    """The full key of the cursor's item, where it still stands where it stood."""
    key = (
        Placement.objects.filter(
            organization=home.organization_id, item__key=cursor.key, item__organization=home.organization_id, **{column_of(home): home.pk}
        )
        .values_list("band", "falling", "component", "position")
        .first()
    )
    return key if key and key[:2] == (cursor.band, cursor.falling) else None


class _Ends:
    """Where the tiers of a list end, and what is written beside their names."""

    def __init__(self, home: Home, sprint: str | None, now_points: Decimal | None, next_end: list[float] | None) -> None:
        self.sprint, self.now_points = sprint, now_points
        self.next_key = tuple(next_end[:4]) if next_end else None
        self.next_points = next_end[4] if next_end else 0
        self.pace = home.points_per_iteration if isinstance(home, Team) else None

    def tier(self, key: Key) -> str:
        band = key[0]
        if band in _TIER_OF_BAND:
            return _TIER_OF_BAND[band]
        return "next" if self.next_key is not None and key <= self.next_key else "later"

    def heading(self, tier: str) -> dict[str, Any]:
        name, words = TIER_WORDS[tier]
        heading: dict[str, Any] = {"tier": name, "name": tier, "words": words}
        if tier == "now":
            heading["words"] = f"{self.sprint}, frozen" if self.sprint else words
            if self.now_points is not None and self.pace:
                heading["load"] = f"{short(self.now_points)} of {self.pace} points"
                heading["used"], heading["most"] = float(self.now_points), self.pace
        elif tier == "next" and self.next_points:
            heading["load"] = f"{short(self.next_points)} points"
        return heading


_PARTS = {
    "": "",
    BODY: f" AND p.band < {Band.DORMANT:d}",
    "hold": f" AND p.band = {Band.ON_HOLD:d}",
    "unscored": f" AND p.band = {Band.UNSCORED:d}",
    "dormant": f" AND p.band = {Band.DORMANT:d}",
}
_TIER_OF_BAND: dict[int, str] = {Band.NOW: "now", Band.ON_HOLD: "hold", Band.UNSCORED: "unscored", Band.DORMANT: "dormant"}
TIER_WORDS = {
    "now": ("Now", "planned or in progress"),
    "next": ("Next", "fits the next two sprints"),
    "later": ("Later", "ordered, no dates"),
    "hold": ("On hold", "waits for a person to decide"),
    "unscored": ("Unscored", "no value or size known yet, so no place"),
    "dormant": ("Dormant", "untouched for long, never removed in silence"),
}


def _with_tiers(
    lines: list[Line], places: Sequence[int], hidden: frozenset[int], ends: _Ends, flips: Mapping[int, int], tier: str
) -> Iterator[dict[str, Any]]:
    """The rows, with the heading of a tier before its first row on the page; that of `tier` stands already."""
    for number, line in enumerate(lines):
        if (here := ends.tier(line.order)) != tier:
            tier = here
            yield ends.heading(tier)
        row = row_of(line, hidden)
        row["rank"] = f"{places[number]:,}" if places[number] else ""
        row["block"] = _block(lines, number)
        if number in flips and line.reason == Reason.SOLID:
            row |= {"reason": f"coin flip with {ordinal(places[number] + flips[number])}", "reason_icon": "dices"}
        yield row


def line_of(columns: Sequence[Any]) -> Line:
    """A line from the columns of a statement, in their order."""
    return Line._make(columns)


def row_of(line: Line, hidden: frozenset[int]) -> dict[str, Any]:
    """What a line shows, without the teams that the reader does not see."""
    reason, words = reason_of(line.reason, None if line.other_team in hidden else line.other_key)
    kind = Kind(line.kind)
    return {
        "key": line.key,
        "icon": KINDS[kind].icon,
        "kind": kind.label,
        "title": line.title,
        "up": RESTRICTED if line.up_team in hidden else line.up_title or "",
        "up_key": None if line.up_team in hidden else line.up_key,
        "size": short(line.size, places=3),
        "cost": short(line.cost),
        "value": UNKNOWN if line.band == Band.UNSCORED else density(-line.falling),
        "tone": reason.tone,
        "reason_icon": reason.icon,
        "reason": words,
        "status": line.status,
    }


def _block(lines: list[Line], number: int) -> str:
    """Whether the row begins, continues or ends a run of items that were ordered as one piece."""
    block = lines[number].block
    if block[0] not in (Band.EXPEDITE, Band.NORMAL):
        return ""
    joins_above = number > 0 and lines[number - 1].block == block
    joins_below = number + 1 < len(lines) and lines[number + 1].block == block
    if joins_above:
        return "mid" if joins_below else "last"
    return "first" if joins_below else ""
