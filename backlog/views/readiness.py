"""Readiness: the lines of one item, to tick or to waive; and the definition itself, a matrix of lines and kinds."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import MemberRequest
from accounts.roles import Verb
from activity.errors import DomainError, InvalidError, NotAllowedError
from activity.http import answer
from activity.services.acts import one_act
from backlog.forms import kinds_of
from backlog.kinds import KINDS, Kind
from backlog.models import Item
from backlog.numbers import short
from backlog.permissions import may_define_ready, readable_item
from backlog.readiness import CEILING, COMPUTED
from backlog.selectors.readiness import lines_asked, list_rules, readiness_of
from backlog.services.readiness import ask_line, define_line, drop_line, mark_ready
from backlog.views.places import Place, item_path, place_of, readable_place, undo_path

PANEL = "backlog/item_ready.html"
PAGE = "backlog/ready_definition.html"


@require_GET
def item_ready(request: MemberRequest, key: str) -> HttpResponse:
    """The lines of the item's definition: a fragment of its page, or a page of its own."""
    return _show(request, readable_item(access=request.access, key=key))


@require_POST
def item_ready_mark(request: MemberRequest, key: str, code: str) -> HttpResponse:
    """Tick a line, waive it with a reason, or take either back."""
    item = readable_item(access=request.access, key=key, verb=Verb.EDIT)
    state, reason = request.POST.get("state", ""), request.POST.get("reason", "")
    try:
        with one_act() as act:
            mark_ready(item=item, code=code, state=state, reason=reason, by=request.user)
    except DomainError as error:
        return _show(request, item, waiving=code if state == "waived" else "", reason=reason, error=error)
    if not request.htmx:
        return redirect(item_path(request, key, "ready"))
    return _show(request, readable_item(access=request.access, key=key), undo_url=undo_path(request, act.id))


def _show(request: MemberRequest, item: Item, *, error: DomainError | None = None, **more: Any) -> HttpResponse:
    place = place_of(request, item)
    lines = readiness_of(home=place.home, keys=[item.key]).get(item.key, ())
    waiving = more.pop("waiving", "") or request.GET.get("waive", "")
    return answer(
        request,
        PANEL,
        "panel",
        status=error.status if error else None,
        item=item,
        lines=lines,
        met=sum(line.is_met for line in lines),
        waived=sum(line.is_waived for line in lines),
        waiving=waiving,
        error=error,
        may_edit=request.access.may(Verb.EDIT, place.home),
        item_url=item_path(request, item.key),
        ready_url=item_path(request, item.key, "ready"),
        definition_url=place.url("ready-definition"),
        list_url=place.path("list"),
        **more,
    )


@require_http_methods(["GET", "POST"])
def ready_definition(request: MemberRequest, team: str = "", train: str = "") -> HttpResponse:
    """What is asked before an item is ready, by kind; a POST asks for a line or no longer."""
    place = readable_place(request, team=team, train=train)
    if request.method == "GET":
        return _define(request, place)
    if not may_define_ready(request.access, place.home):
        raise NotAllowedError("Your role here does not allow this. Ask a scrum master or the product owner.")
    try:
        with one_act() as act:
            said = _ACTS.get(request.POST.get("act", ""), _unknown)(request, place)
    except DomainError as error:
        return _define(request, place, error=error, typed=request.POST.get("text", ""))
    if not request.htmx:
        messages.success(request, said)
        return redirect(place.url("ready-definition"))
    return _define(request, place, said=said, undo_url=undo_path(request, act.id))


def _kind(request: MemberRequest, place: Place) -> str:
    kind = request.POST.get("kind", "")
    if kind and kind not in kinds_of(place.home):
        raise InvalidError("This list holds no such kind.", field="kind")
    return kind


def _ask(request: MemberRequest, place: Place) -> str:
    kind, is_asked = _kind(request, place), request.POST.get("asked") == "yes"
    if not kind:
        raise InvalidError("There is no such kind of item.", field="kind")
    ask_line(home=place.home, kind=kind, code=request.POST.get("code", ""), is_asked=is_asked, by=request.user)
    return f"{Kind(kind).label}: {'asked' if is_asked else 'no longer asked'}."


def _add(request: MemberRequest, place: Place) -> str:
    rule = define_line(
        organization=request.organization, home=place.home, kind=_kind(request, place), text=request.POST.get("text", ""), by=request.user
    )
    return f"“{rule.text}” is asked now."


def _drop(request: MemberRequest, place: Place) -> str:
    drop_line(home=place.home, code=request.POST.get("code", ""), by=request.user)
    return "The line is gone."


def _limit(request: MemberRequest, place: Place) -> str:
    value = request.POST.get("ceiling", "").replace(",", ".").strip()
    define_line(organization=request.organization, home=place.home, code="size", ceiling=value or None, by=request.user)
    return f"Ready up to {value or short(CEILING)} points."


def _unknown(request: MemberRequest, place: Place) -> str:
    raise Http404("No such act.")


_ACTS: dict[str, Callable[[MemberRequest, Place], str]] = {"ask": _ask, "add": _add, "drop": _drop, "limit": _limit}


def _define(request: MemberRequest, place: Place, *, error: DomainError | None = None, **more: Any) -> HttpResponse:
    kinds = kinds_of(place.home)
    rules = list_rules(place.home)
    matrix, ceiling = lines_asked(kinds, rules)
    return answer(
        request,
        PAGE,
        "definition",
        status=error.status if error else None,
        home=place.home,
        kinds=[(kind.value, kind.label, KINDS[kind].icon) for kind in kinds],
        matrix=[
            {
                "code": code,
                "label": COMPUTED.get(code) or text,
                "is_own": code not in COMPUTED and is_own,
                "cells": [(kind.value, kind.label, kind in asked) for kind in kinds],
            }
            for code, text, is_own, asked in matrix
        ],
        ceiling=f"{ceiling.normalize():f}" if ceiling else "",
        usual_ceiling=short(CEILING),
        may_define=may_define_ready(request.access, place.home),
        error=error,
        page_url=place.url("ready-definition"),
        list_url=place.path("list"),
        **more,
    )
