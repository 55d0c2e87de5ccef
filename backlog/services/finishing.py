"""Calling an item done: the lines of its Definition of Done that people tick on the way, and the waiver of those that stay open."""

from collections.abc import Collection

from accounts.models import User
from activity.services.acts import one_act
from backlog.models import Item
from backlog.models.item import Status
from backlog.selectors.readiness import done_lines_of, missing_of
from backlog.services.items import lock_item
from backlog.services.readiness import mark_ready
from backlog.services.statuses import set_status


@one_act()
def finish_item(*, item: Item, by: User | None, ticked: Collection[str] = (), waiver: str = "", cause: str = "") -> Item:
    """Tick these lines, waive with the sentence what is still open then, and move the item to done; all of it one act.

    Raises NotDoneError where something is open and no sentence given, ConflictError where no way leads to done.
    """
    item = lock_item(item)
    home = item.team or item.train
    assert home is not None, "a constraint of the table"
    for line in missing_of(done_lines_of(home=home, keys=[item.key]).get(item.key, ())):
        if line.is_manual and line.code in ticked:
            item = mark_ready(item=item, code=line.code, state="ticked", by=by, cause=cause)
        elif waiver.strip():
            item = mark_ready(item=item, code=line.code, state="waived", reason=waiver, by=by, cause=cause)
    return set_status(item=item, status=Status.DONE, by=by, cause=cause)
