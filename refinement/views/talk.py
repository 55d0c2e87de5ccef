"""The one form beside the stage of a running session, in which people write about an item of its agenda.

What they write shows on the stage, which each change of the item brings anew. The form stands beside it, in a part that nothing but its own
answers replaces: it outlives the votes of the others, and also the move to the next item.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django_htmx.http import HttpResponseClientRefresh

from accounts.http import MemberRequest
from activity.errors import DomainError
from activity.http import answer
from activity.services.acts import one_act
from backlog.models import Item, Question
from backlog.selectors.questions import list_possible_owners
from backlog.views.places import undo_path
from refinement.http import PAGE, board_context
from refinement.models import Session
from refinement.selectors.board import get_board


def act(
    request: MemberRequest,
    session: Session,
    item: Item,
    change: Callable[[], object],
    *,
    part: str,
    said: str,
    question: Question | None = None,
) -> HttpResponse:
    """Do it, put the form away and show the item as it stands; a refusal shows the form as it was typed."""
    try:
        with one_act() as done:
            change()
    except DomainError as error:
        return show(request, session, item, part=part, question=question, error=error)
    if not request.htmx:
        return redirect("refinement:session-detail", organization=request.organization.slug, number=session.number)
    return show(request, session, item, left=part, said=said, undo_url=undo_path(request, done.id))


def show(
    request: MemberRequest,
    session: Session,
    item: Item,
    *,
    part: str = "",
    left: str = "",
    question: Question | None = None,
    error: DomainError | None = None,
    **more: Any,
) -> HttpResponse:
    """The form that `part` names (ask, answer or criterion), with what was typed where an `error` refused it.

    Without one no form stands there, and the item is shown as it is now; the cursor returns to what opened the form `left`.
    """
    request.place = session.team
    is_fragment = bool(request.htmx)
    if session.state != Session.State.LIVE and not (is_fragment and part):  # it ended while somebody wrote
        if error is not None:
            raise error
        if is_fragment:
            return HttpResponseClientRefresh()
        return redirect("refinement:session-detail", organization=request.organization.slug, number=session.number)
    board = None if is_fragment and part else get_board(session=session, access=request.access)
    return answer(
        request,
        PAGE,
        "talk" if part else "put_away",
        status=error.status if error else None,
        part=part,
        left=left,
        about=item,
        asked=question,
        owners=list_possible_owners(item) if part == "ask" else (),
        typed=request.POST.dict() if error else {},
        error=error,
        **board_context(session, board),
        **more,
    )
