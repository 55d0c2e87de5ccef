"""Moving the ticked items of a list: a dialog that asks where to, and the move of all as one act. Without script the same as a page."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.http import MemberRequest
from accounts.roles import Verb
from activity.errors import DomainError, InvalidError, UnknownReferenceError
from activity.http import answer, once, path_of, refuse
from activity.live import topic_version
from activity.services.acts import one_act
from backlog.models import Item, ListMode
from backlog.permissions import visible_items
from backlog.selectors.chosen import list_chosen_items
from backlog.selectors.paging import level_of, topic_of
from backlog.services.bulk_edits import MOST
from backlog.views.places import Place, readable_place, undo_path
from prioritization.forms import MoveForm
from prioritization.services.manual_order import mode_of
from prioritization.services.moves import Move, To, move_items, neighbours_by_hand
from prioritization.services.overrides import USUAL

PAGE = "prioritization/items_move.html"


@require_http_methods(["GET", "POST"])
def items_move(request: MemberRequest, team: str = "", train: str = "") -> HttpResponse:
    """Ask where the items `key` go (`?to=above&other=KEY` proposes), or move them; the same form sent twice moves once."""
    place = readable_place(request, team=team, train=train, verb=Verb.ORDER)
    data = request.POST if request.method == "POST" else request.GET
    items = _chosen(place, data)
    if "preview" in request.GET:
        return _preview(request, place, items)
    if request.method == "GET":
        return _ask(request, place, items, _form(place, None, initial=_usual(request, place)))
    form = _form(place, data)
    if form.is_valid():
        try:
            done, _ = once(request, lambda: _move(request, items, form))
        except DomainError as error:
            refuse(form, error)
        else:
            return _tell(request, place, done)
    return _ask(request, place, items, form)


def _chosen(place: Place, data: QueryDict) -> list[Item]:
    keys = data.getlist("key")
    if not keys or len(set(keys)) > MOST:
        raise InvalidError(f"Tick at least one item of the list, and at most {MOST} at once.")
    items = list_chosen_items(home=place.home, keys=keys)
    resting = next((item for item in items if not item.is_ranked), None)
    if resting is not None:
        raise InvalidError(f"{resting.key} has no place in the order. Leave it out.")
    return items


def _form(place: Place, data: QueryDict | None, initial: dict[str, Any] | None = None) -> MoveForm:
    return MoveForm(data, initial=initial, by_hand=mode_of(place.home) != ListMode.Mode.COMPUTED, of_many=True)


def _usual(request: MemberRequest, place: Place) -> dict[str, Any]:
    to = request.GET.get("to", "")
    return {
        "to": to if to in To.values else To.TOP,
        "other": request.GET.get("other", "")[:20],
        "day": timezone.localdate() + timedelta(days=14),
        "times": 2,
        "reason": f"Decided by {request.user.name}",
        "until": timezone.localdate() + USUAL,
        "version": topic_version(organization_id=place.home.organization_id, topic=topic_of(place.home)),
    }


def _asked(request: MemberRequest, form: MoveForm) -> Move:
    """The move of a valid form; the other item must be one that the person sees."""

    def find(key: str) -> Item:
        found = visible_items(request.access).select_related("team__train", "train").filter(key=key).first()
        if found is None:
            raise UnknownReferenceError("There is no such item.", field="other")
        return found

    return form.move(find=find)


def _move(request: MemberRequest, items: list[Item], form: MoveForm) -> dict[str, str]:
    with one_act() as act:
        text = move_items(items=items, move=_asked(request, form), by=request.user, access=request.access)
    return {"text": text, "act": str(act.id)}


def _preview(request: MemberRequest, place: Place, items: list[Item]) -> HttpResponse:
    """Between what they would stand in a list by hand, whatever a filter hides, for what the form says now. Writes nothing."""
    form = _form(place, request.GET)
    context: dict[str, Any] = {}
    if mode_of(place.home) != ListMode.Mode.COMPUTED and form.is_valid():
        try:
            context["above"], context["below"] = neighbours_by_hand(items=items, move=_asked(request, form))
        except DomainError as error:
            context["refused"] = error.message
    return answer(request, f"{PAGE}#between", **context)


def _tell(request: MemberRequest, place: Place, done: dict[str, Any]) -> HttpResponse:
    if not request.htmx:
        messages.success(request, done["text"])
        return redirect(place.path("list"))
    response = answer(request, f"{PAGE}#moved", text=done["text"], undo_url=undo_path(request, done["act"]))
    response["HX-Trigger"] = "changed, unselect"
    return response


def _ask(request: MemberRequest, place: Place, items: list[Item], form: MoveForm) -> HttpResponse:
    level = level_of(place.home)
    name = "prioritization:items-move" if level == "team" else "prioritization:train-items-move"
    return answer(
        request,
        PAGE,
        "dialog",
        items=items,
        form=form,
        home=place.home,
        is_dragged=request.GET.get("from") == "drag",
        is_by_hand=mode_of(place.home) != ListMode.Mode.COMPUTED,
        list_url=place.path("list"),
        move_url=path_of(name, organization=request.organization.slug, **{level: place.home.slug}),
    )
