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
from backlog.selectors.ranked import topic_of
from prioritization.engine.models import FACTORS
from prioritization.scoring import assumed_size
from prioritization.selectors.basis import Standing, read_basis

Home = Team | ReleaseTrain
SHOWN = 100


class Want(StrEnum):
    """What an item wants of people."""

    SCORES = "scores"
    SIZE = "size"
    VALUE = "value"
    EXPIRED = "expired"


LABELS: Mapping[Want, str] = {
    Want.SCORES: "Nobody scored it",
    Want.SIZE: "Size assumed",
    Want.VALUE: "Value assumed in part",
    Want.EXPIRED: "Score expired",
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


_LINES = """
    SELECT i.key, i.title, i.kind, i.job_size, p.band, p.value, p.cost_of_delay, p.is_assumed, p.is_size_assumed,
           row_number() OVER (ORDER BY p.band, p.falling, p.component, p.position),
           coalesce((SELECT array_agg(f.name ORDER BY f.name) FROM prioritization_factor f WHERE f.item_id = i.id AND f.expires_on < %s), '{{}}')
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
        cursor.execute(_LINES.format(home=place), [today, home.pk, Band.DORMANT])
        lines = [_Line._make(row) for row in cursor.fetchall()]
    standing = read_basis(home.organization_id, [home.pk] if isinstance(home, Team) else [])
    wanted = [(line, wants) for line in lines if (wants := _wants(line))]
    counts = {want.value: sum(want in wants for _, wants in wanted) for want in Want}
    stakes = {line.key: line.value * _size(line, home, standing) for line in lines if line.band != Band.UNSCORED}
    ordinary = median(stakes.values()) if stakes else 0.0
    found = [(line, wants) for line, wants in wanted if only is None or only in wants]
    found.sort(key=lambda each: (-stakes.get(each[0].key, ordinary), each[0].place))
    return Inputs([_row(*each) for each in found[:SHOWN]], counts, len(wanted), len(found), version, topic)


def _wants(line: _Line) -> list[Want]:
    wants = []
    if line.band == Band.UNSCORED:
        wants.append(Want.SCORES)
    elif line.is_assumed:
        wants.append(Want.VALUE)
    if line.is_size_assumed or (line.size is None and line.kind not in (Kind.EPIC, Kind.FEATURE)):
        wants.append(Want.SIZE)
    if line.expired:
        wants.append(Want.EXPIRED)
    return wants


def _size(line: _Line, home: Home, standing: Standing) -> float:
    if line.size is not None:
        return float(line.size)
    return assumed_size(standing.medians, team=home.pk if isinstance(home, Team) else None, kind=line.kind) / 1000


def _row(line: _Line, wants: Sequence[Want]) -> dict[str, Any]:
    """As `backlog.rows` prints it; the reason says what is wanted."""
    kind = KINDS[Kind(line.kind)]
    said = [_expired(line) if want == Want.EXPIRED else LABELS[want] for want in wants]
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
        "reason_icon": "history" if wants == [Want.EXPIRED] else "circle-dashed",
        "reason": reason,
    }


def _expired(line: _Line) -> str:
    labels = [FACTORS[name].label for name in line.expired if name in FACTORS]
    return f"{' and '.join(labels or line.expired)} expired"
