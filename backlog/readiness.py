"""The Definitions of Ready and of Done: what is asked of an item before it is worth a team's time, and before it counts as finished, and what of
it holds. Ready is advice. Done asks: each line holds, or somebody says why it may be missing.

Some checks are computed from what is known of an item, the others are a sentence that somebody ticks. Defaults stand here; an organization, a
release train, a team, and each of them for one kind may ask for more, less or something else, the nearest one deciding.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from backlog.kinds import KINDS, Kind
from backlog.numbers import short

READY, DONE = "ready", "done"
ORGANIZATION, TRAIN, TEAM = range(3)
"""Who decides, from far to near."""
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
    """Whether the field of TELLS is filled in, for a kind that has one; a design change may show a file instead."""
    open_questions: int = 0
    scenarios: int = 0
    broken: int = 0
    """Criteria that are scenarios, and those that are meant as one and do not read."""
    is_agreed: bool = False
    """Whether the team said that it is ready, and what it said so of still stands."""
    open_tasks: int = 0
    open_below: int = 0


class Asked(NamedTuple):
    """One line of a definition. `text` is what somebody ticks; empty where it is computed by `code`. `by`: the level that asks, None as usual."""

    code: str
    text: str = ""
    ceiling: Decimal | None = None
    by: int | None = None

    @property
    def is_manual(self) -> bool:
        return bool(self.text)


class Rule(NamedTuple):
    """A decision about one line: asked or not, for one kind or (empty) for all. `nearness`: ORGANIZATION, TRAIN or TEAM."""

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
    by: int | None = None


COMPUTED: Mapping[str, str] = {
    "value": "Its value is given",
    "size": "Estimated, and small enough",
    "criteria": "Acceptance criteria are written",
    "gherkin": "Its scenarios can be read",
    "waits": "Waits for nothing open",
    "questions": "Questions are answered",
    "told": "Says what its kind has to say",
    "agreed": "The team says that it is ready",
    "tasks": "Its tasks are done",
    "below": "Everything below it is closed",
    "first": "What it waited for is closed",
}
OF_DONE = frozenset({"tasks", "below", "first"})
"""Those of COMPUTED that belong to the Definition of Done."""
SOMETIMES = frozenset({"gherkin"})
"""Lines that are shown for an item only where they say something: of one without a scenario there is none to read."""


def computed_of(about: str) -> dict[str, str]:
    """The computed checks of a definition (`ready` or `done`) with their words."""
    return {code: words for code, words in COMPUTED.items() if (code in OF_DONE) == (about == DONE)}


def usual_checks(kind: Kind | str, about: str = READY) -> list[str]:
    """The computed checks that are asked of a kind where nobody decided otherwise."""
    if about == DONE:
        return ["tasks", "below"]
    kind = Kind(kind)
    checks = ["value", "size", "waits", "questions"] if kind not in (Kind.EPIC, Kind.FEATURE) else ["value", "waits", "questions"]
    if kind in _BUILT:
        checks[2:2] = ["criteria", "gherkin"]
    if kind in TELLS:
        checks.append("told")
    return checks


@lru_cache(maxsize=512)
def definition_of(kind: Kind | str, rules: tuple[Rule, ...], about: str = READY) -> tuple[Asked, ...]:
    """The lines asked of a kind: the defaults, changed by the rules; the nearer rule wins, then the one for the kind alone.

    A limit of the size says how small; for all kinds it asks nobody for one.
    """
    asked: dict[str, Asked] = {code: Asked(code) for code in usual_checks(kind, about)}
    ceiling = None
    for rule in sorted(rules, key=lambda rule: (rule.nearness, bool(rule.kind))):
        if rule.kind not in ("", kind):
            continue
        ceiling = rule.ceiling or ceiling
        if not rule.is_asked:
            asked.pop(rule.code, None)
        elif rule.text or (rule.code in COMPUTED and (rule.kind or rule.ceiling is None or rule.code in asked)):
            asked[rule.code] = Asked(rule.code, rule.text, by=rule.nearness)
    if "size" in asked:
        asked["size"] = asked["size"]._replace(ceiling=ceiling)
    order = [*COMPUTED]
    return tuple(sorted(asked.values(), key=lambda line: order.index(line.code) if line.code in COMPUTED else len(order)))


def keep_lines(definition: Iterable[Asked]) -> list[list[str | int | None]]:
    """A definition as a snapshot keeps it: code, text, ceiling and asking level of each line."""
    return [[line.code, line.text, "" if line.ceiling is None else f"{line.ceiling.normalize():f}", line.by] for line in definition]


@lru_cache(maxsize=512)
def read_lines(kept: str) -> tuple[Asked, ...]:
    """The definition that `keep_lines` kept, from its JSON; before there were levels it kept none."""
    return tuple(Asked(code, text, Decimal(ceiling) if ceiling else None, *by) for code, text, ceiling, *by in json.loads(kept))


Marks = tuple[tuple[str, str | None], ...]
"""What people said, by code: None where somebody ticked the line, else the words of a waiver."""


# A page asks this of each of its rows, and few of them differ: kept, it costs a look-up.
@lru_cache(maxsize=8192)
def judge(definition: tuple[Asked, ...], facts: Facts, marks: Marks) -> tuple[Line, ...]:
    """Each line of the definition for one item."""
    said = dict(marks)
    lines = []
    for asked in definition:
        if asked.code in SOMETIMES and not facts.scenarios:
            continue
        label, is_met, wanted = _state(asked, facts, said)
        waiver = said.get(asked.code)
        is_waived = not is_met and waiver is not None
        note = (waiver or "") if is_waived else "" if is_met else wanted
        lines.append(Line(asked.code, label, is_met, is_waived, note, asked.is_manual, asked.by))
    return tuple(lines)


State = tuple[str, bool, str]
"""The line's words for this item, whether it is met, and what would meet it."""


def _state(asked: Asked, facts: Facts, marks: Mapping[str, str | None]) -> State:
    if asked.is_manual:
        return asked.text, asked.code in marks and marks[asked.code] is None, "Tick it once it holds."
    if asked.code == "size":
        return _size_state(asked.ceiling or CEILING, facts.size)
    if asked.code == "told":
        return _told_state(facts)
    is_met, wanted = _PLAIN[asked.code](facts)
    return COMPUTED[asked.code], is_met, wanted


_PLAIN: Mapping[str, Callable[[Facts], tuple[bool, str]]] = {
    "value": lambda facts: (facts.is_valued, "Score it: the value is assumed or unknown."),
    "criteria": lambda facts: (facts.criteria > 0, "Write how you will know that it is done."),
    "gherkin": lambda facts: (not facts.broken, f"{_some(facts.broken, 'scenario')} cannot be read: mend the words."),
    "waits": lambda facts: (not facts.open_blockers, f"{_open_items(facts.open_blockers)} come first."),
    "questions": lambda facts: (
        not facts.open_questions,
        f"{_some(facts.open_questions, 'open question')}: find the answer{'s' * (facts.open_questions > 1)}.",
    ),
    "agreed": lambda facts: (facts.is_agreed, "Let the team say so, once it has talked about it."),
    "tasks": lambda facts: (not facts.open_tasks, f"{_some(facts.open_tasks, 'task')} still open."),
    "below": lambda facts: (not facts.open_below, f"{_open_items(facts.open_below)} below it."),
    "first": lambda facts: (not facts.open_blockers, f"{_open_items(facts.open_blockers)} should have come first."),
}


def _some(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count > 1)}"


def _open_items(count: int) -> str:
    return _some(count, "open item")


def _told_state(facts: Facts) -> State:
    kind = Kind(facts.kind)
    name = TELLS.get(kind, "")
    label = next((spec.label for spec in KINDS[kind].fields if spec.name == name), "Details")
    or_file = kind == Kind.DESIGN_CHANGE
    return (
        f"“{label}” is filled in{', or a file attached' * or_file}",
        facts.is_told,
        f"Fill in “{label}”{', or attach a file' * or_file}.",
    )


def _size_state(ceiling: Decimal, size: Decimal | None) -> State:
    label = f"Estimated, at most {short(ceiling)} points"
    if size is None:
        return label, False, "Estimate it."
    return label, size <= ceiling, f"{short(size, places=3)} points: split it."


_WORDS = re.compile(r"\w+")


def is_material(before: str, after: str) -> bool:
    """Whether a changed text says something else: other words, or in another order. Case, marks and white space do not count."""
    return _WORDS.findall(before.casefold()) != _WORDS.findall(after.casefold())
