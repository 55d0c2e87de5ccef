"""What the review of stale items is narrowed to: read from the URL, which is its whole state."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.http import QueryDict

from accounts.models import ReleaseTrain
from backlog.kinds import Kind
from backlog.models.item import TRAIN_KINDS
from backlog.selectors.filters import BadFilterError
from backlog.selectors.narrowing import Home


def kinds_of_home(home: Home) -> tuple[Kind, ...]:
    """The kinds that a team's list holds, or a train's."""
    return tuple(kind for kind in Kind if (kind in TRAIN_KINDS) == isinstance(home, ReleaseTrain))


class Wants(NamedTuple):
    """A way to narrow the review: its words and its condition on the item `i` and the mark `s`."""

    label: str
    sql: str


WANTS: Mapping[str, Wants] = {
    "unasked": Wants("Nobody asks for it", "AND i.demand = 0"),
    "bare": Wants("Nothing written", "AND i.description = '' AND NOT EXISTS (SELECT 1 FROM backlog_criterion c WHERE c.item_id = i.id)"),
    "year": Wants("Untouched for a year", "AND s.touched_at < now() - interval '1 year'"),
    "dormant": Wants("Dormant", "AND i.is_dormant"),
    "due": Wants("Its day has come", "AND s.is_due"),
}
FIELDS = ("kind", "only")


@dataclass(frozen=True)
class StaleFilters:
    """One kind, and one of WANTS; empty means any."""

    kind: str = ""
    only: str = ""

    def query(self, **changes: Any) -> str:
        asked = replace(self, **changes)
        pairs = [(name, getattr(asked, name)) for name in FIELDS if getattr(asked, name)]
        return f"?{urlencode(pairs)}" if pairs else ""

    def __bool__(self) -> bool:
        return bool(self.kind or self.only)


ALL_STALE = StaleFilters()


def read_stale_filters(query: QueryDict, *, home: Home, also: Collection[str] = ()) -> StaleFilters:
    """The filters of a URL. Raise BadFilterError for a field, kind or want that does not exist."""
    if unknown := set(query) - {*FIELDS, *also}:
        raise BadFilterError(f"“{min(unknown)}” is no filter of this list.")
    found = StaleFilters(query.get("kind", ""), query.get("only", ""))
    if found.kind and found.kind not in kinds_of_home(home):
        raise BadFilterError("This list holds no such kind.")
    if found.only and found.only not in WANTS:
        raise BadFilterError(f"The review can show only {', '.join(WANTS)}.")
    return found


def narrow_stale(filters: StaleFilters, params: dict[str, Any]) -> str:
    """Conditions on the item `i` and the mark `s`; what they take goes into `params`."""
    sql = WANTS[filters.only].sql if filters.only else ""
    if filters.kind:
        sql += " AND i.kind = %(kind)s"
        params["kind"] = filters.kind
    return sql
