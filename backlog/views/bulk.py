"""Changing many items of a list at once: a dialog that says what would change, and the change. Without script the same as pages."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import MemberRequest
from accounts.roles import Verb
from activity.errors import DomainError, InvalidError, UnknownReferenceError
from activity.http import answer, once, refuse
from activity.services.acts import one_act
from backlog.forms import BulkForm, kinds_of
from backlog.models import Item
from backlog.models.item import Status
from backlog.numbers import counted
from backlog.permissions import visible_items
from backlog.selectors.chosen import list_chosen_items
from backlog.selectors.counting import CAP, count_items
from backlog.selectors.filters import read_filters
from backlog.selectors.items import list_open_iterations
from backlog.selectors.listing import list_items
from backlog.services.bulk_edits import MOST, BulkChange, Effect, What, change_items, foresee_change
from backlog.views.places import Place, readable_place, undo_path

PAGE = "backlog/bulk_change.html"
STATUSES = [Status.OPEN, Status.PLANNED, Status.IN_PROGRESS, Status.DONE, Status.REMOVED]


@require_GET
def item_keys(request: MemberRequest, team: str = "", train: str = "") -> HttpResponse:
    """Keys and sizes of what the list holds, in its order, as many as one act may change; and how many there are. For the selection's script."""
    place = readable_place(request, team=team, train=train, verb=Verb.EDIT)
    filters = read_filters(request.GET, kinds=kinds_of(place.home))
    found = list_items(home=place.home, filters=filters, limit=MOST).items
    sizes = [(item.key, None if item.job_size is None else float(item.job_size)) for item in found]
    total = len(found) if len(found) < MOST else count_items(home=place.home, filters=filters)
    return JsonResponse({"items": sizes, "total": counted(total, most=CAP)})


@require_http_methods(["GET", "POST"])
def item_change(request: MemberRequest, team: str = "", train: str = "") -> HttpResponse:
    """Ask what is to change of the items `key`, or change them; the same form sent twice changes once."""
    place = readable_place(request, team=team, train=train, verb=Verb.EDIT)
    data = request.POST if request.method == "POST" else request.GET
    items = _chosen(place, data)
    form = _form(place, data if request.method == "POST" else None, initial={"what": data.get("what", What.STATUS)})
    if request.method == "GET" and "preview" in data:  # without script the form comes back with what it would do
        form = _form(place, data)
        return _ask(request, place, items, form, **_preview(request, place, items, form))
    if request.method == "POST" and form.is_valid():
        try:
            done, _ = once(request, lambda: _change(request, place, items, form))
        except DomainError as error:
            refuse(form, error)
        else:
            return _tell(request, place, done)
    return _ask(request, place, items, form)


@require_GET
def item_change_preview(request: MemberRequest, team: str = "", train: str = "") -> HttpResponse:
    """What the form would change now, item by item, as a fragment. Writes nothing."""
    place = readable_place(request, team=team, train=train, verb=Verb.EDIT)
    return answer(request, f"{PAGE}#preview", **_preview(request, place, _chosen(place, request.GET), _form(place, request.GET)))


def _chosen(place: Place, data: QueryDict) -> list[Item]:
    keys = data.getlist("key")
    if not keys or len(set(keys)) > MOST:
        raise InvalidError(f"Tick at least one item of the list, and at most {MOST} at once.")
    return list_chosen_items(home=place.home, keys=keys)


def _form(place: Place, data: QueryDict | None, initial: dict[str, Any] | None = None) -> BulkForm:
    return BulkForm(data, initial=initial, home=place.home, statuses=STATUSES, sprints=list_open_iterations(place.home))


def _asked(request: MemberRequest, place: Place, form: BulkForm) -> BulkChange:
    """The change of a valid form; UnknownReferenceError for a parent or sprint that the person does not see."""
    given = form.cleaned_data
    what = What(given["what"])
    value: Any = given[what.value]
    if what == What.PARENT and value:
        value = visible_items(request.access).filter(key=value.strip().upper()).first()
        if value is None:
            raise UnknownReferenceError("No item that you see has this key.", field="parent")
    elif what == What.SPRINT and value:
        value = next((sprint for sprint in list_open_iterations(place.home) if sprint.name == value), None)
    elif what == What.SIZE:
        value = value.replace(",", ".").strip()
    return BulkChange(what, value or None, given["reason"])


def _preview(request: MemberRequest, place: Place, items: Sequence[Item], form: BulkForm) -> dict[str, Any]:
    if not form.is_valid():
        return {"form_errors": [message for errors in form.errors.values() for message in errors]}
    try:
        effects = foresee_change(items=items, change=_asked(request, place, form), access=request.access)
    except DomainError as error:
        return {"form_errors": [error.message]}
    return {"effects": sorted(effects, key=_weight), "sentence": _sentence(_counts(effects))}


def _weight(effect: Effect) -> int:
    """What needs a look comes first, what stays comes last."""
    return 0 if effect.refused else 1 if effect.is_change else 2


def _counts(effects: Sequence[Effect]) -> dict[str, int]:
    refused = sum(1 for effect in effects if effect.refused)
    changing = sum(1 for effect in effects if effect.is_change)
    return {"changing": changing, "refused": refused, "staying": len(effects) - changing - refused}


def _sentence(counts: Mapping[str, int]) -> str:
    parts = [f"{counts['changing']} will change" if counts["changing"] else "None will change"]
    if counts["staying"]:
        parts.append(f"{counts['staying']} stand so already")
    if counts["refused"]:
        parts.append(f"{counts['refused']} cannot")
    return ", ".join(parts) + "."


def _change(request: MemberRequest, place: Place, items: Sequence[Item], form: BulkForm) -> dict[str, Any]:
    with one_act() as act:
        effects = change_items(items=items, change=_asked(request, place, form), access=request.access, by=request.user)
    counts = _counts(effects)
    changed = counts["changing"]
    text = f"{changed} item{'' if changed == 1 else 's'} changed." if changed else "Nothing changed."
    reasons = list(dict.fromkeys(effect.refused for effect in effects if effect.refused))
    if reasons:
        text += f" {counts['refused']} could not: {reasons[0]}"
    return {"text": text, "act": str(act.id) if changed else ""}


def _tell(request: MemberRequest, place: Place, done: dict[str, Any]) -> HttpResponse:
    if not request.htmx:
        messages.success(request, done["text"])
        return redirect(place.path("list"))
    response = answer(request, f"{PAGE}#changed", text=done["text"], undo_url=undo_path(request, done["act"]) if done["act"] else "")
    response["HX-Trigger"] = "changed, unselect"
    return response


def _ask(request: MemberRequest, place: Place, items: Sequence[Item], form: BulkForm, **more: Any) -> HttpResponse:
    return answer(
        request,
        PAGE,
        "dialog",
        home=place.home,
        form=form,
        items=items,
        list_url=place.path("list"),
        change_url=place.path("change"),
        preview_url=place.path("change-preview"),
        **more,
    )
