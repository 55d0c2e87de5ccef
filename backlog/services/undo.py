"""How changes of items are taken back."""

from collections.abc import Mapping
from typing import Any

from accounts.models import User
from accounts.roles import Verb
from activity.models import Event
from activity.services.undo import register_inverse, standing
from backlog.models import Item
from backlog.models.item import Status
from backlog.services.items import edit_item, lock_item, plain, set_status

LABELS: Mapping[str, str] = {"job_size": "size", "is_dormant": "dormant mark"}


def _may_edit(access: Any, event: Event) -> bool:
    item = Item.objects.for_organization(access.organization).select_related("team", "train").filter(pk=event.subject_id).first()
    return item is not None and access.may(Verb.EDIT, item.team or item.train)


def _locked(event: Event) -> Item:
    return lock_item(Item.objects.for_organization(event.organization_id).get(pk=event.subject_id))


def undo_edit(*, event: Event, by: User, cause: str) -> list[str]:
    """Write the old values of the fields back that nobody changed since."""
    item = _locked(event)
    back, changed = standing(event, {name: plain(getattr(item, name)) for name in event.after})
    if back.get("parent") is not None:
        back["parent"] = Item.objects.for_organization(event.organization_id).get(key=back["parent"])
    if back:
        edit_item(item=item, changes=back, by=by, cause=cause)
    return [f"The {LABELS.get(name, name)} of {item.key} was changed since." for name in changed]


def undo_move(*, event: Event, by: User, cause: str) -> list[str]:
    """Give the item its old status, also where no way leads there in the menu."""
    item = _locked(event)
    if item.status != event.after.get("status"):
        return [f"{item.key} is {Status(item.status).label.lower()} since."]
    old = Status(event.before["status"])
    reason = str(event.before.get("reason") or "Taken back.") if old == Status.REMOVED else ""
    set_status(item=item, status=old, by=by, reason=reason, cause=cause, is_undo=True)
    return []


def undo_creation(*, event: Event, by: User, cause: str) -> list[str]:
    """Remove the item, with the reason; its key is not given again."""
    item = _locked(event)
    if item.status == Status.REMOVED:
        return [f"{item.key} is removed since."]
    set_status(item=item, status=Status.REMOVED, by=by, reason="Its creation was undone.", cause=cause, is_undo=True)
    return []


def register() -> None:
    """Called once, when the app is ready."""
    register_inverse("item.edited", undo_edit, may=_may_edit)
    register_inverse("item.moved_to", undo_move, may=_may_edit)
    register_inverse("item.created", undo_creation, may=_may_edit)
