"""The only writer of dependencies. A link that contradicts what stands is refused, and the contradiction printed."""

from accounts.models import User
from accounts.permissions import Access
from activity.errors import ConflictError, InvalidError, UnknownReferenceError
from activity.services.acts import one_act
from activity.services.events import record
from backlog.models import Dependency, Item
from backlog.selectors.dependencies import find_link_contradiction, name_items
from backlog.services.items import touch_item
from backlog.services.links import lock_links
from backlog.services.staleness import mark_stale

VERBS = {
    Dependency.Kind.BLOCKS: ("unblocks", "waits_for"),
    Dependency.Kind.RELATES: ("relates_to", "relates_to"),
    Dependency.Kind.HELPS: ("helps", "is_helped_by"),
    Dependency.Kind.CONFLICTS: ("conflicts_with", "conflicts_with"),
}
MUTUAL = (Dependency.Kind.RELATES, Dependency.Kind.CONFLICTS)
"""Kinds that say the same from either end; one link says it."""
RELATIONS = ("waits_for", "unblocks", "relates", "helps", "helped_by", "conflicts")
"""How one item may stand to another, as forms and programs name it."""


def ends_of(item: Item, other: Item, relation: str) -> tuple[Item, Item, str]:
    """Blocker, blocked and kind of the link that a relation names from the item's side."""
    if relation == "waits_for":
        return other, item, Dependency.Kind.BLOCKS
    if relation == "helped_by":
        return other, item, Dependency.Kind.HELPS
    return item, other, Dependency.Kind.BLOCKS if relation == "unblocks" else relation


class DependencyCycleError(ConflictError):
    """The link would make items wait for each other in a circle; `cycle` are their keys, the first repeated at the end."""

    code = "dependency_cycle"

    def __init__(self, cycle: list[str]) -> None:
        super().__init__(f"They would wait for each other: {' → '.join(cycle)}. Take one of these links away first.")
        self.cycle = cycle


@one_act()
def link_dependency(
    *,
    blocker: Item,
    blocked: Item,
    by: User | None,
    kind: Dependency.Kind | str = Dependency.Kind.BLOCKS,
    access: Access | None = None,
    cause: str = "",
) -> Dependency:
    """Let `blocked` wait for `blocker` (or relate them more softly); a link that stands already is returned as it is, and one that says the
    same both ways also where it was made from the other end.

    Raises DependencyCycleError where they would wait for each other: through other links, and through parents, because a link on a parent
    holds for each item below it and one from a parent for all of them. Its text names only what `access`, where given, may see.
    """
    kind = _checked_kind(kind)
    if blocker.organization_id != blocked.organization_id:
        raise UnknownReferenceError("There is no such item.", field="item")
    if blocker.pk == blocked.pk:
        raise InvalidError("An item cannot wait for itself.", field="item")
    if kind == Dependency.Kind.BLOCKS:
        # Two links that are fine alone may close a circle together, so links of an organization are made one after the other.
        lock_links(organization_id=blocker.organization_id)
        _refuse_contradiction(blocker, blocked, access)
    elif kind in MUTUAL:
        lock_links(organization_id=blocker.organization_id)
        mirrored = Dependency.objects.for_organization(blocker.organization_id).filter(blocker=blocked, blocked=blocker, kind=kind).first()
        if mirrored is not None:
            return mirrored
    link, is_new = Dependency.objects.get_or_create(
        organization_id=blocker.organization_id, blocker=blocker, blocked=blocked, kind=kind, defaults={"created_by": by}
    )
    if is_new:
        outward, inward = VERBS[kind]
        record(subject=blocker, verb="item.linked", by=by, after={outward: blocked.key}, cause=cause)
        record(subject=blocked, verb="item.linked", by=by, after={inward: blocker.key}, cause=cause)
        _tell(blocker, blocked, kind, cause="item.linked")
    return link


@one_act()
def unlink_dependency(
    *,
    blocker: Item,
    blocked: Item,
    by: User | None,
    kind: Dependency.Kind | str = Dependency.Kind.BLOCKS,
    reason: str = "",
    cause: str = "",
) -> bool:
    """Take the link away; False where there was none. A reason, where one is given, is told on both ends."""
    kind = _checked_kind(kind)
    removed, _ = Dependency.objects.filter(organization=blocker.organization_id, blocker=blocker, blocked=blocked, kind=kind).delete()
    if not removed:
        return False
    outward, inward = VERBS[kind]
    after = {"reason": reason} if reason else {}
    record(subject=blocker, verb="item.unlinked", by=by, before={outward: blocked.key}, after=after, cause=cause)
    record(subject=blocked, verb="item.unlinked", by=by, before={inward: blocker.key}, after=after, cause=cause)
    _tell(blocker, blocked, kind, cause="item.unlinked")
    return True


@one_act()
def unlink_between(*, item: Item, other: Item, relation: str, by: User | None) -> bool:
    """Take the link away that a relation names; whether there was one. Items that relate or conflict do so both ways, whoever was named first."""
    blocker, blocked, kind = ends_of(item, other, relation)
    if unlink_dependency(blocker=blocker, blocked=blocked, kind=kind, by=by):
        return True
    return kind in MUTUAL and unlink_dependency(blocker=blocked, blocked=blocker, kind=kind, by=by)


def _checked_kind(kind: Dependency.Kind | str) -> Dependency.Kind:
    if kind not in Dependency.Kind.values:
        raise InvalidError("There is no such kind of link.", field="kind")
    return Dependency.Kind(kind)


def _refuse_contradiction(blocker: Item, blocked: Item, access: Access | None) -> None:
    path = find_link_contradiction(blocker=blocker, blocked=blocked)
    if path is not None:
        raise DependencyCycleError(name_items(organization_id=blocker.organization_id, item_ids=[*path, path[0]], access=access))


def _tell(blocker: Item, blocked: Item, kind: Dependency.Kind, *, cause: str) -> None:
    # By ascending id, so that two acts on the same pair never wait for each other crosswise.
    for item in sorted((blocker, blocked), key=lambda item: item.pk):
        touch_item(item)
    if kind == Dependency.Kind.BLOCKS:
        # Both ends: a link that is gone no longer leads from the one to the other.
        mark_stale(organization_id=blocker.organization_id, item_ids=[blocker.pk, blocked.pk], cause=cause)
