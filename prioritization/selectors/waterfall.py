"""A receipt as lines that add up: own terms, what others give and what they cost, each with a bar on one scale."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from django.utils import timezone

from backlog.models.item import Urgency
from backlog.numbers import short
from backlog.reasons import RESTRICTED, Reason
from prioritization.engine.formula import Enters, FactorSpec
from prioritization.engine.models import ASKED, FACTORS, KANO_CATEGORY
from prioritization.engine.overrides import BOOST
from prioritization.engine.terms import AGING, CLAIMED, GOAL, SIZE, URGENCY, inherited_goals
from prioritization.models import Factor
from prioritization.rounding import from_hundredths, share_out, to_hundredths
from prioritization.scoring import from_milli
from prioritization.selectors.explained import Explained, Names, points_of, worth_of
from prioritization.selectors.scores import by_whom, is_past

MOST_LINES = 6
"""Lines shown of what other items give or cost; the rest is one line."""


@dataclass(frozen=True)
class Bar:
    """Where a line's bar begins and how long it is, as percents of the scale."""

    x: str
    width: str


@dataclass(frozen=True)
class Line:
    """One line of the waterfall, ready to print."""

    label: str
    amount: str
    bar: Bar
    note: str = ""
    tone: str = ""  # is-from, is-stop, is-look
    fill: str = ""  # inherits, carries, stands
    is_group: bool = False
    is_assumed: bool = False
    is_expired: bool = False
    key: str = ""  # of the item it leads to


@dataclass(frozen=True)
class _Amount:
    label: str
    amount: Fraction
    note: str = ""
    key: str = ""
    is_assumed: bool = False
    is_expired: bool = False


def draw_waterfall(explained: Explained, names: Names) -> tuple[list[Line], list[str]]:
    """Own terms, what others give, what they cost, and the sum; in hundredths that add up, on a scale of round steps."""
    receipt = explained.receipt
    given = [(pk, amount) for pk, amount in receipt.shared if amount > 0]
    taken = [(pk, amount) for pk, amount in receipt.shared if amount < 0]
    groups = [
        ("Own value", "", "", _own_parts(explained), worth_of(explained, explained.item_id)),
        ("Inherited", "is-from", "inherits", _shared_parts(explained, given, names), _from_whom(explained)),
        ("Carries", "is-stop", "carries", _shared_parts(explained, taken, names), "goes with it and is worth less"),
    ]
    groups = [group for group in groups if group[3] or group[0] == "Own value"]
    total = to_hundredths(receipt.value)
    sums = share_out(total, [sum((part.amount for part in parts), Fraction(0)) for *_, parts, _ in groups])
    shares = [
        share_out(amount, [part.amount for part in parts]) if parts else [] for amount, (*_, parts, _) in zip(sums, groups, strict=True)
    ]
    scale = _Scale(total, sums, shares)
    lines: list[Line] = []
    start = 0
    for amount, (label, tone, fill, parts, note), split in zip(sums, groups, shares, strict=True):
        signed = label != "Own value"
        lines.append(
            Line(label, from_hundredths(amount, signed=signed), scale.bar(start, amount), note, tone=tone, fill=fill, is_group=True)
        )
        at = start
        for part, share in zip(parts, split, strict=True):
            lines.append(
                Line(
                    part.label,
                    from_hundredths(share, signed=signed or part.amount < 0),
                    scale.bar(at, share),
                    part.note,
                    tone="is-look" if part.is_assumed or part.is_expired else "",
                    fill=fill,
                    is_assumed=part.is_assumed,
                    is_expired=part.is_expired,
                    key=part.key,
                )
            )
            at += share
        start += amount
    ranking = explained.ranking
    block = next(block for block in ranking.blocks if explained.item_id in block.ids)
    note = f"{short(from_milli(block.weight))} a week over {points_of(block.size)}"
    lines.append(Line("Stands at", from_hundredths(total), scale.bar(0, total), note, fill="stands"))
    return lines, scale.ticks


def _from_whom(explained: Explained) -> str:
    code = explained.place.reason.partition(":")[0]
    if code == Reason.KEPT_ABOVE:
        return "from what it is kept above"
    return "from the family it is part of" if code == Reason.PART_OF else "from what it unblocks"


def _own_parts(explained: Explained) -> list[_Amount]:
    """The item's terms with what people scored: who, and how long ago."""
    scored, receipt, today = explained.scored, explained.receipt, timezone.localdate()
    people = {factor.name: factor for factor in Factor.objects.filter(item=explained.item_id).select_related("scored_by")}
    parts = []
    for name, amount in receipt.own:
        if name in _TERMS:
            parts.append(_Amount(_TERMS[name], amount, _note(name, explained)))
        elif name in explained.assumed:
            note = f"{short(from_milli(explained.assumed[name]))}, assumed from like items"
            parts.append(_Amount(FACTORS[name].label, amount, note, is_assumed=True))
        else:
            is_expired = name in people and is_past(people[name], today)
            note = _given(FACTORS[name], scored.factors.get(name), people)
            parts.append(_Amount(FACTORS[name].label, amount, note, is_expired=is_expired))
    if SIZE in explained.assumed:
        size = short(from_milli(explained.assumed[SIZE]))
        parts.append(_Amount("Size", Fraction(0), f"{size} points, assumed from like items", is_assumed=True))
    return parts


_TERMS = {CLAIMED: "Counted with its children", BOOST: "Boost", GOAL: "Goal", URGENCY: "Urgency", AGING: "Waiting"}


def _note(name: str, explained: Explained) -> str:
    """What a term that is no score comes from."""
    scored = explained.scored
    if name == CLAIMED:
        return "what they are worth by themselves"
    if name == BOOST:
        return f"{_times(explained.solved.loaded.overrides.boosts[explained.item_id])}, an override"
    if name == AGING:
        return f"for {scored.weeks} week{'s' if scored.weeks != 1 else ''}"
    if name == URGENCY:
        row = explained.solved.loaded.rows[explained.at]
        due = date(1970, 1, 1) + timedelta(days=row.due or 0)
        return f"{_times(scored.urgency)}, {Urgency(row.urgency).label.lower()} {due:%-d %b %Y}"
    above = inherited_goals(explained.solved.scored)
    return _times(above[scored.id] if scored.goal is None else scored.goal)


def _times(multiplier: int) -> str:
    return f"\N{MULTIPLICATION SIGN} {short(from_milli(multiplier))}"


def _given(spec: FactorSpec, value: int | None, people: Mapping[str, Factor]) -> str:
    """A score with who gave it: “5, Mira, 12 days ago”; a multiplier with its sign, a category by its word and the number of people asked."""
    factor = people.get(spec.name)
    text = "" if value is None else short(from_milli(value))
    if text and spec.enters == Enters.TIMES:
        text = f"\N{MULTIPLICATION SIGN} {text}"
    elif text and spec.enters == Enters.LESS:
        text = f"{text} of it taken off"
    if factor and spec.words and factor.value in spec.scale:
        text = f"{text} {spec.words[spec.scale.index(factor.value)]}"
    if spec.name == KANO_CATEGORY and ASKED in people:
        text = f"{text}, n = {short(people[ASKED].value)}"
    return f"{text}, {by_whom(factor)}" if factor else f"{text}, from the people who asked"


def _shared_parts(explained: Explained, amounts: Sequence[tuple[Any, Fraction]], names: Names) -> list[_Amount]:
    """What other members of the block give or cost, the largest first; hidden ones together, the smallest together."""
    seen = sorted(((pk, amount) for pk, amount in amounts if names.sees(pk)), key=lambda pair: (-abs(pair[1]), pair[0]))
    hidden = [amount for pk, amount in amounts if not names.sees(pk)]
    parts = [_Amount(names.label(pk), amount, worth_of(explained, pk), key=names.key(pk)) for pk, amount in seen[:MOST_LINES]]
    if rest := seen[MOST_LINES:]:
        label = f"{len(rest)} more items" if len(rest) > 1 else "1 more item"
        parts.append(_Amount(label, sum((amount for _, amount in rest), Fraction(0))))
    if hidden:
        label = f"{len(hidden)} restricted items" if len(hidden) > 1 else RESTRICTED.capitalize()
        parts.append(_Amount(label, sum(hidden, Fraction(0)), "in a backlog you do not see"))
    return parts


class _Scale:
    """Round steps that hold every bar of the waterfall, from its lowest to its highest point."""

    def __init__(self, total: int, sums: Sequence[int], shares: Sequence[Sequence[int]]) -> None:
        points = [0, total]
        start = 0
        for amount, split in zip(sums, shares, strict=True):
            at = start
            for share in split:
                at += share
                points.append(at)
            start += amount
            points.append(start)
        low, high = min(points), max(points)
        step = next(step for step in _STEPS if (high - low) <= 6 * step)
        self.low, self.high = low // step * step, max(-(-high // step) * step, step)
        self.ticks = [short(at / 100) for at in range(self.low, self.high + step, step)]

    def bar(self, start: int, amount: int) -> Bar:
        span = self.high - self.low
        left = min(start, start + amount) - self.low
        return Bar(f"{100 * left / span:.2f}", f"{max(100 * abs(amount) / span, 0.4 if amount else 0):.2f}")


_STEPS = [base * 10**power for power in range(12) for base in (1, 2, 5)]
