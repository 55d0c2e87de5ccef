"""What was removed from a list: why, by whom, when, and into what it went."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from accounts.permissions import Access, hidden_teams
from backlog.kinds import KINDS, Kind
from backlog.models import Item, Tombstone
from backlog.models.item import Status
from backlog.reasons import RESTRICTED
from backlog.selectors.filters import BadFilterError, ItemFilters
from backlog.selectors.narrowing import Home, column_of, fetch, narrow_list

ROWS = 50
_REMOVED = """
    SELECT i.id, i.key, i.kind, i.title, i.removed_reason, i.closed_at, coalesce(nullif(u.name, ''), u.email), into_.key, into_.team_id
    FROM backlog_item i
    LEFT JOIN backlog_tombstone t ON t.item_id = i.id
    LEFT JOIN accounts_user u ON u.id = t.removed_by_id
    LEFT JOIN backlog_item into_ ON into_.id = t.merged_into_id
    WHERE i.{home} = %(home)s AND i.status = 'removed' AND i.closed_at IS NOT NULL {narrowed} {after}
    ORDER BY i.closed_at DESC, i.id DESC LIMIT %(limit)s
"""


class _Row(NamedTuple):
    id: int
    key: str
    kind: str
    title: str
    reason: str
    at: datetime
    who: str | None
    into: str | None
    into_team: int | None


@dataclass(frozen=True)
class Removed:
    """One removed item. `into` is the key of what it was merged into, or RESTRICTED where the reader may not see that."""

    key: str
    kind: str
    title: str
    reason: str
    at: datetime
    who: str
    into: str = ""

    @property
    def icon(self) -> str:
        return KINDS[Kind(self.kind)].icon

    @property
    def kind_label(self) -> str:
        return str(Kind(self.kind).label)

    @property
    def is_into_hidden(self) -> bool:
        return self.into == RESTRICTED


@dataclass(frozen=True)
class RemovedPage:
    """Latest first; `next` is the cursor of the following page, empty at the end."""

    rows: list[Removed]
    next: str


def list_removed(*, home: Home, access: Access, words: str = "", after: str = "") -> RemovedPage:
    """What was removed from the list, a page at a time. Two queries at most, one more with words."""
    params: dict[str, Any] = {"home": home.pk, "organization": home.organization_id, "limit": ROWS + 1}
    narrowed = narrow_list(home, ItemFilters(q=words, status=Status.REMOVED), params).on("i.id")
    sql = ""
    if after:
        params["at"], params["id"] = _read_cursor(after)
        sql = "AND (i.closed_at, i.id) < (%(at)s, %(id)s)"
    found = [_Row(*row) for row in fetch(_REMOVED.format(home=column_of(home), narrowed=narrowed, after=sql), params)]
    page = found[:ROWS]
    hidden = hidden_teams(access=access, team_ids={row.into_team for row in page if row.into_team})
    rows = [
        Removed(row.key, row.kind, row.title, row.reason, row.at, row.who or "", RESTRICTED if row.into_team in hidden else row.into or "")
        for row in page
    ]
    return RemovedPage(rows, f"{page[-1].at:%Y%m%dT%H%M%S%f}~{page[-1].id}" if len(found) > ROWS else "")


def _read_cursor(text: str) -> tuple[datetime, int]:
    try:
        at, pk = text.split("~")
        return datetime.strptime(f"{at}+0000", "%Y%m%dT%H%M%S%f%z"), int(pk) % 10**12
    except ValueError as error:
        raise BadFilterError("This page does not exist. Start at the top of the list.") from error


def get_removed(*, item: Item, access: Access) -> Removed | None:
    """What is left of one item; None where it is not removed. Two queries at most."""
    if item.status != Status.REMOVED or item.closed_at is None:
        return None
    stone = (
        Tombstone.objects.for_organization(item.organization_id).filter(item=item).select_related("removed_by", "merged_into__team").first()
    )
    target = stone.merged_into if stone else None
    is_hidden = target is not None and target.team is not None and not access.sees_team(target.team)
    into = RESTRICTED if is_hidden else target.key if target else ""
    who = str(stone.removed_by) if stone and stone.removed_by else ""
    return Removed(item.key, item.kind, item.title, item.removed_reason, item.closed_at, who, into)
