"""An item's place in its list over the last weeks, read back from the recorded moves."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from backlog.models import Item, ListMode
from backlog.numbers import ordinal
from prioritization.selectors.replay import Home, fetch

DAYS = 42
EVERY = timedelta(days=3, hours=12)
WEEKS_TOLD = 4
MOST_MOVES, MOST_PLACES = 60_000, 20_000
"""Where more moved, or more stands in the list, counting takes longer than the line is worth."""

_SIZES = f"""
    SELECT (SELECT count(*) FROM (SELECT FROM backlog_rankmove WHERE {{home}} = %(home)s AND at > %(oldest)s LIMIT {MOST_MOVES + 1}) AS few),
           (SELECT count(*) FROM (SELECT FROM backlog_placement WHERE {{home}} = %(home)s LIMIT {MOST_PLACES + 1}) AS few),
           (SELECT mode FROM backlog_listmode WHERE {{home}} = %(home)s)
"""  # noqa: S608, own words only
_KEY = "band{side}, {falling}, component{side}, position{side}"
_HAND_KEY = "coalesce(manual_key{side}, '~'), " + _KEY  # what has no key yet stands behind; no key has a tilde
# Each move ends one stay and begins the next; what never moved stays where it is. One sort of the moves, then a count for each moment.
_PLACES = """
    WITH told AS MATERIALIZED (
        SELECT *, row_number() OVER moves = 1 AS is_first, coalesce(lead(at) OVER moves, 'infinity') AS until
        FROM backlog_rankmove WHERE {home} = %(home)s AND at > %(oldest)s WINDOW moves AS (PARTITION BY item_id ORDER BY id)
    ),
    stays AS MATERIALIZED (
        SELECT item_id, '-infinity'::timestamptz AS since, at AS until, ROW({before}) AS key FROM told WHERE is_first AND band_before IS NOT NULL
        UNION ALL
        SELECT item_id, at, until, ROW({after}) FROM told WHERE band_after IS NOT NULL
    ),
    mine AS (
        SELECT moment, coalesce(
            (SELECT key FROM stays s WHERE s.item_id = %(item)s AND s.since <= moment AND moment < s.until LIMIT 1),
            (SELECT ROW({now}) FROM backlog_placement p WHERE p.item_id = %(item)s AND p.item_id NOT IN (SELECT item_id FROM told))
        ) AS key
        FROM unnest(%(moments)s::timestamptz[]) AS asked(moment)
    )
    SELECT moment, 1 + (SELECT count(*) FROM stays s WHERE s.since <= moment AND moment < s.until AND s.key < mine.key)
        + (SELECT count(*) FROM backlog_placement p
           WHERE p.{home} = %(home)s AND ROW({now}) < mine.key AND p.item_id NOT IN (SELECT item_id FROM told))
    FROM mine WHERE key IS NOT NULL ORDER BY moment
"""


class Stay(NamedTuple):
    """Where the item stood at a moment, counted from 1."""

    at: datetime
    place: int


@dataclass(frozen=True)
class Trail:
    """The places, the oldest first; none before the item came into the list."""

    stays: list[Stay]
    now: datetime

    @property
    def words(self) -> str:
        """`14th today, 31st four weeks ago`."""
        *_, last = self.stays
        told = [stay for stay in self.stays[:-1] if stay.at >= self.now - timedelta(weeks=WEEKS_TOLD, hours=1)]
        if not told:
            return f"{ordinal(last.place)} today, new in the list"
        days = round((self.now - told[0].at) / timedelta(days=1))
        ago = f"{_NUMBERS[days // 7]} weeks ago" if days % 7 == 0 and days > 7 else f"{days} days ago"
        return (
            f"{ordinal(last.place)} today, as {ago}"
            if told[0].place == last.place
            else f"{ordinal(last.place)} today, {ordinal(told[0].place)} {ago}"
        )


_NUMBERS = ("no", "one", "two", "three", "four")


def trail_of(*, item: Item, home: Home, now: datetime) -> Trail | None:
    """The item's places; None where it has none, or the list is too large or too lively to count. Two queries."""
    moments = [now - EVERY * number for number in range(round(timedelta(days=DAYS) / EVERY) + 1)]
    ((moves, places, mode),) = fetch(_SIZES, home, oldest=moments[-1])
    if moves > MOST_MOVES or places > MOST_PLACES:
        return None
    key = _KEY if mode in (None, ListMode.Mode.COMPUTED) else _HAND_KEY
    words = {
        "before": key.format(side="_before", falling="-value_before"),
        "after": key.format(side="_after", falling="-value_after"),
        "now": key.format(side="", falling="falling"),
    }
    rows = fetch(_PLACES, home, words=words, item=item.pk, oldest=moments[-1], moments=moments)
    return Trail([Stay(*row) for row in rows], now) if rows else None
