"""What lies behind the ends of lists' tiers: nothing further down can move a line."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from activity.statements import array

Key = tuple[int, float, int, int]
"""(band, falling, component, position), as lists are ordered."""

_BEHIND = """
    SELECT c.team_id, c.train_id, q.band, q.falling, q.component, q.position
    FROM backlog_cut c CROSS JOIN LATERAL (
        SELECT * FROM backlog_placement p
        WHERE p.{home} = c.{home} AND (p.band, p.falling, p.component, p.position) > (c.band, c.falling, c.component, c.position)
        ORDER BY p.band, p.falling, p.component, p.position LIMIT 1
    ) q
    WHERE c.tier = 'next' AND c.{home} = {among}
"""
_ENDS = "SELECT json_agg(json_build_array(team_id, train_id, band, falling, component, position)) FROM ({teams} UNION ALL {trains}) behind"


@dataclass(frozen=True)
class Ends:
    """For each list the first item behind its tier *next*, by team and by train; none where all is in it."""

    teams: Mapping[int, Key] = field(default_factory=dict)
    trains: Mapping[int, Key] = field(default_factory=dict)


def ends_of(*, teams: str, trains: str) -> str:
    """The statement that reads the ends of these lists, as one JSON value; each is what an id is compared with, such as `ANY(...)`."""
    return _ENDS.format(
        teams=_BEHIND.format(home="team_id", among=teams),
        trains=_BEHIND.format(home="train_id", among=trains),
    )


def to_ends(behind: Sequence[Sequence[Any]] | None) -> Ends:
    """What such a statement found, as its JSON says."""
    behind = behind or ()
    return Ends(
        {team: (band, falling, component, position) for team, _, band, falling, component, position in behind if team is not None},
        {train: (band, falling, component, position) for _, train, band, falling, component, position in behind if train is not None},
    )


_SELECT = f"SELECT ({ends_of(teams='ANY(%s::bigint[])', trains='ANY(%s::bigint[])')})::text"


def read_ends(*, teams: Iterable[int], trains: Iterable[int]) -> Ends:
    """The ends of these lists."""
    with connection.cursor() as cursor:
        cursor.execute(_SELECT, [array(teams), array(trains)])
        return to_ends(json.loads(cursor.fetchone()[0] or "null"))
