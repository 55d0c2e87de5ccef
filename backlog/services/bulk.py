"""Many items at once, with the same rules, events and marks as one at a time, in a handful of statements."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import F
from django.db.models.functions import Now

from accounts.models import ReleaseTrain, Team, User
from accounts.services.organizations import next_keys
from activity.errors import InvalidError
from activity.reading import Reading
from activity.services.acts import one_act, touch_topic
from activity.services.events import Happening, record_all
from activity.statements import array, as_one, insert_all, write
from backlog.gherkin import is_broken_scenario
from backlog.kinds import Kind, clean_details
from backlog.models import Band, Criterion, Dependency, Item
from backlog.models.item import RANKED, STARTED, TRAIN_KINDS, Channel, Status
from backlog.services.cleaning import clean_size, clean_text, clean_title
from backlog.services.definitions import keep_definitions
from backlog.services.items import ALLOWED_PARENTS, TEAM_PARENTS, list_topic, plain, show_change
from backlog.services.staleness import mark_stale

BATCH = 1000


@dataclass(frozen=True)
class Draft:
    """An item to be made, as `create_item` takes it; its past may come along."""

    home: Team | ReleaseTrain
    kind: str
    title: str
    description: str = ""
    status: str = Status.OPEN
    removed_reason: str = ""
    job_size: Decimal | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    criteria: Sequence[str] = ()
    source_ref: str = ""
    created_at: datetime | None = None
    closed_at: datetime | None = None


def check_draft(draft: Draft) -> Item:
    """The unsaved item without key; InvalidError where `create_item` would refuse it."""
    if draft.kind not in Kind.values:
        raise InvalidError("There is no such kind of item.", field="kind")
    if isinstance(draft.home, ReleaseTrain) != (draft.kind in TRAIN_KINDS):
        raise InvalidError("Epics and features belong to a release train, everything else to a team.", field="kind")
    if draft.status not in Status.values:
        raise InvalidError("There is no such status.", field="status")
    for text in draft.criteria:
        clean_text(text, field="criteria")
    return Item(
        organization_id=draft.home.organization_id,
        kind=draft.kind,
        title=clean_title(draft.title),
        description=clean_text(draft.description.replace("\r\n", "\n")),
        team=draft.home if isinstance(draft.home, Team) else None,
        train=draft.home if isinstance(draft.home, ReleaseTrain) else None,
        status=draft.status,
        removed_reason=clean_text(draft.removed_reason, field="reason")[:500] if draft.status == Status.REMOVED else "",
        job_size=clean_size(draft.job_size),
        details=clean_details(draft.kind, draft.details),
        source_ref=draft.source_ref[:120],
    )


@one_act()
def create_items(
    *, drafts: Sequence[Draft], by: User | None, at: datetime, source_kind: str = "", channel: Channel | str = Channel.TEAM, cause: str = ""
) -> list[Item]:
    """Make the items of the drafts, in their order, keys rising; all of them or none. InvalidError as `create_item`; `at` closes what has no date."""
    items = [check_draft(draft) for draft in drafts]
    _give_keys(drafts, items)
    for draft, item in zip(drafts, items, strict=True):
        item.channel, item.source_kind, item.created_by = channel, source_kind, by
        item.created_at = min(draft.created_at or at, at)
        if item.status in (Status.DONE, Status.REMOVED):
            item.closed_at = min(draft.closed_at or at, at)
    insert_all(items)
    insert_all(
        [_criterion(item, number, text) for draft, item in zip(drafts, items, strict=True) for number, text in enumerate(draft.criteria, 1)]
    )
    for item in items:
        if item.status in STARTED:
            keep_definitions(item)
    with as_one():
        _record_many(items, verb="item.created", by=by, cause=cause, after=_created)
        enter_order_many(items, cause="item.created")
    return items


def _give_keys(drafts: Sequence[Draft], items: Sequence[Item]) -> None:
    homes: dict[tuple[str, int], list[int]] = {}
    for index, draft in enumerate(drafts):
        homes.setdefault((type(draft.home).__name__, draft.home.pk), []).append(index)
    for _, indexes in sorted(homes.items()):  # in one order everywhere, so that two imports never wait for each other crosswise
        keys = next_keys(series=drafts[indexes[0]].home.key_series, count=len(indexes))
        for index, key in zip(indexes, keys, strict=True):
            items[index].key = key


def _criterion(item: Item, number: int, text: str) -> Criterion:
    """What does not read as a scenario is kept as it was written."""
    form = Criterion.Form.PLAIN
    if text.lstrip().lower().startswith(("scenario:", "scenario outline:", "given ", "feature:")):
        form = Criterion.Form.PLAIN if is_broken_scenario(text, is_scenario=True) else Criterion.Form.GHERKIN
    is_broken = form == Criterion.Form.PLAIN and is_broken_scenario(text, is_scenario=False)
    return Criterion(
        organization_id=item.organization_id, item=item, position=number, number=number, text=text, form=form, is_broken=is_broken
    )


def _created(item: Item) -> dict[str, Any]:
    return {"title": item.title, "kind": item.kind, "status": item.status, "job_size": item.job_size, "channel": item.channel}


def _record_many(items: Collection[Item], *, verb: str, by: User | None, cause: str, after: Any, before: Any = None) -> None:
    happenings = [Happening(item.pk, item.key, before(item) if before else {}, after(item), cause[:200]) for item in items]
    if happenings:
        organization_id = next(iter(items)).organization_id
        record_all(organization_id=organization_id, subject_kind="item", verb=verb, happenings=happenings, by=by)


_LOCK = Reading(
    Item,
    "t.organization_id = %s AND t.id = ANY(%s::bigint[]) ORDER BY t.id FOR NO KEY UPDATE OF t",
    extra="coalesce('team:' || team.slug, 'train:' || train.slug, '')",
    extra_name="read_list_topic",
    tables="LEFT JOIN accounts_team team ON team.id = t.team_id LEFT JOIN accounts_releasetrain train ON train.id = t.train_id",
)


@one_act()
def set_job_sizes(*, items: Sequence[Item], job_size: Decimal | int | str | None, by: User | None) -> None:
    """Set the size of items of one organization, each with its event, as `set_job_size` does; three statements, and one ranking of all."""
    if not items:
        return
    size = clean_size(job_size)
    organization_id = items[0].organization_id
    changed = [item for item in _LOCK.all([organization_id, array(item.pk for item in items)]) if item.job_size != size]
    if not changed:
        return
    after = {"job_size": plain(size)}
    happenings = [Happening(item.pk, item.key, {"job_size": plain(item.job_size)}, after, "") for item in changed]
    for item in changed:
        item.job_size, item.version = size, item.version + 1
    with as_one():
        write(_SIZE, [size, organization_id, array(item.pk for item in changed)])
        record_all(organization_id=organization_id, subject_kind="item", verb="item.edited", happenings=happenings, by=by)
        if ranked := [item for item in changed if item.is_ranked]:
            ids = dict.fromkeys([*(item.pk for item in ranked), *(item.parent_id for item in ranked if item.parent_id is not None)])
            mark_stale(organization_id=organization_id, item_ids=list(ids), cause="item.edited job_size")
    for item in changed:
        show_change(item)


_SIZE = """
    UPDATE backlog_item SET job_size = %s, version = version + 1, updated_at = statement_timestamp()
    WHERE organization_id = %s AND id = ANY(%s::bigint[])
"""

# Their components are their own. Read from the items that stand, not from those that the same statement writes.
_ENTER = f"""
    INSERT INTO backlog_placement (organization_id, item_id, team_id, train_id, band, value, component, position, is_assumed, is_size_assumed, reason)
    SELECT organization_id, id, team_id, train_id, {Band.UNSCORED.value}, 0, id, 0, false, false, ''
    FROM backlog_item WHERE organization_id = %s AND id = ANY(%s::bigint[]) ORDER BY id
"""  # noqa: S608, a number of ours


def enter_order_many(items: Sequence[Item], *, cause: str) -> None:
    """Give each open item a place at the end until the order is computed, and touch the lists."""
    ranked = [item for item in items if item.status in RANKED]
    if ranked:
        write(_ENTER, [ranked[0].organization_id, array(item.pk for item in ranked)])
        mark_stale(organization_id=ranked[0].organization_id, item_ids=[item.pk for item in ranked], cause=cause)
    _touch_lists(items)


def _touch_lists(items: Iterable[Item]) -> None:
    for organization_id, key in {(item.organization_id, list_topic(item)) for item in items}:
        touch_topic(organization_id=organization_id, key=key)


def parent_problem(*, child: Item, parent: Item) -> str:
    """Why `parent` cannot stand above `child`, or nothing. A closed parent may: what was imported keeps its history."""
    if parent.pk == child.pk:
        return "An item cannot be its own parent."
    allowed = ALLOWED_PARENTS.get(Kind(child.kind), TEAM_PARENTS)
    if Kind(parent.kind) not in allowed:
        return f"A {Kind(child.kind).label.lower()} cannot belong to a {Kind(parent.kind).label.lower()}."
    return ""


@one_act()
def set_parents(*, pairs: Sequence[tuple[Item, Item]], by: User | None, cause: str = "") -> None:
    """Put each child (first) below its parent (second). The caller has checked `parent_problem` and that no circle closes."""
    pairs = [(child, parent) for child, parent in pairs if child.parent_id != parent.pk]
    if not pairs:
        return
    before = {child.pk: child.parent_id for child, _ in pairs}
    keys = {parent.pk: parent.key for _, parent in pairs}
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE backlog_item AS i SET parent_id = given.parent, version = i.version + 1, updated_at = now() "
            "FROM unnest(%s::bigint[], %s::bigint[]) AS given(child, parent) WHERE i.id = given.child AND i.organization_id = %s",
            [[child.pk for child, _ in pairs], [parent.pk for _, parent in pairs], pairs[0][0].organization_id],
        )
    for child, parent in pairs:
        child.parent_id = parent.pk
    children = [child for child, _ in pairs]
    old = {pk for pk in before.values() if pk}
    keys |= dict(Item.objects.for_organization(children[0].organization_id).filter(pk__in=old).values_list("id", "key"))
    _record_many(
        children,
        verb="item.edited",
        by=by,
        cause=cause,
        before=lambda item: {"parent": keys.get(before[item.pk] or 0)},
        after=lambda item: {"parent": keys[item.parent_id]},
    )
    _touch_lists(children)
    stale = {child.pk for child in children if child.status in RANKED} | {parent.pk for _, parent in pairs} | old
    mark_stale(organization_id=children[0].organization_id, item_ids=sorted(stale), cause="item.edited parent")


@one_act()
def link_dependencies(*, pairs: Sequence[tuple[Item, Item]], by: User | None, cause: str = "") -> int:
    """Let each blocker (first) block the other; return how many links are new. The caller holds the lock and has checked that no cycle closes."""
    if not pairs:
        return 0
    organization_id = pairs[0][0].organization_id
    known = set(
        Dependency.objects.for_organization(organization_id)
        .filter(kind=Dependency.Kind.BLOCKS, blocker__in={blocker.pk for blocker, _ in pairs})
        .values_list("blocker_id", "blocked_id")
    )
    fresh = [(blocker, blocked) for blocker, blocked in dict.fromkeys(pairs) if (blocker.pk, blocked.pk) not in known]
    Dependency.objects.bulk_create(
        [Dependency(organization_id=organization_id, blocker=blocker, blocked=blocked, created_by=by) for blocker, blocked in fresh],
        batch_size=BATCH,
    )
    blockers = {blocked.pk: [] for _, blocked in fresh}  # type: dict[int, list[str]]
    for blocker, blocked in fresh:
        blockers[blocked.pk].append(blocker.key)
    _record_many(
        {blocked.pk: blocked for _, blocked in fresh}.values(),
        verb="item.linked",
        by=by,
        cause=cause,
        after=lambda item: {"waits_for": blockers[item.pk]},
    )
    if fresh:
        both = {item.pk: item for pair in fresh for item in pair}
        Item.objects.for_organization(organization_id).filter(pk__in=both).update(version=F("version") + 1, updated_at=Now())
        _touch_lists(both.values())
        mark_stale(organization_id=organization_id, item_ids=sorted(both), cause="item.linked")
    return len(fresh)
