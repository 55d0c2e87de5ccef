"""Moves on the agenda, for who leads."""

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from accounts.http import MemberRequest
from accounts.roles import Verb
from activity.errors import UnknownReferenceError
from backlog.models import Item
from refinement.forms import EntryForm
from refinement.http import act, refusal_of
from refinement.permissions import leadable_entry, readable_session
from refinement.services.agenda import add_entry, go_to_entry, skip_entry


@require_POST
def entry_go(request: MemberRequest, number: int, key: str) -> HttpResponse:
    """Look at this item now."""
    entry = leadable_entry(access=request.access, session=number, key=key)
    return act(request, entry.session, lambda: go_to_entry(entry=entry, by=request.user))


@require_POST
def entry_skip(request: MemberRequest, number: int, key: str) -> HttpResponse:
    """Leave the item for later and go on."""
    entry = leadable_entry(access=request.access, session=number, key=key)
    return act(request, entry.session, lambda: skip_entry(entry=entry, by=request.user))


@require_POST
def entry_new(request: MemberRequest, number: int) -> HttpResponse:
    """Put an item of the team's backlog at the end of the agenda."""
    session = readable_session(access=request.access, number=number, verb=Verb.FACILITATE)

    def add() -> None:
        form = EntryForm(request.POST)
        if not form.is_valid():
            raise refusal_of(form)
        key = form.cleaned_data["key"]
        item = Item.objects.for_organization(request.organization).filter(team=session.team, key=key).first()
        if item is None:
            raise UnknownReferenceError(f"{key} is not open in this team's backlog.", field="key")
        add_entry(session=session, item=item, by=request.user)

    return act(request, session, add)
