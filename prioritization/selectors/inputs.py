"""Inputs of a backlog's order that want a look: missing, assumed or expired, those first on which most depends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from statistics import median
from typing import Any, NamedTuple

from django.db import connection

from accounts.models import ReleaseTrain, Team
from activity.live import topic_version
from backlog.kinds import KINDS, Kind
from backlog.models import Band
from backlog.numbers import UNKNOWN, density, short
from backlog.selectors.paging import topic_of
from prioritization.engine.models import FACTORS
from prioritization.engine.urgency import asks_for_verdict
from prioritization.scoring import assumed_size
from prioritization.selectors.basis import Standing, read_basis

Home = Team | ReleaseTrain
SHOWN = 100
_LASTS = (list(FACTORS), [spec.lasts for spec in FACTORS.values()])
"""Names of factors, and the days after which each is asked for again where nobody set a date."""


class Want(StrEnum):
    """What an item wants of people."""

    SCORES = "scores"
    SIZE = "size"
    VALUE = "value"
    EXPIRED = "expired"
    VERDICT = "verdict"


LABELS: Mapping[Want, str] = {
    Want.SCORES: "Nobody scored it",
    Want.SIZE: "Size assumed",
    Want.VALUE: "Value assumed in part",
    Want.EXPIRED: "Score expired",
    Want.VERDICT: "Date passed",
}


class _Line(NamedTuple):
    key: str
    title: str
    kind: str
    size: Decimal | None
    band: int
    value: float
    cost: Decimal | None
    is_assumed: bool
    is_size_assumed: bool
    place: int
    expired: Sequence[str]
    urgency: str
    due_on: date | None


_LINES = """
    WITH usual (name, days) AS (SELECT * FROM unnest(%s::text[], %s::int[]))
    SELECT i.key, i.title, i.kind, i.job_size, p.band, p.value, p.cost_of_delay, p.is_assumed, p.is_size_assumed,
           row_number() OVER (ORDER BY p.band, p.falling, p.component, p.position),
           coalesce((
               SELECT array_agg(f.name ORDER BY f.name) FROM prioritization_factor f LEFT JOIN usual ON usual.name = f.name
               WHERE f.item_id = i.id AND coalesce(f.expires_on, (f.scored_at AT TIME ZONE 'UTC')::date + usual.days) < %s
           ), '{{}}'), i.urgency, i.due_on
    FROM backlog_placement p JOIN backlog_item i ON i.id = p.item_id
    WHERE p.{home} = %s AND p.band < %s AND p.ranked_at IS NOT NULL
"""


@dataclass(frozen=True)
class Inputs:
    """What to look at, as lines that a list prints, with how many items want what. `version` was read first."""

    rows: list[dict[str, Any]]
    counts: dict[str, int]
    total: int
    found: int
    version: int
    topic: str


def list_inputs(*, home: Home, today: date, only: Want | None = None) -> Inputs:
    """The items of the list that want something (or this), by stake: what hangs on them, their value times their size.

    An item nobody scored counts as an ordinary one of the list.
    """
    topic = topic_of(home)
    version = topic_version(organization_id=home.organization_id, topic=topic)
    with connection.cursor() as cursor:
        place = "team_id" if isinstance(home, Team) else "train_id"
        cursor.execute(_LINES.format(home=place), [*_LASTS, today, home.pk, Band.DORMANT])
        lines = [_Line._make(row) for row in cursor.fetchall()]
    standing = read_basis(home.organization_id, [home.pk] if isinstance(home, Team) else [])
    asked = _asked(home, standing)
    lines = [line._replace(expired=[name for name in line.expired if name in asked[line.kind]]) for line in lines]
    wanted = [(line, wants) for line in lines if (wants := _wants(line, today))]
    counts = {want.value: sum(want in wants for _, wants in wanted) for want in Want}
    stakes = {line.key: line.value * _size(line, home, standing) for line in lines if line.band != Band.UNSCORED}
    ordinary = median(stakes.values()) if stakes else 0.0
    found = [(line, wants) for line, wants in wanted if only is None or only in wants]
    found.sort(key=lambda each: (-stakes.get(each[0].key, ordinary), each[0].place))
    return Inputs([_row(*each) for each in found[:SHOWN]], counts, len(wanted), len(found), version, topic)


def _asked(home: Home, standing: Standing) -> dict[str, frozenset[str]]:
    """What each kind is scored by here: scores of another model rest, and nobody is asked for them."""
    place = (home.pk, None) if isinstance(home, Team) else (None, home.pk)
    return {kind.value: frozenset(spec.name for spec in standing.rules.choice(place, kind).factors) for kind in Kind}


def _wants(line: _Line, today: date) -> list[Want]:
    wants = []
    if line.band == Band.UNSCORED:
        wants.append(Want.SCORES)
    elif line.is_assumed:
        wants.append(Want.VALUE)
    if line.is_size_assumed or (line.size is None and line.kind not in (Kind.EPIC, Kind.FEATURE)):
        wants.append(Want.SIZE)
    if line.expired:
        wants.append(Want.EXPIRED)
    if line.due_on is not None and asks_for_verdict(line.urgency, day=today.toordinal(), due=line.due_on.toordinal()):
        wants.append(Want.VERDICT)
    return wants


def _size(line: _Line, home: Home, standing: Standing) -> float:
    if line.size is not None:
        return float(line.size)
    return assumed_size(standing.medians, team=home.pk if isinstance(home, Team) else None, kind=line.kind) / 1000


def _row(line: _Line, wants: Sequence[Want]) -> dict[str, Any]:
    """As `backlog.rows` prints it; the reason says what is wanted."""
    kind = KINDS[Kind(line.kind)]
    said = [_said(line, want) for want in wants]
    reason = said[0] + "".join(f", {words[0].lower()}{words[1:]}" for words in said[1:])
    return {
        "key": line.key,
        "block": "",
        "rank": f"{line.place:,}",
        "icon": kind.icon,
        "kind": kind.kind.label,
        "title": line.title,
        "up": "",
        "size": short(line.size, places=3),
        "cost": short(line.cost) if line.cost is not None else UNKNOWN,
        "value": density(line.value) if line.band != Band.UNSCORED else UNKNOWN,
        "tone": "is-look",
        "reason_icon": _ICONS.get(wants[0], "circle-dashed"),
        "reason": reason,
    }


_ICONS = {Want.EXPIRED: "history", Want.VERDICT: "alarm-clock-off"}


def _said(line: _Line, want: Want) -> str:
    if want == Want.EXPIRED:
        return _expired(line)
    if want == Want.VERDICT and line.due_on is not None:
        return f"Its day was {line.due_on:%-d %b %Y}: done, moved, or let go?"
    return LABELS[want]


def _expired(line: _Line) -> str:
    labels = [FACTORS[name].label for name in line.expired if name in FACTORS]
    return f"{' and '.join(labels or line.expired)} expired"
