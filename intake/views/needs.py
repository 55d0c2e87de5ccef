"""Who asked for an item, and asking them whether they still need it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from accounts.http import MemberRequest
from accounts.roles import Verb
from activity.errors import DomainError
from activity.http import answer
from activity.services.acts import one_act
from backlog.models import Item
from backlog.permissions import readable_item
from backlog.views.places import item_path, place_of, undo_path
from intake.selectors import list_requesters
from intake.services.needs import ask_requesters

PAGE = "intake/item_requesters.html"


@require_GET
def item_requesters(request: MemberRequest, key: str) -> HttpResponse:
    """The requests that the item answers, with what was asked and said: a fragment, or a page of its own."""
    return _show(request, readable_item(access=request.access, key=key))


@require_POST
def requesters_ask(request: MemberRequest, key: str) -> HttpResponse:
    """Ask all of them on their status pages."""
    item = readable_item(access=request.access, key=key, verb=Verb.ORDER)
    try:
        with one_act() as act:
            people = ask_requesters(item=item, by=request.user)
    except DomainError as error:
        return _show(request, item, error=error)
    said = f"{people} {'person is' if people == 1 else 'people are'} asked on their status page."
    if not request.htmx:
        messages.success(request, said)
        return redirect("intake:item-requesters", organization=request.organization.slug, key=key)
    return _show(request, item, said=said, undo_url=undo_path(request, act.id))


def _show(request: MemberRequest, item: Item, *, error: DomainError | None = None, **more: str) -> HttpResponse:
    place = place_of(request, item).home
    rows = list_requesters(item)
    return answer(
        request,
        PAGE,
        "requesters",
        status=error.status if error else None,
        item=item,
        rows=[{"request": asked, "question": question} for asked, question in rows],
        may_name=request.access.may(Verb.TRIAGE, place),
        may_ask=item.is_ranked and request.access.may(Verb.ORDER, place) and any(not question or question.answer for _, question in rows),
        item_url=item_path(request, item.key),
        error=error,
        said=more.get("said", ""),
        undo_url=more.get("undo_url", ""),
    )
