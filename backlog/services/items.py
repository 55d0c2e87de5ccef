"""The only writers of items. Every change appends its event, raises the item's version, touches the topics that show it and marks its rank stale."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from decimal import Decimal
from typing import Any, cast

from django.db import connection
from django.db.models import Field
from django.utils import timezone

from accounts.models import ReleaseTrain, Team, User
from accounts.services.organizations import next_keys
from activity.errors import ConflictError, InvalidError, UnknownReferenceError
from activity.reading import Reading
from activity.services.acts import one_act, ring_topic, touch_topic
from activity.services.events import record
from activity.statements import as_one, write
from backlog.kinds import Kind, clean_details, is_detail_of
from backlog.models import Item, Iteration, Placement
from backlog.models.item import STARTED, TRAIN_KINDS, Channel, Status
from backlog.selectors.dependencies import find_parent_contradiction
from backlog.services.cleaning import clean_demand, clean_size, clean_text, clean_title
from backlog.services.definitions import keep_definitions
from backlog.services.judging import WORDS, let_verdict_fall, says_else
from backlog.services.links import lock_links
from backlog.services.staleness import mark_stale
from backlog.services.tombstones import place_before

EDITABLE = frozenset({"title", "description", "kind", "job_size", "details", "parent", "is_dormant", "demand"})
_OWN = frozenset({"title", "description", "job_size", "details", "is_dormant", "demand"})
"""Of these, what no other row has a say in."""
_ATTRIBUTES = frozenset(field.attname for field in Item._meta.concrete_fields)
_KINDS = frozenset(Kind.values)
RANKING = frozenset({"kind", "job_size", "parent", "is_dormant", "demand", "details"})


class StaleVersionError(ConflictError):
    """Somebody changed the item since the caller read it."""

    code = "version_conflict"


class ItemRemovedError(ConflictError):
    """Somebody removed the item; what was typed for it is not written into its grave."""

    code = "item_removed"


def refuse_removed(item: Item) -> None:
    """Raise ItemRemovedError where the item is removed. `item` is locked, or just read."""
    if item.status == Status.REMOVED:
        why = f": {item.removed_reason.rstrip('.')}" if item.removed_reason else ""
        raise ItemRemovedError(
            f"{item.key} was removed meanwhile{why}. Nothing was saved; your text is kept here. Copy it, or restore the item."
        )


def list_topic(item: Item) -> str:
    """The topic of the list that shows the item."""
    known: str | None = getattr(item, "read_list_topic", None)  # by lock_item; an item never moves to another list
    if known is not None:
        return known
    return f"team:{item.team.slug}" if item.team else f"train:{item.train.slug}" if item.train else ""


# A person waits for the rank of what they edit: composing this by the ORM takes longer than the database.
_LOCK = Reading(
    Item,
    "t.organization_id = %s AND t.id = %s FOR NO KEY UPDATE OF t",
    extra="coalesce('team:' || team.slug, 'train:' || train.slug, '')",
    extra_name="read_list_topic",
    tables="LEFT JOIN accounts_team team ON team.id = t.team_id LEFT JOIN accounts_releasetrain train ON train.id = t.train_id",
)


def lock_item(item: Item) -> Item:
    """The item as it stands, locked until the transaction ends. Its team and train are those the caller has read already, where it has."""
    locked = _LOCK.first([item.organization_id, item.pk])
    if locked is None:
        raise Item.DoesNotExist
    for name in ("team", "train"):  # joining them costs more than all else here, and places hardly change
        known = item._state.fields_cache.get(name)
        if known is not None and known.pk == getattr(locked, f"{name}_id"):
            setattr(locked, name, known)
    return locked


@one_act()
def create_item(
    *,
    home: Team | ReleaseTrain,
    kind: Kind | str,
    title: str,
    by: User | None,
    channel: Channel | str = Channel.TEAM,
    description: str = "",
    source_kind: str = "",
    source_ref: str = "",
    status: Status | str = Status.OPEN,
    job_size: Decimal | int | str | None = None,
    parent: Item | None = None,
    details: Mapping[str, Any] | None = None,
    iteration: Iteration | None = None,
    demand: int = 0,
) -> Item:
    """Add an item to a team's backlog, or an epic or feature to a train's; it gets its key, and its place unless it waits in triage.

    Raises InvalidError where a field cannot be accepted.
    """
    _refuse_what_cannot_start(home, kind, status, channel, parent)
    item = Item(
        organization_id=home.organization_id,
        key=next_keys(series=home.key_series)[0],
        kind=kind,
        title=clean_title(title),
        description=clean_text(description.replace("\r\n", "\n")),
        team=home if isinstance(home, Team) else None,
        train=home if isinstance(home, ReleaseTrain) else None,
        parent=parent,
        channel=channel,
        source_kind=source_kind,
        source_ref=source_ref,
        status=status,
        job_size=clean_size(job_size),
        details=clean_details(kind, details or {}),
        iteration=iteration,
        demand=clean_demand(demand),
        created_by=by,
        closed_at=timezone.now() if status == Status.DONE else None,
    )
    item.save(force_insert=True)
    record(
        subject=item,
        verb="item.created",
        by=by,
        after={"title": item.title, "kind": item.kind, "status": item.status, "job_size": item.job_size, "channel": item.channel},
        cause=f"{source_kind} {source_ref}".strip(),
    )
    if item.status in STARTED:
        keep_definitions(item)
    if item.is_ranked:
        enter_order(item, cause="item.created")
    show_change(item)
    return item


def _refuse_what_cannot_start(
    home: Team | ReleaseTrain, kind: Kind | str, status: Status | str, channel: Channel | str, parent: Item | None
) -> None:
    if kind not in _KINDS:
        raise InvalidError("There is no such kind of item.", field="kind")
    if status not in Status.values or channel not in Channel.values:
        raise InvalidError("There is no such status or channel.", field="status")
    if status == Status.REMOVED:
        raise InvalidError("An item is removed with a reason, once it is there.", field="status")
    if isinstance(home, ReleaseTrain) != (kind in TRAIN_KINDS):
        raise InvalidError("Epics and features belong to a release train, everything else to a team.", field="kind")
    if parent is not None:
        check_parent(kind=Kind(kind), organization_id=home.organization_id, parent=parent)


def enter_order(item: Item, *, cause: str) -> None:
    """Give the item a place until the order is computed: the one it had before it was removed, else the end. Its component is its own."""
    Placement.objects.get_or_create(
        item=item,
        organization_id=item.organization_id,
        defaults={"team_id": item.team_id, "train_id": item.train_id, "component": item.pk, **place_before(item)},
    )
    mark_stale(organization_id=item.organization_id, item_ids=with_family([item]), cause=cause)


def leave_order(item: Item, *, cause: str) -> None:
    """Take the item out of the order, and mark its neighbours: a closed blocker frees what waited for it."""
    neighbours = set(item.dependencies_in.values_list("blocker_id", flat=True)) | set(
        item.dependencies_out.values_list("blocked_id", flat=True)
    )
    neighbours |= set(item.children.values_list("id", flat=True))
    Placement.objects.filter(organization=item.organization_id, item=item).delete()
    mark_stale(organization_id=item.organization_id, item_ids=[*with_family([item]), *neighbours], cause=cause)


def with_family(items: list[Item]) -> list[int]:
    """The items and those they are part of."""
    return [pk for item in items for pk in (item.pk, item.parent_id) if pk is not None]


ALLOWED_PARENTS: Mapping[Kind, frozenset[Kind]] = {
    Kind.EPIC: frozenset({Kind.EPIC}),
    Kind.FEATURE: frozenset({Kind.EPIC}),
}
TEAM_PARENTS = frozenset({Kind.EPIC, Kind.FEATURE, Kind.STORY})


def check_parent(*, kind: Kind, organization_id: int, parent: Item, child: Item | None = None) -> None:
    """Raise InvalidError where `parent` cannot stand above the kind, is closed, lies below the child, or where links forbid it.

    A child that is there already needs the lock of `lock_links`, so that the answer still holds when it is written.
    """
    if parent.organization_id != organization_id:
        raise UnknownReferenceError("There is no such parent.", field="parent")
    if Kind(parent.kind) not in ALLOWED_PARENTS.get(kind, TEAM_PARENTS):
        raise InvalidError(f"A {kind.label.lower()} cannot belong to a {Kind(parent.kind).label.lower()}.", field="parent")
    if child is not None and parent.pk == child.pk:
        raise InvalidError("An item cannot be its own parent.", field="parent")
    if not parent.is_ranked:
        raise InvalidError(f"{parent.key} is closed. Choose an open parent.", field="parent")
    if child is not None and child.parent_id != parent.pk and find_parent_contradiction(parent=parent, child=child):
        raise InvalidError(f"{parent.key} lies below {child.key}, or one of them waits for the other.", field="parent")


@one_act()
def edit_item(
    *,
    item: Item,
    changes: Mapping[str, Any],
    by: User | None,
    version: int | None = None,
    was: Mapping[str, Any] | None = None,
    cause: str = "",
    also_removed: bool = False,
) -> Item:
    """Change fields of an item (names in EDITABLE) and return it as it stands. A change to what it already is writes nothing.

    Raises StaleVersionError where the item is no longer at `version`, or one of the fields no longer what it `was` for the caller (then
    changes to other fields do no harm), ItemRemovedError for a removed item unless `also_removed`, and InvalidError where a value cannot be
    accepted.
    """
    unknown = set(changes) - EDITABLE
    if unknown:
        raise InvalidError(f"“{min(unknown)}” cannot be changed here.", field=min(unknown))
    if _OWN.issuperset(changes) and _is_known(item) and item.status != Status.REMOVED:
        # As it was read, without asking first: where it is at another version by now, nothing is written, and it is done again under the lock.
        with suppress(InvalidError, StaleVersionError):
            if edited := _edit(_twin(item), changes, by=by, version=version, was=was or {}, cause=cause, is_locked=False):
                return edited
    if "parent" in changes:
        lock_links(organization_id=item.organization_id)
    item = lock_item(item)
    if changes and not also_removed:
        refuse_removed(item)
    return _edit(item, changes, by=by, version=version, was=was or {}, cause=cause, is_locked=True) or item


def _is_known(item: Item) -> bool:
    """Whether the caller read all of it, and the place whose list shows it."""
    home = "team" if item.team_id is not None else "train"
    return (hasattr(item, "read_list_topic") or home in item._state.fields_cache) and item.__dict__.keys() >= _ATTRIBUTES


def _twin(item: Item) -> Item:
    """Another object of the same row. As `copy.copy`, which takes the way of pickle through the model's fields: three times as long."""
    twin = Item.__new__(Item)
    twin.__dict__.update(item.__getstate__())
    return twin


def _edit(
    item: Item, changes: Mapping[str, Any], *, by: User | None, version: int | None, was: Mapping[str, Any], cause: str, is_locked: bool
) -> Item | None:
    """The changed item, or None where there is nothing to change in it or, not locked, it is no longer at its version or more than it changes."""
    _refuse_stale(item, version, was)
    cleaned = check_changes(item, changes)
    before = {name: plain(getattr(item, name)) for name in cleaned}
    after = {name: plain(value) for name, value in cleaned.items()}
    changed = {name for name in cleaned if before[name] != after[name]}
    if not changed:
        return None
    is_reworded = item.readied_at is not None and any(says_else(before[name], after[name]) for name in changed & WORDS)
    if is_reworded and not is_locked:
        return None
    ids = _tied_by(item, cleaned, changed)
    for name in changed:
        setattr(item, name, cleaned[name])
    fallen = let_verdict_fall(item, by=by, cause=cause) if is_reworded else ()
    with as_one(if_any="saved") as written:
        save_item(item, *changed, *fallen, only_from=None if is_locked else item.version)
        record(
            subject=item,
            verb="item.edited",
            by=by,
            before={n: before[n] for n in changed},
            after={n: after[n] for n in changed},
            cause=cause,
        )
    if not written.rows:
        return None
    if item.is_ranked and changed & RANKING:
        why = f"item.edited {','.join(sorted(changed & RANKING))}"
        mark_stale(organization_id=item.organization_id, item_ids=[item.pk, *sorted(ids - {item.pk})], cause=why)
    show_change(item)
    if "title" in changed:
        _show_to_children(item)
    return item


def _tied_by(item: Item, cleaned: Mapping[str, Any], changed: Collection[str]) -> set[int]:
    """Whose rank such a change touches: the item, the one above before and after, and for a change of kind or parent those below."""
    ids = {item.pk, *(parent for parent in (item.parent_id,) if parent is not None)}
    if "parent" in changed and cleaned["parent"] is not None:
        ids.add(cleaned["parent"].pk)
    if "kind" in changed or "parent" in changed:
        ids |= set(item.children.values_list("id", flat=True))
    return ids


def _refuse_stale(item: Item, version: int | None, was: Mapping[str, Any]) -> None:
    if (version is not None and version != item.version) or any(plain(getattr(item, name)) != plain(value) for name, value in was.items()):
        raise StaleVersionError(f"{item.key} was changed meanwhile. Your text is kept; look at both and save again.")


def check_changes(item: Item, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The new values as they are stored; raise InvalidError where the item cannot take one. Reads only."""
    kind = changes.get("kind", item.kind)
    if kind not in _KINDS:
        raise InvalidError("There is no such kind of item.", field="kind")
    if (kind in TRAIN_KINDS) != (item.train_id is not None):
        raise InvalidError("Epics and features belong to a release train, everything else to a team.", field="kind")
    cleaned: dict[str, Any] = dict(changes)
    if "title" in cleaned:
        cleaned["title"] = clean_title(cleaned["title"])
    if "description" in cleaned:
        cleaned["description"] = clean_text(cleaned["description"].replace("\r\n", "\n"))
    if "job_size" in cleaned:
        cleaned["job_size"] = clean_size(cleaned["job_size"])
    if "details" in cleaned:
        # What another kind knew stays in place, so that a kind changed by mistake loses nothing.
        others = {name: text for name, text in item.details.items() if not is_detail_of(kind, name)}
        given = {name: text for name, text in dict(cleaned["details"]).items() if name not in others}
        cleaned["details"] = {**others, **clean_details(kind, given)}
    if "demand" in cleaned:
        cleaned["demand"] = clean_demand(cleaned["demand"])
    if "is_dormant" in cleaned and not isinstance(cleaned["is_dormant"], bool):
        raise InvalidError("An item is dormant or not.", field="is_dormant")
    _check_family(item, Kind(kind), cleaned)
    return cleaned


def _check_family(item: Item, kind: Kind, cleaned: Mapping[str, Any]) -> None:
    """Raise where the item's kind and the items above and below it would not fit, or contradict a link."""
    if "parent" in cleaned or kind != item.kind:
        parent = cleaned.get("parent", item.parent)
        if parent is not None:
            check_parent(kind=kind, organization_id=item.organization_id, parent=parent, child=item)
    if kind != item.kind:
        for child in item.children.all():
            if kind not in ALLOWED_PARENTS.get(Kind(child.kind), TEAM_PARENTS):
                raise InvalidError(f"{child.key} lies below {item.key}, and a {kind.label.lower()} cannot hold it.", field="kind")


def plain(value: Any) -> Any:
    """A value as an event keeps it: parents by key, numbers without trailing zeros."""
    if isinstance(value, Item):
        return value.key
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return value


def save_item(item: Item, *fields: str, only_from: int | None = None) -> None:
    """Store these fields of a locked item, as its next version; or of one that nobody locked, where it still is at the version `only_from`."""
    item.version += 1
    item.updated_at = timezone.now()
    columns = [cast("Field[Any, Any]", Item._meta.get_field(name)) for name in (*fields, "version", "updated_at")]
    assigned = ", ".join(f"{field.column} = %s" for field in columns)
    where, which = "organization_id = %s AND id = %s", [item.organization_id, item.pk]
    if only_from is not None:
        where, which = f"{where} AND version = %s", [*which, only_from]
    write(
        f"UPDATE backlog_item SET {assigned} WHERE {where} RETURNING true",  # noqa: S608, the model's own columns
        [*(field.get_db_prep_save(getattr(item, field.attname), connection) for field in columns), *which],
        name="saved",
    )


def set_job_size(*, item: Item, job_size: Decimal | int | str | None, by: User | None, cause: str = "") -> Item:
    """Set the size in points; the rank follows."""
    return edit_item(item=item, changes={"job_size": job_size}, by=by, cause=cause)


def touch_item(item: Item) -> None:
    """Raise the version of an item one of whose rows (criterion, task, dependency) changed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE backlog_item SET version = version + 1, updated_at = statement_timestamp() WHERE organization_id = %s AND id = %s "
            "RETURNING version",
            [item.organization_id, item.pk],
        )
        item.version = cursor.fetchone()[0]
    show_change(item)


def show_change(item: Item) -> None:
    """Tell open pages: the list that shows the item, and those of the item itself, whose topic is its own version."""
    touch_topic(organization_id=item.organization_id, key=list_topic(item))
    ring_topic(organization_id=item.organization_id, key=item.topic, version=item.version)


def _show_to_children(item: Item) -> None:
    """The lists of the items below show the parent's title."""
    below = item.children.order_by().values_list("team__slug", "train__slug").distinct()
    for team, train in below:
        touch_topic(organization_id=item.organization_id, key=f"team:{team}" if team else f"train:{train}")
