"""The order of a list at a past moment, read back from what stands now and the moves since then."""

from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from accounts.models import ReleaseTrain, Team

Home = Team | ReleaseTrain


class Stood(NamedTuple):
    """Where an item stood: its key, ascending as the list is ordered."""

    item: int
    band: int
    falling: float
    component: int
    position: int


# An item's earliest move behind the moment tells where it stood then; an item without one stands where it stood.
PAST = """
    moved AS (
        SELECT DISTINCT ON (item_id) item_id, band_before AS band, -value_before AS falling, component_before AS component,
               position_before AS position
        FROM backlog_rankmove WHERE {home} = %(home)s AND at > %(moment)s ORDER BY item_id, id
    ),
    past AS (
        SELECT item_id, band, falling, component, position FROM moved WHERE band IS NOT NULL
        UNION ALL
        SELECT item_id, band, falling, component, position FROM backlog_placement p
        WHERE {home} = %(home)s AND NOT EXISTS (SELECT FROM moved WHERE moved.item_id = p.item_id)
    )
"""
"""Statements that begin with it have `past`, one row an item of the list at `moment`."""


def home_column(home: Home) -> str:
    return "team_id" if isinstance(home, Team) else "train_id"


def order_at(*, home: Home, moment: datetime) -> list[Stood]:
    """The list's items with their keys, first to last, as they stood at a moment that the moves still reach."""
    statement = f"WITH {PAST} SELECT item_id, band, falling, component, position FROM past ORDER BY band, falling, component, position"  # noqa: S608
    return [Stood._make(row) for row in fetch(statement, home, moment=moment)]


def fetch(statement: str, home: Home, **params: Any) -> list[tuple[Any, ...]]:
    """The rows of a statement about one list; `{home}` in it becomes the list's column."""
    with connection.cursor() as cursor:
        cursor.execute(statement.format(home=home_column(home)), {"home": home.pk, **params})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
