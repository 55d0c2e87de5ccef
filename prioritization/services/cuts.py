"""Where tiers end. Now is what is planned or in progress; Next the first items that fit two iterations of the list's pace."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from accounts.models import Team
from backlog.models import Band, Cut
from prioritization.engine.terms import Basis as Medians
from prioritization.models import Basis
from prioritization.scoring import Pace, assumed_size, from_milli
from prioritization.selectors.ends import Key

ITERATIONS_AHEAD = 2
_PROBABLY_ENOUGH = 80


@dataclass(frozen=True, slots=True)
class Line:
    """The key of a tier's last item, and the size of what lies in it."""

    band: int
    falling: float
    component: int
    position: int
    points: Decimal


_HEADS = """
    SELECT h.id, p.band, p.falling, p.component, p.position, (i.job_size * 1000)::bigint, i.kind
    FROM unnest(%s::bigint[]) AS h(id) CROSS JOIN LATERAL (
        SELECT * FROM backlog_placement q WHERE q.{home} = h.id AND q.band <= 2
        ORDER BY q.band, q.falling, q.component, q.position LIMIT %s
    ) p JOIN backlog_item i ON i.id = p.item_id
    ORDER BY h.id, p.band, p.falling, p.component, p.position
"""


def lists_near(touched: Mapping[int, Collection[Key]], behind: Mapping[int, Key]) -> set[int]:
    """Of the lists with touched items those whose lines may move: where an item lies, or lay, at or before the first one `behind` Next."""
    return {place for place, keys in touched.items() if place not in behind or not keys or min(keys) <= behind[place]}


def draw_cuts(
    organization_id: int, *, teams: Collection[int], trains: Collection[int], medians: Medians, paces: Mapping[int, Pace]
) -> None:
    """Write the lines of these lists that moved, and remove those of tiers that are empty."""
    _draw(organization_id, "team_id", {team: paces[team].own for team in teams if team in paces}, medians)
    if trains:
        train_paces = dict.fromkeys(trains, 0)
        of_team = dict(Basis.objects.for_organization(organization_id).filter(team__train__in=trains).values_list("team_id", "pace"))
        for team, train in Team.objects.for_organization(organization_id).filter(train__in=trains).values_list("id", "train_id"):
            train_paces[train] += of_team.get(team, 0)
        _draw(organization_id, "train_id", train_paces, medians)


def _draw(organization_id: int, home: str, paces: Mapping[int, int], medians: Medians) -> None:
    if not paces:
        return
    found = {(getattr(cut, home), cut.tier): cut for cut in Cut.objects.for_organization(organization_id).filter(**{f"{home}__in": paces})}
    heads = _read_heads(home, list(paces), _PROBABLY_ENOUGH)
    for place, pace in paces.items():
        team = place if home == "team_id" else None
        wanted = tier_lines(heads.get(place, ()), room=ITERATIONS_AHEAD * pace, team=team, medians=medians)
        if wanted is None:
            every = _read_heads(home, [place], None).get(place, ())
            wanted = tier_lines(every, room=ITERATIONS_AHEAD * pace, team=team, medians=medians, is_all=True) or {}
        for tier in Cut.Tier.values:
            _write(organization_id, home, place, tier, found.get((place, tier)), wanted.get(tier))


def _read_heads(home: str, places: list[int], limit: int | None) -> dict[int, list[tuple[Any, ...]]]:
    heads: dict[int, list[tuple[Any, ...]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_HEADS.format(home=home), [places, limit])
        for row in cursor.fetchall():
            heads.setdefault(row[0], []).append(row[1:])
    return heads


def tier_lines(
    head: Sequence[tuple[Any, ...]], *, room: int, team: int | None, medians: Medians, is_all: bool = False
) -> dict[str, Line] | None:
    """The lines by tier; None where the rows given end before the tiers do."""
    lines: dict[str, Line] = {}
    now = ahead = 0
    for band, falling, component, position, size, kind in head:
        points = assumed_size(medians, team=team, kind=kind) if size is None else size
        if band == Band.NOW:
            now += points
            lines[Cut.Tier.NOW] = Line(band, falling, component, position, from_milli(now))
            continue
        if ahead and ahead + points > room:
            return lines
        ahead += points
        lines[Cut.Tier.NEXT] = Line(band, falling, component, position, from_milli(ahead))
    return lines if is_all or len(head) < _PROBABLY_ENOUGH else None


def _write(organization_id: int, home: str, place: int, tier: str, before: Cut | None, line: Line | None) -> None:
    if line is None:
        if before is not None:
            before.delete()
        return
    after = {name: getattr(line, name) for name in Line.__slots__}
    if before is None:
        Cut.objects.create(organization_id=organization_id, tier=tier, **{home: place}, **after)
    elif any(getattr(before, name) != value for name, value in after.items()):
        Cut.objects.for_organization(organization_id).filter(pk=before.pk).update(**after)
