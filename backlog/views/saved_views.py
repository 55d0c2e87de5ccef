"""Saved views of a list: the menu that opens one, keeping the filters that stand, and forgetting."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import MemberRequest
from activity.errors import DomainError
from activity.http import answer, refuse
from activity.services.acts import one_act
from backlog.forms import SavedViewForm, kinds_of
from backlog.selectors.filters import ItemFilters, Need, read_filters
from backlog.selectors.layouts import layout_of
from backlog.selectors.paging import level_of
from backlog.selectors.saved_views import get_own_view, list_saved_views
from backlog.services.saved_views import remove_view, save_view
from backlog.views.places import Place, readable_place, undo_path

PAGE = "backlog/view_list.html"


@require_GET
def view_list(request: MemberRequest, team: str = "", train: str = "") -> HttpResponse:
    """The views that the reader may open, as a menu beside the list, or without script as a page. The query is that of the list."""
    place = readable_place(request, team=team, train=train)
    return answer(request, PAGE, "menu", **_listed(request, place, _filters(request, place)))


@require_http_methods(["GET", "POST"])
def view_new(request: MemberRequest, team: str = "", train: str = "") -> HttpResponse:
    """A dialog that keeps the filters of the query under a name."""
    place = readable_place(request, team=team, train=train)
    filters = _filters(request, place)
    form = SavedViewForm(request.POST or None, initial={"with_columns": bool(filters.cols)})
    if form.is_valid():
        try:
            with one_act() as act:
                view = save_view(home=place.home, query=_kept(request, place, filters, form).query(), by=request.user, **_named(form))
        except DomainError as error:
            refuse(form, error)
        else:
            text = f"“{view.name}” is kept{' and shared' if view.is_shared else ''}."
            if not request.htmx:
                messages.success(request, text)
                return redirect(place.path("list") + filters.query())
            return answer(request, f"{PAGE}#done", text=text, undo_url=undo_path(request, act.id))
    return answer(
        request,
        "backlog/view_new.html",
        "dialog",
        home=place.home,
        form=form,
        narrowed=filters,
        new_url=place.url("view-new") + filters.query(),
        list_url=place.path("list") + filters.query(),
    )


def _kept(request: MemberRequest, place: Place, filters: ItemFilters, form: SavedViewForm) -> ItemFilters:
    """The filters with the columns that the person sees now, or without, as the form says."""
    if not form.cleaned_data["with_columns"]:
        return replace(filters, cols=())
    layout = layout_of(organization=request.organization, level=level_of(place.home), reader=request.user)
    return replace(filters, cols=filters.over(layout).columns)


def _named(form: SavedViewForm) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in ("name", "is_shared")}


@require_POST
def view_remove(request: MemberRequest, ref: str, team: str = "", train: str = "") -> HttpResponse:
    """Forget one of the reader's own views."""
    place = readable_place(request, team=team, train=train)
    view = get_own_view(home=place.home, ref=ref, owner=request.user)
    with one_act() as act:
        remove_view(view=view, by=request.user)
    text = f"“{view.name}” is forgotten."
    if not request.htmx:
        messages.success(request, text)
        return redirect(place.url("view-list"))
    told = answer(request, f"{PAGE}#done", text=text, undo_url=undo_path(request, act.id))
    told.content += answer(request, f"{PAGE}#menu", **_listed(request, place, ItemFilters())).content
    return told


def _filters(request: MemberRequest, place: Place) -> ItemFilters:
    return read_filters(request.GET, kinds=kinds_of(place.home))


def _listed(request: MemberRequest, place: Place, filters: ItemFilters) -> dict[str, Any]:
    list_url, here = place.path("list"), filters.query()
    kept = [
        {
            "name": view.name,
            "url": list_url + view.query,
            "is_here": view.query == here,
            "by": "" if view.owner_id == request.user.pk else view.owner.name or view.owner.email,
            "is_shared": view.is_shared,
            "remove_url": place.url("view-remove", ref=view.ref) if view.owner_id == request.user.pk else "",
        }
        for view in list_saved_views(home=place.home, reader=request.user)
    ]
    usual = [{"name": need.label, "url": f"{list_url}?needs={need}", "is_here": here == f"?needs={need}"} for need in Need]
    return {
        "home": place.home,
        "list_url": list_url,
        "is_all": not filters,
        "kept": kept,
        "usual": usual,
        "new_url": place.url("view-new") + here,
    }
