"""Why an item stands where it stands: computed from its component when somebody asks, exact to the last digit."""

from dataclasses import dataclass, field, replace

from accounts.permissions import Access
from activity.live import topic_version
from backlog.models import Item
from backlog.models.placement import Band
from backlog.numbers import density, ordinal, short
from backlog.reasons import RESTRICTED, Reason, short_day
from prioritization.scoring import from_milli
from prioritization.selectors.explained import Explained, Names, explain, worth_of
from prioritization.selectors.places import find_rank, is_waiting
from prioritization.selectors.waterfall import Line, draw_waterfall


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
    names = Names(item, explained, access)
    sentence = _sentence(item, explained, number, names)
    has_value = explained.place.band != Band.UNSCORED
    lines, ticks = draw_waterfall(explained, names) if has_value else ([], [])
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


@dataclass(frozen=True)
class _Sentence:
    """The place in words: the beginning, the other item where there is one, and the end."""

    beginning: str
    end: str = ""
    other_key: str = ""
    other_name: str = ""


def _sentence(item: Item, explained: Explained, number: int, names: Names) -> _Sentence:
    place, nth, own = explained.place, ordinal(number), worth_of(explained, item.pk)
    status = item.get_status_display().lower()
    other = place.reason_item
    code, _, day = place.reason.partition(":")
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
        }[code]
        return _Sentence(beginning, end, names.key(other), names.key(other) or RESTRICTED)
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
