"""Columns and rows of a list, as its reader wants them."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from accounts.http import MemberRequest
from activity.errors import DomainError
from activity.http import answer
from backlog.columns import COLUMNS, OF_TEAMS, USUAL
from backlog.forms import kinds_of
from backlog.selectors.filters import read_filters
from backlog.selectors.layouts import layout_of
from backlog.selectors.paging import level_of
from backlog.services.layouts import arrange_list
from backlog.views.places import readable_place

PAGE = "backlog/list_layout.html"


@require_http_methods(["GET", "POST"])
def list_layout(request: MemberRequest, team: str = "", train: str = "") -> HttpResponse:
    """A dialog that keeps each choice at once; without script a page with a button. The query is that of the list."""
    place = readable_place(request, team=team, train=train)
    filters, level = read_filters(request.GET, kinds=kinds_of(place.home)), level_of(place.home)
    list_url = place.path("list") + filters.query(cols=())
    layout = filters.over(layout_of(organization=request.organization, level=level, reader=request.user))
    chosen, density = list(layout.columns), "comfortable" if layout.is_comfortable else "compact"
    order: Sequence[str] = chosen
    error: DomainError | None = None
    if request.method == "POST":
        order = list(request.POST.getlist("order"))
        chosen, density = _moved(request.POST.getlist("column"), request.POST.get("up", "")), request.POST.get("density", "")
        if "usual" in request.POST:
            order, chosen = USUAL, list(USUAL)
        try:
            arrange_list(organization=request.organization, level=level, columns=chosen, density=density, by=request.user)
        except DomainError as refused:
            error = refused
    if request.method == "POST" and not error and not request.htmx:
        messages.success(request, "The list looks as you chose.")
        return redirect(list_url)
    response = answer(
        request,
        PAGE,
        "form" if request.method == "POST" else "dialog",
        status=error.status if error else None,
        home=place.home,
        columns=_lines(chosen, order, is_train=level == "train"),
        density=density,
        error=error,
        is_train=level == "train",
        layout_url=place.url("list-layout") + filters.query(),
        list_url=list_url,
    )
    if request.method == "POST" and not error:
        if filters.cols:  # a view's own columns stand in the address: from here on the reader's count
            response["HX-Redirect"] = list_url
        else:
            response["HX-Trigger"] = "changed"
    return response


def _moved(chosen: Sequence[str], name: str) -> list[str]:
    """The columns with `name` one place nearer to the title."""
    columns = list(chosen)
    if name in columns[1:]:
        at = columns.index(name)
        columns[at - 1 : at + 1] = columns[at], columns[at - 1]
    return columns


def _lines(chosen: Sequence[str], order: Sequence[str], *, is_train: bool) -> list[dict[str, object]]:
    """What the form shows: every column where it stood, with the chosen ones in their order."""
    left = iter(chosen)
    known = [name for name in dict.fromkeys([*order, *chosen, *COLUMNS]) if name in COLUMNS and not (is_train and name in OF_TEAMS)]
    ticked = set(chosen)
    names = [next(left, name) if name in ticked else name for name in known]
    return [
        {
            "name": name,
            "label": COLUMNS[name].label,
            "words": COLUMNS[name].words,
            "is_chosen": name in ticked,
            "may_rise": name in ticked and name != chosen[0],
        }
        for name in names
        if name in COLUMNS
    ]
