"""What comes after the list has been painted: how many items it holds, tier by tier, and the tail of tiers that are folded or stand open."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from accounts.http import MemberRequest
from accounts.models import Team
from accounts.roles import Verb
from activity.http import answer
from backlog.columns import TAIL, Layout
from backlog.forms import kinds_of
from backlog.models.item import Status
from backlog.numbers import counted
from backlog.selectors.counting import CAP, TierCounts, count_items, count_tiers
from backlog.selectors.filters import ItemFilters, read_filters
from backlog.selectors.layouts import layout_of
from backlog.selectors.paging import Stretch, level_of
from backlog.selectors.ranked import TIER_WORDS, list_ranked_items
from backlog.selectors.readiness import ready_cover
from backlog.selectors.stale_items import count_stale, stale_words
from backlog.services.layouts import open_tier
from backlog.views.lines import columns_of, page_path, print_page, read_shown
from backlog.views.places import Place, readable_place

PAGE = "backlog/item_list.html"


@require_GET
def item_total(request: MemberRequest, team: str = "", train: str = "") -> HttpResponse:
    """The tail of the list with the total beside it, as a fragment: counting costs more than a page. `stop` says that the list itself goes on
    behind what it shows, so that all of its tail is reached from here.
    """
    place = readable_place(request, team=team, train=train)
    filters = read_filters(request.GET, kinds=kinds_of(place.home), also=["stop", "show"])
    counts = count_tiers(place.home)
    is_tiered = not filters and not filters.group and not counts.mode
    layout = layout_of(organization=request.organization, level=level_of(place.home), reader=request.user)
    return answer(
        request,
        f"{PAGE}#counted",
        total=_words(place, filters, counts),
        **_beside(place, filters, counts),
        total_url=place.path("total") + filters.query(),
        tier_url=place.url("tier-open"),
        tail=_tail(request, place, counts, layout) if is_tiered else [],
        counts=[(name, counted(getattr(counts, name), most=CAP)) for name in TIER_WORDS] if is_tiered else [],
        is_comfortable=layout.is_comfortable,
        may_edit=request.access.may(Verb.EDIT, place.home),
        oob=True,
    )


def _words(place: Place, filters: ItemFilters, counts: TierCounts) -> str:
    words = f"{counted(counts.total, most=CAP)} open"
    if filters:
        some = counted(count_items(home=place.home, filters=filters), most=CAP)
        words = f"{some} of {words}" if filters.is_ranked else f"{some} {Status(filters.status).label.lower()}"
    return words


def _beside(place: Place, filters: ItemFilters, counts: TierCounts) -> dict[str, Any]:
    """What stands beside the total: how far what is ready reaches, how many items are stale, or why those shown were removed."""
    stale = count_stale(place.home) if not filters else 0
    return {
        "cover": f"ready for {ready_cover(place.home):.1f} sprints"
        if counts.total and not filters and isinstance(place.home, Team)
        else "",
        "cover_url": place.url("ready-definition"),
        "stale": stale_words(stale) if stale else "",
        "stale_url": place.url("stale-list"),
        "removed_url": place.url("removed-list") if filters.status == Status.REMOVED else "",
    }


def _tail(request: MemberRequest, place: Place, counts: TierCounts, layout: Layout) -> list[dict[str, Any]]:
    """The tiers that hold something: folded, or with their rows."""
    names = [name for name in (TAIL if request.GET.get("stop") else TAIL[-1:]) if getattr(counts, name)]
    filters, shown, sections = ItemFilters(), read_shown(request), []
    for name in names:
        label, words = TIER_WORDS[name]
        section = {"name": name, "label": label, "words": words, "count": counted(getattr(counts, name), most=CAP)}
        section["url"] = page_path(place, filters, "", name)
        if name in layout.opened:
            page = list_ranked_items(
                home=place.home, access=request.access, filters=filters, stretch=Stretch(rows=shown, goes_on=True, part=name)
            )
            page.rows = [row for row in page.rows if "key" in row]
            section["rows"] = print_page(request, place, page, columns_of(page, filters, place))
            section["next_url"] = page_path(place, filters, page.next, name) if page.next else ""
        sections.append(section)
    return sections


@require_POST
def tier_open(request: MemberRequest, team: str = "", train: str = "") -> HttpResponse:
    """Open a tier of the tail, or fold it, for this reader from now on."""
    place = readable_place(request, team=team, train=train)
    open_tier(
        organization=request.organization,
        level=level_of(place.home),
        tier=request.POST.get("tier", ""),
        is_open=request.POST.get("open") == "yes",
        by=request.user,
    )
    if not request.htmx:
        return redirect(place.path("list"))
    return HttpResponse(status=204, headers={"HX-Trigger": "changed"})
