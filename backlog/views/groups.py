"""A list in groups: each opens and closes in place, and goes on there. How many rows each shows stands in the URL, where it is not the usual number."""

from collections.abc import Mapping
from urllib.parse import quote

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from accounts.http import MemberRequest
from backlog.forms import kinds_of
from backlog.selectors.filters import BadFilterError, ItemFilters, read_filters
from backlog.selectors.grouped import FIRST, MORE, SHOWN, Mark, list_group, list_grouped_items
from backlog.selectors.layouts import layout_of
from backlog.selectors.paging import MOST_SHOWN, ListPage, level_of
from backlog.views.lines import columns_of, print_page
from backlog.views.places import Place, readable_place

_BETWEEN = "~"  # the number and the key of a Mark
_MOST_REFS = 200
_LONGEST_REF = 24


def grouped_page(request: MemberRequest, place: Place, filters: ItemFilters, rows: int) -> ListPage:
    """The page of groups that the URL asks for, with what its headings and ends lead to."""
    after = request.GET.get("after", "0")
    if not (after.isascii() and after.isdigit() and len(after) <= 9):
        raise BadFilterError("This page does not exist. Start at the top of the list.")
    shown = read_groups(request)
    layout = filters.over(layout_of(organization=request.organization, level=level_of(place.home), reader=request.user))
    page = list_grouped_items(
        home=place.home, access=request.access, filters=filters, layout=layout, after=int(after), rows=rows, shown=shown
    )
    for row in page.rows:
        if row.get("narrow"):
            row["url"] = place.path("list") + filters.query(group="", **row["narrow"])
        if "ref" in row:
            row["rows_url"] = _rows_path(place, filters, row["ref"])
            row["toggle_url"] = _list_path(place, filters, {**shown, row["ref"]: 0 if row["is_open"] else SHOWN})
    _lead_on(place, filters, page, shown)
    return page


@require_GET
def group_rows(request: MemberRequest, team: str = "", train: str = "") -> HttpResponse:
    """The first rows of the group `of`, or those behind `after`, as a fragment; a browser without script gets the list."""
    place = readable_place(request, team=team, train=train)
    filters = read_filters(request.GET, kinds=kinds_of(place.home), also=["of", "after"])
    ref, after = request.GET.get("of", ""), _read_mark(request.GET.get("after", ""))
    if not (filters.group and ref and len(ref) <= _LONGEST_REF and ref.isascii() and ref.isprintable()):
        raise BadFilterError("Name a group of the list.")
    if not request.htmx:
        return redirect(_list_path(place, filters, {ref: after.number + MORE if after.number else SHOWN}))
    layout = filters.over(layout_of(organization=request.organization, level=level_of(place.home), reader=request.user))
    page = list_group(
        home=place.home,
        access=request.access,
        filters=filters,
        layout=layout,
        ref=ref,
        after=after,
        limit=MORE if after.number else SHOWN,
    )
    _lead_on(place, filters, page, {})
    return HttpResponse(print_page(request, place, page, columns_of(page, filters, place)))


def read_groups(request: MemberRequest) -> dict[str, int]:
    """How many rows the URL wants of which group: `groups=CHK-1:0,CHK-9:55`."""
    shown = {}
    for part in filter(None, request.GET.get("groups", "").split(",")):
        ref, _, number = part.partition(":")
        if not (ref and len(ref) <= _LONGEST_REF and ref.isascii() and ref.isprintable() and number.isascii() and number.isdigit()):
            raise BadFilterError("What groups show is written as their names and numbers.")
        shown[ref] = min(int(number[:5]), MOST_SHOWN)
    if len(shown) > _MOST_REFS:
        raise BadFilterError(f"At most {_MOST_REFS} groups differ from the others.")
    return shown


def _read_mark(text: str) -> Mark:
    count, _, key = text.partition(_BETWEEN)
    if not text:
        return FIRST
    if not (count.isascii() and count.isdigit() and len(count) <= 9 and len(key) <= _LONGEST_REF and key.isascii() and key.isprintable()):
        raise BadFilterError("This page does not exist. Start at the top of the list.")
    return Mark(int(count), key)


def _lead_on(place: Place, filters: ItemFilters, page: ListPage, shown: Mapping[str, int]) -> None:
    """Give what stands behind the rows of groups its addresses: of the next rows, and of a list that shows them."""
    for row in page.rows:
        if "rest" in row:
            after: Mark = row["after"]
            row["url"] = _rows_path(place, filters, row["rest"], f"{after.number}{_BETWEEN}{after.key}")
            row["list_url"] = _list_path(place, filters, {**shown, row["rest"]: after.number + MORE})


def _rows_path(place: Place, filters: ItemFilters, ref: str, after: str = "") -> str:
    return f"{place.url('group-rows')}{filters.query()}&{urlencode({'of': ref, **({'after': after} if after else {})})}"


def _list_path(place: Place, filters: ItemFilters, shown: Mapping[str, int]) -> str:
    """The list, where groups show so many rows."""
    groups = ",".join(f"{ref}:{number}" for ref, number in shown.items() if number != SHOWN)
    return place.path("list") + filters.query() + (f"&groups={quote(groups, safe=':,~')}" if groups else "")
