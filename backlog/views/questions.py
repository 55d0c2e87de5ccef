"""Questions of an item: a fragment of its page, and a page of their own. Each act answers with all of them."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.http import MemberRequest
from accounts.roles import Verb
from activity.errors import DomainError, NotAllowedError
from activity.http import answer, once
from activity.services.acts import one_act
from backlog.forms import read_question
from backlog.models import Item, Question
from backlog.permissions import may_answer, may_change_question, readable_item
from backlog.selectors.filters import BadFilterError
from backlog.selectors.questions import get_question, list_possible_owners, list_questions
from backlog.services.items import StaleVersionError
from backlog.services.questions import answer_question, ask_question, edit_question, remove_question, reopen_question
from backlog.views.places import item_path, place_of, undo_path

PAGE = "backlog/item_questions.html"
NOT_YOURS = "Your role here does not allow this. Ask the person who asked, or the product owner."


@require_GET
def item_questions(request: MemberRequest, key: str) -> HttpResponse:
    """The questions; `?ask=1` opens the form for a new one, `?answer=` and `?edit=` (numbers) those of one that is there."""
    item = readable_item(access=request.access, key=key)
    given = request.GET.dict()
    if len(given) > 1 or not given.keys() <= {"ask", "answer", "edit"} or not all(_is_number(value) for value in given.values()):
        raise BadFilterError("This part of the page does not exist.")
    part, number = next(iter(given.items()), ("", "0"))
    if part == "ask":
        request.access.require(Verb.COMMENT, item.team or item.train)
    elif part:
        _require(may_answer if part == "answer" else may_change_question, request, get_question(item=item, number=int(number)))
    return show_questions(request, item, part=part, number=int(number))


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= 6


def _require(may: Callable[[Any, Question], bool], request: MemberRequest, question: Question) -> None:
    if not may(request.access, question):
        raise NotAllowedError(NOT_YOURS)


def show_questions(
    request: MemberRequest, item: Item, *, part: str = "", number: int = 0, error: DomainError | None = None, **more: Any
) -> HttpResponse:
    """All questions; `part` (ask, answer, edit) of question `number` stands open, with what was typed where an `error` refused it."""
    place = place_of(request, item)
    questions = list_questions(item)
    rows = []
    for question in questions:
        question.item = item
        rows.append(
            {
                "question": question,
                "may_answer": may_answer(request.access, question),
                "may_change": may_change_question(request.access, question),
                "open_part": part if question.number == number else "",
            }
        )
    context = {
        "item": item,
        "item_url": item_path(request, item.key),
        "list_url": place.path("list"),
        "home": place.home,
        "rows": rows,
        "open_count": sum(question.is_open for question in questions),
        "may_ask": request.access.may(Verb.COMMENT, place.home),
        "part": part,
        "owners": list_possible_owners(item) if part in ("ask", "edit") else (),
        "today": timezone.localdate(),
        "typed": request.POST.dict() if error else {},
        "error": error,
        "is_stale": isinstance(error, StaleVersionError),
        **more,
    }
    return answer(request, PAGE, "panel", status=error.status if error else None, **context)


def _act(
    request: MemberRequest, item: Item, change: Callable[[], object], *, part: str, number: int = 0, then: str = "", said: str = ""
) -> HttpResponse:
    """Do it and show the questions, with the part `then` open; a refusal shows `part` as it was typed."""
    try:
        with one_act() as done:
            change()
    except DomainError as error:
        return show_questions(request, readable_item(access=request.access, key=item.key), part=part, number=number, error=error)
    if not request.htmx:
        return redirect(item_path(request, item.key, "questions"))
    fresh = readable_item(access=request.access, key=item.key)
    return show_questions(request, fresh, part=then, said=said, undo_url=undo_path(request, done.id))


@require_POST
def question_ask(request: MemberRequest, key: str) -> HttpResponse:
    """Ask; the form stays open for the next."""
    item = readable_item(access=request.access, key=key, verb=Verb.COMMENT)

    def ask() -> dict[str, Any]:
        return {"number": ask_question(item=item, by=request.user, **read_question(item, request.POST)).number}

    return _act(request, item, lambda: once(request, ask), part="ask", said="Asked.")


@require_POST
def question_edit(request: MemberRequest, key: str, number: int) -> HttpResponse:
    """Change the words, who finds the answer, or until when."""
    item = readable_item(access=request.access, key=key)
    question = get_question(item=item, number=number)
    _require(may_change_question, request, question)

    def change() -> None:
        edit_question(question=question, changes=read_question(item, request.POST), was=request.POST.get("was_text"), by=request.user)

    return _act(request, item, change, part="edit", number=number)


@require_POST
def question_answer(request: MemberRequest, key: str, number: int) -> HttpResponse:
    """Answer it."""
    item = readable_item(access=request.access, key=key)
    question = get_question(item=item, number=number)
    _require(may_answer, request, question)
    text = request.POST.get("answer", "")
    return _act(
        request,
        item,
        lambda: answer_question(question=question, answer=text, by=request.user),
        part="answer",
        number=number,
        said="Answered.",
    )


@require_POST
def question_reopen(request: MemberRequest, key: str, number: int) -> HttpResponse:
    """Let it be open again; its answer stays in the history."""
    item = readable_item(access=request.access, key=key)
    question = get_question(item=item, number=number)
    _require(may_answer, request, question)
    return _act(request, item, lambda: reopen_question(question=question, by=request.user), part="", said="It is open again.")


@require_POST
def question_remove(request: MemberRequest, key: str, number: int) -> HttpResponse:
    """Take it away."""
    item = readable_item(access=request.access, key=key)
    question = get_question(item=item, number=number)
    _require(may_change_question, request, question)
    return _act(request, item, lambda: remove_question(question=question, by=request.user), part="", said="The question is gone.")
