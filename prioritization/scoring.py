"""From rows to what the engine ranks: factors in milli-units, asked bands, paces, and what stands in for a missing score."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from statistics import median, median_low
from typing import Any, NamedTuple

from backlog.kinds import KINDS, FactorSpec, Kind
from backlog.models import Band
from backlog.models.item import Status
from prioritization.engine.terms import SIZE, Basis, Scored

DEMAND = "demand"
MILLI = Decimal(1000)
LATEST_ITERATIONS = 5


class Row(NamedTuple):
    """A ranked item as ranking reads it. Sizes in milli-points."""

    id: int
    key: str
    kind: str
    status: str
    is_dormant: bool
    team: int | None
    train: int | None
    parent: int | None
    size: int | None
    demand: int


class Pace(NamedTuple):
    """Milli-points an iteration: the team's own, and the median of its train."""

    own: int
    reference: int


STEADY = Pace(1, 1)
"""Epics and features are sized in the train's own points."""


def in_milli(value: Decimal) -> int:
    return int(value * MILLI)


def from_milli(amount: int) -> Decimal:
    return Decimal(amount) / MILLI


def factor_specs(kind: str) -> tuple[FactorSpec, ...]:
    """What people score of a kind, in order."""
    return KINDS[Kind(kind)].factors


def asked_band(status: str, *, is_dormant: bool) -> int:
    """The band an item asks for by its status; the engine moves it to *unscored* or pulls it up."""
    if status in (Status.PLANNED, Status.IN_PROGRESS):
        return Band.NOW
    return Band.DORMANT if is_dormant else Band.NORMAL


_FACTOR_NAMES = {kind.value: tuple(factor.name for factor in spec.factors) for kind, spec in KINDS.items()}
_IS_PRODUCT = {kind.value: spec.is_product for kind, spec in KINDS.items()}
_DEMANDED = {kind for kind, names in _FACTOR_NAMES.items() if DEMAND in names}


def to_scored(rows: Iterable[Row], factors: Mapping[int, Mapping[str, int]], paces: Mapping[int, Pace]) -> list[Scored]:
    """The rows as the engine takes them. `factors` are milli-units by item and name; of another kind's factors none counts.

    Where nobody scored the demand of a request, it is what the people who asked said.
    """
    scored = []
    nothing: Mapping[str, int] = {}
    for row in rows:
        found = factors.get(row.id, nothing)
        values: dict[str, int | None] = {name: found.get(name) for name in _FACTOR_NAMES[row.kind]}
        if row.kind in _DEMANDED and values[DEMAND] is None and row.demand:
            values[DEMAND] = row.demand * 1000
        pace = STEADY if row.team is None else paces.get(row.team, STEADY)
        band = asked_band(row.status, is_dormant=row.is_dormant)
        scored.append(
            Scored(row.id, row.kind, values, row.size, row.team, row.parent, band, pace.own, pace.reference, _IS_PRODUCT[row.kind])
        )
    return scored


def to_basis(stored: Iterable[tuple[int | None, Mapping[str, Mapping[str, int]]]]) -> Basis:
    """The engine's basis from stored medians by team (None: the organization), completed by the middle of each factor's scale."""
    medians: dict[tuple[Any, str | None, str], int] = {
        (None, kind.value, factor.name): in_milli(median_low(factor.scale)) for kind, spec in KINDS.items() for factor in spec.factors
    }
    for team, kinds in stored:
        for kind, values in kinds.items():
            for name, value in values.items():
                medians[team, kind or None, name] = value
    return Basis(medians)


def to_stored(basis: Basis) -> dict[int | None, dict[str, dict[str, int]]]:
    """The medians by team, kind (empty for any) and name, as they are kept."""
    stored: dict[int | None, dict[str, dict[str, int]]] = {}
    for (team, kind, name), value in basis.medians.items():
        assert team is None or isinstance(team, int)
        stored.setdefault(team, {}).setdefault(kind or "", {})[name] = value
    return stored


def assumed_size(basis: Basis, *, team: int | None, kind: str) -> int:
    """The size in milli-points that stands in for a missing one."""
    found = basis.find(team, kind, SIZE)
    return 1000 if found is None else found


def measure_pace(points_done: Iterable[int], setting: int) -> int:
    """Milli-points an iteration: the median of the last iterations (newest first), else the team's setting; at least one point."""
    latest = list(points_done)[:LATEST_ITERATIONS]
    measured = int(median(latest)) if latest else 0
    return measured if measured >= 1000 else max(setting, 1000)
