"""Acceptance criteria that the team finds while it talks about an item."""

from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_GET, require_POST

from accounts.http import MemberRequest
from accounts.roles import Verb
from activity.http import once
from backlog.selectors.filters import BadFilterError
from backlog.services.criteria import add_criterion
from refinement.permissions import discussed_item
from refinement.views import talk


@require_GET
def session_criteria(request: MemberRequest, number: int, key: str) -> HttpResponse:
    """The form to add one (`?add=1`); without it the form is put away."""
    session, item = discussed_item(access=request.access, session=number, key=key)
    given = request.GET.dict()
    if given not in ({}, {"add": "1"}):
        raise BadFilterError("This part of the page does not exist.")
    if not given:
        return talk.show(request, session, item, left="criterion")
    request.access.require(Verb.EDIT, item.team or item.train)
    return talk.show(request, session, item, part="criterion")


@require_POST
def session_criterion_add(request: MemberRequest, number: int, key: str) -> HttpResponse:
    """Append a criterion to an item of the agenda."""
    session, item = discussed_item(access=request.access, session=number, key=key, verb=Verb.EDIT)

    def add() -> dict[str, Any]:
        text, form = request.POST.get("text", ""), request.POST.get("form", "plain")
        return {"number": add_criterion(item=item, text=text, form=form, by=request.user).number}

    return talk.act(request, session, item, lambda: once(request, add), part="criterion", said="Added.")
