"""What people outside say of an item: whether they still need it. Apps above ask them; what they answer is evidence here."""

from activity.services.acts import one_act, touch_topic
from activity.services.events import record
from activity.services.undo import register_final
from backlog.models import Item
from backlog.services.items import list_topic
from backlog.stale import ASKED_FOR, NOT_ASKED_FOR


@one_act()
def note_need(*, item: Item, is_needed: bool, words: str = "", cause: str = "") -> None:
    """Keep the answer of one of them. That it is still needed is a touch, so the item is no longer stale."""
    record(subject=item, verb=ASKED_FOR if is_needed else NOT_ASKED_FOR, by=None, after={"words": words} if words else {}, cause=cause)
    touch_topic(organization_id=item.organization_id, key=list_topic(item))


def register() -> None:
    """Called once, when the app is ready."""
    register_final(ASKED_FOR, NOT_ASKED_FOR, reason="What the person said stays.")
