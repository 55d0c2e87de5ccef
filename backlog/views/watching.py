"""Following items, what changed since one looked, and the page of what waits for oneself."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.http import MemberRequest
from activity.http import answer
from backlog.permissions import readable_item
from backlog.selectors.watching import count_waiting, is_watching, list_since, list_waiting
from backlog.services.watching import keep_look, set_watching
from backlog.views.places import item_path, key_base

SINCE = "backlog/item_since.html"


@require_POST
def item_seen(request: MemberRequest, key: str) -> HttpResponse:
    """Note that the person has the item before them; what asks for it by its place is told what others did since the visit before."""
    item = readable_item(access=request.access, key=key)
    look = keep_look(item=item, person=request.user)
    if request.htmx.target != "since":
        return HttpResponse(status=204)
    lines = list_since(item=item, access=request.access, since=look.before) if look.before else []
    return answer(
        request,
        f"{SINCE}#since",
        item=item,
        item_url=item_path(request, key),
        look=look,
        lines=lines,
        is_watching=is_watching(item=item, access=request.access),
    )


@require_POST
def item_watch(request: MemberRequest, key: str) -> HttpResponse:
    """Follow the item, or no longer; the form says which, so that a repeat changes nothing."""
    item = readable_item(access=request.access, key=key)
    wanted = request.POST.get("watch") == "yes"
    set_watching(item=item, person=request.user, is_watching=wanted)
    if not request.htmx:
        return redirect(item_path(request, key))
    said = "You follow this item: what changes is under “Waiting for me”." if wanted else "You no longer follow this item."
    return answer(request, f"{SINCE}#watched", item_url=item_path(request, key), is_watching=wanted, said=said)


@require_GET
def waiting(request: MemberRequest) -> HttpResponse:
    """What waits for the person: questions to answer, comments that call them, and what changed of what they follow."""
    return answer(
        request,
        "backlog/waiting.html",
        "waiting",
        waiting=list_waiting(request.access),
        base=key_base(request),
        today=timezone.localdate(),
    )


@require_GET
def waiting_count(request: MemberRequest) -> HttpResponse:
    """How much waits, as a number for the frame."""
    return answer(request, "backlog/waiting.html#count", count=count_waiting(request.access))
