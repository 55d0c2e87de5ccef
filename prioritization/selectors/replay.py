"""The order of a list at a past moment, read back from what stands now and the moves since then."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from accounts.models import ReleaseTrain, Team
from backlog.models import ListMode

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
               position_before AS position, manual_key_before AS manual_key
        FROM backlog_rankmove WHERE {home} = %(home)s AND at > %(moment)s ORDER BY item_id, id
    ),
    past AS (
        SELECT item_id, band, falling, component, position, manual_key FROM moved WHERE band IS NOT NULL
        UNION ALL
        SELECT item_id, band, falling, component, position, manual_key FROM backlog_placement p
        WHERE {home} = %(home)s AND NOT EXISTS (SELECT FROM moved WHERE moved.item_id = p.item_id)
    )
"""
"""Statements that begin with it have `past`, one row an item of the list at `moment`."""


def home_column(home: Home) -> str:
    return "team_id" if isinstance(home, Team) else "train_id"


COMPUTED = "band, falling, component, position"
BY_HAND = f"manual_key IS NULL, manual_key, {COMPUTED}"
_MODES = """
    SELECT coalesce(
        (SELECT before->>'mode' FROM activity_event
         WHERE subject_kind = %(kind)s AND subject_id = %(home)s AND verb = 'ranking.mode_set' AND at > %(moment)s ORDER BY id LIMIT 1),
        (SELECT mode FROM backlog_listmode WHERE {home} = %(home)s), 'computed'
    ), coalesce((SELECT mode FROM backlog_listmode WHERE {home} = %(home)s), 'computed')
"""


class Hands(NamedTuple):
    """Whether the list was ordered by hand at a moment, and whether it is now: alone, or with the computed order beside it."""

    then: bool
    now: bool


def hands_at(*, home: Home, moment: datetime) -> Hands:
    """By the first change of the list's mode behind the moment."""
    ((then, now),) = fetch(_MODES, home, moment=moment, kind=str(home._meta.model_name))
    return Hands(then != ListMode.Mode.COMPUTED, now != ListMode.Mode.COMPUTED)


def order_at(*, home: Home, moment: datetime) -> list[Stood]:
    """The list's items with their keys, first to last, as people saw them at a moment that the moves still reach."""
    order = BY_HAND if hands_at(home=home, moment=moment).then else COMPUTED
    statement = f"WITH {PAST} SELECT item_id, band, falling, component, position FROM past ORDER BY {order}"  # noqa: S608
    return [Stood._make(row) for row in fetch(statement, home, moment=moment)]


def fetch(statement: str, home: Home, *, words: Mapping[str, str] | None = None, **params: Any) -> list[tuple[Any, ...]]:
    """The rows of a statement about one list; `{home}` in it becomes the list's column, and `words` what else stands in braces."""
    with connection.cursor() as cursor:
        cursor.execute(statement.format(home=home_column(home), **(words or {})), {"home": home.pk, **params})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
