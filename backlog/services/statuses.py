"""Where an item stands, and what follows from a move: its place in the order, its tombstone, the definitions that judge it."""

from collections.abc import Mapping

from django.utils import timezone

from accounts.models import User
from activity.errors import ConflictError, InvalidError
from activity.services.acts import one_act
from activity.services.events import record
from backlog.models import Item
from backlog.models.item import RANKED, STARTED, Status, Urgency
from backlog.services.cleaning import clean_reason
from backlog.services.definitions import keep_definitions
from backlog.services.items import enter_order, leave_order, lock_item, save_item, show_change, with_family
from backlog.services.judging import refuse_unfinished
from backlog.services.staleness import mark_stale
from backlog.services.tombstones import bury, forget_tombstone, has_faded

MAX_REASON = 500

# Removed and done items come back as open; nothing is a trap.
TRANSITIONS: Mapping[Status, frozenset[Status]] = {
    Status.PROPOSED: frozenset({Status.OPEN, Status.REMOVED}),
    Status.OPEN: frozenset({Status.PLANNED, Status.IN_PROGRESS, Status.DONE, Status.REMOVED}),
    Status.PLANNED: frozenset({Status.OPEN, Status.IN_PROGRESS, Status.DONE, Status.REMOVED}),
    Status.IN_PROGRESS: frozenset({Status.OPEN, Status.PLANNED, Status.DONE, Status.REMOVED}),
    Status.DONE: frozenset({Status.OPEN, Status.IN_PROGRESS}),
    Status.REMOVED: frozenset({Status.OPEN}),
}


def check_move(item: Item, new: Status, reason: str = "", *, is_undo: bool = False) -> str:
    """The reason as it is stored. Raises ConflictError where no way leads to that status, InvalidError for a removal without a reason."""
    old = Status(item.status)
    if new not in TRANSITIONS[old] and not is_undo:
        raise ConflictError(f"{item.key} is {old.label.lower()} and cannot become {new.label.lower()} from there.")
    # Of another move nothing is kept but in its event.
    reason = clean_reason(reason, at_most=MAX_REASON)
    if new == Status.REMOVED and not reason:
        raise InvalidError("Say in a sentence why it is removed.", field="reason")
    return reason


@one_act()
def set_status(
    *,
    item: Item,
    status: Status | str,
    by: User | None,
    reason: str = "",
    cause: str = "",
    is_undo: bool = False,
    is_judged: bool = False,
) -> Item:
    """Move an item to another status; a removal needs a reason. Closing frees what waited for it, reopening gives back a place.

    Done asks for the lines of its definition: NotDoneError where one is open (`finishing.finish_item` waives them). Nobody is asked where the
    system moves it (`by` None), an import brings it, or the caller has looked already (`is_judged`). Taking a move back (`is_undo`) goes any
    way. Raises ConflictError where the way does not exist, InvalidError without the reason.
    """
    if status not in Status.values:
        raise InvalidError("There is no such status.", field="status")
    item = lock_item(item)
    old, new = Status(item.status), Status(status)
    if old == new:
        return item
    reason = check_move(item, new, reason, is_undo=is_undo)
    if new == Status.DONE and by is not None and not (is_undo or is_judged):
        refuse_unfinished(item)
    if old == Status.REMOVED and has_faded(item, at=timezone.now()):
        forget_tombstone(item)
    before = {"status": old, "reason": item.removed_reason}
    item.status = new
    item.removed_reason = reason if new == Status.REMOVED else ""
    item.closed_at = timezone.now() if new in (Status.DONE, Status.REMOVED) else None
    if new not in RANKED and item.urgency == Urgency.EXPEDITE:
        item.urgency = Urgency.STANDARD  # the way is free for the next; coming back, it queues as others do
    save_item(item, "status", "removed_reason", "closed_at", "urgency")
    record(subject=item, verb="item.moved_to", by=by, before=before, after={"status": new, "reason": reason}, cause=cause)
    if new in STARTED and old not in STARTED:
        keep_definitions(item, is_undo=is_undo)
    _enter_or_leave(item, old, new, by)
    show_change(item)
    return item


def _enter_or_leave(item: Item, old: Status, new: Status, by: User | None) -> None:
    if new == Status.REMOVED:
        bury(item, by=by)
    if new in RANKED and old not in RANKED:
        enter_order(item, cause="item.moved_to")
    elif old in RANKED and new not in RANKED:
        leave_order(item, cause="item.moved_to")
    elif new in RANKED:
        mark_stale(organization_id=item.organization_id, item_ids=with_family([item]), cause="item.moved_to")
    if old == Status.REMOVED:
        forget_tombstone(item)
