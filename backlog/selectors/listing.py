"""The items of a backlog in rank order as rows, page by page: what programs read. `ranked` prepares the same order for people."""

import re
from dataclasses import dataclass

from django.db.models import BooleanField, Exists, F, FloatField, Func, OuterRef, Q, Value
from django.db.models.expressions import RawSQL
from django.db.models.lookups import GreaterThan

from accounts.models import ReleaseTrain, Team
from backlog.models import Band, Dependency, Item, Question
from backlog.models.item import ItemQuerySet
from backlog.selectors.filters import NO_PARENT, BadFilterError, ItemFilters, Need
from backlog.selectors.goals import list_serving
from backlog.selectors.narrowing import search_of
from backlog.selectors.paging import START, Cursor
from backlog.selectors.searching import Search, find, meets

Home = Team | ReleaseTrain
_ORDER = ("placement__band", "placement__falling", "placement__component", "placement__position")


@dataclass(frozen=True)
class Listing:
    """Items with their placement (where they have one), how many came before them, and where the next page begins."""

    items: list[Item]
    before: int
    next: str


def list_items(*, home: Home, filters: ItemFilters, cursor: Cursor = START, limit: int = 50) -> Listing:
    """One page: ranked items in their order or, by a status that has no order, the newest first.

    An item that moves between two pages may come twice or not at all; nothing else does.
    """
    items: ItemQuerySet = Item.objects.for_organization(home.organization_id).filter(_narrowing(home, filters))
    items = items.select_related("team", "train", "parent__team", "iteration", "goal", "placement__reason_item__team")
    skip = 0
    if filters.is_ranked:
        items = items.filter(**{f"placement__{_column(home)}": home}).order_by(*_ORDER)
        if cursor.key:
            items, skip = _after(items, home, cursor)
    else:
        items = items.filter(**{_column(home): home}).order_by("-id")
        if cursor.key:
            items = items.filter(id__lt=_id_of(home, cursor))
    found = list(items[skip : skip + limit + 1])
    page = found[:limit]
    return Listing(page, cursor.count, str(_cursor_at(page[-1], cursor.count + limit)) if len(found) > limit else "")


def _column(home: Home) -> str:
    return "team" if isinstance(home, Team) else "train"


_NEEDS = {
    Need.SIZE: Q(job_size__isnull=True),
    Need.VALUE: Q(placement__is_assumed=True) | Q(placement__band=Band.UNSCORED),
    Need.PARENT: Q(parent__isnull=True),
    Need.BLOCKER: Q(
        Exists(Dependency.objects.unscoped().filter(blocked=OuterRef("pk"), kind=Dependency.Kind.BLOCKS, blocker__placement__isnull=False))
    ),
    Need.PLACE: Q(placement__band=Band.UNSCORED),
    Need.ANSWER: Q(Exists(Question.objects.unscoped().filter(item=OuterRef("pk"), answered_at__isnull=True))),
}


def _narrowing(home: Home, filters: ItemFilters) -> Q:
    narrowed = Q()
    if filters.status:
        narrowed &= Q(status=filters.status)
    if filters.kind:
        narrowed &= Q(kind=filters.kind)
    if filters.goal:
        narrowed &= Q(pk__in=list_serving(home=home, goal=filters.goal, status=filters.status))
    if filters.channel:
        narrowed &= Q(channel=filters.channel)
    if filters.parent == NO_PARENT:
        narrowed &= Q(parent=None)
    elif filters.parent:
        narrowed &= Q(parent__key=filters.parent) & (Q(parent__team=None) | Q(**{f"parent__{_column(home)}": home}))
    if filters.needs:
        narrowed &= _NEEDS[Need(filters.needs)]
    if filters.q:
        search = search_of(home, filters)
        found = find(search)
        narrowed &= Q(_meets(search)) if found.ids is None else Q(pk__in=found.ids)
    return narrowed


def _meets(search: Search) -> RawSQL:
    """The search as a condition of a query of items."""
    statement = meets(search, '"backlog_item"."id"')
    names = re.findall(r"%\((\w+)\)s", statement)
    params = [search.params[name] for name in names]
    return RawSQL(re.sub(r"%\(\w+\)s", "%s", statement), params, output_field=BooleanField())  # noqa: S611, own words only


def _after(items: ItemQuerySet, home: Home, cursor: Cursor) -> tuple[ItemQuerySet, int]:
    """The items behind the cursor's by its key; where it moved or left meanwhile, by the number of items before."""
    start = (
        Item.objects.for_organization(home.organization_id)
        .filter(**{f"placement__{_column(home)}": home}, key=cursor.key)
        .values_list(*_ORDER)
        .first()
    )
    if start is None or start[:2] != (cursor.band, cursor.falling):
        return items, cursor.count
    # One comparison of the whole key, so that the index is entered where the page begins.
    ours = Func(*map(F, _ORDER), function="ROW", output_field=FloatField())
    theirs = Func(*map(Value, start), function="ROW", output_field=FloatField())
    return items.filter(GreaterThan(ours, theirs)), 0


def _id_of(home: Home, cursor: Cursor) -> int:
    found = Item.objects.for_organization(home.organization_id).filter(key=cursor.key).values_list("id", flat=True).first()
    if found is None:
        raise BadFilterError("This page does not exist. Start at the top of the list.")
    return found


def _cursor_at(item: Item, count: int) -> Cursor:
    placement = getattr(item, "placement", None)
    return Cursor(count, item.key, placement.band, placement.falling) if placement else Cursor(count, item.key)
