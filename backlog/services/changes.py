"""Several changes of one item as one act."""

from collections.abc import Mapping
from typing import Any

from accounts.models import ReleaseTrain, Team, User
from activity.services.acts import one_act
from backlog.models import Goal, Item
from backlog.models.item import Status
from backlog.services.finishing import finish_item
from backlog.services.goals import set_goal
from backlog.services.items import create_item, edit_item
from backlog.services.statuses import set_status


@one_act()
def add_item(*, home: Team | ReleaseTrain, by: User, goal: Goal | None = None, **fields: Any) -> Item:
    """Create an item (`fields` as of `create_item`) that serves a goal."""
    item = create_item(home=home, by=by, **fields)
    return item if goal is None else set_goal(item=item, goal=goal, by=by)


@one_act()
def change_item(
    *, item: Item, changes: Mapping[str, Any], by: User, version: int | None, status: Status | str | None = None, reason: str = ""
) -> Item:
    """Change fields, the goal among them, and status together or not at all, and return the item as it stands. The `reason` is that of a
    removal, or why an item is done although lines of its definition are open.

    Refuses as `edit_item`, `set_goal` and `set_status` do; StaleVersionError where the item is no longer at `version` (None: whichever it
    is at).
    """
    fields = {name: value for name, value in changes.items() if name != "goal"}
    item = edit_item(item=item, changes=fields, by=by, version=version)  # also without fields: it locks, and compares the version
    if "goal" in changes:
        item = set_goal(item=item, goal=changes["goal"], by=by)
    if status is None:
        return item
    if status == Status.DONE and reason:
        return finish_item(item=item, by=by, waiver=reason)
    return set_status(item=item, status=status, by=by, reason=reason)
