"""The nine kinds of item. A new kind is one entry here: its icon, the fields of its `details` and the name of the model it is usually scored by.

What a model asks for is declared in `prioritization.engine.models`; a backlog may choose another.
"""

from collections.abc import Mapping
from dataclasses import dataclass
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
class KindSpec:
    kind: Kind
    icon: str  # lucide name
    fields: tuple[FieldSpec, ...]
    model: str = "wsjf"


KINDS: Mapping[Kind, KindSpec] = {
    spec.kind: spec
    for spec in (
        KindSpec(
            Kind.EPIC,
            "layers",
            (
                FieldSpec("hypothesis", "Hypothesis", "text", help="For whom, what, and how we would know it worked."),
                FieldSpec("measure", "Leading measure", help="What moves first when it works."),
            ),
        ),
        KindSpec(
            Kind.FEATURE,
            "package",
            (FieldSpec("benefit", "Benefit hypothesis", "text", help="Who is better off, and how you would see it."),),
        ),
        KindSpec(
            Kind.STORY,
            "bookmark",
            (
                FieldSpec("role", "As a", help="Who asks for it."),
                FieldSpec("want", "I want", help="One thing they could do then."),
                FieldSpec("benefit", "So that", help="What it is good for."),
            ),
        ),
        KindSpec(
            Kind.BUG,
            "bug",
            (
                FieldSpec("severity", "Severity", "choice", ("cosmetic", "minor", "major", "critical")),
                FieldSpec("steps", "Steps to see it", "text", help="One a line, then what you expected instead."),
                FieldSpec("environment", "Environment", help="Browser, device, version."),
                FieldSpec("regression", "Worked before in", help="The last version without it."),
            ),
            model="bug",
        ),
        KindSpec(
            Kind.DESIGN_CHANGE,
            "palette",
            (FieldSpec("asset", "Link to the design"), FieldSpec("screens", "Affected screens", "text", help="One a line.")),
        ),
        KindSpec(
            Kind.TECH_DEBT,
            "hammer",
            (
                FieldSpec("principal", "What paying it off takes", "text"),
                FieldSpec("where", "Where it sits", help="A module, a service, a table."),
            ),
            model="debt",
        ),
        KindSpec(Kind.USER_REQUEST, "message-square", (FieldSpec("problem", "Problem in their words", "text"),), model="demand"),
        KindSpec(
            Kind.RETRO_ACTION,
            "rotate-ccw",
            (FieldSpec("retro", "From the retro", help="Its name or its day."), FieldSpec("owner", "Owner", help="Who sees to it.")),
            model="retro",
        ),
        KindSpec(
            Kind.SPIKE,
            "flask-conical",
            (
                FieldSpec("question", "Question", "text", help="One that has an answer."),
                FieldSpec("due", "Answer due", "date"),
                FieldSpec("informs", "What it informs", help="The decision that waits for it."),
            ),
        ),
    )
}

_PLURALS = {Kind.STORY: "Stories", Kind.TECH_DEBT: "Tech debt"}


def plural(kind: Kind | str) -> str:
    """Many of the kind, for a sentence's beginning: “Stories”."""
    return _PLURALS.get(Kind(kind)) or f"{Kind(kind).label}s"


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
