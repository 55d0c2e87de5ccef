"""Why an item stands where it stands."""

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.http import MemberRequest
from activity.http import answer
from backlog.permissions import readable_item
from backlog.views.places import item_path, place_of
from prioritization.selectors.balance import share_fact
from prioritization.selectors.comparisons import why_between
from prioritization.selectors.counterfactuals import without_ties
from prioritization.selectors.outlook import outlook_of
from prioritization.selectors.overrides import facts_of
from prioritization.selectors.places import find_neighbour_above
from prioritization.selectors.receipts import receipt_for
from prioritization.selectors.trails import WEEKS_TOLD, trail_of
from prioritization.sparklines import draw_sparkline
from prioritization.views.history import history_path


@require_GET
def item_receipt(request: MemberRequest, key: str) -> HttpResponse:
    """The item's receipt: a fragment of its page that follows the list, or a page of its own."""
    item = readable_item(access=request.access, key=key)
    place = place_of(request, item)
    return answer(
        request,
        "prioritization/item_receipt.html",
        "receipt",
        item=item,
        facts=facts_of(item=item, access=request.access),
        share=share_fact(item),
        receipt=receipt_for(item=item, access=request.access),
        item_url=item_path(request, item.key),
        base=item_path(request, item.key).removesuffix(f"{item.key}/"),
        list_url=place.path("list"),
    )


@require_GET
def item_outlook(request: MemberRequest, key: str) -> HttpResponse:
    """How sure the item's place is: a fragment of its receipt, drawn when the receipt is looked at."""
    item = readable_item(access=request.access, key=key)
    return answer(
        request,
        "prioritization/item_outlook.html",
        "outlook",
        item=item,
        outlook=outlook_of(item),
        item_url=item_path(request, item.key),
        list_url=place_of(request, item).path("list"),
    )


@require_GET
def item_trail(request: MemberRequest, key: str) -> HttpResponse:
    """The item's place over the last weeks: a fragment of its page, or a page of its own."""
    item = readable_item(access=request.access, key=key)
    place = place_of(request, item)
    trail = trail_of(item=item, home=place.home, now=timezone.now())
    return answer(
        request,
        "prioritization/item_trail.html",
        "trail",
        item=item,
        trail=trail,
        line=draw_sparkline([(stay.at.timestamp(), stay.place) for stay in trail.stays]) if trail else None,
        item_url=item_path(request, item.key),
        history_url=f"{history_path(place, 'order-history')}?ago={7 * WEEKS_TOLD}",
    )


@require_GET
def item_why(request: MemberRequest, key: str) -> HttpResponse:
    """Why the item stands below or above another, by `?above=KEY`, or else below the one right above it, what would change that, and where it would
    stand without what it is tied to."""
    item = readable_item(access=request.access, key=key)
    asked = request.GET.get("above", "").strip().upper()
    wrong = ""
    try:
        other = readable_item(access=request.access, key=asked) if asked else find_neighbour_above(item=item, access=request.access)
    except Http404:
        other, wrong = None, f"There is no item “{asked[:20]}” for you."
    if other is not None and other.pk == item.pk:
        other, wrong = None, "Choose another item than this one."
    return answer(
        request,
        "prioritization/item_why.html",
        "why",
        status=422 if wrong else None,
        item=item,
        asked=asked,
        wrong=wrong,
        other=other,
        why=why_between(item=item, other=other, access=request.access) if other else None,
        without=without_ties(item=item, access=request.access),
        item_url=item_path(request, item.key),
        list_url=place_of(request, item).path("list"),
    )
