"""What an override would contradict, and whom it reaches: read from the items it ties, before it is written."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.db import connection

from accounts.models import ReleaseTrain, Team
from backlog.graph import find_path
from backlog.models import Item
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


def find_place(item: Item) -> int | None:
    """The item's number in its list as computed, from 1; None where it has none."""
    home = "team_id" if item.team_id else "train_id"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT (SELECT count(*) FROM backlog_placement q WHERE q.{home} = p.{home} "  # noqa: S608, one of two names
            "AND (q.band, q.falling, q.component, q.position) <= (p.band, p.falling, p.component, p.position)) "
            "FROM backlog_placement p WHERE p.item_id = %s",
            [item.pk],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def find_at(home: Team | ReleaseTrain, number: int) -> Item | None:
    """The item at that number of the list as computed."""
    column = "placement__team" if isinstance(home, Team) else "placement__train"
    order = ("placement__band", "placement__falling", "placement__component", "placement__position")
    items = Item.objects.for_organization(home.organization_id).filter(**{column: home.pk}).select_related("team__train", "train")
    return items.order_by(*order)[number - 1 : number].first()
