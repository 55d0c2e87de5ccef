"""The review of a list's stale items: what speaks for and against each, one verdict after the other."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import MemberRequest
from accounts.roles import Verb
from activity.errors import DomainError
from activity.http import answer, refuse
from activity.live import topic_version
from activity.services.acts import one_act
from backlog.forms import StaleRulesForm, kinds_of
from backlog.kinds import KINDS
from backlog.models import Item
from backlog.permissions import readable_item
from backlog.selectors.alike import list_alike
from backlog.selectors.chosen import list_chosen_items
from backlog.selectors.paging import topic_of
from backlog.selectors.stale_filters import WANTS, StaleFilters, read_stale_filters
from backlog.selectors.stale_items import (
    COUNTED_DAYS,
    Evidence,
    count_decided,
    count_stale,
    find_stale_after,
    find_stale_item,
    list_stale_items,
    rules_of,
    stale_words,
)
from backlog.services.stale_items import set_stale_rules
from backlog.text import render_markdown
from backlog.views.places import Place, item_path, key_base, readable_place, undo_path

PAGE = "backlog/stale_review.html"
RULES = "backlog/stale_rules.html"
SAVED = "Saved. The list was looked through again."


@require_GET
def stale_list(request: MemberRequest, team: str = "", train: str = "", key: str = "") -> HttpResponse:
    """The list and one item with its evidence: the named one, or the next where that has its verdict; else the first."""
    place = readable_place(request, team=team, train=train)
    filters = read_stale_filters(request.GET, home=place.home, also=["after"])
    page = list_stale_items(home=place.home, filters=filters, after=request.GET.get("after", ""))
    shown = _shown(place, key, filters) if key else None
    is_open = shown is not None
    shown = shown or next(iter(page.rows), None)
    response = answer(
        request,
        PAGE,
        "review",
        **_around(request, place, filters),
        **_rows(place, filters, page.rows, shown),
        **_of(request, place, shown),
        is_open=is_open,
        next_url=_list_url(place, filters, page.next) if page.next else "",
    )
    if key and request.htmx and not request.htmx.boosted:
        response["HX-Replace-Url"] = _item_url(place, shown.key, filters) if shown and is_open else _list_url(place, filters)
    return response


def _shown(place: Place, key: str, filters: StaleFilters) -> Evidence | None:
    found = find_stale_item(home=place.home, key=key)
    if found is None:
        (item,) = list_chosen_items(home=place.home, keys=[key])
        found = find_stale_after(home=place.home, item=item, filters=filters)
    return found


def _list_url(place: Place, filters: StaleFilters, after: str = "") -> str:
    query = filters.query()
    if after:
        query += f"{'&' if query else '?'}after={after}"
    return place.url("stale-list") + query


def _item_url(place: Place, key: str, filters: StaleFilters) -> str:
    return place.url("stale-item", key=key) + filters.query()


def _around(request: MemberRequest, place: Place, filters: StaleFilters) -> dict[str, Any]:
    waiting, decided = count_stale(place.home), count_decided(place.home)
    return {
        "home": place.home,
        "topic": topic_of(place.home),
        "version": topic_version(organization_id=place.home.organization_id, topic=topic_of(place.home)),
        "filters": filters,
        "kinds": [(kind.value, kind.label) for kind in kinds_of(place.home)],
        "wants": [(name, want.label) for name, want in WANTS.items()],
        "waiting": stale_words(waiting),
        "some": stale_words(count_stale(place.home, filters)) if filters else "",
        "decided": decided,
        "total": stale_words(waiting + decided),
        "days": COUNTED_DAYS,
        "may_decide": request.access.may(Verb.ORDER, place.home),
        "list_url": place.path("list"),
        "review_url": place.url("stale-list"),
        "verdict_url": place.url("stale-verdict"),
        "rules_url": place.url("stale-rules"),
        "removed_url": place.url("removed-list"),
    }


def _rows(place: Place, filters: StaleFilters, rows: list[Evidence], shown: Evidence | None) -> dict[str, Any]:
    now = timezone.now()
    keys = [row.key for row in rows]
    at = keys.index(shown.key) if shown is not None and shown.key in keys else -1
    beside = {"previous": keys[at - 1] if at > 0 else "", "following": keys[at + 1] if 0 <= at < len(keys) - 1 else ""}
    return {
        "rows": [{"item": row, "line": row.line(now), "url": _item_url(place, row.key, filters)} for row in rows],
        "shown_key": shown.key if shown else "",
        **{f"{name}_url": _item_url(place, key, filters) if key else "" for name, key in beside.items()},
        "page_url": _item_url(place, shown.key, filters) if shown else _list_url(place, filters),
    }


def _of(request: MemberRequest, place: Place, shown: Evidence | None) -> dict[str, Any]:
    """All that the page tells of the item."""
    if shown is None:
        return {"shown": None}
    item = readable_item(access=request.access, key=shown.key)
    return {
        "shown": shown,
        "item": item,
        "line": shown.line(timezone.now()),
        "description": render_markdown(item.description) if item.description else "",
        "item_url": item_path(request, shown.key),
        "alike_url": place.url("stale-alike", key=shown.key),
        "base": key_base(request),
    }


@require_GET
def stale_alike(request: MemberRequest, key: str, team: str = "", train: str = "") -> HttpResponse:
    """Open items of the list that read much the same, as a fragment: looking for them costs more than the page."""
    place = readable_place(request, team=team, train=train)
    (item,) = list_chosen_items(home=place.home, keys=[key])
    return answer(
        request,
        f"{PAGE}#alike",
        alike=[{"item": other, "icon": KINDS[Item.Kind(other.kind)].icon} for other in list_alike(home=place.home, item=item)],
        base=key_base(request),
        item=item,
        verdict_url=place.url("stale-verdict"),
        may_decide=request.access.may(Verb.ORDER, place.home),
    )


@require_http_methods(["GET", "POST"])
def stale_rules(request: MemberRequest, team: str = "", train: str = "") -> HttpResponse:
    """When items are stale in this list, by kind."""
    place = readable_place(request, team=team, train=train, verb=Verb.ORDER if request.method == "POST" else None)
    form = StaleRulesForm(request.POST or None, rules=rules_of(place.home))
    if request.method == "POST" and form.is_valid():
        try:
            with one_act() as act:
                set_stale_rules(home=place.home, rules=form.rules(), by=request.user)
        except DomainError as error:
            refuse(form, error)
        else:
            if not request.htmx:
                messages.success(request, SAVED)
                return redirect(place.url("stale-list"))
            return _ask_rules(request, place, form, said=SAVED, undo_url=undo_path(request, act.id))
    return _ask_rules(request, place, form)


def _ask_rules(request: MemberRequest, place: Place, form: StaleRulesForm, **more: Any) -> HttpResponse:
    return answer(
        request,
        RULES,
        "rules",
        home=place.home,
        form=form,
        rows=[(KINDS[kind].icon, kind.label, months, demand) for kind, months, demand in form.rows()],
        may_decide=request.access.may(Verb.ORDER, place.home),
        list_url=place.path("list"),
        review_url=place.url("stale-list"),
        rules_url=place.url("stale-rules"),
        **more,
    )
