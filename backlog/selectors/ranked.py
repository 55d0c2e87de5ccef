"""The list of a team or a train in rank order, page by page, as rows that a template only has to print.

The page is one statement, written by hand: it walks an index from the place where the last page ended, and reads the version
of the list's topic and the tiers' ends in the same snapshot, so that what a page shows is never older than the version it names.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from accounts.models import Team
from accounts.permissions import Access, hidden_teams
from backlog.kinds import KINDS, Kind
from backlog.models import Item, Placement
from backlog.models.item import Status
from backlog.models.placement import Band
from backlog.numbers import UNKNOWN, density, ordinal, short
from backlog.reasons import RESTRICTED, Reason, reason_of
from backlog.selectors.confidence import Standing, coin_flips
from backlog.selectors.filters import BadFilterError, ItemFilters
from backlog.selectors.narrowing import Home, column_of, fetch, narrow, narrow_rarely
from backlog.selectors.waiting import MOST_MARKS, WAITING_SQL, Waiting, read_waiting
from backlog.selectors.whole_list import Key, places_in_whole_list

CAP = 10_000

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
"""
_SPRINT_SQL = {"team_id": "(SELECT name FROM backlog_iteration WHERE team_id = %(home)s AND state = 'active')", "train_id": "NULL"}

_PAGE_SQL = """
       ranked.*
FROM (SELECT 1) AS one
LEFT JOIN LATERAL (
  SELECT p.band, p.falling, p.component, p.position, p.cost_of_delay, p.reason,
         i.id, i.key, i.kind, i.title, i.job_size, i.status, up.key AS up_key, up.title AS up_title, up.team_id AS up_team,
         other.key AS other_key, other.team_id AS other_team, p.is_assumed::int + p.is_size_assumed::int AS assumed
  FROM backlog_placement p
  JOIN backlog_item i ON i.id = p.item_id
  LEFT JOIN backlog_item up ON up.id = i.parent_id
  LEFT JOIN backlog_item other ON other.id = p.reason_item_id
  WHERE p.{home} = %(home)s {narrowed}
  ORDER BY p.band, p.falling, p.component, p.position
  LIMIT %(limit)s OFFSET %(skip)s
) AS ranked ON TRUE
"""


class _Line(NamedTuple):
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


_HEADS = 7  # columns before the row's own

_CLOSED_SQL = """
SELECT (SELECT version FROM activity_topic WHERE organization_id = %(organization)s AND key = %(topic)s), closed.*
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


@dataclass(frozen=True)
class Cursor:
    """Where a page begins: behind the item `key`, which had the place `count` and stood at `band` and `falling` then."""

    count: int = 0
    key: str = ""
    band: int = 0
    falling: float = 0.0

    def __str__(self) -> str:
        return f"{self.count}~{self.key}~{self.band}~{self.falling!r}" if self.key else ""


START = Cursor()


def read_cursor(text: str) -> Cursor:
    """The cursor of a URL; raise BadFilterError where it is none."""
    if not text:
        return START
    try:
        count, key, band, falling = text.split("~")
        cursor = Cursor(int(count), key, int(band), float(falling))
    except ValueError as error:
        raise BadFilterError("This page does not exist. Start at the top of the list.") from error
    if not (0 < cursor.count < 10**9 and 0 <= cursor.band <= 9 and cursor.falling == cursor.falling and len(key) <= 20 and key.isascii()):
        raise BadFilterError("This page does not exist. Start at the top of the list.")
    return cursor


@dataclass
class ListPage:
    """Rows (dicts ready to print, a `tier` among them before the first row of each), the topic's version, and where the next page begins."""

    version: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)
    next: str = ""
    is_first: bool = True
    mode: str = ""
    """Where a list is ordered by hand: how. Its rows are those of `list_manual_items`."""
    waiting: Waiting | None = None
    """What has changed and is not ranked yet; None where the order is complete."""
    goals: list[tuple[str, str]] | None = None
    """Numbers and names of active goals to narrow it to; None where the page did not read them."""


def topic_of(home: Home) -> str:
    """The key of the topic that the list of a team or a train shows."""
    return f"team:{home.slug}" if isinstance(home, Team) else f"train:{home.slug}"


def list_ranked_items(*, home: Home, access: Access, filters: ItemFilters, cursor: Cursor = START) -> ListPage:
    """One page of the list: ranked items in their order, or, by a status that has no order, the newest first.

    Of a list that is ordered by hand only its mode. One statement, whatever the list holds; one more each on a later page, with a filter,
    with words, with a goal, and where a row names another team.
    """
    if not filters.is_ranked:
        return _closed_page(home, access, filters, cursor)
    params: dict[str, Any] = {
        "organization": home.organization_id,
        "topic": topic_of(home),
        "home": home.pk,
        "limit": filters.rows + 1,
        "skip": 0,
        "marks": MOST_MARKS + 1,
    }
    narrowed = narrow(home, filters, params)
    if filters.is_rare:
        narrowed = narrow_rarely(home, narrowed, params)
    if cursor.key:
        start = _key_of(home, cursor)
        if start is None:  # it moved or left meanwhile: the page begins where it was by number
            params["skip"] = cursor.count
        else:
            narrowed += " AND (p.band, p.falling, p.component, p.position) > (%(band)s, %(falling)s, %(component)s, %(position)s)"
            params.update(zip(("band", "falling", "component", "position"), start, strict=True))
    column = column_of(home)
    statement = (_HEAD_SQL + _PAGE_SQL).format(
        home=column, sprint=_SPRINT_SQL[column], waiting=WAITING_SQL.format(home=column), narrowed=narrowed
    )
    found = fetch(statement, params)
    version, now_points, next_end, sprint, mode, goals, marks = found[0][:_HEADS]
    if mode:
        return ListPage(mode=mode)
    lines = [_Line._make(row[_HEADS:]) for row in found if row[_HEADS] is not None]
    page = ListPage(version=version or 0, is_first=not cursor.key, goals=json.loads(goals) if goals else [])
    page.waiting = read_waiting(*marks)
    flips = coin_flips([Standing(line.band, -line.falling, line.component, line.assumed) for line in lines])
    if len(lines) > filters.rows:
        lines.pop()
        page.next = str(Cursor(cursor.count + filters.rows, lines[-1].key, lines[-1].band, lines[-1].falling))
    places: Sequence[int] = range(cursor.count + 1, cursor.count + 1 + filters.rows)
    if filters:  # what stands above and below is not on the page
        places, flips = places_in_whole_list(home, [(line.id, line.order) for line in lines])
    hidden = _hidden_teams(home, access, {team for line in lines for team in (line.up_team, line.other_team)})
    page.rows = list(_with_tiers(lines, places, hidden, _Ends(home, sprint, now_points, next_end), flips))
    return page


def _hidden_teams(home: Home, access: Access, named: set[int | None]) -> frozenset[int]:
    """Those of the teams that the reader may not see. A query only where a row names another team than the list's own."""
    others = {team for team in named if team is not None and not (isinstance(home, Team) and team == home.pk)}
    return hidden_teams(access=access, team_ids=others)


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
        name, words = _TIERS[tier]
        heading: dict[str, Any] = {"tier": name, "words": words}
        if tier == "now":
            heading["words"] = f"{self.sprint}, frozen" if self.sprint else words
            if self.now_points is not None and self.pace:
                heading["load"] = f"{short(self.now_points)} of {self.pace} points"
                heading["used"], heading["most"] = float(self.now_points), self.pace
        elif tier == "next" and self.next_points:
            heading["load"] = f"{short(self.next_points)} points"
        return heading


_TIER_OF_BAND: dict[int, str] = {Band.NOW: "now", Band.ON_HOLD: "hold", Band.UNSCORED: "unscored", Band.DORMANT: "dormant"}
_TIERS = {
    "now": ("Now", "planned or in progress"),
    "next": ("Next", "fits the next two sprints"),
    "later": ("Later", "ordered, no dates"),
    "hold": ("On hold", "waits for a person to decide"),
    "unscored": ("Unscored", "no value or size known yet, so no place"),
    "dormant": ("Dormant", "untouched for long, never removed in silence"),
}


def _with_tiers(
    lines: list[_Line], places: Sequence[int], hidden: frozenset[int], ends: _Ends, flips: Mapping[int, int]
) -> Iterator[dict[str, Any]]:
    """The rows, with the heading of a tier before its first row on the page."""
    tier = ""
    for number, line in enumerate(lines):
        if (here := ends.tier(line.order)) != tier:
            tier = here
            yield ends.heading(tier)
        row = _row(line, hidden)
        row["rank"] = f"{places[number]:,}"
        row["block"] = _block(lines, number)
        if number in flips and line.reason == Reason.SOLID:
            row |= {"reason": f"coin flip with {ordinal(places[number] + flips[number])}", "reason_icon": "dices"}
        yield row


def _row(line: _Line, hidden: frozenset[int]) -> dict[str, Any]:
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


def _block(lines: list[_Line], number: int) -> str:
    """Whether the row begins, continues or ends a run of items that were ordered as one piece."""
    block = lines[number].block
    if block[0] not in (Band.EXPEDITE, Band.NORMAL):
        return ""
    joins_above = number > 0 and lines[number - 1].block == block
    joins_below = number + 1 < len(lines) and lines[number + 1].block == block
    if joins_above:
        return "mid" if joins_below else "last"
    return "first" if joins_below else ""


def _closed_page(home: Home, access: Access, filters: ItemFilters, cursor: Cursor) -> ListPage:
    params: dict[str, Any] = {"organization": home.organization_id, "topic": topic_of(home), "home": home.pk, "limit": filters.rows + 1}
    narrowed = narrow(home, filters, params)
    if cursor.key:
        before = Item.objects.for_organization(home.organization_id).filter(key=cursor.key).values_list("id", flat=True).first()
        if before is None:
            raise BadFilterError("This page does not exist. Start at the top of the list.")
        narrowed += " AND i.id < %(before)s"
        params["before"] = before
    found = fetch(_CLOSED_SQL.format(home=column_of(home), narrowed=narrowed), params)
    lines = [_Closed._make(row[1:]) for row in found if row[1] is not None]
    page = ListPage(version=found[0][0] or 0, is_first=not cursor.key)
    if len(lines) > filters.rows:
        lines.pop()
        page.next = str(Cursor(cursor.count + filters.rows, lines[-1].key))
    hidden = _hidden_teams(home, access, {line.up_team for line in lines})
    page.rows = [_closed_row(line, hidden) for line in lines]
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


def count_items(*, home: Home, filters: ItemFilters) -> int:
    """How many items the filters leave; stops counting behind CAP."""
    params: dict[str, Any] = {"home": home.pk, "organization": home.organization_id, "limit": CAP + 1}
    if not filters:
        source = f"backlog_placement p WHERE p.{column_of(home)} = %(home)s"
    elif filters.is_ranked:
        narrowed = narrow(home, filters, params)
        source = f"backlog_placement p JOIN backlog_item i ON i.id = p.item_id WHERE p.{column_of(home)} = %(home)s {narrowed}"
    else:
        source = f"backlog_item i WHERE i.{column_of(home)} = %(home)s {narrow(home, filters, params)}"
    return int(fetch(f"SELECT count(*) FROM (SELECT 1 FROM {source} LIMIT %(limit)s) AS counted", params)[0][0])  # noqa: S608, own words only
