"""What changed and is not ranked yet: the open marks, as a list says it above its rows."""

from dataclasses import dataclass
from datetime import UTC, datetime

MOST_MARKS = 1_000
"""More marks than this are not counted: while an import is ranked, a page must not count all of it."""
WAITING_SQL = """(SELECT ARRAY[count(DISTINCT i.id), count(*), extract(epoch FROM min(s.at))]::float8[]
          FROM (SELECT item_id, at FROM backlog_stalerank WHERE organization_id = %(organization)s LIMIT %(marks)s) s
          LEFT JOIN backlog_item i ON i.id = s.item_id AND i.{home} = %(home)s)"""
"""Marks of this list, marks of all lists, and the time of the oldest: a part of a page's statement, for `read_waiting`."""


@dataclass(frozen=True)
class Waiting:
    """Changes that the order does not show yet: since when, and how many items of this list; empty words where they are of other lists or too many."""

    since: datetime
    changed: str


def read_waiting(here: float, everywhere: float, since: float | None) -> Waiting | None:
    """From the open marks: those of this list, or so many that not all were looked at."""
    is_more = everywhere > MOST_MARKS
    if since is None or not (here or is_more):
        return None
    changed = f"{here:,.0f}{'+' if is_more else ''} item{'' if here == 1 and not is_more else 's'} changed" if here else ""
    return Waiting(datetime.fromtimestamp(since, UTC), changed)
