"""An item's description and what only its kind has. Who was slower sees both texts and loses none."""

import json
from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import MemberRequest
from accounts.roles import Verb
from activity.errors import DomainError
from activity.http import answer
from activity.services.acts import one_act
from backlog.diffs import Merged, merge, merged_text
from backlog.forms import DetailsForm
from backlog.kinds import KINDS, FieldSpec, Kind
from backlog.models import Item
from backlog.permissions import readable_item
from backlog.selectors.clashes import Clash, find_clash
from backlog.selectors.filters import BadFilterError
from backlog.services.cleaning import MAX_TEXT, clean_text
from backlog.services.details import DetailsClashError, edit_details, merge_details
from backlog.services.items import StaleVersionError, edit_item
from backlog.views.items import act, show
from backlog.views.places import item_path
from backlog.views.prose import prose

CELL = "backlog/item_detail_cell.html"
WORDED = ("line", "text")
"""Forms of a field whose words can be told apart; half of one date and half of another is no date."""


def _posted(request: MemberRequest, name: str) -> str:
    """A text as items keep it: browsers send line ends of their own."""
    return request.POST.get(name, "").replace("\r\n", "\n")


# --- description ------------------------------------------------------------------------------------


@require_POST
def item_describe(request: MemberRequest, key: str) -> HttpResponse:
    """Change the description; with `merge`, bring the form back with both changes in one text."""
    item = readable_item(access=request.access, key=key, verb=Verb.EDIT)
    text = _posted(request, "description")
    if request.POST.get("merge"):
        merged = merge(_posted(request, "base_description"), text, item.description)
        return show(request, item, edit="description", typed={"description": merged.text}, merged=merged)
    was = {"description": _posted(request, "was_description")} if "was_description" in request.POST else {}

    def clash(fresh: Item, _: StaleVersionError) -> dict[str, Any]:
        where = {"after__has_key": "description"}
        base, theirs = was["description"], fresh.description
        return {"clash": find_clash(item=fresh, verb="item.edited", where=where, base=base, mine=text, theirs=theirs)}

    def change() -> Item:
        return edit_item(item=item, changes={"description": text}, by=request.user, was=was)

    return act(request, item, change, edit="description", typed={"description": text}, clash=clash)


@require_POST
def description_preview(request: MemberRequest, key: str) -> HttpResponse:
    """The description as it would look; nothing is written."""
    readable_item(access=request.access, key=key, verb=Verb.EDIT)
    text = _posted(request, "description")
    try:
        clean_text(text)
    except DomainError as error:
        over = len(text.encode(errors="replace")) - MAX_TEXT
        return answer(request, "backlog/description_preview.html", status=error.status, error=error, over=max(over, 0))
    return answer(request, "backlog/description_preview.html", preview=prose(request, text), text=text)


# --- details ----------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def item_details(request: MemberRequest, key: str) -> HttpResponse:
    """Change what only the item's kind has; with `merge`, bring the form back with both changes in each field.

    With `field` one of them in its place: its form by GET, and its value after the change.
    """
    item = readable_item(access=request.access, key=key, verb=Verb.EDIT)
    if name := request.GET.get("field", "") or request.POST.get("field", ""):
        return _one_detail(request, item, name)
    if request.method == "GET":
        return show(request, item, edit="details")
    given = {spec.name: _posted(request, spec.name) for spec in KINDS[Kind(item.kind)].fields}
    if request.POST.get("merge"):
        return _merge_details(request, item, given)
    was = _read_details(request.POST["was_details"]) if "was_details" in request.POST else None

    def clash(fresh: Item, error: StaleVersionError) -> dict[str, Any]:
        assert isinstance(error, DetailsClashError)
        clashes = {name: _detail_clash(fresh, name, was, given[name]) for name in error.names}
        may_merge = all(clash.has_merge or _spec(fresh, name).form == "text" for name, clash in clashes.items())
        return {
            "clashes": clashes,
            "typed": error.merged,
            "base_details": json.dumps(was or {}),
            "may_merge": may_merge and all(_spec(fresh, name).form in WORDED for name in clashes),
            "has_merge": all(clash.has_merge for clash in clashes.values()),
        }

    def change() -> Item:
        return edit_details(item=item, given=given, was=was, by=request.user)

    return act(request, item, change, edit="details", typed=given, clash=clash)


def _spec(item: Item, name: str) -> FieldSpec:
    return next(spec for spec in KINDS[Kind(item.kind)].fields if spec.name == name)


def _merge_details(request: MemberRequest, item: Item, given: dict[str, str]) -> HttpResponse:
    base = _read_details(request.POST.get("base_details", "{}"))
    typed, clashes = merge_details(given, base, item.details)
    both = {
        name: merge(str(base.get(name, "")), given[name], str(item.details.get(name, "")))
        for name in clashes
        if _spec(item, name).form in WORDED
    }
    typed |= {name: merged.text for name, merged in both.items()}
    left = sum(merged.clashes for merged in both.values())
    return show(request, item, edit="details", typed=typed, merged=Merged("", left))


def _detail_clash(item: Item, name: str, was: dict[str, Any] | None, mine: str) -> Clash:
    base = str((was or {}).get(name, ""))
    where = {"after__details__has_key": name}
    return find_clash(item=item, verb="item.edited", where=where, base=base, mine=mine, theirs=str(item.details.get(name, "")))


def _read_details(text: str) -> dict[str, Any]:
    try:
        was = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadFilterError("The form came back changed. Reload the page.") from error
    if not isinstance(was, dict):
        raise BadFilterError("The form came back changed. Reload the page.")
    return was


def _one_detail(request: MemberRequest, item: Item, name: str) -> HttpResponse:
    spec = next((spec for spec in KINDS[Kind(item.kind)].fields if spec.name == name), None)
    if spec is None:
        raise BadFilterError("This field cannot be changed here.")
    if request.method == "GET":
        return _detail_form(request, item, spec)
    text = _posted(request, name)
    was = {name: _posted(request, f"was_{name}")} if f"was_{name}" in request.POST else None
    try:
        with one_act():
            item = edit_details(item=item, given={name: text}, was=was, by=request.user)
    except DomainError as error:
        fresh = readable_item(access=request.access, key=item.key)
        both = ""
        if isinstance(error, StaleVersionError) and was is not None and spec.form in WORDED:
            both = merged_text(was[name], text, str(fresh.details.get(name, "")))
        return _detail_form(request, fresh, spec, typed=text, error=error, both=both)
    return answer(request, f"{CELL}#shown", text=item.details.get(name, ""), spec=spec)


def _detail_form(
    request: MemberRequest, item: Item, spec: FieldSpec, *, typed: str | None = None, error: DomainError | None = None, both: str = ""
) -> HttpResponse:
    stands = str(item.details.get(spec.name, ""))
    form = DetailsForm({spec.name: stands if typed is None else typed}, kind=Kind(item.kind))
    return answer(
        request,
        f"{CELL}#form",
        status=error.status if error else 200,
        item=item,
        details_url=item_path(request, item.key, "details"),
        spec=spec,
        field=form[spec.name],
        stands=stands,
        is_stale=isinstance(error, StaleVersionError),
        both=both,
        error=error,
    )
