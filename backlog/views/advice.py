"""Advice on a story: a quiet panel of its page, by its own address."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from accounts.http import MemberRequest
from accounts.permissions import readable_team
from accounts.roles import Verb
from activity.errors import DomainError
from activity.http import answer
from activity.services.acts import one_act
from backlog.models import Item
from backlog.permissions import readable_item
from backlog.selectors.advice import AdviceRate, list_advice, list_rates, muted_criteria
from backlog.services.advice import dismiss_advice
from backlog.views.places import item_path, place_of, readable_place, undo_path

PAGE = "backlog/item_advice.html"


@require_GET
def item_advice(request: MemberRequest, key: str) -> HttpResponse:
    """What could be clearer in the story; a fragment of the item's page, and a page of its own."""
    return _show(request, readable_item(access=request.access, key=key))


@require_POST
def advice_dismiss(request: MemberRequest, key: str) -> HttpResponse:
    """Set the advice by one criterion aside while the story reads as it does."""
    item = readable_item(access=request.access, key=key, verb=Verb.EDIT)
    try:
        with one_act() as done:
            dismiss_advice(item=item, criterion=request.POST.get("criterion", ""), digest=request.POST.get("digest", ""), by=request.user)
    except DomainError as error:
        return _show(request, item, error=error)
    if not request.htmx:
        return redirect(item_path(request, item.key, "advice"))
    return _show(request, item, said="Set aside while the story reads like this.", undo_url=undo_path(request, done.id))


def _show(request: MemberRequest, item: Item, *, error: DomainError | None = None, **more: Any) -> HttpResponse:
    place = place_of(request, item)
    advice = list_advice(item)
    muted = muted_criteria(item.team) if advice else frozenset()
    context = {
        "item": item,
        "home": place.home,
        "list_url": place.path("list"),
        "item_url": item_path(request, item.key),
        "advice": [one for one in advice if one.criterion not in muted],
        "muted": [one for one in advice if one.criterion in muted],
        "may_edit": request.access.may(Verb.EDIT, item.team or item.train),
        "error": error,
        **more,
    }
    return answer(request, PAGE, "advice", status=error.status if error else None, **context)


@require_GET
def advice_rate(request: MemberRequest, team: str) -> HttpResponse:
    """How much of the advice on a team's stories is set aside: in a sentence beside a story, by criterion as a page."""
    home = readable_team(access=request.access, team=team)
    stories, rates = list_rates(home)
    total = AdviceRate(stories, sum(rate.given for rate in rates), sum(rate.dismissed for rate in rates))
    place = readable_place(request, team=team)
    return answer(request, "backlog/advice_rate.html", "rate", home=home, rate=total, rates=rates, list_url=place.path("list"))
