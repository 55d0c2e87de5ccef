"""What was removed from a list, what is left of one item, and bringing it back."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.http import MemberRequest
from accounts.roles import Verb
from activity.errors import DomainError
from activity.http import answer
from activity.services.acts import one_act
from activity.services.undo import UNDO_WITHIN
from backlog.models import Item
from backlog.permissions import readable_item
from backlog.selectors.filters import MAX_QUERY, BadFilterError
from backlog.selectors.tombstones import Removed, get_removed, list_removed
from backlog.services.restoring import restore_item, why_it_stays
from backlog.views.places import item_path, key_base, place_of, readable_place, undo_path

PAGE = "backlog/removed_list.html"
STONE = "backlog/item_removed.html"


@require_GET
def removed_list(request: MemberRequest, team: str = "", train: str = "") -> HttpResponse:
    """Removed items of the list, latest first; `q` looks for words of a title, or a key."""
    place = readable_place(request, team=team, train=train)
    if unknown := set(request.GET) - {"q", "after"}:
        raise BadFilterError(f"“{min(unknown)}” is no filter of this list.")
    words = " ".join(request.GET.get("q", "").split())
    if len(words) > MAX_QUERY or "\x00" in words:
        raise BadFilterError(f"Search for at most {MAX_QUERY} ordinary characters.")
    page = list_removed(home=place.home, access=request.access, words=words, after=request.GET.get("after", ""))
    may_restore = request.access.may(Verb.ORDER, place.home)
    oldest = timezone.now() - UNDO_WITHIN
    return answer(
        request,
        PAGE,
        "removed",
        home=place.home,
        rows=[{"item": row, "is_restorable": may_restore and row.at >= oldest} for row in page.rows],
        q=words,
        next=page.next,
        days=UNDO_WITHIN.days,
        base=key_base(request),
        list_url=place.path("list"),
        review_url=place.url("stale-list"),
        page_url=place.url("removed-list"),
    )


@require_GET
def item_removed(request: MemberRequest, key: str) -> HttpResponse:
    """What is left of a removed item: a fragment of its page, or a page of its own."""
    return _show(request, readable_item(access=request.access, key=key))


@require_POST
def item_restore(request: MemberRequest, key: str) -> HttpResponse:
    """Let the item be as it was before."""
    item = readable_item(access=request.access, key=key, verb=Verb.ORDER)
    try:
        with one_act() as act:
            left = restore_item(item=item, access=request.access, by=request.user)
    except DomainError as error:
        return _show(request, item, error=error)
    text = " ".join([f"{key} is back, with its place, its links and its people.", *left])
    if not request.htmx:
        messages.success(request, text)
        return redirect(item_path(request, key))
    response = answer(request, f"{STONE}#restored", text=text, undo_url=undo_path(request, act.id))
    response["HX-Trigger"] = "changed"
    return response


def _show(request: MemberRequest, item: Item, *, error: DomainError | None = None) -> HttpResponse:
    place = place_of(request, item)
    stone: Removed | None = get_removed(item=item, access=request.access)
    stays = why_it_stays(item, at=timezone.now()) if stone else ""
    context: dict[str, Any] = {
        "item": item,
        "stone": stone,
        "stays": stays,
        "may_restore": stone is not None and not stays and request.access.may(Verb.ORDER, place.home),
        "error": error,
        "item_url": item_path(request, item.key),
        "restore_url": item_path(request, item.key, "restore"),
        "removed_url": place.url("removed-list"),
        "base": key_base(request),
        "list_url": place.path("list"),
    }
    return answer(request, STONE, "stone", status=error.status if error else None, **context)
