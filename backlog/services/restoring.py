"""Bringing a removed item back, with its place, its links and its people."""

from datetime import datetime

from django.utils import timezone

from accounts.models import User
from accounts.permissions import Access
from activity.errors import ConflictError, GoneError
from activity.services.acts import one_act
from activity.services.undo import UNDO_WITHIN, undo
from backlog.models import Item, Tombstone
from backlog.models.item import Status
from backlog.services.items import lock_item
from backlog.services.statuses import set_status
from backlog.services.tombstones import has_faded


def why_it_stays(item: Item, *, at: datetime) -> str:
    """Why the removed item cannot be restored any more, as a sentence; empty where it can."""
    if has_faded(item, at=at):
        return f"{item.key} was removed more than {UNDO_WITHIN.days} days ago. Reopen it by its status instead: it then starts at the end."
    return ""


@one_act()
def restore_item(*, item: Item, access: Access, by: User, at: datetime | None = None) -> list[str]:
    """Let a removed item be as it was before; return a sentence for each part that changed since and stays.

    Of a merge, each of the two gets back what was its own. Raises ConflictError where it is not removed, GoneError after 30 days.
    """
    item = lock_item(item)
    if item.status != Status.REMOVED:
        raise ConflictError(f"{item.key} is {Status(item.status).label.lower()} already.")
    if stays := why_it_stays(item, at=at or timezone.now()):
        raise GoneError(stays)
    stone = Tombstone.objects.for_organization(item.organization_id).filter(item=item).first()
    if stone is not None and stone.merged_into_id is not None and stone.act is not None:
        return undo(act=stone.act, organization_id=item.organization_id, access=access, by=by).left
    set_status(item=item, status=Status.OPEN, by=by)
    return []
