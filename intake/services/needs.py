"""Asking those who asked for an item whether they still need it, and their answers; and giving them to another item in a merge."""

from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import User
from activity.errors import ConflictError, GoneError, InvalidError
from activity.models import Event
from activity.services.acts import one_act, touch_topic
from activity.services.events import record
from activity.services.undo import register_inverse
from backlog.models import Item
from backlog.models.item import Status
from backlog.permissions import may_order_subject
from backlog.services.cleaning import clean_text
from backlog.services.items import list_topic
from backlog.services.needs import note_need
from intake.models import NeedQuestion, Request
from intake.services.requests import inbox_topic

MAX_WORDS = 1000


@one_act()
def ask_requesters(*, item: Item, by: User | None) -> int:
    """Ask everybody whose request the item answers, on their status page; return how many were asked.

    ConflictError where the item is closed, or nobody is left who was not asked already.
    """
    if item.status in (Status.DONE, Status.REMOVED):
        raise ConflictError(f"{item.key} is closed. Nobody was asked.")
    asked = NeedQuestion.objects.for_organization(item.organization_id).filter(request=OuterRef("pk"), answer="")
    requests = list(Request.objects.for_organization(item.organization_id).filter(~Exists(asked), item=item).order_by("id"))
    made = NeedQuestion.objects.bulk_create(
        [NeedQuestion(organization_id=item.organization_id, request=request, asked_by=by) for request in requests],
        ignore_conflicts=True,  # somebody else asked in the same moment
    )
    if not made:
        raise ConflictError("Nobody is left to ask: those who want it were asked already, or nobody does.")
    for request in requests:
        record(subject=request, verb="request.need_asked", by=by, after={"number": request.number})
    touch_topic(organization_id=item.organization_id, key=list_topic(item))
    return len(requests)


@one_act()
def withdraw_question(*, request: Request, by: User | None, cause: str = "") -> bool:
    """Ask no longer; False where the person has answered already."""
    gone, _ = NeedQuestion.objects.for_organization(request.organization_id).filter(request=request, answer="").delete()
    if gone:
        record(subject=request, verb="request.need_withdrawn", by=by, before={"number": request.number}, cause=cause)
    return bool(gone)


@one_act()
def answer_need(*, request: Request, answer: str, words: str = "") -> NeedQuestion:
    """Keep what the person said, once. GoneError where they are not asked (any more), InvalidError where it cannot be kept."""
    words = clean_text(words.strip(), field="words")
    if len(words) > MAX_WORDS:
        raise InvalidError(f"Use at most {MAX_WORDS:,} characters.", field="words")
    if answer not in NeedQuestion.Answer.values:
        raise InvalidError("Say yes or no.", field="answer")
    questions = NeedQuestion.objects.for_organization(request.organization_id).filter(request=request)
    question = questions.select_for_update(no_key=True).order_by("-id").first()
    item = request.item
    if question is None or item is None:
        raise GoneError("The team does not ask this any more. Nothing was sent.")
    if question.answer:
        raise GoneError(f"You answered this on {question.answered_at:%-d %B %Y}. Nothing was sent again.")
    if item.status in (Status.DONE, Status.REMOVED):
        raise GoneError("The team has closed this meanwhile. Nothing was sent.")
    question.answer, question.words, question.answered_at = answer, words, timezone.now()
    question.save(update_fields=["answer", "words", "answered_at"])
    record(subject=request, verb="request.need_answered", by=None, after={"number": request.number, "answer": answer, "words": words})
    note_need(item=item, is_needed=answer == NeedQuestion.Answer.YES, words=words, cause=f"request {request.number}")
    touch_topic(organization_id=request.organization_id, key=inbox_topic(request.form.team))
    return question


def count_requesters(organization_id: int, item_ids: Any) -> dict[int, int]:
    """How many requests each of the items answers."""
    found: dict[int, int] = {}
    for item in Request.objects.for_organization(organization_id).filter(item__in=list(item_ids)).values_list("item", flat=True):
        if item is not None:
            found[item] = found.get(item, 0) + 1
    return found


def move_requests(*, source: Item, target: Item, by: User | None, cause: str) -> None:
    """Let the requests that one item answers be answered by another."""
    for request in Request.objects.for_organization(source.organization_id).filter(item=source).select_related("form__team").order_by("id"):
        give_request(request=request, item=target, by=by, cause=cause)


@one_act()
def give_request(*, request: Request, item: Item, by: User | None, cause: str = "") -> None:
    """Let another item answer an accepted request."""
    locked = Request.objects.for_organization(request.organization_id).select_related("item", "form__team")
    request = locked.select_for_update(of=("self",), no_key=True).get(pk=request.pk)
    before = request.item.key if request.item else ""
    request.item = item
    request.save(update_fields=["item"])
    record(subject=request, verb="request.moved", by=by, before={"item": before}, after={"item": item.key}, cause=cause)
    touch_topic(organization_id=request.organization_id, key=inbox_topic(request.form.team))


def _request_of(event: Event) -> Request:
    return Request.objects.for_organization(event.organization_id).select_related("form__team", "item").get(pk=event.subject_id)


def undo_move(*, event: Event, by: User, cause: str) -> list[str]:
    """Let the item answer the request that answered it before."""
    request = _request_of(event)
    if request.item is None or request.item.key != event.after["item"]:
        return [f"Request {request.number} was answered anew since."]
    item = Item.objects.for_organization(event.organization_id).get(key=event.before["item"])
    give_request(request=request, item=item, by=by, cause=cause)
    return []


def undo_asked(*, event: Event, by: User, cause: str) -> list[str]:
    """Ask no longer, where there is no answer yet."""
    request = _request_of(event)
    return [] if withdraw_question(request=request, by=by, cause=cause) else [f"Request {request.number} was answered since."]


def undo_withdrawn(*, event: Event, by: User, cause: str) -> list[str]:
    """Ask again."""
    request = _request_of(event)
    NeedQuestion.objects.bulk_create(
        [NeedQuestion(organization_id=request.organization_id, request=request, asked_by=by)], ignore_conflicts=True
    )
    record(subject=request, verb="request.need_asked", by=by, after={"number": request.number}, cause=cause)
    return []


def _may_decide(access: Any, event: Event) -> bool:
    item = _request_of(event).item
    return item is not None and may_order_subject(access, Event(organization_id=event.organization_id, subject_id=item.pk))


def register() -> None:
    """Called once, when the app is ready."""
    register_inverse("request.moved", undo_move, may=_may_decide)
    register_inverse("request.need_asked", undo_asked, may=_may_decide)
    register_inverse("request.need_withdrawn", undo_withdrawn, may=_may_decide)
