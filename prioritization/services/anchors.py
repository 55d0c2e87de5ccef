"""Anchors: the only writer of which items are the examples of a scale."""

from accounts.models import User
from activity.errors import ConflictError
from activity.services.acts import one_act
from activity.services.events import record
from backlog.models import Item
from backlog.services.items import lock_item
from prioritization.models import Anchor
from prioritization.selectors.choices import choice_for
from prioritization.services.scores import asked_factor


@one_act()
def set_anchor(*, item: Item, factor: str, by: User | None, cause: str = "") -> None:
    """Make the item the example of its value of the factor. One that is it already writes nothing.

    Raises InvalidError for a factor that its backlog does not ask for, ConflictError where nobody scored it.
    """
    item = lock_item(item)
    spec = asked_factor(choice_for(item), item.kind, factor)
    if not item.factors.filter(name=factor).exists():
        raise ConflictError(f"Nobody has scored the {spec.label.lower()} of {item.key}. Score it first.")
    _, is_new = Anchor.objects.for_organization(item.organization_id).get_or_create(
        item=item, factor=factor, defaults={"organization_id": item.organization_id, "set_by": by}
    )
    if is_new:
        record(subject=item, verb="item.anchored", by=by, after={"factor": factor}, cause=cause)


@one_act()
def lift_anchor(*, item: Item, factor: str, by: User | None, cause: str = "") -> bool:
    """Let the item be an example no longer; whether it was one."""
    item = lock_item(item)
    was_one, _ = Anchor.objects.for_organization(item.organization_id).filter(item=item, factor=factor).delete()
    if was_one:
        record(subject=item, verb="item.anchor_lifted", by=by, before={"factor": factor}, cause=cause)
    return bool(was_one)
