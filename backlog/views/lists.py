"""The list of a team or a train: ordered, narrowed by the URL, page by page; and adding to it."""

from functools import cache
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import MemberRequest
from accounts.models import ReleaseTrain
from accounts.roles import Verb
from activity.errors import DomainError
from activity.http import answer, refuse
from activity.services.idempotency import run_once
from backlog.columns import COLUMNS, TAIL
from backlog.forms import NewItemForm, kinds_of
from backlog.models.item import Channel, Status
from backlog.selectors.filters import ROWS, BadFilterError, Group, ItemFilters, Need, read_filters
from backlog.selectors.goals import NO_GOAL, list_goal_filters
from backlog.selectors.manual import list_manual_items
from backlog.selectors.paging import BODY, MOST_SHOWN, START, ListPage, Stretch, level_of, read_cursor, topic_of
from backlog.selectors.ranked import list_ranked_items
from backlog.services.items import create_item
from backlog.views.groups import grouped_page
from backlog.views.lines import columns_of, page_path, print_page, read_shown
from backlog.views.places import Place, item_path, readable_place

PAGE = "backlog/item_list.html"
STATUSES = (
    (Status.OPEN, "Open, not planned"),
    (Status.PLANNED, "Planned"),
    (Status.IN_PROGRESS, "In progress"),
    (Status.PROPOSED, "In triage"),
    (Status.DONE, "Done"),
    (Status.REMOVED, "Removed"),
)


@require_GET
def item_list(request: MemberRequest, team: str = "", train: str = "") -> HttpResponse:
    """The page of the list, or for HTMX the list alone; with the filter form beside it where that form asked, and where a list that stands
    goes on (it asks for `#more…`) its next rows.
    """
    place = readable_place(request, team=team, train=train)
    filters = read_filters(request.GET, kinds=kinds_of(place.home), also=["after", "show", "tier", "groups"])
    goes_on, part = bool(request.htmx and (request.htmx.target or "").startswith("more")), _part(request, filters)
    shown = read_shown(request)
    stretch = Stretch(START if filters.group else read_cursor(request.GET.get("after", "")), 0 if goes_on else shown, goes_on, part)
    page = _page(request, place, filters, stretch)
    tier = part if part in TAIL else ""
    for row in page.rows:
        if row.get("name") == "later" and "later" in page.layout.opened and not filters:
            row["fold_url"] = place.url("tier-open")
    columns = columns_of(page, filters, place)
    context = {
        **_around(place, filters),
        "goals": cache(lambda: tuple(map(tuple, _goals_to_choose(place, filters, page)))),  # only the whole page shows them
        "page": page,
        "columns": tuple((name, "Epic" if name == "epic" and level_of(place.home) == "train" else COLUMNS[name].label) for name in columns),
        "rows": print_page(request, place, page, columns),
        "may_edit": request.access.may(Verb.EDIT, place.home),
        "may_order": filters.is_ranked and not filters.group and request.access.may(Verb.ORDER, place.home),
        "page_url": page_path(place, filters, request.GET.get("after", ""), tier),
        "next_url": page_path(place, filters, page.next, tier) if page.next else "",
        "more": f"more-{tier}" if tier else "more",
        "is_later": not (page.is_first or goes_on),
        "is_full": max(shown, filters.rows) + filters.rows > MOST_SHOWN,
        "stops": part == BODY and bool(page.next) and page.last_tier == "later" and "later" not in page.layout.opened,
        "is_comfortable": page.layout.is_comfortable,
        "is_grouped": bool(filters.group and filters.is_ranked),
        "tail": None,
    }
    if goes_on:
        return answer(request, PAGE, "next", **context)
    if request.htmx and request.htmx.trigger == "filters":
        response = answer(request, PAGE, "filtered", oob=True, **context)
        response["HX-Push-Url"] = context["page_url"]
        return response
    return answer(request, PAGE, "list", **context)


def _page(request: MemberRequest, place: Place, filters: ItemFilters, stretch: Stretch) -> ListPage:
    """The page as the list is ordered, or in groups where the reader wants that."""
    if filters.group and filters.is_ranked:
        return grouped_page(request, place, filters, stretch.rows)
    home, access = place.home, request.access
    page = list_ranked_items(home=home, access=access, filters=filters, stretch=stretch)
    if page.mode:
        page = list_manual_items(home=home, access=access, filters=filters, mode=page.mode, layout=page.layout, stretch=stretch)
    return page


def _part(request: MemberRequest, filters: ItemFilters) -> str:
    """The part of the list that is asked for: a tier of its tail, else its body, or all of it where it is narrowed."""
    tier = request.GET.get("tier", "")
    if tier and tier not in TAIL:
        raise BadFilterError("The list has no such part.")
    return tier or ("" if filters or filters.group else BODY)


def _goals_to_choose(place: Place, filters: ItemFilters, page: ListPage) -> list[tuple[str, str]]:
    """The goals to narrow the list to, a retired one only where it is chosen."""
    if page.goals is not None and filters.goal in {"", NO_GOAL, *(number for number, _ in page.goals)}:
        return page.goals
    return list_goal_filters(place.home.organization_id, chosen=filters.goal)


def _around(place: Place, filters: ItemFilters) -> dict[str, Any]:
    """What the page shows around its list."""
    is_train = isinstance(place.home, ReleaseTrain)
    other_rows = next(rows for rows in ROWS if rows != filters.rows)
    return {
        "home": place.home,
        "topic": topic_of(place.home),
        "filters": filters,
        "kinds": tuple((kind.value, kind.label) for kind in kinds_of(place.home)),
        "statuses": STATUSES,
        "parent_label": "Epic" if is_train else "Part of",
        "list_url": place.path("list"),
        "first_url": page_path(place, filters, ""),
        "other_rows": other_rows,
        "other_rows_url": place.path("list") + filters.query(rows=other_rows),
        "new_url": place.path("new"),
        "change_url": place.path("change"),
        "views_url": place.url("view-list"),
        "layout_url": place.url("list-layout") + filters.query(),
        "needs": tuple(Need.choices),
        "groups": tuple(Group.choices),
        "channel_label": Channel(filters.channel).label if filters.channel else "",
        "is_train": is_train,
        "total_url": place.path("total") + filters.query(),
        "keys_url": place.path("keys") + filters.query(),
        "tier_url": place.url("tier-open"),
        "total": None,
    }


@require_http_methods(["GET", "POST"])
def item_new(request: MemberRequest, team: str = "", train: str = "") -> HttpResponse:
    """A dialog that stays open for the next item; without script a page that leads back to the list."""
    place = readable_place(request, team=team, train=train, verb=Verb.EDIT)
    added = ""
    form = NewItemForm(request.POST or None, home=place.home)
    if request.method == "POST" and form.is_valid():
        try:
            added = _add(request, place, form)
        except DomainError as error:
            refuse(form, error)
    if added:
        if not request.htmx:
            messages.success(request, f"{added} is in the backlog.")
            return redirect(place.path("list"))
        form = NewItemForm(home=place.home, initial={"kind": form.cleaned_data["kind"]})
    context: dict[str, Any] = {
        "home": place.home,
        "form": form,
        "added": added,
        "added_url": item_path(request, added) if added else "",
        "new_url": place.path("new"),
        "list_url": place.path("list"),
    }
    response = answer(request, "backlog/item_new.html", "form" if request.method == "POST" else "dialog", **context)
    if added:
        response["HX-Trigger"] = "changed"
    return response


def _add(request: MemberRequest, place: Place, form: NewItemForm) -> str:
    """The key of the new item; the same for a repeat of the same act."""
    kind, title = form.cleaned_data["kind"], form.cleaned_data["title"]
    result, _ = run_once(
        key=request.headers.get("Idempotency-Key") or request.POST.get("idempotency_key", ""),
        by=request.user,
        body={"home": topic_of(place.home), "kind": kind, "title": title},
        act=lambda: {"key": create_item(home=place.home, kind=kind, title=title, by=request.user).key},
    )
    return str(result["key"])
