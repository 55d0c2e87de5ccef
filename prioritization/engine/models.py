"""The scoring models. Each is a declaration: its factors, how they enter, its size, and what one point of the common currency is in its own units.

The currency is what WSJF's columns give, points of cost of delay a week: an ordinary item (5, 5 and 5) costs 15 of them. `rate` says how
many of a model's own units are worth one point, so that its ordinary item also costs 15: 100 people a quarter * 1 * .8 = 80 of RICE, hence
80 / 15. The kinds' own models have rubrics made for the currency, rate 1. Sizes are points at the reference pace; of a team of five that
does 20 points in ten working days, a day of the team is 2 points and a person's week is 2 points. A team may set its own rate.

A name means the same everywhere: a factor that two models share is kept when the model changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from prioritization.engine.formula import Enters, FactorSpec, Formula, Sizing, milli

TYPICAL_COST = Decimal(15)


def _scale(*values: float | str) -> tuple[Decimal, ...]:
    return tuple(Decimal(str(value)) for value in values)


FIBONACCI = _scale(1, 2, 3, 5, 8, 13, 20)
ONE_TO_TEN = _scale(*range(1, 11))
TEN = Decimal(10)
KANO_CATEGORY, ASKED = "kano", "asked"
"""The category of a survey, and how many people answered it."""


@dataclass(frozen=True)
class Model:
    """A scoring model as people choose it. Raises ValueError where nothing in it makes a cost of delay."""

    name: str
    label: str
    help: str
    factors: tuple[FactorSpec, ...]
    rate: Decimal = Decimal(1)
    source: str = ""
    when: str = ""
    """What it is good for, in a sentence."""
    may_be_whole: bool = False
    """Whether a backlog may rank by value alone, each item as one point."""

    def __post_init__(self) -> None:
        if not any(spec.enters == Enters.PLUS and not spec.is_optional for spec in self.factors):
            raise ValueError(f"The model {self.name} has no terms.")

    @property
    def columns(self) -> tuple[FactorSpec, ...]:
        """What is summed, and can be weighted."""
        return tuple(spec for spec in self.factors if spec.enters == Enters.PLUS)


CONFIDENCE = FactorSpec(
    "confidence",
    "Confidence",
    _scale("0.5", "0.8", 1),
    most=Decimal(1),
    words=("a hunch", "some evidence", "measured"),
    help="How well the value is known. It counts by this share.",
    enters=Enters.TIMES,
    typical=Decimal("0.8"),
)
SURE = replace(CONFIDENCE, is_optional=True, typical=Decimal(1))
VALUE = FactorSpec("business_value", "Business value", FIBONACCI, help="What users or the business gain. The smallest of the column is 1.")

WSJF = Model(
    "wsjf",
    "WSJF",
    "Business value, time criticality and risk or opportunity, over job size.",
    (
        VALUE,
        FactorSpec("time_criticality", "Time criticality", FIBONACCI, lasts=90, help="How much of the value is lost by waiting."),
        FactorSpec("risk_reduction", "Risk or opportunity", FIBONACCI, help="What it makes safer or possible later."),
        SURE,
    ),
    source="SAFe, Weighted Shortest Job First",
    when="When work of many kinds competes and nobody has figures in money. The usual model, and that of trains.",
)
CD3 = Model(
    "cd3",
    "CD3, cost of delay over duration",
    "What a week of waiting costs in money, over the days it takes, at least half a day.",
    (
        FactorSpec("weekly_value", "Cost of a week's delay", _scale(500, 1000, 2000, 5000, 10_000, 20_000, 50_000), most=Decimal(1_000_000), unit="a week"),
        FactorSpec("duration", "Duration", _scale("0.5", 1, 2, 3, 5, 10, 20), unit="days", enters=Enters.SIZE, sizing=Sizing(Decimal(2), Decimal("0.5")), is_optional=True, help="Working days from start to done. Without it the points count."),
        SURE,
    ),
    rate=Decimal("333.333"),
    source="Reinertsen 2009, The Principles of Product Development Flow",
    when="When people can say what a week of waiting costs in money.",
)  # fmt: skip
RICE = Model(
    "rice",
    "RICE",
    "People reached, times impact, times confidence, over effort.",
    (
        FactorSpec("people_reached", "Reach", _scale(10, 20, 50, 100, 200, 500, 1000), most=Decimal(1_000_000), unit="people a quarter", help="The same period for all items: a quarter."),
        FactorSpec("impact", "Impact", _scale("0.25", "0.5", 1, 2, 3), most=Decimal(3), words=("minimal", "low", "medium", "high", "massive"), enters=Enters.TIMES, help="On each of them."),
        CONFIDENCE,
        FactorSpec("effort", "Effort", _scale("0.5", 1, 2, 4, 8, 12), unit="person weeks", enters=Enters.SIZE, sizing=Sizing(Decimal(2), Decimal("0.1")), is_optional=True, help="Without it the points count."),
    ),
    rate=Decimal("5.333"),
    source="McBride 2018, RICE: Simple prioritization for product managers (Intercom)",
    when="When a product knows how many people its ideas would reach.",
)  # fmt: skip
ICE = Model(
    "ice",
    "ICE",
    "Impact times confidence, divided by 11 less ease.",
    (
        FactorSpec("gain", "Impact", ONE_TO_TEN, least=Decimal(1), most=TEN, help="1 hardly felt, 10 the most we can imagine."),
        FactorSpec("certainty", "Confidence", ONE_TO_TEN, least=Decimal(1), most=TEN, enters=Enters.TIMES, help="1 a guess, 10 proven."),
        FactorSpec("ease", "Ease", ONE_TO_TEN, least=Decimal(1), most=TEN, enters=Enters.SIZE, sizing=Sizing(falls_from=Decimal(11)), is_optional=True, help="10 an afternoon, 1 a quarter. Without it the points count."),
    ),
    rate=Decimal("1.667"),
    source="Ellis and Brown 2017, Hacking Growth",
    when="For a quick first sort of many small ideas by one or two people.",
)  # fmt: skip
_ANCHORED = "On fixed anchors: 0 nothing, 1 little, 3 clearly, 5 decisive."
_FIVE = {"scale": _scale(0, 1, 2, 3, 4, 5), "most": Decimal(5), "help": _ANCHORED, "typical": Decimal(3)}
WEIGHTED = Model(
    "weighted",
    "Weighted scorecard",
    "The sum of weight times value over columns with fixed anchors, over size.",
    (
        FactorSpec("customer_value", "Value to customers", **_FIVE),  # type: ignore[arg-type]  # fields by name
        FactorSpec("revenue", "Revenue", **_FIVE),  # type: ignore[arg-type]
        FactorSpec("strategy_fit", "Fit to the strategy", **_FIVE),  # type: ignore[arg-type]
        FactorSpec("risk_removed", "Risk removed", **_FIVE),  # type: ignore[arg-type]
        SURE,
    ),
    rate=Decimal("0.8"),
    source="Keeney and Raiffa 1976: fixed anchors, so that one extreme item moves no other",
    may_be_whole=True,
    when="When several interests must count in shares that were agreed before.",
)
VALUE_EFFORT = Model(
    "value_effort",
    "Value over effort",
    "One number for the value, one for the effort.",
    (
        FactorSpec("value", "Value", ONE_TO_TEN, most=TEN, help="1 hardly any, 10 the most we can imagine."),
        FactorSpec("work", "Effort", ONE_TO_TEN, least=Decimal(1), most=TEN, enters=Enters.SIZE, sizing=Sizing(), is_optional=True, help="1 an afternoon, 10 a quarter. Without it the points count."),
        SURE,
    ),
    rate=Decimal("0.333"),
    source="Wiegers 1999, First Things First: Prioritizing Requirements",
    may_be_whole=True,
    when="For a small backlog, or the first talk about one.",
)  # fmt: skip
MOSCOW = Model(
    "moscow",
    "MoSCoW",
    "Must, should, could: each worth more than the next. Won't is on hold.",
    (
        FactorSpec("moscow", "Needed", _scale(0, 1, 3, 8), most=Decimal(8), words=("won't", "could", "should", "must"), typical=Decimal(3), holds_at=Decimal(0), lasts=90, help="Must only for what the release is worth nothing without: at most 60 % of the effort."),
    ),
    rate=Decimal("0.2"),
    source="DSDM Agile Project Framework: MoSCoW prioritisation",
    may_be_whole=True,
    when="For a release with a fixed day: what it cannot do without.",
)  # fmt: skip
KANO = Model(
    "kano",
    "Kano",
    "Business value, multiplied by what its absence or presence does to people.",
    (
        VALUE,
        FactorSpec(KANO_CATEGORY, "Kano category", _scale(0, "0.25", 1, "1.5", 2), most=Decimal(2), words=("reverse", "indifferent", "attractive", "performance", "must-be"), enters=Enters.TIMES, typical=Decimal(1), holds_at=Decimal(0), help="From the answers to both questions. Unwanted things are on hold."),
        FactorSpec(ASKED, "People asked", _scale(5, 10, 20, 50, 100), most=Decimal(1_000_000), unit="people", enters=Enters.NOTE, is_optional=True, lasts=365, help="How many answers the category stands on."),
    ),
    rate=Decimal("0.333"),
    source="Kano 1984; Berger et al. 1993: must-be before performance before attractive before indifferent",
    may_be_whole=True,
    when="When users were asked what they would feel with it and without it.",
)  # fmt: skip
BUG = Model(
    "bug",
    "Bug severity",
    "Severity times reach times frequency, less a workaround.",
    (
        FactorSpec("severity", "Severity", _scale(1, 3, 8, 20), most=Decimal(20), help="1 cosmetic, 3 a detour, 8 a task fails, 20 data or money is lost."),
        FactorSpec("reach", "Reach", _scale("0.25", "0.5", 1, 2), most=Decimal(5), enters=Enters.TIMES, help="How many meet it: 0.25 a few, 1 half of all, 2 everybody."),
        FactorSpec("frequency", "Frequency", _scale("0.5", 1, "1.5"), most=Decimal(5), enters=Enters.TIMES, help="0.5 rarely, 1 weekly, 1.5 each time."),
        FactorSpec("workaround", "Workaround", _scale(0, "0.25", "0.5", "0.75"), most=Decimal(1), words=("none", "tedious", "bearable", "easy"), enters=Enters.LESS, is_optional=True, help="The share of the harm that it takes away."),
    ),
    when="For bugs: how badly it hurts, how many, how often.",
)  # fmt: skip
DEBT = Model(
    "debt",
    "Interest of debt",
    "What it costs each sprint that it stays, over the principal.",
    (
        FactorSpec(
            "interest", "Interest a sprint", FIBONACCI, unit="points a sprint", help="Points of work it costs each sprint that it stays."
        ),
    ),
    source="Cunningham 1992; interest and principal after Fowler",
    when="For debt: first what costs most each sprint for what paying it off takes.",
)
RETRO = Model(
    "retro",
    "Pain of a retro action",
    "Pain a sprint times the people who feel it.",
    (
        FactorSpec("pain", "Pain a sprint", _scale(1, 2, 3, 5), most=Decimal(20), help="1 a nuisance, 5 it stops us."),
        FactorSpec("people", "People", _scale(1, 3, 5, 9), most=Decimal(100), unit="people", enters=Enters.TIMES, help="How many feel it."),
    ),
    when="For what a team wants to change about its work, by who feels it.",
)
DEMAND = Model(
    "demand",
    "Demand of a request",
    "The sum over the people who asked of how much it matters to them.",
    (
        FactorSpec("demand", "Demand", FIBONACCI, most=Decimal(1000), help="Sum over the people who asked of how much it matters to them, 0 to 3."),
    ),
    when="For requests, by how many people ask and how much it matters to them.",
)  # fmt: skip

MODELS: Mapping[str, Model] = {
    model.name: model for model in (WSJF, CD3, RICE, ICE, WEIGHTED, VALUE_EFFORT, MOSCOW, KANO, BUG, DEBT, RETRO, DEMAND)
}
GENERAL = tuple(model.name for model in (WSJF, CD3, RICE, ICE, WEIGHTED, VALUE_EFFORT, MOSCOW, KANO))
"""Models that fit any kind; the others are a kind's own."""
FACTORS: Mapping[str, FactorSpec] = {spec.name: spec for model in tuple(MODELS.values())[::-1] for spec in model.factors}


@dataclass(frozen=True)
class Weights:
    """What a backlog sets of a model: weights by column, its rate, and whether items count as one point each. Empty: as declared."""

    of: tuple[tuple[str, Decimal], ...] = ()
    rate: Decimal | None = None
    is_whole: bool = False


DECLARED = Weights()


@lru_cache(maxsize=4096)
def formula(name: str, weights: Weights = DECLARED) -> Formula:
    """A model with its weights as the engine counts it. A column of weight 0 is not asked for. KeyError for a model
    nobody knows, ValueError where the weights sum to nothing."""
    model = MODELS[name]
    given = dict(weights.of)
    columns = [(spec.name, milli(given.get(spec.name, Decimal(1)))) for spec in model.columns]
    size = next(((spec.name, spec.sizing) for spec in model.factors if spec.sizing is not None), None)
    return Formula(
        plus=tuple((column, weight) for column, weight in columns if weight),
        times=tuple((spec.name, spec.enters == Enters.LESS) for spec in model.factors if spec.enters in (Enters.TIMES, Enters.LESS)),
        optional=frozenset(spec.name for spec in model.factors if spec.is_optional),
        size=size,
        is_divided=not weights.is_whole,
        columns=len(columns),
        rate=milli(model.rate if weights.rate is None else weights.rate),
        holds=tuple((spec.name, milli(spec.holds_at)) for spec in model.factors if spec.holds_at is not None),
    )


def asked_factors(name: str, weights: Weights = DECLARED) -> tuple[FactorSpec, ...]:
    """What people score under a model, in order; columns without weight rest."""
    off = {column for column, weight in weights.of if not weight}
    return tuple(spec for spec in MODELS[name].factors if spec.name not in off)
