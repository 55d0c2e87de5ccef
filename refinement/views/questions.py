"""Questions about an item while the team talks about it."""

from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_GET, require_POST

from accounts.http import MemberRequest
from accounts.roles import Verb
from activity.errors import NotAllowedError
from activity.http import once
from backlog.forms import read_question
from backlog.models import Item, Question
from backlog.permissions import may_answer
from backlog.selectors.filters import BadFilterError
from backlog.selectors.questions import get_question
from backlog.services.questions import answer_question, ask_question
from refinement.permissions import discussed_item
from refinement.views import talk

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
        return talk.show(request, session, item, part="ask")
    if "answer" in given:
        return talk.show(request, session, item, part="answer", question=_answerable(request, item, int(given["answer"])))
    return talk.show(request, session, item, left="ask")


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

    return talk.act(request, session, item, lambda: once(request, ask), part="ask", said="Asked.")


@require_POST
def session_answer(request: MemberRequest, number: int, key: str, question: int) -> HttpResponse:
    """Answer a question about an item of the agenda."""
    session, item = discussed_item(access=request.access, session=number, key=key)
    asked = _answerable(request, item, question)

    def give() -> None:
        answer_question(question=asked, answer=request.POST.get("answer", ""), by=request.user)

    return talk.act(request, session, item, give, part="answer", question=asked, said="Answered.")
