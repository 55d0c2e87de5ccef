"""Why an item stands where it stands."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from accounts.http import MemberRequest
from activity.http import answer
from backlog.permissions import readable_item
from backlog.views.places import item_path, place_of
from prioritization.selectors.overrides import facts_of
from prioritization.selectors.receipts import receipt_for


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
        receipt=receipt_for(item=item, access=request.access),
        item_url=item_path(request, item.key),
        base=item_path(request, item.key).removesuffix(f"{item.key}/"),
        list_url=place.path("list"),
    )
