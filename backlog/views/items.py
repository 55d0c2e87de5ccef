"""The page of one item: one region that is both the first paint and what each act answers with. Every form is also a plain POST."""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import MemberRequest
from accounts.roles import Verb
from activity.errors import DomainError, UnknownReferenceError
from activity.http import answer
from activity.services.acts import one_act
from activity.services.undo import known_verbs
from backlog.diffs import merged_text
from backlog.forms import DetailsForm, kinds_of
from backlog.kinds import KINDS, Kind, is_detail_of
from backlog.models import Item
from backlog.models.item import Channel, Status
from backlog.numbers import short
from backlog.permissions import readable_item
from backlog.selectors.dependencies import list_links
from backlog.selectors.filters import BadFilterError
from backlog.selectors.goals import find_goal_above, find_goal_by_words, list_goal_choices
from backlog.selectors.history import list_history
from backlog.selectors.items import (
    PARENT_KINDS,
    find_by_words,
    list_children,
    list_criteria,
    list_open_iterations,
    list_parts,
    list_tasks,
)
from backlog.selectors.merging import seen_origins
from backlog.services.goals import set_goal
from backlog.services.items import StaleVersionError, edit_item
from backlog.services.iterations import assign_iteration
from backlog.views.places import item_path, key_base, place_of, undo_path
from backlog.views.prose import prose

PAGE = "backlog/item_detail.html"
PARTS = re.compile(
    r"(basics|description|details|parent|sprint|link|feature|criterion-new|criterion-[1-9][0-9]{0,5}|task-new|task-[1-9][0-9]{0,5})?\Z"
)
RELATIONS = [
    ("waits_for", "Waits for"),
    ("unblocks", "Unblocks"),
    ("relates", "Relates to"),
    ("helps", "Helps"),
    ("helped_by", "Is helped by"),
    ("conflicts", "Conflicts with"),
]


@require_GET
def item_detail(request: MemberRequest, key: str) -> HttpResponse:
    """The item with all that is known of it; `?edit=` opens one of its parts as a form."""
    edit = request.GET.get("edit", "")
    if set(request.GET) - {"edit"} or not PARTS.match(edit):
        raise BadFilterError("This part of the page does not exist.")
    item = readable_item(access=request.access, key=key)
    if edit:
        request.access.require(Verb.EDIT, item.team or item.train)
    return show(request, item, edit=edit)


def show(
    request: MemberRequest,
    item: Item,
    *,
    edit: str = "",
    typed: dict[str, Any] | None = None,
    error: DomainError | None = None,
    **more: Any,
) -> HttpResponse:
    """The page, or for HTMX its region; `edit` is the part that stands open, `typed` what was sent for it, `error` why it was refused."""
    may_work = request.access.may(Verb.EDIT, item.team or item.train)
    place = place_of(request, item)
    criteria = list_criteria(item)
    context = {
        "item": item,
        "home": place.home,
        "icon_name": KINDS[Kind(item.kind)].icon,
        "kind_label": Kind(item.kind).label,
        "status_label": Status(item.status).label,
        "channel_label": Channel(item.channel).label,
        "size": short(item.job_size, places=3),
        "list_url": place.path("list"),
        "item_url": item_path(request, item.key),
        "base": key_base(request),
        "may_work": may_work,
        "may_edit": may_work and (item.status != Status.REMOVED or bool(edit)),  # nothing is written into a grave
        "may_order": item.is_ranked and request.access.may(Verb.ORDER, place.home),
        "description": prose(request, item.description),
        "details": [(spec, item.details.get(spec.name, "")) for spec in KINDS[Kind(item.kind)].fields],
        "has_details": any(item.details.get(spec.name) for spec in KINDS[Kind(item.kind)].fields),
        "criteria": criteria,
        "seen_origins": seen_origins(criteria=criteria, access=request.access),
        "tasks": list_tasks(item),
        "children": list_children(item=item, access=request.access),
        "parts": list_parts(item=item, access=request.access),
        "links": list_links(item=item, access=request.access),
        "parent": item.parent,
        "parent_is_hidden": _is_hidden(request, item.parent),
        "goal_above": find_goal_above(item),
        "relations": RELATIONS,
        "edit": edit,
        "typed": typed or {},
        "error": error,
        **_form_of(item, edit, typed),
        **more,
    }
    return answer(request, PAGE, "item", status=error.status if error else None, **context)


def _is_hidden(request: MemberRequest, item: Item | None) -> bool:
    return item is not None and item.team is not None and not request.access.sees_team(item.team)


def _form_of(item: Item, edit: str, typed: dict[str, Any] | None) -> dict[str, Any]:
    """What the open part needs beyond the page."""
    if edit == "details":
        form = DetailsForm(typed, kind=Kind(item.kind)) if typed else DetailsForm(initial=item.details, kind=Kind(item.kind))
        return {"details_form": form, "was_details": json.dumps(item.details)}
    if edit == "sprint":
        return {"iterations": list_open_iterations(item.team)}
    if edit == "basics":
        home = item.team or item.train
        assert home is not None
        goals = list_goal_choices(organization_id=item.organization_id, current=item.goal)
        value = typed["goal"] if typed and "goal" in typed else goals.value_of(item.goal)
        return {"kinds": [(kind.value, kind.label) for kind in kinds_of(home)], "goals": goals, "goal_value": value}
    return {}


def act(
    request: MemberRequest,
    item: Item,
    change: Callable[[], object],
    *,
    edit: str,
    then: str = "",
    typed: dict[str, Any] | None = None,
    said: str = "",
    clash: Callable[[Item, StaleVersionError], dict[str, Any]] | None = None,
) -> HttpResponse:
    """Do `change`, then show the item with the part `then` open; a refusal shows the part `edit` as it was typed.

    `said`, where given, is told in a message with an Undo. `clash` gives what the page shows of two changes at once, by the fresh item.
    """
    try:
        with one_act() as done:
            change()
    except StaleVersionError as error:
        fresh = readable_item(access=request.access, key=item.key)
        both = clash(fresh, error) if clash else {}
        return show(request, fresh, **{"edit": edit, "typed": typed or request.POST.dict(), "error": error, **both})
    except DomainError as error:
        return show(request, readable_item(access=request.access, key=item.key), edit=edit, typed=typed or request.POST.dict(), error=error)
    if not request.htmx:
        return redirect(item_path(request, item.key) + (f"?edit={then}" if then else ""))
    more: dict[str, Any] = {"said": said, "undo_url": undo_path(request, done.id)} if said else {}
    return show(request, readable_item(access=request.access, key=item.key), edit=then, **more)


# --- fields -----------------------------------------------------------------------------------------

CELLS = {"title": "title", "kind": "kind", "size": "job_size", "goal": "goal"}


def _was(request: MemberRequest, *names: str) -> dict[str, Any]:
    """What the fields were when the form was made, by the item's own names, where the form says so."""
    was = {CELLS[name]: request.POST[f"was_{name}"] for name in names if name != "goal" and f"was_{name}" in request.POST}
    return {name: value or None if name == "job_size" else value for name, value in was.items()}


@require_http_methods(["GET", "POST"])
def item_edit(request: MemberRequest, key: str) -> HttpResponse:
    """One of title, kind, size and goal: the form of a cell, and the cell after the change. Without script the form of all of them."""
    item = readable_item(access=request.access, key=key, verb=Verb.EDIT)
    if request.method == "GET":
        field = request.GET.get("field", "")
        if field not in CELLS:
            raise BadFilterError("This field cannot be changed here.")
        if not request.htmx:
            return redirect(item_path(request, key) + "?edit=basics")
        return _cell_form(request, item, field, on=request.GET.get("on", ""))
    names = [name for name in CELLS if name in request.POST]

    def change() -> Item:
        return _change_cells(request, item, names)

    if not request.htmx or len(names) != 1:
        return act(request, item, change, edit="basics")
    on, old = request.POST.get("on", ""), Kind(item.kind)
    try:
        with one_act() as done:
            item = change()
    except DomainError as error:
        fresh = readable_item(access=request.access, key=key)
        return _cell_form(request, fresh, names[0], on=on, typed=request.POST[names[0]], error=error, both=_both(request, fresh, error))
    aside = set_aside(item, old)
    text = f"{item.key} is of the kind {Kind(item.kind).label.lower()} now. Set aside, not lost: {', '.join(aside)}."
    told: dict[str, Any] = {"aside": text, "undo_url": undo_path(request, done.id)} if aside else {}
    return answer(request, "backlog/item_cell.html#shown", field=names[0], on=on, **told, **_cell(request, item))


def _both(request: MemberRequest, item: Item, error: DomainError) -> str:
    """Of two changes of a title the one that has both; empty where they overlap, or nobody else changed it."""
    if not isinstance(error, StaleVersionError) or "was_title" not in request.POST:
        return ""
    return merged_text(request.POST["was_title"], request.POST.get("title", ""), item.title)


def set_aside(item: Item, old: Kind) -> list[str]:
    """The labels of what is filled in and only the item's old kind has: kept, and not shown while it is of another."""
    return [spec.label for spec in KINDS[old].fields if item.details.get(spec.name) and not is_detail_of(item.kind, spec.name)]


@one_act()
def _change_cells(request: MemberRequest, item: Item, names: list[str]) -> Item:
    """All the cells sent, or none."""
    changes = {CELLS[name]: request.POST[name] for name in names if name != "goal"}
    if changes:
        item = edit_item(item=item, changes=changes, by=request.user, was=_was(request, *names))
    if "goal" not in names:
        return item
    words, was = request.POST["goal"].strip(), request.POST.get("was_goal")
    goal = find_goal_by_words(organization_id=item.organization_id, words=words) if words else None
    if words and goal is None:
        raise UnknownReferenceError("No goal has this name, or several begin so. Choose one of the list.", field="goal")
    stood = None if was is None else {"goal": int(was) if was.isascii() and was.isdigit() else None}
    return set_goal(item=item, goal=goal, was=stood, by=request.user)


def _cell(request: MemberRequest, item: Item) -> dict[str, Any]:
    kind = Kind(item.kind)
    return {
        "item": item,
        "item_url": item_path(request, item.key),
        "edit_url": item_path(request, item.key, "edit"),
        "icon_name": KINDS[kind].icon,
        "kind_label": kind.label,
        "size": short(item.job_size, places=3),
    }


def _cell_form(
    request: MemberRequest, item: Item, field: str, *, on: str, typed: str | None = None, error: DomainError | None = None, both: str = ""
) -> HttpResponse:
    home = item.team or item.train
    assert home is not None
    stands = {
        "title": item.title,
        "kind": item.kind,
        "size": "" if item.job_size is None else f"{item.job_size.normalize():f}",
        "goal": item.goal.number_text if item.goal else "",
    }[field]
    goals = list_goal_choices(organization_id=item.organization_id, current=item.goal) if field == "goal" else None
    value = typed if typed is not None else goals.value_of(item.goal) if goals else stands
    return answer(
        request,
        "backlog/item_cell.html#form",
        status=error.status if error else 200,
        field=field,
        on="page" if on == "page" else "",
        value=value,
        stands=stands,
        goals=goals,
        is_stale=isinstance(error, StaleVersionError),
        both=both,
        error=error,
        kinds=[(kind.value, kind.label) for kind in kinds_of(home)],
        filled=[spec.label for spec in KINDS[Kind(item.kind)].fields if item.details.get(spec.name)] if field == "kind" else [],
        **_cell(request, item),
    )


@require_POST
def item_parent(request: MemberRequest, key: str) -> HttpResponse:
    """Put the item below another one, or below none."""
    item = readable_item(access=request.access, key=key, verb=Verb.EDIT)
    words = request.POST.get("other", "").strip()
    if words:
        matches = find_by_words(access=request.access, words=words, besides=item, kinds=PARENT_KINDS)
        if not matches or matches[0].key != words.upper():
            return choose(request, item, "parent", matches)
    parent = matches[0] if words else None
    return act(request, item, lambda: edit_item(item=item, changes={"parent": parent}, by=request.user), edit="parent")


def choose(request: MemberRequest, item: Item, edit: str, matches: list[Item]) -> HttpResponse:
    """The part again, with what fits the words to choose from."""
    return show(request, item, edit=edit, typed=request.POST.dict(), error=unknown_other(matches), matches=matches)


def unknown_other(matches: Sequence[Item]) -> UnknownReferenceError:
    """The refusal of words that are no key."""
    return UnknownReferenceError("Choose one of these." if matches else "No item that you see has this key or these words.", field="other")


@require_POST
def item_sprint(request: MemberRequest, key: str) -> HttpResponse:
    """Point the item at a sprint of its team, by name, or at none."""
    item = readable_item(access=request.access, key=key, verb=Verb.EDIT)
    name = request.POST.get("sprint", "")
    iteration = next((one for one in list_open_iterations(item.team) if one.name == name), None)

    def change() -> Item:
        if name and iteration is None:
            raise UnknownReferenceError("The team has no open sprint of that name.", field="sprint")
        return assign_iteration(item=item, iteration=iteration, by=request.user)

    return act(request, item, change, edit="sprint")


# --- history ----------------------------------------------------------------------------------------


@require_GET
def item_history(request: MemberRequest, key: str) -> HttpResponse:
    """What happened to the item, newest first; as a fragment, or as a page of its own."""
    item = readable_item(access=request.access, key=key)
    if set(request.GET) - {"before"}:
        raise BadFilterError("This page of the history does not exist.")
    may_edit = request.access.may(Verb.EDIT, item.team or item.train)
    return answer(
        request,
        "backlog/item_history.html",
        "lines",
        item=item,
        item_url=item_path(request, key),
        history=list_history(item=item, access=request.access, before=request.GET.get("before", "")),
        history_url=item_path(request, key, "history"),
        undoable={verb for verb in known_verbs() if not verb.startswith("comment.")} if may_edit else (),  # one's own words, beside them
    )
