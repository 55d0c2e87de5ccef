"""Two items become one: what hangs on the first goes to the second, and the first is removed. One undo gives each what was its own."""

from collections.abc import Collection

from accounts.models import User
from activity.errors import InvalidError, UnknownReferenceError
from activity.services.acts import one_act
from backlog.belongings import all_belongings
from backlog.models import Dependency, Item
from backlog.models.item import Status
from backlog.services.cleaning import MAX_DEMAND
from backlog.services.dependencies import link_dependency, unlink_dependency
from backlog.services.handing_over import Handed, hand_over, tried
from backlog.services.items import edit_item, lock_item
from backlog.services.links import lock_links
from backlog.services.statuses import set_status
from backlog.services.tombstones import name_target
from backlog.stale import USUAL_TAKE, Take

# Without the keys of what stands in the way: who merges may not see all of it.
CIRCLE = "the two would wait for each other"
MISFIT = "it cannot lie below {}"


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
def merge_item(*, item: Item, target: Item, by: User | None, reason: str = "", take: Collection[Take] = USUAL_TAKE) -> Handed:
    """Give the target the item's demand, links, open items below it, what of `take` it has and whatever else hangs on it, and remove the item.

    What it had otherwise can still be read on it. Raises InvalidError as `check_merge`.
    """
    lock_links(organization_id=item.organization_id)
    fresh = {one.pk: lock_item(one) for one in sorted((item, target), key=lambda one: one.pk)}
    item, target = fresh[item.pk], fresh[target.pk]
    check_merge(item=item, target=target)
    cause = f"merge into {target.key}"
    went, left = hand_over(item=item, target=target, take=take, by=by)
    left = [*left, *_give_links(item, target, by, cause), *_give_children(item, target, by, cause)]
    for belonging in all_belongings().values():
        if belonging.move is not None:
            belonging.move(source=item, target=target, by=by, cause=cause)
    item, target = lock_item(item), lock_item(target)
    if item.demand:
        edit_item(item=target, changes={"demand": min(MAX_DEMAND, target.demand + item.demand)}, by=by, cause=f"merge of {item.key}")
        edit_item(item=item, changes={"demand": 0}, by=by, cause=cause)
    # who reads it may not see the other team: the tombstone knows the item, and pages name it to those who do
    is_beside = (item.team_id, item.train_id) == (target.team_id, target.train_id)
    usual = f"Merged into {target.key}." if is_beside else "Merged into an item of another backlog."
    set_status(item=item, status=Status.REMOVED, reason=reason or usual, by=by, cause=cause)
    name_target(item=item, target=target)
    return Handed(went, left)


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

        left += tried(give, f"A link stays: {CIRCLE}.")
    return list(dict.fromkeys(left))


def _give_children(item: Item, target: Item, by: User | None, cause: str) -> list[str]:
    left = []
    for child in item.children.ranked().select_related("team", "train").order_by("id"):
        left += tried(
            lambda child=child: edit_item(item=child, changes={"parent": target}, by=by, cause=cause),  # type: ignore[misc]
            f"An item stays below {item.key}: {MISFIT.format(target.key)}.",
        )
    return list(dict.fromkeys(left))
