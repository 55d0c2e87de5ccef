"""Moving an item to another status."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from accounts.http import MemberRequest
from activity.errors import DomainError
from activity.http import answer
from activity.services.acts import one_act
from backlog.models import Item
from backlog.models.item import Status
from backlog.permissions import readable_item, verb_of_move
from backlog.services.finishing import finish_item
from backlog.services.judging import NotDoneError
from backlog.services.statuses import TRANSITIONS, set_status
from backlog.views.places import item_path, undo_path


@require_http_methods(["GET", "POST"])
def item_status(request: MemberRequest, key: str) -> HttpResponse:
    """A dialog of the statuses that the item may take, each by one key; and the move."""
    item = readable_item(access=request.access, key=key)
    home = item.team or item.train
    error: DomainError | None = None
    if request.method == "POST":
        new = request.POST.get("status", "")
        request.access.require(verb_of_move(item.status, new), home)
        try:
            with one_act() as done:
                _move(request, item, new)
        except DomainError as refused:
            error = refused
            item = readable_item(access=request.access, key=key)
        else:
            if not request.htmx:
                return redirect(item_path(request, key))
            response = answer(
                request,
                "backlog/item_status.html#moved",
                text=f"{key} is {Status(new).label.lower()} now.",
                undo_url=undo_path(request, done.id),
            )
            response["HX-Trigger"] = "changed"
            return response
    moves = [
        status
        for status in Status
        if status in TRANSITIONS[Status(item.status)] and request.access.may(verb_of_move(item.status, status), home)
    ]
    return answer(
        request,
        "backlog/item_status.html",
        "dialog",
        status=error.status if error else None,
        item=item,
        item_url=item_path(request, key),
        status_url=item_path(request, key, "status"),
        status_label=Status(item.status).label,
        moves=[(status.value, status.label, STATUS_KEYS[status], STATUS_ICONS[status]) for status in moves if status != Status.REMOVED],
        may_remove=Status.REMOVED in moves,
        error=error,
        open_lines=error.lines if isinstance(error, NotDoneError) else (),
        ticked=request.POST.getlist("tick"),
        reason=request.POST.get("reason", ""),
    )


def _move(request: MemberRequest, item: Item, new: str) -> Item:
    """Done asks for the lines of its definition: those ticked on the way hold, and a reason waives the others."""
    reason = request.POST.get("reason", "")
    if new == Status.DONE:
        return finish_item(item=item, ticked=request.POST.getlist("tick"), waiver=reason, by=request.user)
    return set_status(item=item, status=new, by=request.user, reason=reason)


STATUS_KEYS = {Status.PROPOSED: "t", Status.OPEN: "o", Status.PLANNED: "p", Status.IN_PROGRESS: "i", Status.DONE: "d", Status.REMOVED: "r"}
STATUS_ICONS = {
    Status.PROPOSED: "inbox",
    Status.OPEN: "circle",
    Status.PLANNED: "calendar-check",
    Status.IN_PROGRESS: "loader",
    Status.DONE: "circle-check",
    Status.REMOVED: "archive-x",
}
