"""What hangs together with an item, drawn in layers; the same in words below."""

from collections import Counter

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from accounts.http import MemberRequest
from activity.http import answer
from backlog.layers import BOX_HEIGHT, BOX_WIDTH
from backlog.permissions import readable_item
from backlog.selectors.graphs import MOST, Node, graph_around
from backlog.views.places import item_path, key_base, place_of

LETTERS = 24  # of a title that fit a box


@require_GET
def item_graph(request: MemberRequest, key: str) -> HttpResponse:
    """Layers from what comes first to what comes last, with a band for each team."""
    item = readable_item(access=request.access, key=key)
    place = place_of(request, item)
    graph = graph_around(item=item, access=request.access)
    before = Counter(blocked for _, blocked, _ in graph.drawing.paths)
    after = Counter(blocker for blocker, _, _ in graph.drawing.paths)
    return answer(
        request,
        "backlog/item_graph.html",
        "graph",
        item=item,
        boxes=[
            {
                "box": box,
                "node": (node := graph.nodes[box.node]),
                "short": _short(node.title),
                "is_here": box.node == item.pk,
                "says": _says(node, before[box.node], after[box.node]),
            }
            for box in graph.drawing.boxes
        ],
        paths=[{"path": path, "is_near": item.pk in (a, b), "is_done": not graph.nodes[a].is_open} for a, b, path in graph.drawing.paths],
        softer=[path for _, _, path in graph.drawing.softer],
        bands=graph.drawing.bands,
        links=graph.links,
        teams=len({node.team for node in graph.nodes.values()}),
        before=before[item.pk],
        after=after[item.pk],
        is_cut=graph.is_cut,
        most=MOST,
        width=graph.drawing.width,
        height=graph.drawing.height,
        box_width=BOX_WIDTH,
        box_height=BOX_HEIGHT,
        item_url=item_path(request, item.key),
        graph_url=item_path(request, item.key, "graph"),
        base=key_base(request),
        list_url=place.path("list"),
        matrix_url=place.url("dependencies"),
    )


def _says(node: Node, before: int, after: int) -> str:
    """What a box is to somebody who does not see it: the item, and how many it waits for and hold it up in this drawing."""
    about = [f"{node.key} {node.title}".strip(), *filter(None, (node.kind, node.status, node.team))]
    ties = [f"waits for {before}"] if before else []
    ties += [f"{after} wait{'s' if after == 1 else ''} for it"] if after else []
    return ", ".join(about) + ("; " + ", ".join(ties) if ties else "")


def _short(title: str) -> str:
    return title if len(title) <= LETTERS else f"{title[: LETTERS - 1].rstrip()}…"
