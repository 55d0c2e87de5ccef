"""What waits for what: paths along the hard links and the hierarchy, and an item's links as a reader may see them."""

from dataclasses import dataclass

from django.db import connection
from django.db.models import Q

from accounts.permissions import Access
from activity.kept import Kept
from backlog.graph import end_of, find_path, short_of, start_of
from backlog.models import Dependency, Item
from backlog.models.item import Status
from backlog.reasons import RESTRICTED

# Each step reads by an index; UNION ends where nothing new is reached, so a cycle that an import brought ends too.
_REACHED_SQL = """
WITH RECURSIVE reached(node, via) AS (
  VALUES (%s::bigint, NULL::bigint)
  UNION
  SELECT step.node, reached.node FROM reached CROSS JOIN LATERAL (
    SELECT reached.node + 1 AS node WHERE reached.node %% 2 = 0
    UNION ALL SELECT child.id * 2 FROM backlog_item child WHERE reached.node %% 2 = 0 AND child.parent_id = reached.node / 2
    UNION ALL SELECT one.parent_id * 2 + 1 FROM backlog_item one
      WHERE reached.node %% 2 = 1 AND one.id = reached.node / 2 AND one.parent_id IS NOT NULL
    UNION ALL SELECT link.blocked_id * 2 FROM backlog_dependency link
      WHERE reached.node %% 2 = 1 AND link.blocker_id = reached.node / 2 AND link.kind = 'blocks'
  ) AS step
)
SELECT via, node FROM reached WHERE via IS NOT NULL
"""


def find_blocking_path(*, start: int, goal: int) -> list[int] | None:
    """The items on a shortest way from the node `start` to the node `goal` (see `backlog.graph`), or None. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_REACHED_SQL, [start])
        path = find_path(cursor.fetchall(), start, goal)
    return None if path is None else short_of(path)


def find_link_contradiction(*, blocker: Item, blocked: Item) -> list[int] | None:
    """The items that already make `blocker` come after `blocked`, from the one to the other, or None."""
    return find_blocking_path(start=start_of(blocked.pk), goal=end_of(blocker.pk))


def find_parent_contradiction(*, parent: Item, child: Item) -> list[int] | None:
    """The items whose links or hierarchy forbid `child` below `parent`, or None."""
    return find_blocking_path(start=start_of(child.pk), goal=start_of(parent.pk)) or find_blocking_path(
        start=end_of(parent.pk), goal=end_of(child.pk)
    )


def name_items(*, organization_id: int, item_ids: list[int], access: Access | None) -> list[str]:
    """Their keys, in the given order; those that the reader may not see are called a restricted item. Without `access` all are named."""
    items = Item.objects.for_organization(organization_id).select_related("team").filter(pk__in=item_ids)
    names = {item.pk: item.key if access is None or item.team is None or access.sees_team(item.team) else RESTRICTED for item in items}
    return [names[pk] for pk in item_ids]


@dataclass(frozen=True)
class Link:
    """The other end of an item's dependency; without key and title where the reader may not see it."""

    kind: str
    relation: str  # as a form names it, see services.dependencies.RELATIONS
    key: str
    title: str
    status: str
    is_open: bool


@dataclass(frozen=True)
class Links:
    waits_for: list[Link]
    unblocks: list[Link]
    others: list[Link]

    def __len__(self) -> int:
        return len(self.waits_for) + len(self.unblocks) + len(self.others)


def _links_of(item: Item) -> list[Dependency]:
    """Its links in both directions with the items at their ends, oldest first."""
    return _LINKS.all(item.organization_id, item.pk, item.pk)


_LINKS: Kept[Dependency] = Kept(
    lambda organization, blocker, blocked: (
        Dependency.objects.filter(Q(blocker=blocker) | Q(blocked=blocked), organization=organization)
        .select_related("blocker__team", "blocked__team")
        .order_by("created_at", "id")
    ),
    int,
    int,
    int,
)


_RELATIONS = {"blocks": ("unblocks", "waits_for"), "helps": ("helps", "helped_by")}
_BOTH_WAYS = {
    "blocks": ("unblocks", "waits for"),
    "relates": ("relates to",) * 2,
    "helps": ("helps", "is helped by"),
    "conflicts": ("conflicts with",) * 2,
}


def list_links(*, item: Item, access: Access) -> Links:
    """What the item waits for, what waits for it, and its softer relations. One query."""
    links = Links([], [], [])
    for row in _links_of(item):
        other = row.blocked if row.blocker_id == item.pk else row.blocker
        is_seen = other.team is None or access.sees_team(other.team)
        link = Link(
            kind=_BOTH_WAYS[row.kind][row.blocker_id != item.pk],
            relation=_RELATIONS.get(row.kind, (row.kind, row.kind))[row.blocker_id != item.pk],
            key=other.key if is_seen else "",
            title=other.title if is_seen else RESTRICTED,
            status=Status(other.status).label if is_seen else "",
            is_open=other.is_ranked,
        )
        side = links.others if row.kind != Dependency.Kind.BLOCKS else links.unblocks if row.blocker_id == item.pk else links.waits_for
        side.append(link)
    return links


@dataclass(frozen=True)
class OwnLink:
    """A link of an item to another that the reader sees."""

    pk: int
    relation: str
    words: str
    key: str
    title: str

    @property
    def name(self) -> str:
        """Its name in a form, which other links coming and going meanwhile do not change."""
        return f"{self.relation}-{self.key}"


def list_own_links(*, item: Item, access: Access) -> list[OwnLink]:
    """The item's links to items that the reader sees, oldest first. One query."""
    found = []
    for row in _links_of(item):
        is_inward = row.blocker_id != item.pk
        other = row.blocker if is_inward else row.blocked
        if other.team is None or access.sees_team(other.team):
            relation = _RELATIONS.get(row.kind, (row.kind,) * 2)[is_inward]
            found.append(OwnLink(row.pk, relation, _BOTH_WAYS[row.kind][is_inward], other.key, other.title))
    return found
