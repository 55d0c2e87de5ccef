"""What is left of an item that was removed, and bringing it back: its place, its links and its people with it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.models import User
from activity.services.current import current_act
from activity.services.undo import UNDO_WITHIN
from backlog.models import Item, Placement, Tombstone

PLACE = ("band", "value", "component", "position", "is_assumed", "is_size_assumed", "reason", "manual_key")


def bury(item: Item, *, by: User | None) -> None:
    """Keep who removed the item and the place that it is about to leave. Called by `set_status`, in its transaction."""
    place = Placement.objects.filter(organization=item.organization_id, item=item).values(*PLACE).first()
    Tombstone.objects.update_or_create(
        item=item,
        organization_id=item.organization_id,
        defaults={"removed_by": by, "merged_into": None, "act": None, "place": place or {}},
    )


def name_target(*, item: Item, target: Item) -> None:
    """Say of a removed item what it went into, and by which act."""
    act = current_act()
    Tombstone.objects.filter(organization=item.organization_id, item=item).update(merged_into=target, act=act.id if act else None)


def place_before(item: Item) -> Mapping[str, Any]:
    """The columns of the place that a removed item had; none for another. A place by hand that somebody took meanwhile is left out."""
    stone = Tombstone.objects.filter(organization=item.organization_id, item=item).first()
    if stone is None:
        return {}
    place = {name: value for name, value in stone.place.items() if name in PLACE}
    key = place.get("manual_key")
    home = {"team": item.team_id} if item.team_id else {"train": item.train_id}
    if key is not None and Placement.objects.filter(organization=item.organization_id, manual_key=key, **home).exists():
        del place["manual_key"]
    return place


def has_faded(item: Item, *, at: datetime) -> bool:
    """Whether the item was removed so long ago that nothing of it is given back."""
    return item.closed_at is not None and item.closed_at < at - UNDO_WITHIN


def forget_tombstone(item: Item) -> None:
    """The item is there again."""
    Tombstone.objects.filter(organization=item.organization_id, item=item).delete()
