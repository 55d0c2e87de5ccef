"""What a list is narrowed to: read from the URL, which is the list's whole state."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.db.models import TextChoices
from django.http import QueryDict

from activity.errors import DomainError
from backlog.columns import Layout, UnknownColumnError, read_columns
from backlog.kinds import Kind
from backlog.models.item import RANKED, Channel, Status
from backlog.selectors.goals import MOST_DIGITS, NO_GOAL

MAX_QUERY = 200
MAX_KEY = 20
NO_PARENT = "NONE"
"""What an address says for items that are part of nothing."""


class BadFilterError(DomainError):
    """The address asks for something that no page offers: 400."""

    status = 400
    code = "bad_filter"


FIELDS = ("q", "kind", "status", "goal", "needs", "parent", "channel")
"""What an address may say of them."""
ROWS = (50, 100)
"""How many items a page may hold, the usual number first."""


class Need(TextChoices):
    """What an item may want before it is worth a place: each is somebody's next piece of work."""

    SIZE = "size", "No size"
    VALUE = "value", "Value assumed or unknown"
    PARENT = "parent", "Part of nothing"
    BLOCKER = "blocker", "Waits for another"
    ANSWER = "answer", "Question open"
    PLACE = "place", "No place yet"


class Group(TextChoices):
    """What a list may be grouped by."""

    EPIC = "epic", "Epic or feature"
    GOAL = "goal", "Goal"
    CHANNEL = "channel", "Channel"
    KIND = "kind", "Kind"


@dataclass(frozen=True)
class ItemFilters:
    """Words of the texts (or a key), one kind, one status, one goal (its number, or NO_GOAL), one Need, what the items are part of (its key, or NO_PARENT), one
    channel; empty means any. Without a status a list shows what is ranked.

    `rows` is how many a page holds, `cols` the columns of a saved view, empty for the reader's own, and `group` a Group; they narrow nothing.
    """

    q: str = ""
    kind: str = ""
    status: str = ""
    goal: str = ""
    needs: str = ""
    parent: str = ""
    channel: str = ""
    rows: int = ROWS[0]
    cols: tuple[str, ...] = ()
    group: str = ""

    @property
    def is_ranked(self) -> bool:
        """Whether the items asked for have a place in the order; the others are listed by age."""
        return not self.status or self.status in RANKED

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in FIELDS)

    def over(self, layout: Layout) -> Layout:
        """The reader's layout with the columns of these filters, where they name some."""
        return replace(layout, columns=self.cols) if self.cols else layout

    def query(self, **changes: Any) -> str:
        """The query string of these filters with `changes` to them; empty where nothing is asked."""
        asked = replace(self, **changes)
        rows = "" if asked.rows == ROWS[0] else str(asked.rows)
        ways = (*((name, getattr(asked, name)) for name in FIELDS), ("rows", rows), ("cols", ",".join(asked.cols)), ("group", asked.group))
        pairs = [(name, value) for name, value in ways if value]
        return f"?{urlencode(pairs, safe=',')}" if pairs else ""


def read_filters(query: QueryDict, *, kinds: Iterable[Kind], also: Iterable[str] = ()) -> ItemFilters:
    """The filters of a URL. Raise BadFilterError for a field, kind or status that does not exist, or a text that cannot be searched."""
    unknown = set(query) - {*FIELDS, "rows", "cols", "group", *also}
    if unknown:
        raise BadFilterError(f"“{min(unknown)}” is no filter of this list.")
    rows = query.get("rows", "") or str(ROWS[0])
    if rows not in map(str, ROWS):
        raise BadFilterError(f"A page holds {' or '.join(map(str, ROWS))} items.")
    found = clean_filters(**{name: query.get(name, "") for name in FIELDS}, kinds=kinds)
    group = query.get("group", "")
    if group and group not in Group.values:
        raise BadFilterError(f"A list is grouped by {', '.join(Group.values)}.")
    return replace(found, rows=int(rows), cols=_columns(query.get("cols", "")), group=group)


def _columns(names: str) -> tuple[str, ...]:
    try:
        return read_columns(names) if names else ()
    except UnknownColumnError as error:
        raise BadFilterError(f"“{error}” is no column of this list.") from error


def clean_filters(
    *, q: str, kind: str, status: str, goal: str, needs: str = "", parent: str = "", channel: str = "", kinds: Iterable[Kind]
) -> ItemFilters:
    """These filters; raise BadFilterError for a kind, status, need or channel that does not exist, or a text that cannot be searched."""
    q = " ".join(q.split())
    if "\x00" in q or len(q) > MAX_QUERY:
        raise BadFilterError(f"Search for at most {MAX_QUERY} ordinary characters.")
    if kind and kind not in set(kinds):
        raise BadFilterError("This list holds no such kind.")
    if status and status not in Status.values:
        raise BadFilterError("There is no such status.")
    if goal and goal != NO_GOAL and not (goal.isascii() and goal.isdigit() and len(goal) <= MOST_DIGITS):
        raise BadFilterError(f"A goal is named by its number, or “{NO_GOAL}”.")
    if needs and needs not in Need.values:
        raise BadFilterError(f"A list can ask what needs {', '.join(Need.values)}.")
    if channel and channel not in Channel.values:
        raise BadFilterError(f"Items come by {', '.join(Channel.values)}.")
    if not (len(parent) <= MAX_KEY and parent.isascii() and parent.isprintable()):
        raise BadFilterError("What items are part of is named by its key.")
    return ItemFilters(q=q, kind=kind, status=status, goal=goal, needs=needs, parent=parent.strip().upper(), channel=channel)
