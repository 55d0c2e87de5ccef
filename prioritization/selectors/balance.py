"""The balanced view of a list: its order with a share of the work kept for each class, and what that costs in delay."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection

from accounts.models import ReleaseTrain, Team
from backlog.kinds import KINDS, Kind
from backlog.models import Band, Item
from backlog.numbers import percent, short
from prioritization.classes import LABELS, WorkClass, class_of
from prioritization.engine.price import price_of
from prioritization.engine.types import Candidate
from prioritization.scoring import assumed_size
from prioritization.selectors.basis import read_basis
from prioritization.selectors.interleaving import interleaved, shares_of
from prioritization.selectors.outcomes import ITERATIONS_AHEAD, next_tier, pace_of
from prioritization.selectors.prices import LIST, pace_a_week
from prioritization.selectors.problems import Key

Home = Team | ReleaseTrain
SHOWN = 60
MOST_AHEAD = 600
"""Items that are looked at for the next two sprints."""


class _Row(NamedTuple):
    """A row of the list. Weight and size in milli-units."""

    item: int
    key: Key
    kind: str
    weight: int
    size: int


@dataclass(frozen=True)
class ClassShare:
    """A class with what is kept for it, and what it gets of the next two sprints in the computed and in the balanced order."""

    name: WorkClass
    label: str
    kept: int
    items: int
    computed: str
    balanced: str


@dataclass(frozen=True)
class Balanced:
    """A row of the balanced view: its number there and in the computed order."""

    place: int
    computed: int
    key: str
    title: str
    icon: str
    kind: str
    label: str
    is_asked_for: bool
    """It came before its class's turn, because something else waits for it."""


@dataclass(frozen=True)
class Balance:
    """The first rows, the classes, and the price: cost of delay added, as a share and in value-weeks."""

    rows: list[Balanced]
    classes: list[ClassShare]
    total: int
    share: float
    weeks: str

    @property
    def price(self) -> str:
        """“1.3 %”."""
        return f"{100 * self.share:.1f} %" if self.share >= 0.0005 else "hardly anything"


def balance_of(home: Home, shares: Mapping[str, int]) -> Balance:
    """The balanced view under these shares. A handful of queries; one pass over the list."""
    rows = _rows(home)
    by_id = {row.item: row for row in rows}
    computed = [row.item for row in rows]
    bands, sizes = {row.item: row.key[0] for row in rows}, {row.item: row.size for row in rows}
    balanced, asked_for = interleaved(home, computed, bands, {row.item: row.kind for row in rows}, sizes, shares)
    standing = read_basis(home.organization_id, [home.pk] if isinstance(home, Team) else None)
    ranked = [Candidate(row.item, {"value": row.weight}, row.size) for row in rows if row.key[0] <= Band.NORMAL]
    ids = {candidate.id for candidate in ranked}
    price = price_of([item for item in computed if item in ids], [item for item in balanced if item in ids], ranked)
    room = ITERATIONS_AHEAD * pace_of(home, standing)
    pace = pace_a_week(home.organization_id, home.pk if isinstance(home, Team) else -home.pk, standing)
    tiers = [_parts(by_id, next_tier(order, bands, sizes, room)) for order in (computed, balanced)]
    counts = [class_of(row.kind) for row in rows if row.key[0] <= Band.NORMAL]
    return Balance(
        _shown(balanced, computed, by_id, asked_for),
        [
            ClassShare(each, LABELS[each], shares.get(each, 0), counts.count(each), *(percent(tier.get(each, 0.0)) for tier in tiers))
            for each in WorkClass
        ],
        len(rows),
        price.share,
        short(price.delay / (1000 * pace), 1),
    )


def _rows(home: Home) -> list[_Row]:
    with connection.cursor() as cursor:
        cursor.execute(LIST.format(home="team_id" if isinstance(home, Team) else "train_id"), [home.pk])
        found: list[tuple[Any, ...]] = cursor.fetchall()
    team = home.pk if isinstance(home, Team) else None
    medians = read_basis(home.organization_id, [] if team is None else [team]).medians
    rows = [
        _Row(
            item, (band, falling, component, position), kind, weight, assumed_size(medians, team=team, kind=kind) if size is None else size
        )
        for item, band, falling, component, position, weight, size, kind in found
    ]
    return sorted(rows, key=lambda row: row.key)


def _parts(rows: Mapping[int, _Row], tier: set[int]) -> dict[WorkClass, float]:
    """What each class has of the tier's size."""
    total = sum(rows[item].size for item in tier) or 1
    parts: dict[WorkClass, float] = {}
    for item in tier:
        name = class_of(rows[item].kind)
        parts[name] = parts.get(name, 0.0) + rows[item].size / total
    return parts


def _shown(balanced: Sequence[int], computed: Sequence[int], rows: Mapping[int, _Row], asked_for: set[int]) -> list[Balanced]:
    """The first rows behind what is under way."""
    place = {item: at for at, item in enumerate(computed, 1)}
    first = [(at, item) for at, item in enumerate(balanced, 1) if Band.NOW < rows[item].key[0] <= Band.NORMAL][:SHOWN]
    named = {
        pk: (key, title)
        for pk, key, title in Item.objects.unscoped().filter(pk__in=[item for _, item in first]).values_list("id", "key", "title")
    }
    return [
        Balanced(
            at,
            place[item],
            *named[item],
            KINDS[Kind(rows[item].kind)].icon,
            Kind(rows[item].kind).label,
            LABELS[class_of(rows[item].kind)],
            item in asked_for,
        )
        for at, item in first
    ]


_AHEAD = f"""
    SELECT (i.job_size * 1000)::bigint, i.kind FROM (
        SELECT item_id, band, falling, component, position FROM backlog_placement
        WHERE {{home}} = %s AND band IN ({Band.EXPEDITE}, {Band.NORMAL}) ORDER BY band, falling, component, position LIMIT {MOST_AHEAD}
    ) p JOIN backlog_item i ON i.id = p.item_id ORDER BY p.band, p.falling, p.component, p.position
"""  # noqa: S608, own words only


def share_fact(item: Item) -> str:
    """What the class of the item has of the next two sprints as computed, beside what is kept for it: a fact apart from its score.

    Empty where its backlog keeps no shares.
    """
    home = item.team or item.train
    assert home is not None, "a constraint of the table"
    shares = shares_of(home)
    if not shares:
        return ""
    team = home.pk if isinstance(home, Team) else None
    with connection.cursor() as cursor:
        cursor.execute(_AHEAD.format(home="team_id" if team else "train_id"), [home.pk])
        found: list[tuple[int | None, str]] = cursor.fetchall()
    standing = read_basis(home.organization_id, [] if team is None else [team])
    sizes = {at: assumed_size(standing.medians, team=team, kind=kind) if size is None else size for at, (size, kind) in enumerate(found)}
    tier = next_tier(range(len(found)), dict.fromkeys(sizes, int(Band.NORMAL)), sizes, ITERATIONS_AHEAD * pace_of(home, standing))
    mine = class_of(item.kind)
    part = sum(sizes[at] for at in tier if class_of(found[at][1]) == mine) / (sum(sizes[at] for at in tier) or 1)
    return f"{LABELS[mine]}: {percent(part)} of the next two sprints, {shares.get(mine, 0)} % is kept for them in the balanced view."
