"""The page of one item."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from accounts.http import MemberRequest
from activity.http import answer
from backlog.permissions import readable_item


@require_GET
def item_detail(request: MemberRequest, key: str) -> HttpResponse:
    """The item with all that is known of it."""
    item = readable_item(access=request.access, key=key)
    return answer(request, "backlog/item_detail.html", "item", item=item)
