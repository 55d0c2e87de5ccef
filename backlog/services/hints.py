"""The only writer of what people say of suggested links: that they are none. To take one up is to link."""

from typing import Any

from accounts.models import User
from activity.models import Event
from activity.services.acts import one_act
from activity.services.events import record
from activity.services.undo import register_inverse
from backlog.models import DismissedHint, Item
from backlog.permissions import may_edit_subject


@one_act()
def dismiss_hint(*, item: Item, other: Item, by: User | None, cause: str = "") -> bool:
    """Suggest no link between the two any more, whatever the words say; whether it was suggested until now."""
    _, is_new = DismissedHint.objects.get_or_create(organization_id=item.organization_id, item=item, other=other, defaults={"person": by})
    if is_new:
        record(subject=item, verb="item.hint_dismissed", by=by, after={"hinted": other.key}, cause=cause)
    return is_new


@one_act()
def give_hint_again(*, item: Item, other: Item, by: User | None, cause: str = "") -> bool:
    """Suggest it again; whether it was dismissed."""
    count, _ = DismissedHint.objects.for_organization(item.organization_id).filter(item=item, other=other).delete()
    if count:
        record(subject=item, verb="item.hint_given_again", by=by, before={"hinted": other.key}, cause=cause)
    return bool(count)


def _ends(event: Event, told: dict[str, Any]) -> tuple[Item, Item]:
    items = Item.objects.for_organization(event.organization_id)
    return items.get(pk=event.subject_id), items.get(key=told["hinted"])


def undo_dismissed(*, event: Event, by: User, cause: str) -> list[str]:
    """Suggest it again."""
    item, other = _ends(event, event.after)
    return [] if give_hint_again(item=item, other=other, by=by, cause=cause) else [f"The link of {item.key} is suggested again since."]


def undo_given_again(*, event: Event, by: User, cause: str) -> list[str]:
    """Suggest it no longer."""
    item, other = _ends(event, event.before)
    return [] if dismiss_hint(item=item, other=other, by=by, cause=cause) else [f"The link of {item.key} is set aside since."]


def register() -> None:
    """Called once, when the app is ready."""
    register_inverse("item.hint_dismissed", undo_dismissed, may=may_edit_subject)
    register_inverse("item.hint_given_again", undo_given_again, may=may_edit_subject)
