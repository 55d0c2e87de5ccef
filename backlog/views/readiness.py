"""What an item is asked before it is ready and before it is done: its lines, to tick or to waive, and the team's verdict."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from accounts.http import MemberRequest
from accounts.roles import Verb
from activity.errors import DomainError
from activity.http import answer
from activity.services.acts import one_act
from backlog.models import Item
from backlog.permissions import readable_item
from backlog.readiness import DONE, ORGANIZATION, READY, TRAIN
from backlog.selectors.readiness import done_lines_of, find_snapshot, readiness_of
from backlog.services.readiness import mark_ready, say_ready
from backlog.views.places import item_path, place_of, undo_path

PANEL = "backlog/item_ready.html"


@require_GET
def item_lines(request: MemberRequest, key: str, about: str = READY) -> HttpResponse:
    """The lines of one of the item's definitions: a fragment of its page, or a page of its own."""
    return _show(request, readable_item(access=request.access, key=key), about)


@require_POST
def item_mark(request: MemberRequest, key: str, code: str, about: str = READY) -> HttpResponse:
    """Tick a line, waive it with a reason, or take either back."""
    item = readable_item(access=request.access, key=key, verb=Verb.EDIT)
    state, reason = request.POST.get("state", ""), request.POST.get("reason", "")
    try:
        with one_act() as act:
            mark_ready(item=item, code=code, state=state, reason=reason, by=request.user)
    except DomainError as error:
        return _show(request, item, about, waiving=code if state == "waived" else "", reason=reason, error=error)
    return _told(request, key, about, undo_path(request, act.id))


@require_POST
def item_call_ready(request: MemberRequest, key: str) -> HttpResponse:
    """Record that the team calls the item ready, or no longer does."""
    item = readable_item(access=request.access, key=key, verb=Verb.EDIT)
    try:
        with one_act() as act:
            say_ready(item=item, is_ready=request.POST.get("ready") == "yes", by=request.user)
    except DomainError as error:
        return _show(request, item, READY, error=error)
    return _told(request, key, READY, undo_path(request, act.id))


def _told(request: MemberRequest, key: str, about: str, undo_url: str) -> HttpResponse:
    if not request.htmx:
        return redirect(item_path(request, key, about))
    return _show(request, readable_item(access=request.access, key=key), about, undo_url=undo_url)


def _show(request: MemberRequest, item: Item, about: str, *, error: DomainError | None = None, **more: Any) -> HttpResponse:
    place = place_of(request, item)
    lines = (done_lines_of if about == DONE else readiness_of)(home=place.home, keys=[item.key]).get(item.key, ())
    train = item.team.train if item.team else None
    sources: dict[int | None, str] = {ORGANIZATION: request.organization.name, TRAIN: f"{train.name} train" if train else ""}
    waiving = more.pop("waiving", "") or request.GET.get("waive", "")
    return answer(
        request,
        PANEL,
        "panel",
        status=error.status if error else None,
        item=item,
        about=about,
        title="Done" if about == DONE else "Ready",
        lines=[(line, sources.get(line.by, "") if line.is_manual else "") for line in lines],
        met=sum(line.is_met for line in lines),
        waived=sum(line.is_waived for line in lines),
        waiving=waiving,
        error=error,
        snapshot=find_snapshot(item, about),
        says_ready=about == READY and item.is_ranked,
        may_edit=request.access.may(Verb.EDIT, place.home),
        item_url=item_path(request, item.key),
        lines_url=item_path(request, item.key, about),
        call_url=item_path(request, item.key, "call-ready"),
        definition_url=place.url(f"{about}-definition"),
        list_url=place.path("list"),
        **more,
    )
