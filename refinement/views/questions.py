"""Questions about an item while the team talks about it.

The list stands on the session's stage, which each change of the item brings anew. The form stands beside it, in a part that nothing but
its own answers replaces: what somebody writes outlives the votes of the others, and also the move to the next item.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRefresh

from accounts.http import MemberRequest
from accounts.roles import Verb
from activity.errors import DomainError, NotAllowedError
from activity.http import answer, once
from activity.services.acts import one_act
from backlog.forms import read_question
from backlog.models import Item, Question
from backlog.permissions import may_answer
from backlog.selectors.filters import BadFilterError
from backlog.selectors.questions import get_question, list_possible_owners
from backlog.services.questions import answer_question, ask_question
from backlog.views.places import undo_path
from refinement.http import PAGE, board_context
from refinement.models import Session
from refinement.permissions import discussed_item
from refinement.selectors.board import get_board

NOT_YOURS = "Your role here does not allow this. Ask the person who asked, or the product owner."


@require_GET
def session_questions(request: MemberRequest, number: int, key: str) -> HttpResponse:
    """The form to ask (`?ask=1`), or to answer the question of that number (`?answer=3`); without either the form is put away."""
    session, item = discussed_item(access=request.access, session=number, key=key)
    given = request.GET.dict()
    if len(given) > 1 or not given.keys() <= {"ask", "answer"} or not all(_is_number(value) for value in given.values()):
        raise BadFilterError("This part of the page does not exist.")
    if "ask" in given:
        request.access.require(Verb.COMMENT, item.team or item.train)
        return _show(request, session, item, part="ask")
    if "answer" in given:
        return _show(request, session, item, part="answer", question=_answerable(request, item, int(given["answer"])))
    return _show(request, session, item)


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= 6


def _answerable(request: MemberRequest, item: Item, number: int) -> Question:
    question = get_question(item=item, number=number)
    if not may_answer(request.access, question):
        raise NotAllowedError(NOT_YOURS)
    return question


@require_POST
def session_ask(request: MemberRequest, number: int, key: str) -> HttpResponse:
    """Ask about an item of the agenda."""
    session, item = discussed_item(access=request.access, session=number, key=key, verb=Verb.COMMENT)

    def ask() -> dict[str, Any]:
        return {"number": ask_question(item=item, by=request.user, **read_question(item, request.POST)).number}

    return _act(request, session, item, lambda: once(request, ask), part="ask", said="Asked.")


@require_POST
def session_answer(request: MemberRequest, number: int, key: str, question: int) -> HttpResponse:
    """Answer a question about an item of the agenda."""
    session, item = discussed_item(access=request.access, session=number, key=key)
    asked = _answerable(request, item, question)

    def give() -> None:
        answer_question(question=asked, answer=request.POST.get("answer", ""), by=request.user)

    return _act(request, session, item, give, part="answer", question=asked, said="Answered.")


def _act(
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
        return _show(request, session, item, part=part, question=question, error=error)
    if not request.htmx:
        return redirect("refinement:session-detail", organization=request.organization.slug, number=session.number)
    return _show(request, session, item, said=said, undo_url=undo_path(request, done.id))


def _show(
    request: MemberRequest,
    session: Session,
    item: Item,
    *,
    part: str = "",
    question: Question | None = None,
    error: DomainError | None = None,
    **more: Any,
) -> HttpResponse:
    """The form where `part` opens it, with what was typed where an `error` refused it. Else none, beside the item as it stands."""
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
        about=item,
        asked=question,
        owners=list_possible_owners(item) if part == "ask" else (),
        typed=request.POST.dict() if error else {},
        error=error,
        **board_context(session, board),
        **more,
    )
