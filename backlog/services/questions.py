"""The only writer of questions, and how each change of one is taken back. The item is locked, and tells its readers and its list."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Max
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Access
from accounts.selectors.people import people_who_see
from activity.errors import ConflictError, InvalidError, UnknownReferenceError
from activity.models import Event
from activity.services.acts import one_act
from activity.services.events import record
from activity.services.undo import register_inverse, standing
from backlog.models import Item, Question
from backlog.models.question import MAX_QUESTION
from backlog.permissions import may_answer, may_edit_subject, may_talk_subject
from backlog.services.cleaning import clean_text
from backlog.services.items import StaleVersionError, lock_item, save_item, show_change
from backlog.services.watching import follow

MOST = 100
"""Questions on one item; more is a meeting."""
MAX_ANSWER = 10_000
EDITABLE = frozenset({"text", "owner", "due_on"})
YEARS = range(2000, 2101)


class QuestionGoneError(ConflictError):
    """Somebody removed the question meanwhile."""

    code = "row_gone"


class QuestionStateError(ConflictError):
    """The question was answered, or opened again, meanwhile."""

    code = "question_state"


@one_act()
def ask_question(
    *, item: Item, text: str, by: User | None, owner: User | None = None, due_on: date | None = None, cause: str = ""
) -> Question:
    """Ask; `owner` is who finds the answer, until `due_on`.

    Raises InvalidError where a value cannot be accepted, UnknownReferenceError for an owner who does not see the item.
    """
    item = lock_item(item)
    questions = Question.objects.for_organization(item.organization_id).filter(item=item)
    last = questions.aggregate(last=Max("number"))["last"] or 0
    if questions.count() >= MOST:
        raise InvalidError(f"An item has at most {MOST} questions. Split it, or meet.", field="text")
    question = Question(
        organization_id=item.organization_id,
        item=item,
        number=last + 1,
        text=_clean_question(text),
        owner=_clean_owner(item, owner),
        due_on=_clean_due(due_on),
        asked_by=by,
    )
    question.save(force_insert=True)
    follow(item=item, people=[by, owner])
    save_item(item)
    record(subject=item, verb="question.asked", by=by, cause=cause, after=_told(question))
    show_change(item)
    return question


@one_act()
def edit_question(*, question: Question, changes: Mapping[str, Any], by: User | None, was: str | None = None, cause: str = "") -> Question:
    """Change words, owner or due day (names in EDITABLE) of a question. What it already is writes nothing.

    StaleVersionError where its text no longer reads `was`, QuestionGoneError where it was removed; else refuses as `ask_question`.
    """
    unknown = set(changes) - EDITABLE
    if unknown:
        raise InvalidError(f"“{min(unknown)}” cannot be changed here.", field=min(unknown))
    item, fresh = _locked(question)
    before = _told(fresh)
    if "text" in changes:
        if was is not None and " ".join(was.split()) != fresh.text:
            raise StaleVersionError("Somebody changed it meanwhile. Both texts are shown; save again to keep yours.", field="text")
        fresh.text = _clean_question(changes["text"])
    if "owner" in changes and changes["owner"] != fresh.owner:
        fresh.owner = _clean_owner(item, changes["owner"])
    if "due_on" in changes:
        fresh.due_on = _clean_due(changes["due_on"])
    after = _told(fresh)
    names = [name for name in after if before[name] != after[name]]
    if not names:
        return fresh
    fresh.save(update_fields=["text", "owner", "due_on"])
    follow(item=item, people=[fresh.owner])
    number = {"number": fresh.number}
    _done(item, by, cause, verb="question.edited", before={**number, **_only(before, names)}, after={**number, **_only(after, names)})
    return fresh


@one_act()
def answer_question(*, question: Question, answer: str, by: User | None, cause: str = "") -> Question:
    """Close the question with its answer. QuestionStateError where somebody else answered it meanwhile."""
    text = clean_text(answer.replace("\r\n", "\n").strip(), field="answer")
    if not text:
        raise InvalidError("Write the answer.", field="answer")
    if len(text) > MAX_ANSWER:
        raise InvalidError(f"Keep the answer to {MAX_ANSWER:,} characters. Attach the rest as a file.", field="answer")
    item, fresh = _locked(question)
    if not fresh.is_open:
        if fresh.answer == text:
            return fresh
        raise QuestionStateError(
            "It was answered meanwhile. Your text is kept; open the question again to change the answer.", field="answer"
        )
    fresh.answer, fresh.answered_by, fresh.answered_at = text, by, timezone.now()
    fresh.save(update_fields=["answer", "answered_by", "answered_at"])
    _done(item, by, cause, verb="question.answered", before={}, after={"number": fresh.number, "question": fresh.text, "answer": text})
    return fresh


@one_act()
def reopen_question(*, question: Question, by: User | None, cause: str = "") -> Question:
    """Let it be open again; the event keeps the answer. An open one stays as it is."""
    item, fresh = _locked(question)
    if fresh.is_open:
        return fresh
    before = {"number": fresh.number, "question": fresh.text, "answer": fresh.answer}
    fresh.answer, fresh.answered_by, fresh.answered_at = "", None, None
    fresh.save(update_fields=["answer", "answered_by", "answered_at"])
    _done(item, by, cause, verb="question.reopened", before=before, after={"number": fresh.number})
    return fresh


@one_act()
def move_question(*, question: Question, item: Item, by: User | None, number: int | None = None, cause: str = "") -> Question:
    """Give the question to another item, by `number` where that is free there, else by the next.

    QuestionGoneError where it was removed, InvalidError where the other has as many as an item takes, UnknownReferenceError where whoever has the
    question does not see it there.
    """
    locked = {one.pk: lock_item(one) for one in sorted((question.item, item), key=lambda one: one.pk)}
    source, fresh = _locked(question)
    target = locked[item.pk]
    questions = Question.objects.for_organization(target.organization_id).filter(item=target)
    taken = set(questions.values_list("number", flat=True))
    if len(taken) >= MOST:
        raise InvalidError(f"{target.key} has {MOST} questions already, and takes no more.", field="text")
    _clean_owner(target, fresh.owner)
    old = fresh.number
    fresh.item, fresh.number = target, number if number is not None and number not in taken else max(taken, default=0) + 1
    fresh.save(update_fields=["item", "number"])
    save_item(source)
    show_change(source)
    after = {"number": fresh.number, "question": fresh.text, "from": source.key}
    _done(target, by, cause, verb="question.moved", before={"number": old}, after=after)
    return fresh


@one_act()
def remove_question(*, question: Question, by: User | None, cause: str = "") -> None:
    """Take a question away; the event keeps its words."""
    item, fresh = _locked(question)
    before = {**_told(fresh), "answer": fresh.answer}
    fresh.delete()
    _done(item, by, cause, verb="question.removed", before=before, after={})


def _clean_question(text: str) -> str:
    text = " ".join(clean_text(text, field="text").split())
    if not text:
        raise InvalidError("Write what you want to know.", field="text")
    if len(text) > MAX_QUESTION:
        raise InvalidError(f"Keep the question to {MAX_QUESTION:,} characters; the rest goes into the description.", field="text")
    return text


def _clean_owner(item: Item, owner: User | None) -> User | None:
    if owner is not None and not people_who_see(organization_id=item.organization_id, team=item.team).filter(pk=owner.pk).exists():
        raise UnknownReferenceError("Nobody of this name sees the item.", field="owner")
    return owner


def _clean_due(due_on: date | None) -> date | None:
    if due_on is not None and due_on.year not in YEARS:
        raise InvalidError("Choose a day of this century.", field="due_on")
    return due_on


def _locked(question: Question) -> tuple[Item, Question]:
    item = lock_item(question.item)
    fresh = Question.objects.for_organization(item.organization_id).select_related("owner").filter(item=item, pk=question.pk).first()
    if fresh is None:
        raise QuestionGoneError("Somebody removed the question meanwhile. Your text is kept; ask again if it should stay.", field="text")
    fresh.item = item
    return item, fresh


def _told(question: Question) -> dict[str, Any]:
    """What an event keeps of it; the owner by id."""
    due = question.due_on.isoformat() if question.due_on else None
    return {"number": question.number, "question": question.text, "owner": question.owner_id, "due": due}


def _only(told: Mapping[str, Any], names: list[str]) -> dict[str, Any]:
    return {name: told[name] for name in names}


def _done(item: Item, by: User | None, cause: str, *, verb: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    save_item(item)
    record(subject=item, verb=verb, by=by, cause=cause, before=before, after=after)
    show_change(item)


# --- taking back ------------------------------------------------------------------------------------


def _find(event: Event, told: Mapping[str, Any]) -> Question | None:
    questions = Question.objects.for_organization(event.organization_id).select_related("item__team", "item__train", "owner")
    return questions.filter(item=event.subject_id, number=told["number"]).first()


GONE = "The question was changed or removed since."


def undo_asked(*, event: Event, by: User, cause: str) -> list[str]:
    """Remove the question, unless it was reworded or answered since."""
    question = _find(event, event.after)
    if question is None or question.text != event.after["question"] or not question.is_open:
        return [GONE]
    remove_question(question=question, by=by, cause=cause)
    return []


def undo_edited(*, event: Event, by: User, cause: str) -> list[str]:
    """Write the old values back that nobody changed since."""
    question = _find(event, event.after)
    if question is None:
        return [GONE]
    back, changed = standing(event, _told(question))
    back.pop("number", None)
    changes: dict[str, Any] = {}
    if "question" in back:
        changes["text"] = back["question"]
    if "owner" in back:
        changes["owner"] = _person(back["owner"])
    if "due" in back:
        changes["due_on"] = date.fromisoformat(back["due"]) if back["due"] else None
    if changes:
        edit_question(question=question, changes=changes, by=by, cause=cause)
    return [f"The {name} was changed since." for name in changed]


def undo_moved(*, event: Event, by: User, cause: str) -> list[str]:
    """Give the question back to the item that had it, with what was answered meanwhile."""
    question = _find(event, event.after)
    if question is None:
        return [GONE]
    source = Item.objects.for_organization(event.organization_id).select_related("team", "train").get(key=event.after["from"])
    move_question(question=question, item=source, number=event.before["number"], by=by, cause=cause)
    return []


def undo_answered(*, event: Event, by: User, cause: str) -> list[str]:
    """Open the question again, where the answer still stands."""
    question = _find(event, event.after)
    if question is None or question.answer != event.after["answer"]:
        return [GONE]
    reopen_question(question=question, by=by, cause=cause)
    return []


def undo_reopened(*, event: Event, by: User, cause: str) -> list[str]:
    """Give the question its answer back, unless it has another by now."""
    question = _find(event, event.before)
    if question is None or not question.is_open:
        return [GONE]
    answer_question(question=question, answer=event.before["answer"], by=by, cause=cause)
    return []


def undo_removed(*, event: Event, by: User, cause: str) -> list[str]:
    """Ask again what was removed, with its answer; an owner who no longer sees the item is left out."""
    item, told = Item.objects.for_organization(event.organization_id).select_related("team", "train").get(pk=event.subject_id), event.before
    owner = _person(told["owner"])
    seen = people_who_see(organization_id=item.organization_id, team=item.team)
    stays = owner is None or seen.filter(pk=owner.pk).exists()
    due_on = date.fromisoformat(told["due"]) if told["due"] else None
    question = ask_question(item=item, text=told["question"], owner=owner if stays else None, due_on=due_on, by=by, cause=cause)
    if told["answer"]:
        answer_question(question=question, answer=told["answer"], by=by, cause=cause)
    return [] if stays else ["Who had the question no longer sees the item."]


def _person(pk: int | None) -> User | None:
    return User.objects.filter(pk=pk).first() if pk else None


def _may_take_answer_back(access: Access, event: Event) -> bool:
    question = _find(event, event.after or event.before)
    return may_talk_subject(access, event) or (question is not None and may_answer(access, question))


def register() -> None:
    """Called once, when the app is ready."""
    register_inverse("question.asked", undo_asked, may=may_talk_subject)
    register_inverse("question.edited", undo_edited, may=may_talk_subject)
    register_inverse("question.answered", undo_answered, may=_may_take_answer_back)
    register_inverse("question.reopened", undo_reopened, may=_may_take_answer_back)
    register_inverse("question.removed", undo_removed, may=may_talk_subject)
    register_inverse("question.moved", undo_moved, may=may_edit_subject)
