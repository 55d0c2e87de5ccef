"""What hangs together with an item along its hard links, and its own softer ones, as far as a page can show it."""

from dataclasses import dataclass

from django.db.models import Q

from accounts.permissions import Access
from backlog.kinds import KINDS, Kind
from backlog.layers import Drawing, draw_layers
from backlog.models import Dependency, Item
from backlog.models.item import RANKED, Status
from backlog.reasons import RESTRICTED
from backlog.selectors.narrowing import fetch

MOST = 60
FAR = 8
"""Items that one drawing shows, and links from the item to the farthest of them."""

WORDS = {"blocks": "comes before", "relates": "relates to", "helps": "helps", "conflicts": "conflicts with"}

_NEAR_SQL = """
WITH RECURSIVE near(id, far) AS (
  VALUES (%(item)s::bigint, 0)
  UNION
  SELECT step.id, near.far + 1 FROM near CROSS JOIN LATERAL (
    SELECT link.blocked_id AS id FROM backlog_dependency link WHERE link.blocker_id = near.id AND link.kind = 'blocks'
    UNION ALL SELECT link.blocker_id FROM backlog_dependency link WHERE link.blocked_id = near.id AND link.kind = 'blocks'
  ) AS step WHERE near.far < %(far)s
)
SELECT id FROM (
  SELECT id, far FROM near
  UNION ALL SELECT blocked_id, 1 FROM backlog_dependency WHERE blocker_id = %(item)s AND kind <> 'blocks'
  UNION ALL SELECT blocker_id, 1 FROM backlog_dependency WHERE blocked_id = %(item)s AND kind <> 'blocks'
) AS found GROUP BY id ORDER BY min(far), id LIMIT %(most)s
"""


@dataclass(frozen=True)
class Node:
    """An item of the drawing; one that the reader may not see has no key."""

    pk: int
    key: str
    title: str
    icon: str
    kind: str
    status: str
    team: str
    is_open: bool


@dataclass(frozen=True)
class LinkGraph:
    """The drawing and its nodes by id; the links in words (one end, how it stands to the other, the other); whether there is more than is shown."""

    nodes: dict[int, Node]
    drawing: Drawing[int]
    links: list[tuple[Node, str, Node]]
    is_cut: bool


def graph_around(*, item: Item, access: Access) -> LinkGraph:
    """The nearest MOST items that the item is linked to, and all links among them; the item itself first. Three queries."""
    ids = [pk for (pk,) in fetch(_NEAR_SQL, {"item": item.pk, "far": FAR, "most": MOST + 1})]
    is_cut = len(ids) > MOST
    ids = ids[:MOST]
    found = {
        row.pk: _node(row, access)
        for row in Item.objects.for_organization(item.organization_id).filter(pk__in=ids).select_related("team", "train")
    }
    nodes = {pk: found[pk] for pk in ids if pk in found}
    links = list(
        Dependency.objects.for_organization(item.organization_id)
        .filter(Q(blocker__in=list(nodes)) & Q(blocked__in=list(nodes)))
        .order_by("id")
        .values_list("blocker_id", "kind", "blocked_id")
    )
    hard = [(a, b) for a, kind, b in links if kind == Dependency.Kind.BLOCKS]
    softer = [(a, b) for a, kind, b in links if kind != Dependency.Kind.BLOCKS]
    drawing = draw_layers(list(nodes), hard, {pk: node.team for pk, node in nodes.items()}, softer)
    return LinkGraph(nodes, drawing, [(nodes[a], WORDS[kind], nodes[b]) for a, kind, b in links], is_cut)


def _node(item: Item, access: Access) -> Node:
    if item.team is not None and not access.sees_team(item.team):
        return Node(item.pk, "", RESTRICTED, "lock", "", "", "Elsewhere", item.status in RANKED)
    home = item.team or item.train
    assert home is not None  # a constraint of the table
    kind = Kind(item.kind)
    return Node(item.pk, item.key, item.title, KINDS[kind].icon, kind.label, Status(item.status).label, home.name, item.status in RANKED)
