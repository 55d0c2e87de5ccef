"""Why an item stands where it stands: computed from its component when somebody asks, exact to the last digit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from accounts.permissions import Access
from activity.live import topic_version
from backlog.models import Item
from backlog.models.item import Urgency
from backlog.models.placement import Band
from backlog.numbers import density, ordinal, short
from backlog.permissions import visible_items
from backlog.reasons import RESTRICTED, Reason, short_day
from prioritization.engine import Ranking, Receipt, rank
from prioritization.engine.formula import Enters, FactorSpec
from prioritization.engine.models import ASKED, FACTORS, KANO_CATEGORY
from prioritization.engine.overrides import BOOST
from prioritization.engine.terms import AGING, CLAIMED, GOAL, SIZE, URGENCY, Scored, filled, inherited_goals
from prioritization.models import Factor
from prioritization.placing import Place
from prioritization.rounding import from_hundredths, share_out, to_hundredths
from prioritization.scoring import from_milli
from prioritization.selectors.basis import read_basis
from prioritization.selectors.places import find_rank, is_waiting
from prioritization.selectors.problems import Solved, solve
from prioritization.selectors.rows import load_tied
from prioritization.selectors.scores import by_whom

MOST_LINES = 6
"""Lines shown of what other items give or cost; the rest is one line."""


@dataclass(frozen=True)
class Explained:
    """An item's exact receipt, and the solved component it comes from."""

    receipt: Receipt
    place: Place
    ranking: Ranking
    solved: Solved
    at: int
    """The item's index in the solved rows."""
    assumed: Mapping[str, int]
    """What stands in for missing scores and a missing size, in milli-units."""

    @property
    def scored(self) -> Scored:
        return self.solved.scored[self.at]

    @property
    def item_id(self) -> int:
        return self.solved.loaded.rows[self.at].id


def explain(item: Item) -> Explained | None:
    """The item's receipt as Fractions that add up exactly to its value; None where it has no place in the order."""
    if not item.is_ranked:
        return None
    loaded = load_tied(item.organization_id, [item.pk])
    at = next((at for at, row in enumerate(loaded.rows) if row.id == item.pk), None)
    if at is None:
        return None
    standing = read_basis(item.organization_id, {row.team for row in loaded.rows if row.team is not None})
    solved = solve(loaded, standing)
    ranking = rank(solved.problem.candidates, solved.problem.edges)
    scored = solved.scored[at]
    values, missing = filled(scored, standing.medians)
    assumed = {name: values[name] for name in missing}
    if SIZE in solved.problem.assumed.get(item.pk, ()):
        assumed[SIZE] = standing.medians.find(scored.team, scored.kind, SIZE) or 1000
    return Explained(ranking.receipt(item.pk), solved.places[at], ranking, solved, at, assumed)


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
    key: str = ""  # of the item it leads to


@dataclass(frozen=True)
class ReceiptView:
    """What the page shows: a sentence, lines that add up, and the scale above them."""

    item: Item
    sentence: str = ""
    because: str = ""  # the end of the sentence, behind the other item
    other_key: str = ""  # empty where there is none
    other_name: str = ""
    under: str = ""
    lines: list[Line] = field(default_factory=list)
    ticks: list[str] = field(default_factory=list)
    total: str = ""
    rank: int = 0
    list_name: str = ""
    topic: str = ""
    version: int = 0
    has_value: bool = False
    is_waiting: bool = False
    """Whether the list does not show yet what this receipt says: a mark of its component is open."""
    held: str = ""
    """Why it stands with another value than computed now; empty where it does not."""


def receipt_for(*, item: Item, access: Access) -> ReceiptView:
    """The receipt as this reader may see it: items of backlogs hidden from them count, and are named “a restricted item”."""
    home = item.team or item.train
    assert home is not None, "a constraint of the table"
    topic = f"team:{home.slug}" if item.team else f"train:{home.slug}"
    # Read before the rows, so that what is shown is never older than the version beside it.
    version = topic_version(organization_id=item.organization_id, topic=topic)
    frame = ReceiptView(item=item, list_name=home.name, topic=topic, version=version)
    explained, number = explain(item), find_rank(item)
    if explained is None or number is None:
        return replace(frame, sentence=f"{item.key} has no place in the order: it is {item.get_status_display().lower()}.")
    names = _Names(item, explained, access)
    sentence = _sentence(item, explained, number, names)
    has_value = explained.place.band != Band.UNSCORED
    lines, ticks = _waterfall(explained, names) if has_value else ([], [])
    return replace(
        frame,
        sentence=sentence.beginning,
        because=sentence.end,
        other_key=sentence.other_key,
        other_name=sentence.other_name,
        under="Value per point of size." if has_value else "",
        lines=lines,
        ticks=ticks,
        total=density(explained.place.value),
        rank=number,
        has_value=has_value,
        held=_held(explained) if has_value else "",
        is_waiting=is_waiting(item),
    )


def _held(explained: Explained) -> str:
    """What is published of the item, where that is not what is computed now."""
    stored = explained.solved.loaded.stored.get(explained.item_id)
    if stored is None or not stored.is_ranked or stored.place[1] == explained.place.value:
        return ""
    stands = density(stored.place[1])
    if explained.place.band == Band.NOW:
        return f"It stands with {stands}, its value when the work began: what is under way does not move by itself."
    return f"It stands with {stands}: drift that no person caused waits until it is larger, or for its night."


class _Names:
    """The other items of the component by id, as the reader may see them."""

    def __init__(self, item: Item, explained: Explained, access: Access) -> None:
        ids = {pk for pk, _ in explained.receipt.shared} | ({explained.place.reason_item} if explained.place.reason_item else set())
        self._seen = {pk: (key, title) for pk, key, title in visible_items(access).filter(pk__in=ids).values_list("id", "key", "title")}

    def key(self, pk: int | None) -> str:
        return self._seen[pk][0] if pk in self._seen else ""

    def label(self, pk: int) -> str:
        return " ".join(self._seen[pk]) if pk in self._seen else RESTRICTED.capitalize()

    def sees(self, pk: int) -> bool:
        return pk in self._seen


def _worth(explained: Explained, pk: int) -> str:
    """What an item is worth by itself: “60 a week over 5 points”."""
    at = explained.solved.ranked.ids.searchsorted(pk)
    candidate = explained.solved.problem.candidates[at]
    weight = short(from_milli(candidate.weight))
    return f"{weight} a week over {_points(candidate.size)}" if candidate.size else f"{weight} a week"


def _points(milli: int) -> str:
    return "1 point" if milli == 1000 else f"{short(from_milli(milli))} points"


@dataclass(frozen=True)
class _Sentence:
    """The place in words: the beginning, the other item where there is one, and the end."""

    beginning: str
    end: str = ""
    other_key: str = ""
    other_name: str = ""


def _sentence(item: Item, explained: Explained, number: int, names: _Names) -> _Sentence:
    place, nth, own = explained.place, ordinal(number), _worth(explained, item.pk)
    status = item.get_status_display().lower()
    other = place.reason_item
    if other is not None:
        worth = _weekly(explained, other) if names.sees(other) else ""
        beginning, end = {
            Reason.UNBLOCKS.value: (f"It is {nth} because it unblocks", worth),
            Reason.PART_OF.value: (f"It is {nth} because it is part of", worth),
            Reason.WAITS_FOR.value: (f"It is {nth}: {own}, behind", ", which it waits for"),
            Reason.FROZEN_CONFLICT.value: (f"It is {nth}, already {status}, yet it waits for", ""),
            Reason.GOES_WITH.value: (f"It is {nth} because it goes with", ", which is pinned and waits for it"),
            Reason.KEPT_ABOVE.value: (f"It is {nth} because it is kept above", worth),
            Reason.KEPT_BELOW.value: (f"It is {nth}: {own}, kept below", ""),
            Reason.AWAITED.value: (f"It is {nth}: {own}. Work pinned elsewhere waits for it:", ""),
            Reason.CYCLE.value: (f"It is {nth}, in a circle with", ": each waits for the other. Remove one of the links"),
        }[place.reason]
        return _Sentence(beginning, end, names.key(other), names.key(other) or RESTRICTED)
    code, _, day = place.reason.partition(":")
    return _Sentence(
        {
            Reason.PINNED.value: f"It is {nth} because it is pinned to the top.",
            Reason.NOT_BEFORE.value: f"It is on hold: not before {short_day(day) if day else 'a day that was set'}.",
            Reason.FROZEN.value: f"It is {nth}: it keeps the value {density(place.value)} at which it was frozen.",
            Reason.BOOSTED.value: f"It is {nth}, boosted: {own}.",
            Reason.PLANNED.value: f"It is {nth} because it is {status}: it keeps its place until a person moves it.",
            Reason.IN_PROGRESS.value: f"It is {nth} because it is {status}: it keeps its place until a person moves it.",
            Reason.UNSCORED.value: "It stands apart because nobody has scored it yet. Score it, and it finds its place.",
            Reason.DORMANT.value: "It is dormant: kept, and out of the order until somebody wakes it.",
            Reason.ON_HOLD.value: "It is on hold until a person decides.",
            Reason.ASSUMED_SIZE.value: f"It is {nth} with an assumed size: {own}.",
            Reason.ASSUMED_VALUE.value: f"It is {nth} with an assumed value: {own}.",
        }.get(code, f"It is {nth} by its own value: {own}.")
    )


def _weekly(explained: Explained, pk: int) -> str:
    at = explained.solved.ranked.ids.searchsorted(pk)
    weight = explained.solved.problem.candidates[at].weight
    return f", which is worth {short(from_milli(weight))} a week" if weight else ""


@dataclass(frozen=True)
class _Amount:
    label: str
    amount: Fraction
    note: str = ""
    key: str = ""
    is_assumed: bool = False


def _waterfall(explained: Explained, names: _Names) -> tuple[list[Line], list[str]]:
    """Own terms, what others give, what they cost, and the sum; in hundredths that add up, on a scale of round steps."""
    receipt = explained.receipt
    given = [(pk, amount) for pk, amount in receipt.shared if amount > 0]
    taken = [(pk, amount) for pk, amount in receipt.shared if amount < 0]
    groups = [
        ("Own value", "", "", _own_parts(explained), _worth(explained, explained.item_id)),
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
                    tone="is-look" if part.is_assumed else "",
                    fill=fill,
                    is_assumed=part.is_assumed,
                    key=part.key,
                )
            )
            at += share
        start += amount
    ranking = explained.ranking
    block = next(block for block in ranking.blocks if explained.item_id in block.ids)
    note = f"{short(from_milli(block.weight))} a week over {_points(block.size)}"
    lines.append(Line("Stands at", from_hundredths(total), scale.bar(0, total), note, fill="stands"))
    return lines, scale.ticks


def _from_whom(explained: Explained) -> str:
    if explained.place.reason == Reason.KEPT_ABOVE:
        return "from what it is kept above"
    return "from the family it is part of" if explained.place.reason == Reason.PART_OF else "from what it unblocks"


def _own_parts(explained: Explained) -> list[_Amount]:
    """The item's terms with what people scored: who, and how long ago."""
    scored, receipt = explained.scored, explained.receipt
    people = {factor.name: factor for factor in Factor.objects.filter(item=explained.item_id).select_related("scored_by")}
    parts = []
    for name, amount in receipt.own:
        if name in _TERMS:
            parts.append(_Amount(_TERMS[name], amount, _note(name, explained)))
        elif name in explained.assumed:
            note = f"{short(from_milli(explained.assumed[name]))}, assumed from like items"
            parts.append(_Amount(FACTORS[name].label, amount, note, is_assumed=True))
        else:
            parts.append(_Amount(FACTORS[name].label, amount, _given(FACTORS[name], scored.factors.get(name), people)))
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


def _shared_parts(explained: Explained, amounts: Sequence[tuple[Any, Fraction]], names: _Names) -> list[_Amount]:
    """What other members of the block give or cost, the largest first; hidden ones together, the smallest together."""
    seen = sorted(((pk, amount) for pk, amount in amounts if names.sees(pk)), key=lambda pair: (-abs(pair[1]), pair[0]))
    hidden = [amount for pk, amount in amounts if not names.sees(pk)]
    parts = [_Amount(names.label(pk), amount, _worth(explained, pk), key=names.key(pk)) for pk, amount in seen[:MOST_LINES]]
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
