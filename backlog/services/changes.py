"""Several changes of one item as one act."""

from collections.abc import Mapping
from typing import Any

from accounts.models import User
from activity.services.acts import one_act
from backlog.models import Item
from backlog.models.item import Status
from backlog.services.items import edit_item, set_status


@one_act()
def change_item(
    *, item: Item, changes: Mapping[str, Any], by: User, version: int | None, status: Status | str | None = None, reason: str = ""
) -> Item:
    """Change fields and status together or not at all, and return the item as it stands.

    Refuses as `edit_item` and `set_status` do; StaleVersionError where the item is no longer at `version` (None: whichever it is at).
    """
    item = edit_item(item=item, changes=changes, by=by, version=version)  # also without changes: it locks, and compares the version
    return item if status is None else set_status(item=item, status=status, by=by, reason=reason)
