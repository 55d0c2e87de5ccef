"""Moving an item: a dialog that says where it would land and what that costs, and the move itself. Without script the same as pages."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import MemberRequest
from accounts.roles import Verb
from activity.errors import DomainError, UnknownReferenceError
from activity.http import answer, once, refuse
from activity.live import topic_version
from activity.services.acts import one_act
from backlog.models import Item, ListMode
from backlog.permissions import readable_item, visible_items
from backlog.selectors.paging import topic_of
from backlog.views.places import item_path, place_of, undo_path
from prioritization.forms import MoveForm
from prioritization.selectors.prices import price_override
from prioritization.services.manual_order import mode_of
from prioritization.services.moves import Move, To, meant_override, move_item, neighbours_by_hand, sentence_of
from prioritization.services.overrides import USUAL

PAGE = "prioritization/item_move.html"


@require_http_methods(["GET", "POST"])
def item_move(request: MemberRequest, key: str) -> HttpResponse:
    """Ask where to (`?to=above&other=KEY` proposes), or move; the same form sent twice moves once."""
    item = readable_item(access=request.access, key=key, verb=Verb.ORDER)
    if request.method == "GET":
        return _ask(request, item, _form(request, item, None, initial=_proposed(request, item)))
    form = _form(request, item, request.POST)
    if form.is_valid():
        try:
            done, _ = once(request, lambda: _move(request, item, _asked(request, item, form)))
        except DomainError as error:
            refuse(form, error)
        else:
            return _tell(request, item, done)
    return _ask(request, item, form)


def _move(request: MemberRequest, item: Item, move: Move) -> dict[str, str]:
    with one_act() as act:
        text = move_item(item=item, move=move, by=request.user, access=request.access)
    return {"text": text, "act": str(act.id)}


def _tell(request: MemberRequest, item: Item, done: dict[str, Any]) -> HttpResponse:
    if not request.htmx:
        messages.success(request, done["text"])
        return redirect(place_of(request, item).path("list"))
    response = answer(request, f"{PAGE}#moved", text=done["text"], undo_url=undo_path(request, done["act"]))
    response["HX-Trigger"] = "changed"
    return response


@require_GET
def item_move_preview(request: MemberRequest, key: str) -> HttpResponse:
    """Where the item would land and what it would cost, for what the form says now; a refusal in words. Writes nothing."""
    item = readable_item(access=request.access, key=key, verb=Verb.ORDER)
    form = _form(request, item, request.GET)
    context: dict[str, Any] = {"is_ready": form.is_valid()}
    if context["is_ready"]:
        try:
            if _is_by_hand(item):
                above, below = neighbours_by_hand(items=[item], move=_asked(request, item, form))
                return answer(request, f"{PAGE}#between", above=above, below=below)
            override = meant_override(item=item, move=_asked(request, item, form), by=request.user, access=request.access)
            context |= {"price": price_override(override=override, access=request.access), "sentence": sentence_of(override)}
        except DomainError as error:
            context["refused"] = error.message
    return answer(request, f"{PAGE}#preview", **context)


def _is_by_hand(item: Item) -> bool:
    home = item.team or item.train
    assert home is not None, "a constraint of the table"
    return mode_of(home) != ListMode.Mode.COMPUTED


def _form(request: MemberRequest, item: Item, data: QueryDict | None, initial: dict[str, Any] | None = None) -> MoveForm:
    return MoveForm(data, initial=initial, by_hand=_is_by_hand(item))


def _proposed(request: MemberRequest, item: Item) -> dict[str, Any]:
    """What the form begins with: a drag and a key propose, the reason and the end are written already."""
    home = item.team or item.train
    assert home is not None, "a constraint of the table"
    to = request.GET.get("to", "")
    return {
        "to": to if to in To.values else To.TOP,
        "other": request.GET.get("other", "")[:20],
        "day": timezone.localdate() + timedelta(days=14),
        "times": 2,
        "reason": f"Decided by {request.user.name}",
        "until": timezone.localdate() + USUAL,
        "version": topic_version(organization_id=item.organization_id, topic=topic_of(home)),
    }


def _asked(request: MemberRequest, item: Item, form: MoveForm) -> Move:
    """The move of a valid form. The train's level needs the right there; the other item must be one that the person sees."""

    def find(key: str) -> Item:
        found = visible_items(request.access).select_related("team__train", "train").filter(key=key).first()
        if found is None:
            raise UnknownReferenceError("There is no such item.", field="other")
        return found

    move = form.move(find=find)
    if move.on_train and item.team is not None:
        request.access.require(Verb.ORDER, item.team.train)
    return move


def _ask(request: MemberRequest, item: Item, form: MoveForm) -> HttpResponse:
    place = place_of(request, item)
    where = {"organization": request.organization.slug, "key": item.key}
    return answer(
        request,
        PAGE,
        "dialog",
        item=item,
        form=form,
        is_by_hand=_is_by_hand(item),
        is_dragged=request.GET.get("from") == "drag",
        may_train=item.team is not None and not item.team.train.is_hidden and request.access.may(Verb.ORDER, item.team.train),
        item_url=item_path(request, item.key),
        list_url=place.path("list"),
        move_url=reverse("prioritization:item-move", kwargs=where),
        preview_url=reverse("prioritization:item-move-preview", kwargs=where),
    )
