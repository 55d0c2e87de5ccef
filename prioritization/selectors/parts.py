"""Receipts for programs: exact amounts that add up, with what the reader may not see as one part without a name."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from accounts.permissions import Access
from backlog.models import Item
from backlog.models.placement import Band
from backlog.permissions import visible_items
from prioritization.models import Factor
from prioritization.scoring import from_milli
from prioritization.selectors.comparisons import would_move
from prioritization.selectors.counterfactuals import Counterfactual
from prioritization.selectors.explained import Explained, explain
from prioritization.selectors.places import find_rank


@dataclass(frozen=True)
class Part:
    """One amount: a term of the item's own by its name, or what another item gives or costs (its key; None where hidden)."""

    amount: Fraction
    term: str | None = None
    item: str | None = None
    is_restricted: bool = False
    is_assumed: bool = False
    given: Factor | None = None
    """The score that the term comes from, where people gave one."""


@dataclass(frozen=True)
class Reason:
    code: str
    item: str | None
    is_restricted: bool


@dataclass(frozen=True)
class Parts:
    """`value` is the sum of the parts, exactly; both are absent where the item has no place or nobody scored it."""

    item: Item
    place: int | None = None
    band: Band | None = None
    value: Fraction | None = None
    parts: tuple[Part, ...] = ()
    assumed: tuple[tuple[str, str], ...] = ()
    """Names of scores that nobody gave, and what stands in for them."""
    reason: Reason | None = None
    counterfactuals: tuple[tuple[Counterfactual, str], ...] | None = None
    """Single changes that give it another place, and the key of the item that each passes; None where nobody asked."""


def parts_for(*, item: Item, access: Access, counterfactuals: bool = False) -> Parts:
    """What the item's value is made of, as this reader may see it, and on wish what would move it."""
    parts = _parts_for(item, access)
    return replace(parts, counterfactuals=tuple(would_move(item=item, access=access))) if counterfactuals else parts


def _parts_for(item: Item, access: Access) -> Parts:
    explained, place = explain(item), find_rank(item)
    if explained is None or place is None:
        return Parts(item)
    band = Band(explained.place.band)
    because = explained.place.reason_item
    others = [pk for pk in (because, *(pk for pk, _ in explained.receipt.shared)) if pk is not None]
    seen: Mapping[Any, str] = dict(visible_items(access).filter(pk__in=others).values_list("id", "key")) if others else {}
    found = Parts(
        item,
        place,
        band,
        assumed=tuple((name, format(from_milli(value).normalize(), "f")) for name, value in explained.assumed.items()),
        reason=Reason(explained.place.reason, seen.get(because), because is not None and because not in seen),
    )
    if band == Band.UNSCORED:
        return found
    parts = (*_own(explained), *_shared(explained, seen))
    return Parts(item, place, band, explained.receipt.value, parts, found.assumed, found.reason)


def _own(explained: Explained) -> list[Part]:
    given = {factor.name: factor for factor in Factor.objects.filter(item=explained.item_id).select_related("scored_by")}
    return [
        Part(amount, term=name, is_assumed=name in explained.assumed, given=None if name in explained.assumed else given.get(name))
        for name, amount in explained.receipt.own
    ]


def _shared(explained: Explained, seen: Mapping[Any, str]) -> list[Part]:
    """The items seen, in order of their keys; all others as one part, so that not even their number is told."""
    parts = sorted((Part(amount, item=seen[pk]) for pk, amount in explained.receipt.shared if pk in seen), key=lambda part: str(part.item))
    hidden = [amount for pk, amount in explained.receipt.shared if pk not in seen]
    return [*parts, Part(sum(hidden, Fraction(0)), is_restricted=True)] if hidden else parts
