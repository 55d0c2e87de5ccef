"""What only an item's kind has, changed field by field: two people in different fields do each other no harm."""

from collections.abc import Mapping
from typing import Any

from accounts.models import User
from activity.services.acts import one_act
from backlog.kinds import KINDS, Kind, clean_details
from backlog.models import Item
from backlog.services.items import StaleVersionError, edit_item, lock_item, refuse_removed


class DetailsClashError(StaleVersionError):
    """Somebody changed the same fields. `merged` are the given fields with what they changed elsewhere, `names` those of both."""

    def __init__(self, message: str, *, names: list[str], merged: dict[str, str]) -> None:
        super().__init__(message, field="details")
        self.names = names
        self.merged = merged


@one_act()
def edit_details(*, item: Item, given: Mapping[str, str], by: User | None, was: Mapping[str, Any] | None = None) -> Item:
    """Change these fields of the kind, the others stay. With `was`, what the fields were for the caller, a field that the caller left alone
    keeps what somebody else made of it; where both changed one, DetailsClashError.
    """
    item = lock_item(item)
    refuse_removed(item)
    given = {spec.name: "" for spec in KINDS[Kind(item.kind)].fields if spec.name in given} | clean_details(item.kind, given)
    merged, clashes = merge_details(given, was, item.details)
    if clashes:
        labels = [spec.label for spec in KINDS[Kind(item.kind)].fields if spec.name in clashes]
        message = f"Somebody changed {' and '.join(f'“{label}”' for label in labels)} meanwhile. Both are shown; save again to keep yours."
        raise DetailsClashError(message, names=clashes, merged=merged)
    return edit_item(item=item, changes={"details": {**item.details, **merged}}, by=by)


def merge_details(mine: Mapping[str, str], was: Mapping[str, Any] | None, now: Mapping[str, Any]) -> tuple[dict[str, str], list[str]]:
    """My fields with what was made of those that I left alone, and the names of those that both changed."""
    merged: dict[str, str] = {}
    clashes = []
    for name, text in mine.items():
        theirs = str(now.get(name, ""))
        base = theirs if was is None else str(was.get(name, ""))
        merged[name] = theirs if text == base else text
        if text not in (base, theirs) and theirs != base:
            clashes.append(name)
    return merged, clashes
