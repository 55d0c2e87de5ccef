"""Which team of a train waits for which, and the links behind a number."""

from typing import Any

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET

from accounts.http import MemberRequest
from accounts.models import Team
from activity.http import answer
from backlog.selectors.filters import BadFilterError
from backlog.selectors.matrix import MOST_LINKS, Matrix, list_links_between, matrix_of
from backlog.views.places import key_base, readable_place

PAGE = "backlog/dependency_matrix.html"


@require_GET
def dependencies(request: MemberRequest, team: str = "", train: str = "") -> HttpResponse:
    """The matrix of the train, or of the team's train; `?waits=` and `?for=` list the links of one pair below it."""
    if set(request.GET) - {"waits", "for"} or ("waits" in request.GET) != ("for" in request.GET):
        raise BadFilterError("Choose a number of the table.")
    place = readable_place(request, team=team, train=train)
    of = place.home.train if isinstance(place.home, Team) else place.home
    matrix = matrix_of(train=of, access=request.access)
    context: dict[str, Any] = {}
    if "waits" in request.GET:
        waits, first = matrix.find(request.GET["waits"]), matrix.find(request.GET["for"])
        if waits is None or first is None:
            raise Http404("No such pair.")
        links, has_more = list_links_between(train=of, waits=waits, first=first)
        context = {"waits": waits, "first": first, "links": links, "has_more": has_more, "most": MOST_LINKS}
    return answer(
        request,
        PAGE,
        "links",
        home=place.home,
        here=place.home.slug if isinstance(place.home, Team) else "",
        page_url=place.url("dependencies"),
        base=key_base(request),
        matrix=matrix,
        worst=matrix.worst(),
        rows=_rows(matrix),
        columns=[(side, sum(matrix.counts.get((other.ref, side.ref), 0) for other in matrix.sides)) for side in matrix.sides],
        **context,
    )


def _rows(matrix: Matrix) -> list[dict[str, Any]]:
    """Each side with its counts per column, how much of the largest count each is, and their sum."""
    most = max((count for (waits, first), count in matrix.counts.items() if waits != first), default=1)
    rows = []
    for side in matrix.sides:
        counts = [(other, matrix.counts.get((side.ref, other.ref), 0)) for other in matrix.sides]
        cells = [{"other": other, "count": count, "shade": _shade(count, most), "is_inside": other is side} for other, count in counts]
        rows.append({"side": side, "cells": cells, "sum": sum(count for _, count in counts)})
    return rows


def _shade(count: int, most: int) -> int:
    """How dark a cell is: 0 for none, 1 to 3 by thirds of the largest."""
    return 0 if not count else min(3, 1 + 3 * count // (most + 1))
