"""What every list of items shares: where a page begins, what it holds, and the topic that says when it is old."""

from dataclasses import dataclass, field
from typing import Any

from accounts.models import Team
from accounts.permissions import Access, hidden_teams
from backlog.columns import USUAL_LAYOUT, Layout
from backlog.selectors.filters import BadFilterError
from backlog.selectors.narrowing import Home
from backlog.selectors.waiting import Waiting

LAYOUT_SQL = """
       (SELECT ARRAY[columns, density, opened]::text[] FROM backlog_listlayout
         WHERE organization_id = %(organization)s AND person_id = %(reader)s AND level = %(level)s)"""
"""How the reader looks at lists, as a column of a list's own statement."""
MOST_SHOWN = 1000
"""How many rows one page comes to hold while a reader goes on; then another page begins."""


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
    layout: Layout = USUAL_LAYOUT
    """How the reader looks at lists of this level."""
    last_tier: str = ""
    """The tier of the last row, where the list has tiers."""
    is_close: bool = False
    """Whether nothing has the words that were asked for, and these are the items whose titles come close."""


@dataclass(frozen=True)
class Stretch:
    """Which part of a list is wanted: behind the cursor, `rows` of it at least, and whether it goes on a page that stands (its tier is named there).

    `part` is a part of a computed order: BODY, a tier of its tail, or empty for all of it.
    """

    cursor: Cursor = START
    rows: int = 0
    goes_on: bool = False
    part: str = ""


BODY = "body"
"""All but what is dormant: that stands below the list, folded unless a reader opens it."""
WHOLE = Stretch()


def level_of(home: Home) -> str:
    """Which lists are looked at alike: those of teams, or those of trains."""
    return "team" if isinstance(home, Team) else "train"


def topic_of(home: Home) -> str:
    """The key of the topic that the list of a team or a train shows."""
    return f"team:{home.slug}" if isinstance(home, Team) else f"train:{home.slug}"


def hidden_of(home: Home, access: Access, named: set[int | None]) -> frozenset[int]:
    """Those of the teams that the reader may not see. A query only where a row names another team than the list's own."""
    others = {team for team in named if team is not None and not (isinstance(home, Team) and team == home.pk)}
    return hidden_teams(access=access, team_ids=others)
