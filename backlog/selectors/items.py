"""What the page of an item shows beside the item itself."""

from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When

from accounts.models import ReleaseTrain, Team
from accounts.permissions import Access
from activity.kept import Kept
from activity.models import Event
from backlog.kinds import KINDS, Kind
from backlog.models import Criterion, Item, Iteration, Placement, Task
from backlog.models.item import RANKED, ItemQuerySet, Status
from backlog.permissions import visible_items
from backlog.reasons import RESTRICTED
from backlog.selectors.searching import Search, find_best

MOST_CHILDREN = 50
PARENT_KINDS = (Kind.EPIC, Kind.FEATURE, Kind.STORY)


@dataclass(frozen=True)
class Child:
    """An item one step below; without key where the reader may not see it."""

    key: str
    title: str
    icon: str
    kind: str
    status: str
    is_open: bool


@dataclass(frozen=True)
class Children:
    rows: list[Child]
    total: int
    done: int

    @property
    def more(self) -> int:
        return self.total - len(self.rows)


def list_children(*, item: Item, access: Access) -> Children:
    """What lies directly below the item, open items first. One query, two where there are many, none for a kind that has nothing below it."""
    if item.kind not in PARENT_KINDS:
        return Children([], 0, 0)
    rows = _CHILDREN.all(item.organization_id, item.pk)
    total, done = len(rows), sum(row.status == Status.DONE for row in rows)
    if total > MOST_CHILDREN:
        counted = _below(item.organization_id, item.pk).aggregate(total=Count("id"), done=Count("id", filter=Q(status=Status.DONE)))
        total, done = counted["total"], counted["done"]
    return Children([_child(row, access) for row in rows[:MOST_CHILDREN]], total, done)


def _below(organization_id: int, parent_id: int) -> ItemQuerySet:
    found: ItemQuerySet = Item.objects.filter(organization=organization_id, parent=parent_id).exclude(status=Status.REMOVED)
    return found


_IS_CLOSED = Case(When(status__in=RANKED, then=Value(0)), default=Value(1), output_field=IntegerField())
_CHILDREN: Kept[Item] = Kept(
    lambda organization, parent: _below(organization, parent).select_related("team").order_by(_IS_CLOSED, "id")[: MOST_CHILDREN + 1],
    int,
    int,
)


def _child(item: Item, access: Access) -> Child:
    if item.team is not None and not access.sees_team(item.team):
        return Child("", RESTRICTED, "lock", "", "", item.is_ranked)
    kind = Kind(item.kind)
    return Child(item.key, item.title, KINDS[kind].icon, kind.label, Status(item.status).label, item.is_ranked)


def list_parts(*, item: Item, access: Access) -> list[Child]:
    """What the item was split into, where that stands beside it and not below; two queries for a kind that has nothing below it."""
    if item.kind in PARENT_KINDS:
        return []
    events = Event.objects.filter(organization=item.organization_id, subject_kind="item", subject_id=item.pk, verb="item.split")
    keys = [key for told in events.values_list("after", flat=True) for key in told.get("parts", [])]
    if not keys:
        return []
    parts = Item.objects.filter(organization=item.organization_id, source_kind="split", key__in=keys).exclude(status=Status.REMOVED)
    return [_child(part, access) for part in parts.select_related("team").order_by("id")]


def find_criterion(*, item: Item, number: int) -> Criterion | None:
    """The criterion of this number, or None."""
    return Criterion.objects.select_related("item").filter(organization=item.organization_id, item=item, number=number).first()


R = TypeVar("R", bound=Criterion | Task)


def find_row(*, model: type[R], item: Item, number: int) -> R | None:
    """The criterion or task of this number, with its item, or None."""
    rows: QuerySet[Any] = model._default_manager.select_related("item")
    row: R | None = rows.filter(organization=item.organization_id, item=item, number=number).first()
    return row


def list_criteria(item: Item) -> list[Criterion]:
    """The acceptance criteria in their order."""
    criteria = _CRITERIA.all(item.organization_id, item.pk)
    for criterion in criteria:
        criterion.item = item
    return criteria


_CRITERIA: Kept[Criterion] = Kept(
    lambda organization, item: Criterion.objects.filter(organization=organization, item=item).order_by("position"), int, int
)
_TASKS: Kept[Task] = Kept(
    lambda organization, item: Task.objects.filter(organization=organization, item=item).order_by("position"), int, int
)


def list_tasks(item: Item) -> list[Task]:
    """The checklist in its order."""
    return _TASKS.all(item.organization_id, item.pk)


def list_open_iterations(home: Team | ReleaseTrain | None) -> list[Iteration]:
    """Sprints of the team that may take an item; a train has none."""
    if not isinstance(home, Team):
        return []
    return list(
        Iteration.objects.filter(organization=home.organization_id, team=home).exclude(state=Iteration.State.CLOSED).order_by("starts_on")
    )


def find_placement(item: Item) -> Placement | None:
    """The item's place in the order, where it has one."""
    return Placement.objects.filter(organization=item.organization_id, item=item).first()


def find_by_words(
    *, access: Access, words: str, besides: Item | None = None, kinds: tuple[Kind, ...] = tuple(Kind), ranked: bool = False, most: int = 8
) -> list[Item]:
    """Items that the reader sees and that the words mean, for a picker: by key, then by title, then by their other texts, the newest first;
    where there are none, those whose titles come close.

    With `ranked` only those that have a place in the order.
    """
    words = " ".join(words.split())[:200]
    if not words or "\x00" in words:
        return []
    conditions = "AND i.kind = ANY(%(kinds)s) AND i.status = ANY(%(statuses)s) AND i.id <> %(besides)s"
    ids = find_best(
        Search(words, access.organization.pk, hidden=_hidden_teams(access)),
        conditions=conditions,
        params={
            "kinds": [kind.value for kind in kinds],
            "statuses": [status.value for status in (RANKED if ranked else Status) if status != Status.REMOVED],
            "besides": besides.pk if besides else 0,
        },
        most=most,
    )
    seen = visible_items(access).in_bulk(ids)
    return [seen[pk] for pk in ids if pk in seen]


def _hidden_teams(access: Access) -> tuple[int, ...]:
    """Teams whose items the reader does not see. No query for an administrator."""
    if access.is_administrator:
        return ()
    teams = Team.objects.filter(organization=access.organization)
    return tuple(teams.exclude(pk__in=access.visible_teams().values("pk")).values_list("pk", flat=True))
