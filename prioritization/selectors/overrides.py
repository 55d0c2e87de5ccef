"""What an override would contradict, and whom it reaches: read from the items it ties, before it is written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import ReleaseTrain, Team
from accounts.permissions import Access
from accounts.roles import Verb
from backlog.graph import find_path
from backlog.models import Item
from backlog.numbers import short
from backlog.reasons import RESTRICTED, short_day
from prioritization.engine.overrides import Overrides, apply_overrides
from prioritization.engine.terms import Problem, prepare
from prioritization.models import Override
from prioritization.scoring import to_basis, to_scored
from prioritization.selectors.rows import Loaded, list_of, load_tied


def find_contradiction(*, item: Item, anchor: Item) -> list[int] | None:
    """The items, from `anchor` to `item`, of which each comes before the next by a dependency, the hierarchy or another override; None where
    `item` may be kept above `anchor`."""
    loaded = load_tied(item.organization_id, [item.pk, anchor.pk])
    edges = [(int(first), int(then)) for first, then in _edges(loaded)]
    return find_path(edges, anchor.pk, item.pk)


def _edges(loaded: Loaded) -> list[tuple[int | str, int | str]]:
    """All pairs that the ranking keeps in order, kept-above ones among them."""
    return apply_overrides(_problem(loaded), replace(loaded.overrides, pins={}), {}).problem.edges


def _problem(loaded: Loaded) -> Problem:
    """The items and edges as ranked, but for their sizes."""
    return prepare(to_scored(loaded.rows, loaded.factors, {}), loaded.edges, to_basis(()))


@dataclass(frozen=True)
class Reach:
    """What a pinned item waits for: in the list of the pin, and elsewhere."""

    taken_along: list[int]
    awaited: list[int]


def reach_of_pin(*, item: Item, home: Team | ReleaseTrain) -> Reach:
    """What a pin of the item in this list takes along, and what it only waits for; ids in rising order."""
    loaded = load_tied(item.organization_id, [item.pk])
    pins: Mapping[int | str, int | str | None] = {item.pk: home.pk if isinstance(home, Team) else None}
    done = apply_overrides(_problem(loaded), Overrides(pins, loaded.overrides.above), {row.id: list_of(row) for row in loaded.rows})
    return Reach(sorted(map(int, done.taken_along)), sorted(map(int, done.awaited)))


def active_overrides(item: Item) -> list[Override]:
    """What acts on the item itself, oldest first."""
    return list(
        Override.objects.filter(organization=item.organization_id, item=item, ended_at=None)
        .select_related("anchor", "set_by", "team", "train")
        .order_by("id")
    )


ENDED_FOR = timedelta(days=30)


@dataclass(frozen=True)
class Fact:
    """An override as a reader sees it, apart from the score."""

    key: str
    title: str
    kind: str
    icon: str
    what: str
    reason: str
    who: str
    until: date
    above: str = ""
    """The other item's key of a kept-above pair, as a form names it; empty where it is hidden, and such a pair cannot be lifted here."""
    is_of_train: bool = False
    may_lift: bool = False
    ended: str = ""
    ended_by_itself_at: datetime | None = None

    @property
    def name(self) -> str:
        """What its row is called in the page."""
        return "-".join(filter(None, (self.key, self.kind, self.above)))


ICONS = {"pin": "pin", "keep_above": "arrow-up-to-line", "not_before": "calendar-clock", "freeze": "snowflake", "boost": "chevrons-up"}


def facts_of(*, item: Item, access: Access) -> list[Fact]:
    """What acts on the item, and what is kept above it."""
    rows = _with_all(Override.objects.filter(Q(item=item) | Q(anchor=item), organization=item.organization_id, ended_at=None))
    return facts_about(rows.order_by("id"), access)


def list_active(*, home: Team | ReleaseTrain, access: Access) -> list[Override]:
    """What acts in a list, made there or on the level of its train, the newest first, where the reader sees its item."""
    return [row for row in _of_list(home).filter(ended_at=None).order_by("-id") if _is_seen(row.item, access)]


def _of_list(home: Team | ReleaseTrain) -> QuerySet[Override]:
    where = Q(team=home) | Q(item__team=home) if isinstance(home, Team) else Q(train=home)
    return _with_all(Override.objects.filter(where, organization=home.organization_id))


def list_overrides(*, home: Team | ReleaseTrain, access: Access) -> tuple[list[Fact], list[Fact]]:
    """What acts in a list, as of `list_active`; and what ended in the last thirty days. Three queries."""
    rows, active = _of_list(home), list_active(home=home, access=access)
    ended = rows.filter(ended_at__gt=timezone.now() - ENDED_FOR).exclude(ended_how=Override.End.REPLACED).order_by("-ended_at", "-id")[:50]
    return facts_about(active, access), facts_about(ended, access)


NEWS = timedelta(days=7)


def count_lately_ended(*, home: Team | ReleaseTrain, access: Access) -> int:
    """How many overrides of the list came to their day, or lost their item, in the last week; nobody was there to see it."""
    _, ended = list_overrides(home=home, access=access)
    return sum(1 for fact in ended if fact.ended_by_itself_at is not None and fact.ended_by_itself_at > timezone.now() - NEWS)


def _with_all(rows: QuerySet[Override]) -> QuerySet[Override]:
    return rows.select_related("item__team", "item__train", "anchor__team", "team", "train", "set_by")


def _is_seen(item: Item, access: Access) -> bool:
    return item.team is None or access.sees_team(item.team)


def facts_about(rows: Iterable[Override], access: Access) -> list[Fact]:
    """Those overrides whose item the reader sees, as they are told."""

    return [
        Fact(
            key=row.item.key,
            title=row.item.title,
            kind=row.kind,
            icon=ICONS[row.kind],
            what=_what(row, anchor=row.anchor.key if row.anchor and _is_seen(row.anchor, access) else RESTRICTED),
            reason=row.reason,
            who=row.set_by.name if row.set_by else "",
            until=row.expires_on,
            above=row.anchor.key if row.anchor and _is_seen(row.anchor, access) else "",
            is_of_train=row.train_id is not None and row.item.train_id is None,
            may_lift=row.ended_at is None and (row.anchor is None or _is_seen(row.anchor, access)) and access.may(Verb.ORDER, row.home),
            ended=f"{row.get_ended_how_display()} {row.ended_at:%-d %b}" if row.ended_at else "",
            ended_by_itself_at=row.ended_at if row.ended_how in (Override.End.EXPIRED, Override.End.CLOSED) else None,
        )
        for row in rows
        if _is_seen(row.item, access)
    ]


def _what(override: Override, *, anchor: str) -> str:
    """“kept above CHK-9”, two or three words."""
    return {
        "pin": "pinned to the top",
        "keep_above": f"kept above {anchor}",
        "not_before": f"not before {short_day(override.expires_on.isoformat())}",
        "freeze": "value frozen",
        "boost": f"boosted \N{MULTIPLICATION SIGN} {short(override.multiplier)}",
    }[override.kind]


def find_active(*, item: Item, kind: str, anchor: Item | None) -> Override | None:
    """The item's override of that kind (and above that item) that acts now."""
    rows = Override.objects.filter(organization=item.organization_id, item=item, kind=kind, anchor=anchor, ended_at=None)
    return _with_all(rows).first()


def find_at(home: Team | ReleaseTrain, number: int) -> Item | None:
    """The item at that number of the list as computed."""
    column = "placement__team" if isinstance(home, Team) else "placement__train"
    order = ("placement__band", "placement__falling", "placement__component", "placement__position")
    items = Item.objects.for_organization(home.organization_id).filter(**{column: home.pk}).select_related("team__train", "train")
    return items.order_by(*order)[number - 1 : number].first()
