"""What the page of an item shows beside the item itself."""

from dataclasses import dataclass

from django.db.models import Case, Count, IntegerField, Q, Value, When

from accounts.models import ReleaseTrain, Team
from accounts.permissions import Access
from backlog.kinds import KINDS, Kind
from backlog.models import Criterion, Item, Iteration, Placement, Task
from backlog.models.item import RANKED, Status
from backlog.permissions import visible_items
from backlog.reasons import RESTRICTED

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
    """What lies directly below the item, open items first. Two queries, none for a kind that has nothing below it."""
    if item.kind not in PARENT_KINDS:
        return Children([], 0, 0)
    below = Item.objects.filter(organization=item.organization_id, parent=item).exclude(status=Status.REMOVED)
    counted = below.aggregate(total=Count("id"), done=Count("id", filter=Q(status=Status.DONE)))
    if not counted["total"]:
        return Children([], 0, 0)
    is_closed = Case(When(status__in=RANKED, then=Value(0)), default=Value(1), output_field=IntegerField())
    rows = below.select_related("team").order_by(is_closed, "id")[:MOST_CHILDREN]
    return Children([_child(row, access) for row in rows], counted["total"], counted["done"])


def _child(item: Item, access: Access) -> Child:
    if item.team is not None and not access.sees_team(item.team):
        return Child("", RESTRICTED, "lock", "", "", item.is_ranked)
    kind = Kind(item.kind)
    return Child(item.key, item.title, KINDS[kind].icon, kind.label, Status(item.status).label, item.is_ranked)


def find_criterion(*, item: Item, number: int) -> Criterion | None:
    """The criterion of this number, or None."""
    return Criterion.objects.select_related("item").filter(organization=item.organization_id, item=item, number=number).first()


def list_criteria(item: Item) -> list[Criterion]:
    """The acceptance criteria in their order."""
    return list(item.criteria.order_by("position"))


def list_tasks(item: Item) -> list[Task]:
    """The checklist in its order."""
    return list(item.tasks.order_by("position"))


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
    """Items that the reader sees and whose key or title fits the words, for a picker: an exact key first, then the newest.

    With `ranked` only those that have a place in the order.
    """
    words = " ".join(words.split())[:200]
    if not words or "\x00" in words:
        return []
    seen = visible_items(access).filter(kind__in=kinds).exclude(status=Status.REMOVED)
    if besides is not None:
        seen = seen.exclude(pk=besides.pk)
    if ranked:
        seen = seen.ranked()
    found = list(seen.filter(key=words.upper()))
    titled = seen.exclude(pk__in=[item.pk for item in found])
    for word in words.split()[:8]:
        titled = titled.filter(title__icontains=word)
    return [*found, *titled.order_by("-id")[: most - len(found)]]
