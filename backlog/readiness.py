"""The Definition of Ready: what is asked of an item before it is worth a team's time, and what of it holds. Advice, never a gate.

Some checks are computed from what is known of an item, the others are a sentence that somebody ticks. Defaults stand here; an organization, a
train or team, and a kind may each ask for more, less or something else, the nearest one deciding.
"""

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from backlog.kinds import KINDS, Kind
from backlog.numbers import short

CEILING = Decimal(8)
"""Points above which an item is split before it is ready, where nobody said otherwise."""

# The detail without which nobody could start on an item of the kind, by its field in `kinds`.
TELLS: Mapping[Kind, str] = {
    Kind.EPIC: "hypothesis",
    Kind.FEATURE: "benefit",
    Kind.BUG: "steps",
    Kind.DESIGN_CHANGE: "asset",
    Kind.TECH_DEBT: "where",
    Kind.RETRO_ACTION: "owner",
    Kind.SPIKE: "question",
}
_BUILT = frozenset({Kind.STORY, Kind.BUG, Kind.DESIGN_CHANGE, Kind.TECH_DEBT, Kind.USER_REQUEST})


class Facts(NamedTuple):
    """What the computed checks look at."""

    kind: str
    size: Decimal | None
    is_valued: bool
    criteria: int
    open_blockers: int
    is_told: bool
    """Whether the field of TELLS is filled in, for a kind that has one."""
    open_questions: int = 0


class Asked(NamedTuple):
    """One line of a definition. `text` is what somebody ticks; empty where it is computed by `code`."""

    code: str
    text: str = ""
    ceiling: Decimal | None = None

    @property
    def is_manual(self) -> bool:
        return bool(self.text)


class Rule(NamedTuple):
    """A decision about one line: asked or not, for one kind or (empty) for all. `nearness`: 0 organization, 1 train or team."""

    nearness: int
    kind: str
    code: str
    is_asked: bool
    text: str
    ceiling: Decimal | None


class Line(NamedTuple):
    """A line of a definition as it stands for one item: met, waived (by whom and why, in `note`) or missing (what to do, in `note`)."""

    code: str
    label: str
    is_met: bool
    is_waived: bool = False
    note: str = ""
    is_manual: bool = False


COMPUTED: Mapping[str, str] = {
    "value": "Its value is given",
    "size": "Estimated, and small enough",
    "criteria": "Acceptance criteria are written",
    "waits": "Waits for nothing open",
    "questions": "Questions are answered",
    "told": "Says what its kind has to say",
}


def usual_checks(kind: Kind | str) -> list[str]:
    """The computed checks that are asked of a kind where nobody decided otherwise."""
    kind = Kind(kind)
    checks = ["value", "size", "waits", "questions"] if kind not in (Kind.EPIC, Kind.FEATURE) else ["value", "waits", "questions"]
    if kind in _BUILT:
        checks.insert(2, "criteria")
    if kind in TELLS:
        checks.append("told")
    return checks


@lru_cache(maxsize=512)
def definition_of(kind: Kind | str, rules: tuple[Rule, ...]) -> tuple[Asked, ...]:
    """The lines asked of a kind: the defaults, changed by the rules; the nearer rule wins, then the one for the kind alone."""
    asked: dict[str, Asked] = {code: Asked(code) for code in usual_checks(kind)}
    for rule in sorted(rules, key=lambda rule: (rule.nearness, bool(rule.kind))):
        if rule.kind not in ("", kind):
            continue
        if not rule.is_asked:
            asked.pop(rule.code, None)
        elif rule.text or rule.code in COMPUTED:
            asked[rule.code] = Asked(rule.code, rule.text, rule.ceiling)
    order = [*COMPUTED]
    return tuple(sorted(asked.values(), key=lambda line: order.index(line.code) if line.code in COMPUTED else len(order)))


Marks = tuple[tuple[str, str | None], ...]
"""What people said, by code: None where somebody ticked the line, else the words of a waiver."""


# A page asks this of each of its rows, and few of them differ: kept, it costs a look-up.
@lru_cache(maxsize=8192)
def judge(definition: tuple[Asked, ...], facts: Facts, marks: Marks) -> tuple[Line, ...]:
    """Each line of the definition for one item."""
    said = dict(marks)
    lines = []
    for asked in definition:
        label, is_met, wanted = _state(asked, facts, said)
        waiver = said.get(asked.code)
        is_waived = not is_met and waiver is not None
        lines.append(Line(asked.code, label, is_met, is_waived, (waiver or "") if is_waived else "" if is_met else wanted, asked.is_manual))
    return tuple(lines)


def _state(asked: Asked, facts: Facts, marks: Mapping[str, str | None]) -> tuple[str, bool, str]:
    """The line's words for this item, whether it is met, and what would meet it."""
    if asked.is_manual:
        return asked.text, asked.code in marks and marks[asked.code] is None, "Tick it once it holds."
    if asked.code == "value":
        return "Its value is given", facts.is_valued, "Score it: the value is assumed or unknown."
    if asked.code == "size":
        return _size_state(asked.ceiling or CEILING, facts.size)
    if asked.code == "criteria":
        return "Acceptance criteria are written", facts.criteria > 0, "Write how you will know that it is done."
    if asked.code in ("waits", "questions"):
        return _open_state(asked.code, facts)
    kind = Kind(facts.kind)
    name = TELLS.get(kind, "")
    label = next((spec.label for spec in KINDS[kind].fields if spec.name == name), "Details")
    return f"“{label}” is filled in", facts.is_told, f"Fill in “{label}”."


def _open_state(code: str, facts: Facts) -> tuple[str, bool, str]:
    """Of what has to be closed first: items it waits for, or questions."""
    if code == "waits":
        blockers = facts.open_blockers
        return COMPUTED[code], blockers == 0, f"{blockers} open item{'s' * (blockers > 1)} come first."
    questions = facts.open_questions
    return COMPUTED[code], questions == 0, f"{questions} open question{'s' * (questions > 1)}: find the answer{'s' * (questions > 1)}."


def _size_state(ceiling: Decimal, size: Decimal | None) -> tuple[str, bool, str]:
    label = f"Estimated, at most {short(ceiling)} points"
    if size is None:
        return label, False, "Estimate it."
    return label, size <= ceiling, f"{short(size, places=3)} points: split it."
