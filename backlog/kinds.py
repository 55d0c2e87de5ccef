"""The nine kinds of item. A new kind is one entry here: its icon, the fields of its `details` and the factors people score for it.

Scales: WSJF columns take 1, 2, 3, 5, 8, 13, 20 (SAFe); the type models' rubrics are small numbers whose product or sum is a cost of delay in the same currency.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models

from activity.errors import InvalidError


class Kind(models.TextChoices):
    EPIC = "epic", "Epic"
    FEATURE = "feature", "Feature"
    STORY = "story", "Story"
    BUG = "bug", "Bug"
    DESIGN_CHANGE = "design_change", "Design change"
    TECH_DEBT = "tech_debt", "Tech debt"
    USER_REQUEST = "user_request", "User request"
    RETRO_ACTION = "retro_action", "Retro action"
    SPIKE = "spike", "Spike"


@dataclass(frozen=True)
class FieldSpec:
    """One field of a kind's details. `form`: line, text, number, date, or choice."""

    name: str
    label: str
    form: str = "line"
    choices: tuple[str, ...] = ()
    help: str = ""


@dataclass(frozen=True)
class FactorSpec:
    """One thing people score. `scale` are the values offered; any value from `least` to `most` is accepted."""

    name: str
    label: str
    scale: tuple[Decimal, ...]
    least: Decimal = Decimal(0)
    most: Decimal = Decimal(100)
    help: str = ""


@dataclass(frozen=True)
class KindSpec:
    kind: Kind
    icon: str  # lucide name
    fields: tuple[FieldSpec, ...]
    factors: tuple[FactorSpec, ...]
    is_product: bool = False  # the cost of delay is the factors' product instead of their sum


def _scale(*values: float | str) -> tuple[Decimal, ...]:
    return tuple(Decimal(str(value)) for value in values)


FIBONACCI = _scale(1, 2, 3, 5, 8, 13, 20)

WSJF_FACTORS = (
    FactorSpec("business_value", "Business value", FIBONACCI, help="What users or the business gain. The smallest of the column is 1."),
    FactorSpec("time_criticality", "Time criticality", FIBONACCI, help="How much of the value is lost by waiting."),
    FactorSpec("risk_reduction", "Risk or opportunity", FIBONACCI, help="What it makes safer or possible later."),
)

KINDS: Mapping[Kind, KindSpec] = {
    spec.kind: spec
    for spec in (
        KindSpec(
            Kind.EPIC,
            "layers",
            (
                FieldSpec("hypothesis", "Hypothesis", "text", help="For whom, what, and how we would know it worked."),
                FieldSpec("measure", "Leading measure"),
            ),
            WSJF_FACTORS,
        ),
        KindSpec(Kind.FEATURE, "package", (FieldSpec("benefit", "Benefit hypothesis", "text"),), WSJF_FACTORS),
        KindSpec(
            Kind.STORY,
            "bookmark",
            (FieldSpec("role", "As a"), FieldSpec("want", "I want"), FieldSpec("benefit", "So that")),
            WSJF_FACTORS,
        ),
        KindSpec(
            Kind.BUG,
            "bug",
            (
                FieldSpec("severity", "Severity", "choice", ("cosmetic", "minor", "major", "critical")),
                FieldSpec("steps", "Steps to see it", "text"),
                FieldSpec("environment", "Environment"),
                FieldSpec("regression", "Worked before in"),
            ),
            (
                FactorSpec(
                    "severity",
                    "Severity",
                    _scale(1, 3, 8, 20),
                    most=Decimal(20),
                    help="1 cosmetic, 3 a detour, 8 a task fails, 20 data or money is lost.",
                ),
                FactorSpec(
                    "reach",
                    "Reach",
                    _scale("0.25", "0.5", 1, 2),
                    most=Decimal(5),
                    help="How many meet it: 0.25 a few, 1 half of all, 2 everybody.",
                ),
                FactorSpec("frequency", "Frequency", _scale("0.5", 1, "1.5"), most=Decimal(5), help="0.5 rarely, 1 weekly, 1.5 each time."),
            ),
            is_product=True,
        ),
        KindSpec(
            Kind.DESIGN_CHANGE,
            "palette",
            (FieldSpec("asset", "Link to the design"), FieldSpec("screens", "Affected screens", "text")),
            WSJF_FACTORS,
        ),
        KindSpec(
            Kind.TECH_DEBT,
            "hammer",
            (FieldSpec("principal", "What paying it off takes", "text"), FieldSpec("where", "Where it sits")),
            (FactorSpec("interest", "Interest a sprint", FIBONACCI, help="Points of work it costs each sprint that it stays."),),
        ),
        KindSpec(
            Kind.USER_REQUEST,
            "message-square",
            (FieldSpec("problem", "Problem in their words", "text"),),
            (
                FactorSpec(
                    "demand",
                    "Demand",
                    FIBONACCI,
                    most=Decimal(1000),
                    help="Sum over the people who asked of how much it matters to them, 0 to 3.",
                ),
            ),
        ),
        KindSpec(
            Kind.RETRO_ACTION,
            "rotate-ccw",
            (FieldSpec("retro", "From the retro"), FieldSpec("owner", "Owner")),
            (
                FactorSpec("pain", "Pain a sprint", _scale(1, 2, 3, 5), most=Decimal(20), help="1 a nuisance, 5 it stops us."),
                FactorSpec("people", "People", _scale(1, 3, 5, 9), most=Decimal(100), help="How many feel it."),
            ),
            is_product=True,
        ),
        KindSpec(
            Kind.SPIKE,
            "flask-conical",
            (FieldSpec("question", "Question", "text"), FieldSpec("due", "Answer due", "date"), FieldSpec("informs", "What it informs")),
            WSJF_FACTORS,
        ),
    )
}

MAX_DETAIL = 10_000


def clean_details(kind: Kind | str, details: Mapping[str, Any]) -> dict[str, str]:
    """Return the details a kind knows, as stripped strings; raise InvalidError for an unknown field, a foreign choice or a text too long."""
    if not isinstance(details, Mapping):
        raise InvalidError("Details are a set of named texts.", field="details")
    specs = {spec.name: spec for spec in KINDS[Kind(kind)].fields}
    cleaned: dict[str, str] = {}
    for name, value in details.items():
        spec = specs.get(name)
        if spec is None:
            raise InvalidError(f"A {Kind(kind).label.lower()} has no field “{name}”.", field=name)
        text = "" if value is None else str(value).strip()
        if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
            raise InvalidError(f"{spec.label} holds a character that cannot be stored.", field=name)
        if len(text) > MAX_DETAIL:
            raise InvalidError(f"{spec.label} is longer than {MAX_DETAIL} characters.", field=name)
        if text and spec.choices and text not in spec.choices:
            raise InvalidError(f"{spec.label} is one of {', '.join(spec.choices)}.", field=name)
        if text:
            cleaned[name] = text
    return cleaned


def is_detail_of(kind: Kind | str, name: str) -> bool:
    """Whether the kind knows a detail of that name."""
    return any(spec.name == name for spec in KINDS[Kind(kind)].fields)


def factor_spec(kind: Kind | str, name: str) -> FactorSpec:
    """The declaration of one factor of a kind; raise InvalidError where the kind has no such factor."""
    for spec in KINDS[Kind(kind)].factors:
        if spec.name == name:
            return spec
    raise InvalidError(f"A {Kind(kind).label.lower()} is not scored by “{name}”.", field=name)
