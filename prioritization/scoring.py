"""From rows to what the engine ranks: factors in milli-units, asked bands, paces, rules of the backlogs, and what stands in for a missing score."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache
from statistics import median
from typing import Any, NamedTuple

from backlog.kinds import KINDS, Kind
from backlog.models import Band
from backlog.models.item import Status, Urgency
from prioritization.engine.formula import Enters, FactorSpec, Formula
from prioritization.engine.models import DECLARED, FACTORS, GENERAL, MODELS, Model, Weights, asked_factors, formula
from prioritization.engine.terms import SIZE, Basis, Scored
from prioritization.engine.urgency import USUAL_DAYS, lead_days, urgency

DEMAND = "demand"
MILLI = Decimal(1000)
LATEST_ITERATIONS = 5
USUAL_PACE = 20_000
"""Of trains, which have none of their own: milli-points an iteration."""


class Row(NamedTuple):
    """A ranked item as ranking reads it. Sizes in milli-points; days since 1970."""

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
    goal: int | None = None
    urgency: str = Urgency.STANDARD
    due: int | None = None
    span: int | None = None
    born: int = 0


class Pace(NamedTuple):
    """Milli-points an iteration: the team's own, and the median of its train."""

    own: int
    reference: int


STEADY = Pace(1, 1)
"""Epics and features are sized in the train's own points."""


class Choice(NamedTuple):
    """The model that a backlog scores a kind by, and what it set of it."""

    model: str
    weights: Weights = DECLARED

    @property
    def declared(self) -> Model:
        return MODELS[self.model]

    @property
    def factors(self) -> tuple[FactorSpec, ...]:
        """What is asked of people, in order."""
        return asked_factors(self.model, self.weights)

    @property
    def formula(self) -> Formula:
        return formula(self.model, self.weights)

    def weight_of(self, name: str) -> Decimal:
        return dict(self.weights.of).get(name, Decimal(1))


Home = tuple[int | None, int | None]
"""A backlog by its team or its train."""
USUAL: Mapping[str, Choice] = {kind.value: Choice(spec.model) for kind, spec in KINDS.items()}
"""How a kind is scored where its backlog chose nothing."""
_USUAL_FORMULAS = {kind: choice.formula for kind, choice in USUAL.items()}


@dataclass(frozen=True)
class Rules:
    """What counts on a day beside the scores: the models that backlogs chose, and the goals' multipliers in thousandths."""

    day: int | None = None
    """Days since 1970; without one nothing ages and no date counts."""
    choices: Mapping[tuple[int | None, int | None, str], Choice] = field(default_factory=dict)
    goals: Mapping[int, int] = field(default_factory=dict)

    def choice(self, home: Home, kind: str) -> Choice:
        """How a backlog scores a kind."""
        return self.choices.get((*home, kind)) or USUAL[kind]

    def with_choices(self, home: Home, chosen: Mapping[str, Choice]) -> "Rules":
        """These rules with kinds of one backlog scored otherwise: what a preview or a what-if ranks by, beside these."""
        return replace(self, choices={**self.choices, **{(*home, kind): choice for kind, choice in chosen.items()}})


PLAIN = Rules()


def in_milli(value: Decimal) -> int:
    return int(value * MILLI)


def from_milli(amount: int) -> Decimal:
    return Decimal(amount) / MILLI


def factor_specs(kind: str) -> tuple[FactorSpec, ...]:
    """What people score of a kind, in order, where its backlog chose nothing."""
    return USUAL[Kind(kind)].factors


def models_for(kind: str) -> list[Model]:
    """The models that a backlog may score the kind by: its usual one first."""
    usual = KINDS[Kind(kind)].model
    return [MODELS[name] for name in (usual, *(name for name in GENERAL if name != usual))]


def read_weights(stored: Mapping[str, Any]) -> Weights:
    """Weights as a row keeps them."""
    rate = stored.get("rate")
    return Weights(
        tuple(sorted((name, Decimal(str(weight))) for name, weight in stored.get("of", {}).items())),
        None if rate is None else Decimal(str(rate)),
        bool(stored.get("is_whole", False)),
    )


def keep_weights(weights: Weights) -> dict[str, Any]:
    """Weights as a row, an event and a draft keep them; `read_weights` reads them again. What is as declared is left out."""
    kept: dict[str, Any] = {}
    if weights.of:
        kept["of"] = {name: format(weight, "f") for name, weight in weights.of}
    if weights.rate is not None:
        kept["rate"] = format(weights.rate, "f")
    if weights.is_whole:
        kept["is_whole"] = True
    return kept


def to_choices(
    stored: Iterable[tuple[int | None, int | None, str, str, Mapping[str, Any]]],
) -> dict[tuple[int | None, int | None, str], Choice]:
    """Choices from rows of (team, train, kind, model, weights). One of a model that is no longer declared is left out."""
    return {(team, train, kind): Choice(model, read_weights(weights)) for team, train, kind, model, weights in stored if model in MODELS}


def to_goals(stored: Iterable[tuple[int, int | None, int, bool]]) -> dict[int, int]:
    """The multiplier of each goal in thousandths, from rows of (id, parent, weight in thousandths, whether it counts): the product up the tree."""
    rows = {goal: (parent, weight if counts else 1000) for goal, parent, weight, counts in stored}
    goals: dict[int, int] = {}
    for goal in rows:
        above: list[int] = []
        at: int | None = goal
        while at is not None and at in rows and at not in above:
            above.append(at)
            at = rows[at][0]
        product = 1000
        for each in above:
            product = min((2 * product * rows[each][1] + 1000) // 2000, MOST_GOAL)
        goals[goal] = product
    return goals


MOST_GOAL = 25_000
"""However deep a tree of goals, it makes an item at most 25 times as costly."""


def asked_band(status: str, *, is_dormant: bool, is_expedited: bool = False) -> int:
    """The band an item asks for by its status; the engine moves it to *unscored* or pulls it up."""
    if status in (Status.PLANNED, Status.IN_PROGRESS):
        return Band.NOW
    if is_dormant:
        return Band.DORMANT
    return Band.EXPEDITE if is_expedited else Band.NORMAL


def to_scored(
    rows: Iterable[Row], factors: Mapping[int, Mapping[str, int]], paces: Mapping[int, Pace], rules: Rules = PLAIN
) -> list[Scored]:
    """The rows as the engine takes them. `factors` are milli-units by item and name; of another model's factors none counts.

    Where nobody scored the demand of a request, it is what the people who asked said.
    """
    scored = []
    nothing: Mapping[str, int] = {}
    choices, goals, day = rules.choices, rules.goals, rules.day
    for row in rows:
        found = factors.get(row.id, nothing)
        chosen = choices.get((row.team, row.train, row.kind)) if choices else None
        rule = chosen.formula if chosen else _USUAL_FORMULAS[row.kind]
        values: dict[str, int | None] = {name: found.get(name) for name in rule.required}
        if DEMAND in values and values[DEMAND] is None and row.demand:
            values[DEMAND] = row.demand * 1000
        if rule.extras and found and any(value is not None for value in values.values()):
            values |= {name: found[name] for name in rule.extras if name in found}
        pace = STEADY if row.team is None else paces.get(row.team, STEADY)
        size, at_pace = row.size, pace
        if rule.size is not None and rule.size[0] in found:
            size, at_pace = rule.size[1].milli_points(found[rule.size[0]]), STEADY
        scored.append(
            Scored(
                row.id,
                row.kind,
                values,
                size,
                row.team,
                row.parent,
                asked_band(row.status, is_dormant=row.is_dormant, is_expedited=row.urgency == Urgency.EXPEDITE),
                at_pace.own,
                at_pace.reference,
                rule,
                None if row.goal is None else goals.get(row.goal),
                1000 if day is None or row.due is None else _urgency_of(row, day, pace),
                0 if day is None else max(day - row.born, 0) // 7,
            )
        )
    return scored


def _urgency_of(row: Row, day: int, pace: Pace) -> int:
    if row.urgency not in USUAL_DAYS:
        return 1000
    lead = lead_days(row.size, pace.own if pace.own >= 1000 else USUAL_PACE)
    return urgency(row.urgency, day=day, due=row.due, span=row.span, lead=lead)


@lru_cache(maxsize=1)
def _middles() -> Mapping[tuple[Any, str | None, str], int]:
    """What stands in for a score that was never measured: the middle of each factor's scale."""
    return {
        (None, kind.value, spec.name): in_milli(spec.middle)
        for kind in KINDS
        for spec in FACTORS.values()
        if spec.enters in (Enters.PLUS, Enters.TIMES)
    }


def to_basis(stored: Iterable[tuple[int | None, Mapping[str, Mapping[str, int]]]]) -> Basis:
    """The engine's basis from stored medians by team (None: the organization), completed by the middle of each factor's scale."""
    medians = dict(_middles())
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
