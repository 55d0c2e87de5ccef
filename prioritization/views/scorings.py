"""Value scorings: open one, score alone, reveal, decide."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRefresh

from accounts.http import MemberRequest
from accounts.models import ReleaseTrain, Team
from accounts.roles import Verb
from activity.errors import DomainError
from activity.http import answer, once
from activity.services.acts import one_act
from backlog.kinds import KINDS, Kind
from backlog.views.places import Place, key_base, readable_place, undo_path
from prioritization.models import ScoringEntry, ValueScoring
from prioritization.permissions import readable_scoring
from prioritization.selectors.scorings import (
    get_board,
    list_possible_scorers,
    list_scorable_factors,
    list_scorable_items,
    list_scorings,
)
from prioritization.services.scorings import decide, drop_scoring, give_scores, open_scoring, reveal_scores

LIST, PAGE = "prioritization/scoring_list.html", "prioritization/scoring_detail.html"


@require_http_methods(["GET", "POST"])
def scoring_list(request: MemberRequest, team: str = "", train: str = "") -> HttpResponse:
    """The backlog's scorings, and for whoever decides the order the form that opens one."""
    is_opening = request.method == "POST"
    place = readable_place(request, team=team, train=train, verb=Verb.ORDER if is_opening else None)
    error: DomainError | None = None
    if is_opening:
        try:
            opened, _ = once(request, lambda: {"number": _open(request, place.home).number})
            return redirect(_path(place, "detail", number=opened["number"]))
        except DomainError as refusal:
            error = refusal
    return _show_list(request, place, error)


def _open(request: MemberRequest, home: Team | ReleaseTrain) -> ValueScoring:
    keys = request.POST.getlist("items")
    items = [item for item in list_scorable_items(home) if item.key in keys]
    emails = request.POST.getlist("people")
    people = [person for person in list_possible_scorers(home) if person.email in emails]
    return open_scoring(home=home, items=items, factors=request.POST.getlist("factors"), people=people, by=request.user)


def _show_list(request: MemberRequest, place: Place, error: DomainError | None) -> HttpResponse:
    may_open = request.access.may(Verb.ORDER, place.home)
    items = list_scorable_items(place.home) if may_open else []
    context: dict[str, Any] = {
        "home": place.home,
        "scorings": [(scoring, _path(place, "detail", number=scoring.number)) for scoring in list_scorings(place.home)],
        "may_open": may_open,
        "items": [(item, KINDS[Kind(item.kind)].icon) for item in items],
        "factors": list_scorable_factors(items),
        "people": list_possible_scorers(place.home) if may_open else [],
        "chosen": {name: request.POST.getlist(name) for name in ("items", "factors", "people")} if error else None,
        "error": error,
        "list_url": _path(place, "list"),
        "backlog_url": place.path("list"),
    }
    return answer(request, LIST, status=error.status if error else None, **context)


@require_GET
def scoring_detail(request: MemberRequest, number: int, team: str = "", train: str = "") -> HttpResponse:
    """The scoring as this person may see it."""
    place, scoring = _found(request, team, train, number)
    return _show(request, place, scoring)


@require_GET
def scoring_progress(request: MemberRequest, number: int, team: str = "", train: str = "") -> HttpResponse:
    """Who has scored, as a fragment; a page that shows another state of the scoring is told to load itself again."""
    place, scoring = _found(request, team, train, number)
    if request.GET.get("state") != scoring.state:
        return HttpResponseClientRefresh()
    return _show(request, place, scoring, partial="progress")


@require_POST
def scoring_give(request: MemberRequest, number: int, key: str, team: str = "", train: str = "") -> HttpResponse:
    """Store the person's scores of one item."""
    place, scoring = _found(request, team, train, number)
    entry = _entry(scoring, key)
    given = {name: request.POST[name].replace(",", ".") or None for name in scoring.factors if name in request.POST}
    try:
        give_scores(entry=entry, values=given, by=request.user)
    except DomainError as error:
        if not request.htmx:
            raise
        return answer(request, f"{PAGE}#saved", status=error.status, key=key, refusal=error.message)
    if not request.htmx:
        return redirect(_path(place, "detail", number=number))
    return answer(request, f"{PAGE}#saved", key=key, board=get_board(scoring=scoring, access=request.access), oob=True)


@require_POST
def scoring_reveal(request: MemberRequest, number: int, team: str = "", train: str = "") -> HttpResponse:
    """Let everybody see the values."""
    place, scoring = _found(request, team, train, number, verb=Verb.ORDER)
    return _act(request, place, scoring, lambda: reveal_scores(scoring=scoring, by=request.user))


@require_POST
def scoring_drop(request: MemberRequest, number: int, team: str = "", train: str = "") -> HttpResponse:
    """End it without a reveal."""
    place, scoring = _found(request, team, train, number, verb=Verb.ORDER)
    return _act(request, place, scoring, lambda: drop_scoring(scoring=scoring, by=request.user))


@require_POST
def scoring_decide(request: MemberRequest, number: int, key: str, team: str = "", train: str = "") -> HttpResponse:
    """Take values as the item's scores."""
    place, scoring = _found(request, team, train, number, verb=Verb.ORDER)
    entry = _entry(scoring, key)
    values = {name: request.POST[name].strip().replace(",", ".") or None for name in scoring.factors if name in request.POST}
    return _act(request, place, scoring, lambda: decide(entry=entry, values=values, by=request.user), said=f"{key} has its scores.", at=key)


def _act(
    request: MemberRequest, place: Place, scoring: ValueScoring, act: Callable[[], object], *, said: str = "", at: str = ""
) -> HttpResponse:
    """Do it and show the scoring; a refusal stands on top, or at the item it is about."""
    try:
        with one_act() as done:
            act()
    except DomainError as error:
        return _show(request, place, scoring, error=error, error_key=at)
    if not request.htmx:
        if said:
            messages.success(request, said)
        return redirect(_path(place, "detail", number=scoring.number))
    return _show(request, place, scoring, said=said, undo_url=undo_path(request, done.id) if said else "")


def _show(
    request: MemberRequest, place: Place, scoring: ValueScoring, *, partial: str = "scoring", error: DomainError | None = None, **more: Any
) -> HttpResponse:
    board = get_board(scoring=scoring, access=request.access)
    context: dict[str, Any] = {
        "home": place.home,
        "board": board,
        "scoring": scoring,
        "may_order": request.access.may(Verb.ORDER, place.home),
        "error": error,
        "base": key_base(request),
        "list_url": _path(place, "list"),
        "detail_url": _path(place, "detail", number=scoring.number),
        **more,
    }
    return answer(request, PAGE, partial, status=error.status if error else None, **context)


def _found(request: MemberRequest, team: str, train: str, number: int, verb: Verb | None = None) -> tuple[Place, ValueScoring]:
    place = readable_place(request, team=team, train=train)
    return place, readable_scoring(access=request.access, home=place.home, number=number, verb=verb)


def _entry(scoring: ValueScoring, key: str) -> ScoringEntry:
    found = ScoringEntry.objects.for_organization(scoring.organization_id).select_related("scoring", "item")
    entry = found.filter(scoring=scoring, item__key=key).first()
    if entry is None:
        raise Http404("No such item in this scoring.")
    return entry


def _path(place: Place, name: str, **more: Any) -> str:
    if isinstance(place.home, Team):
        return reverse(f"prioritization:scoring-{name}", kwargs={"organization": place.organization, "team": place.home.slug, **more})
    return reverse(f"prioritization:train-scoring-{name}", kwargs={"organization": place.organization, "train": place.home.slug, **more})
