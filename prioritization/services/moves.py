"""Moving an item in its list, in whatever way the list is ordered: by an override in a computed one, by its key in a manual one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models

from accounts.models import ReleaseTrain, Team, User
from accounts.permissions import Access
from activity.errors import ConflictError, InvalidError
from activity.live import topic_version
from activity.services.acts import one_act
from backlog.models import Item, ListMode
from backlog.reasons import short_day
from backlog.selectors.counting import CAP, count_tiers
from backlog.selectors.paging import topic_of
from prioritization.models import Override
from prioritization.selectors.overrides import find_at
from prioritization.selectors.places import find_rank
from prioritization.services.manual_order import Spot, find_neighbours, mode_of, place_by_hand, place_together
from prioritization.services.overrides import draft_override, set_override


class To(models.TextChoices):
    """Where to, or what else keeps an item from its computed place."""

    TOP = "top", "To the top"
    ABOVE = "above", "Above another"
    BELOW = "below", "Below another"
    POSITION = "position", "To a number"
    TIER_TOP = "tier_top", "To the top of its tier"
    TIER_END = "tier_end", "To the end of its tier"
    NOT_BEFORE = "not_before", "Not before"
    FREEZE = "freeze", "Freeze its value"
    BOOST = "boost", "Boost it"


BY_HAND = (To.TOP, To.ABOVE, To.BELOW, To.POSITION)
"""What a manual order knows."""


MOST_OVERRIDDEN = 50
"""Items of a computed list that one act moves."""


class StaleOrderError(ConflictError):
    """The list was changed since the caller saw it."""

    code = "version_conflict"


@dataclass(frozen=True)
class Move:
    """What a person asks for. `version` is that of the list they look at, where it matters to them."""

    to: str
    other: Item | None = None
    number: int | None = None
    day: date | None = None
    times: Decimal | str | None = None
    reason: str = ""
    until: date | None = None
    on_train: bool = False
    version: int | None = None


def move_item(*, item: Item, move: Move, by: User, access: Access | None = None) -> str:
    """Do it, and return the sentence that says what was done. Refuses as `set_override` and `place_by_hand` do.

    Raises StaleOrderError where the list is no longer at `move.version`.
    """
    home = _home(item)
    _refuse_stale(home, move)
    if mode_of(home) != ListMode.Mode.COMPUTED:
        place_by_hand(item=item, spot=_spot(move), by=by)
        return f"{item.key} {_PLACED[To(move.to)].format(other=move.other.key if move.other else '', number=move.number)}."
    override = set_override(**_wanted(item, move), by=by, access=access)
    return f"{sentence_of(override)}."


def neighbours_by_hand(*, items: Sequence[Item], move: Move) -> tuple[str, str]:
    """Between which items `move_items` would put them in a manual order, by their keys; empty at an end. Refused the same way."""
    return find_neighbours(items=items, spot=_spot(move))


@one_act()
def move_items(*, items: Sequence[Item], move: Move, by: User, access: Access | None = None) -> str:
    """Do the same to several items of one list, as one act, and return the sentence that says it. Among themselves they keep their order.

    Refuses as `move_item` does, and InvalidError for more than MOST_OVERRIDDEN of a computed list: each is an override with a price.
    """
    home = _home(items[0])
    _refuse_stale(home, move)
    count = f"{len(items)} items"
    if len(items) == 1:
        return move_item(item=items[0], move=move, by=by, access=access)
    if mode_of(home) != ListMode.Mode.COMPUTED:
        place_together(items=items, spot=_spot(move), by=by)
        return f"{count} {_PLACED_MANY[To(move.to)].format(other=move.other.key if move.other else '', number=move.number)}."
    if len(items) > MOST_OVERRIDDEN:
        raise InvalidError(f"Choose at most {MOST_OVERRIDDEN} items of a computed list: each gets an override of its own.")
    if move.to == To.POSITION:
        move = _beside_another(items, move)
    if move.other is not None and move.other.pk in {item.pk for item in items}:
        raise InvalidError(f"{move.other.key} is one of them. Choose another item.", field="other")
    made = [set_override(**_wanted(item, replace(move, version=None)), by=by, access=access) for item in items]
    until = short_day(made[0].expires_on.isoformat())
    if made[0].item_id != items[0].pk:
        return f"{made[0].item.key} is kept above each of {count} until {until}."
    return f"Each of {count} {sentence_of(made[0]).partition(' ')[2]}."


def _beside_another(items: Sequence[Item], move: Move) -> Move:
    """The move to a number, as one beside what stands there now."""
    number = _number(move)
    place, other = find_rank(items[0]), find_at(_home(items[0]), number)
    if other is None:
        raise InvalidError("The list is not that long.", field="number")
    return replace(move, to=To.ABOVE if place is None or number < place else To.BELOW, other=other)


def meant_override(*, item: Item, move: Move, by: User, access: Access | None = None) -> Override:
    """The override that `move_item` would set in a computed list, unsaved; refused the same way."""
    return draft_override(**_wanted(item, move), by=by, access=access)


def sentence_of(override: Override) -> str:
    """“CHK-1 is pinned to the top until 3 Dec”."""
    until = short_day(override.expires_on.isoformat())
    what: Mapping[str, str] = {
        "pin": f"is pinned to the top until {until}",
        "keep_above": f"is kept above {override.anchor.key if override.anchor else ''} until {until}",
        "not_before": f"is on hold until {until}",
        "freeze": f"keeps its value until {until}",
        "boost": f"counts {override.multiplier.normalize() if override.multiplier else 1:f} times until {until}",
    }
    return f"{override.item.key} {what[override.kind]}"


_PLACED = {
    To.TOP: "is the first now",
    To.ABOVE: "stands above {other} now",
    To.BELOW: "stands below {other} now",
    To.POSITION: "is number {number} now",
}

_PLACED_MANY = {
    To.TOP: "are the first now",
    To.ABOVE: "stand above {other} now",
    To.BELOW: "stand below {other} now",
    To.POSITION: "stand from number {number} on now",
}


def _home(item: Item) -> Team | ReleaseTrain:
    home = item.team or item.train
    assert home is not None, "a constraint of the table"
    return home


def _refuse_stale(home: Team | ReleaseTrain, move: Move) -> None:
    if move.version is not None and move.version != topic_version(organization_id=home.organization_id, topic=topic_of(home)):
        raise StaleOrderError("The order changed since you looked. Nothing was moved; look again.")


def _other(move: Move) -> Item:
    if move.other is None:
        raise InvalidError("Name the other item by its key.", field="other")
    return move.other


def _number(move: Move) -> int:
    if move.number is None or move.number < 1:
        raise InvalidError("Places count from 1.", field="number")
    return move.number


def _spot(move: Move) -> Spot:
    if move.to == To.TOP:
        return Spot()
    if move.to == To.ABOVE:
        return Spot(above=_other(move))
    if move.to == To.BELOW:
        return Spot(below=_other(move))
    if move.to == To.POSITION:
        return Spot(number=_number(move))
    raise InvalidError("In a manual order items move to the top, beside another, or to a number.", field="to")


def _wanted(item: Item, move: Move) -> dict[str, Any]:
    """The arguments of the override that does it."""
    if move.to not in To.values:
        raise InvalidError("Say where to.", field="to")
    home = item.team.train if move.on_train and item.team else None
    wanted: dict[str, Any] = {"item": item, "reason": move.reason, "home": home, "expires_on": move.until}
    if move.to == To.TOP:
        return {**wanted, "kind": Override.Kind.PIN}
    if move.to == To.NOT_BEFORE:
        return {**wanted, "kind": Override.Kind.NOT_BEFORE, "expires_on": move.day}
    if move.to == To.FREEZE:
        return {**wanted, "kind": Override.Kind.FREEZE}
    if move.to == To.BOOST:
        return {**wanted, "kind": Override.Kind.BOOST, "multiplier": move.times}
    is_above, other = move.to == To.ABOVE, move.other
    if move.to in (To.POSITION, To.TIER_TOP, To.TIER_END):
        is_above, other = _beside(item, _number(move) if move.to == To.POSITION else _end_of_tier(item, is_top=move.to == To.TIER_TOP))
    elif other is None:
        raise InvalidError("Name the other item by its key.", field="other")
    first, then = (item, other) if is_above else (other, item)
    return {**wanted, "item": first, "anchor": then, "kind": Override.Kind.KEEP_ABOVE}


def _end_of_tier(item: Item, *, is_top: bool) -> int:
    """The first or the last number of the tier (now, next, later) in which the item stands."""
    place, counts = find_rank(item), count_tiers(_home(item))
    first = 1
    for tier in (counts.now, counts.next, counts.later):
        if place is not None and place < first + tier:
            if not is_top and tier > CAP:
                raise InvalidError("This tier is too long to go to its end. Name a number.", field="to")
            return first if is_top else first + tier - 1
        first += tier
    raise InvalidError(f"{item.key} stands in no tier of the order.", field="to")


def _beside(item: Item, number: int) -> tuple[bool, Item]:
    """Whether the item goes above or below whatever stands at that number now, and what that is."""
    place, other = find_rank(item), find_at(_home(item), number)
    if other is None:
        raise InvalidError("The list is not that long.", field="number")
    if place is None or other.pk == item.pk:
        raise InvalidError(f"{item.key} stands there already.", field="number")
    return number < place, other
