"""The sandbox: changes that nobody made, what they would do to the order, and making them real or dropping them."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.converters import KeyConverter
from accounts.http import MemberRequest
from accounts.models import Team
from activity.errors import DomainError, InvalidError
from activity.http import answer
from activity.services.acts import one_act
from backlog.models import Item
from backlog.permissions import visible_items
from backlog.selectors.items import find_by_words
from backlog.views.places import Place, key_base, readable_place, undo_path
from prioritization.changes import Change, read_changes
from prioritization.forms import read_item_changes, read_rule_changes
from prioritization.models import WhatIf
from prioritization.selectors.outcomes import MOST_KEPT, WINDOW, Outcome, work_out
from prioritization.selectors.rows import TooManyError
from prioritization.selectors.tried import Tried
from prioritization.selectors.tried_rules import rule_knobs, rules_open
from prioritization.selectors.what_ifs import Knobs, find_what_if, knobs_of, look_at
from prioritization.services.what_ifs import (
    IN_REQUEST,
    apply_what_if,
    drop_what_if,
    start_again_from_today,
    take_out,
    try_changes,
    work_out_later,
)
from prioritization.slopes import draw_slope
from prioritization.views.balance import balance_path

PAGE = "prioritization/what_if.html"
SHOWN_MOVERS = 40


@require_GET
def what_if(request: MemberRequest, team: str = "", train: str = "") -> HttpResponse:
    """The draft with its outcome; `?find=` looks for an item to change, `?item=` opens one, `?rule=` goals or how a kind is scored."""
    place = readable_place(request, team=team, train=train)
    item = _find_item(request, request.GET["item"]) if request.GET.get("item") else None
    words = request.GET.get("find", "")
    matches = find_by_words(access=request.access, words=words, ranked=True) if words else []
    if len(matches) == 1 or (matches and matches[0].key == words.strip().upper()):
        item, matches = matches[0], []
    return _show(request, place, item=item, rule=request.GET.get("rule", ""), words=words, matches=matches)


@require_POST
def change(request: MemberRequest, team: str = "", train: str = "") -> HttpResponse:
    """Try other numbers of one item, or it without something it waits for; or with `rule` other goals' weights, another model or weights."""
    place = readable_place(request, team=team, train=train)
    if request.POST.get("rule"):
        return _change_rule(request, place, request.POST["rule"])
    item = _find_item(request, request.POST.get("item", ""))
    if item is None:
        return _show(request, place, error=InvalidError("There is no open item of that key."))
    draft = find_what_if(home=place.home, person=request.user)
    knobs = knobs_of(item, read_changes(draft.changes) if draft else [], access=request.access)
    changes, typed = read_item_changes(knobs, request.POST)
    return _act(
        request,
        place,
        lambda: try_changes(home=place.home, changes=changes, by=request.user, access=request.access),
        item=item,
        typed=typed,
    )


def _change_rule(request: MemberRequest, place: Place, rule: str) -> HttpResponse:
    draft = find_what_if(home=place.home, person=request.user)
    knobs = rule_knobs(place.home, rule, read_changes(draft.changes) if draft else [])
    if knobs is None:
        return _show(request, place, error=InvalidError("This backlog has nothing of that name to try."))
    changes, typed = read_rule_changes(place.home, knobs, request.POST)
    return _act(
        request,
        place,
        lambda: try_changes(home=place.home, changes=changes, by=request.user, access=request.access),
        rule=rule,
        typed=typed,
    )


@require_POST
def leave_out(request: MemberRequest, team: str = "", train: str = "") -> HttpResponse:
    """Take one change out of the draft."""
    place = readable_place(request, team=team, train=train)
    number = request.POST.get("number", "")
    return _act(request, place, lambda: take_out(home=place.home, number=int(number) if number.isdecimal() else 0, by=request.user))


@require_POST
def renew(request: MemberRequest, team: str = "", train: str = "") -> HttpResponse:
    """Take today's values as what the changes start from."""
    place = readable_place(request, team=team, train=train)
    return _act(request, place, lambda: start_again_from_today(home=place.home, by=request.user, access=request.access))


@require_POST
def drop(request: MemberRequest, team: str = "", train: str = "") -> HttpResponse:
    """Forget the draft."""
    place = readable_place(request, team=team, train=train)
    return _act(request, place, lambda: drop_what_if(home=place.home, by=request.user))


@require_POST
def apply(request: MemberRequest, team: str = "", train: str = "") -> HttpResponse:
    """Make the changes real, as one act that can be undone."""
    place = readable_place(request, team=team, train=train)
    return _act(
        request,
        place,
        lambda: apply_what_if(home=place.home, by=request.user, access=request.access),
        said="The changes are in the backlog now.",
    )


def _act(
    request: MemberRequest,
    place: Place,
    act: Callable[[], object],
    *,
    item: Item | None = None,
    rule: str = "",
    typed: dict[str, str] | None = None,
    said: str = "",
) -> HttpResponse:
    """Do it and show the sandbox; a refusal stands beside what was typed."""
    try:
        with one_act() as done:
            act()
    except DomainError as error:
        return _show(request, place, item=item, rule=rule, typed=typed, error=error)
    if not request.htmx:
        if said:
            messages.success(request, said)
        return redirect(_path(place))
    return _show(request, place, rule=rule, said=said, undo_url=undo_path(request, done.id) if said else "")


def _show(
    request: MemberRequest,
    place: Place,
    *,
    item: Item | None = None,
    rule: str = "",
    typed: dict[str, str] | None = None,
    error: DomainError | None = None,
    **more: Any,
) -> HttpResponse:
    draft = find_what_if(home=place.home, person=request.user)
    changes = read_changes(draft.changes) if draft else []
    tried = look_at(changes, home=place.home, access=request.access)
    outcome, is_waiting = _outcome(draft, place, tried)
    context: dict[str, Any] = {
        "home": place.home,
        "draft": draft,
        "tried": tried,
        "is_old": any(each.void or each.has_moved_on for each in tried),
        "outcome": outcome,
        "is_waiting": is_waiting,
        "knobs": _knobs(request, item, changes, typed, error),
        "rule": rule_knobs(place.home, rule, changes, typed=typed, error=_wrong(error)) if rule else None,
        "rules": rules_open(place.home),
        "error": error,
        "base": key_base(request),
        "list_url": place.path("list"),
        "balance_url": balance_path(place),
        "what_if_url": _path(place),
        "urls": {name: _path(place, name) for name in ("change", "out", "renew", "drop", "apply")},
        **_drawn(outcome),
        **more,
    }
    return answer(request, PAGE, "sandbox", status=error.status if error else None, **context)


def _knobs(
    request: MemberRequest, item: Item | None, changes: list[Change], typed: dict[str, str] | None, error: DomainError | None
) -> Knobs | None:
    if item is None:
        return None
    return knobs_of(item, changes, access=request.access, typed=typed, error=_wrong(error))


def _wrong(error: DomainError | None) -> tuple[str, str]:
    """The field that was refused, and why."""
    return (error.field or "", error.message) if error else ("", "")


def _outcome(draft: WhatIf | None, place: Place, tried: list[Tried]) -> tuple[Outcome | None, bool]:
    """The outcome, and whether it is still being worked out."""
    if draft is None:
        return None, False
    try:
        return work_out(home=place.home, tried=tried, at_most=IN_REQUEST), False
    except TooManyError:
        if draft.outcome is not None and draft.outcome_revision == draft.revision:
            return Outcome.read(draft.outcome), False
        work_out_later(draft=draft)
        return None, True


def _drawn(outcome: Outcome | None) -> Mapping[str, Any]:
    """The outcome in words and as a drawing."""
    if outcome is None:
        return {}
    swapped = (1 - outcome.tau) / 2 * 100
    dearer = (outcome.cost_ratio - 1) * 100
    return {
        "slope": draw_slope(outcome.window, start=outcome.start, rows=WINDOW, cut_before=outcome.cut_before, cut_after=outcome.cut_after),
        "movers": outcome.movers[:SHOWN_MOVERS],
        "more_movers": outcome.moving - min(len(outcome.movers), SHOWN_MOVERS),
        "swapped": f"{swapped:.1f}" if swapped >= 0.1 else "less than 0.1" if swapped else "0",
        "stay": round(outcome.overlap * min(20, outcome.total)),
        "first": min(20, outcome.total),
        "dearer": f"{dearer:+.1f}".replace("-", "\N{MINUS SIGN}") if abs(dearer) >= 0.05 else "0",
        "share_price": None if outcome.share_price is None else f"{100 * outcome.share_price:+.1f}",
        "is_capped": outcome.moving > MOST_KEPT,
    }


def _find_item(request: MemberRequest, key: str) -> Item | None:
    if not re.fullmatch(KeyConverter.regex, key.strip().upper()):
        return None
    return visible_items(request.access).ranked().select_related("team__train", "train").filter(key=key.strip().upper()).first()


def _path(place: Place, name: str = "") -> str:
    end = f"what-if-{name}" if name else "what-if"
    if isinstance(place.home, Team):
        return reverse(f"prioritization:{end}", kwargs={"organization": place.organization, "team": place.home.slug})
    return reverse(f"prioritization:train-{end}", kwargs={"organization": place.organization, "train": place.home.slug})
