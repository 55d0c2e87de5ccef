"""Two items become one: what hangs on the first goes to the second, and the first is removed. One undo gives each what was its own."""

from collections.abc import Callable

from accounts.models import User
from activity.errors import DomainError, InvalidError, UnknownReferenceError
from activity.services.acts import one_act
from backlog.belongings import all_belongings
from backlog.models import Dependency, Item
from backlog.models.item import Status
from backlog.services.cleaning import MAX_DEMAND
from backlog.services.dependencies import link_dependency, unlink_dependency
from backlog.services.items import edit_item, lock_item
from backlog.services.links import lock_links
from backlog.services.statuses import set_status
from backlog.services.tombstones import name_target


def check_merge(*, item: Item, target: Item) -> None:
    """Raise InvalidError where `item` cannot go into `target`."""
    if item.organization_id != target.organization_id:
        raise UnknownReferenceError("No item that you see has this key.", field="into")
    if item.pk == target.pk:
        raise InvalidError("An item cannot go into itself.", field="into")
    if not target.is_ranked:
        raise InvalidError(f"{target.key} is closed. Choose an open item.", field="into")
    if target.parent_id == item.pk:
        raise InvalidError(f"{target.key} lies below {item.key}. Remove the one above instead.", field="into")


@one_act()
def merge_item(*, item: Item, target: Item, by: User | None, reason: str = "") -> list[str]:
    """Give the target the item's demand, links, open items below it and whatever else hangs on it, and remove the item.

    Returns a sentence for each link or item below that could not go along: it stays where it is. Raises InvalidError as `check_merge`.
    """
    lock_links(organization_id=item.organization_id)
    fresh = {one.pk: lock_item(one) for one in sorted((item, target), key=lambda one: one.pk)}
    item, target = fresh[item.pk], fresh[target.pk]
    check_merge(item=item, target=target)
    cause = f"merge into {target.key}"
    left = _give_links(item, target, by, cause) + _give_children(item, target, by, cause)
    for belonging in all_belongings().values():
        if belonging.move is not None:
            belonging.move(source=item, target=target, by=by, cause=cause)
    item.refresh_from_db(fields=["demand"])
    target.refresh_from_db(fields=["demand"])
    if item.demand:
        edit_item(item=target, changes={"demand": min(MAX_DEMAND, target.demand + item.demand)}, by=by, cause=f"merge of {item.key}")
        edit_item(item=item, changes={"demand": 0}, by=by, cause=cause)
    set_status(item=item, status=Status.REMOVED, reason=reason or f"Merged into {target.key}.", by=by, cause=cause)
    name_target(item=item, target=target)
    return left


def _tried(act: Callable[[], object], stays: str) -> list[str]:
    try:
        with one_act():
            act()
    except DomainError as error:
        return [f"{stays} {error.message}"]
    return []


def _give_links(item: Item, target: Item, by: User | None, cause: str) -> list[str]:
    links = Dependency.objects.for_organization(item.organization_id).select_related("blocker", "blocked")
    left = []
    for link in [*links.filter(blocker=item).order_by("id"), *links.filter(blocked=item).order_by("id")]:
        is_out = link.blocker_id == item.pk
        other = link.blocked if is_out else link.blocker

        def give(link: Dependency = link, other: Item = other, is_out: bool = is_out) -> None:
            unlink_dependency(blocker=link.blocker, blocked=link.blocked, kind=link.kind, by=by, cause=cause)
            if other.pk != target.pk:  # a link between the two says nothing once they are one
                ends = (target, other) if is_out else (other, target)
                link_dependency(blocker=ends[0], blocked=ends[1], kind=link.kind, by=by, cause=cause)

        left += _tried(give, "A link stays:")
    return left


def _give_children(item: Item, target: Item, by: User | None, cause: str) -> list[str]:
    left = []
    for child in item.children.ranked().select_related("team", "train").order_by("id"):
        left += _tried(
            lambda child=child: edit_item(item=child, changes={"parent": target}, by=by, cause=cause),  # type: ignore[misc]
            f"{child.key} stays below {item.key}:",
        )
    return left
