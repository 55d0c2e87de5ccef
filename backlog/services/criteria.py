"""The only writer of an item's rows: acceptance criteria and tasks. The item is locked, so positions stay 0, 1, 2 whoever writes at once."""

from typing import Any

from django.db.models import F, Max, QuerySet

from accounts.models import User
from activity.errors import ConflictError, InvalidError
from activity.services.acts import one_act
from activity.services.events import record
from backlog.models import Criterion, Item, Task
from backlog.services.items import StaleVersionError, clean_text, lock_item, save_item, show_change

MOST = 200  # rows of one kind on an item; more is a document
MAX_TASK = 300

Row = Criterion | Task


class RowGoneError(ConflictError):
    """Somebody removed the row meanwhile."""

    code = "row_gone"


def _clean_row(text: str, *, most: int | None = None) -> str:
    text = clean_text(text.replace("\r\n", "\n").strip(), field="text")
    if not text:
        raise InvalidError("Write a sentence, or remove it.", field="text")
    if most and len(text) > most:
        raise InvalidError(f"Keep it to {most} characters.", field="text")
    return text


def _clean_form(form: str) -> str:
    if form not in Criterion.Form.values:
        raise InvalidError("A criterion is plain text or a Gherkin scenario.", field="form")
    return form


def _rows_of(item: Item, model: type[Row]) -> QuerySet[Any]:
    return model._default_manager.filter(organization=item.organization_id, item=item)


def _append(item: Item, row: Row) -> None:
    """Give the new row of the locked item its number and the last place, and save it."""
    rows = _rows_of(item, type(row))
    last = rows.aggregate(number=Max("number"), position=Max("position"))
    count = 0 if last["position"] is None else last["position"] + 1
    if count >= MOST:
        raise InvalidError(f"An item has at most {MOST} of these. Split it, or write a document.", field="text")
    row.number, row.position = (last["number"] or 0) + 1, count
    row.save(force_insert=True)


def _locked(row: Row, item: Item) -> Any:
    """The row as it stands under the item's lock; RowGoneError where it was removed."""
    fresh = _rows_of(item, type(row)).filter(pk=row.pk).first()
    if fresh is None:
        raise RowGoneError("Somebody removed it meanwhile. Your text is kept; add it again if it should stay.", field="text")
    return fresh


def _done(item: Item, verb: str, by: User | None, cause: str, **what: Any) -> None:
    save_item(item)
    record(subject=item, verb=verb, by=by, cause=cause, **what)
    show_change(item)


def _close_gap(item: Item, model: type[Row], position: int) -> None:
    # Checked at commit, so places may meet in between.
    _rows_of(item, model).filter(position__gt=position).update(position=F("position") - 1)


def _move(item: Item, row: Row, to: int) -> tuple[int, int] | None:
    """Put the row at the place `to`, counted from 0; its old and new place, or None where it stands there already."""
    rows = list(_rows_of(item, type(row)).order_by("position"))
    old = next(place for place, other in enumerate(rows) if other.pk == row.pk)
    new = max(0, min(to, len(rows) - 1))
    if old == new:
        return None
    rows.insert(new, rows.pop(old))
    for place, other in enumerate(rows):
        if other.position != place:
            other.position = place
            other.save(update_fields=["position"])
    return old, new


@one_act()
def add_criterion(
    *, item: Item, text: str, by: User | None, form: Criterion.Form | str = Criterion.Form.PLAIN, cause: str = ""
) -> Criterion:
    """Append an acceptance criterion to the item."""
    item = lock_item(item)
    criterion = Criterion(organization_id=item.organization_id, item=item, form=_clean_form(form), text=_clean_row(text))
    _append(item, criterion)
    _done(item, "criterion.added", by, cause, after={"number": criterion.number, "text": criterion.text, "form": criterion.form})
    return criterion


@one_act()
def edit_criterion(
    *, criterion: Criterion, text: str, by: User | None, form: Criterion.Form | str | None = None, was: str | None = None, cause: str = ""
) -> Criterion:
    """Change a criterion's words. Raises StaleVersionError where it no longer reads `was`, RowGoneError where it was removed."""
    item = lock_item(criterion.item)
    fresh: Criterion = _locked(criterion, item)
    text, form = _clean_row(text), _clean_form(form or fresh.form)
    if (fresh.text, fresh.form) == (text, form):
        return fresh
    if was is not None and _clean_row(was or "-") != fresh.text:
        raise StaleVersionError("Somebody changed this criterion meanwhile. Both texts are shown; save again to keep yours.", field="text")
    before = {"number": fresh.number, "text": fresh.text, "form": fresh.form}
    fresh.text, fresh.form = text, form
    fresh.save(update_fields=["text", "form"])
    _done(item, "criterion.edited", by, cause, before=before, after={"number": fresh.number, "text": text, "form": form})
    return fresh


@one_act()
def move_criterion(*, criterion: Criterion, to: int, by: User | None, cause: str = "") -> Criterion:
    """Put a criterion at another place, counted from 0; beyond the ends means the end."""
    item = lock_item(criterion.item)
    fresh: Criterion = _locked(criterion, item)
    moved = _move(item, fresh, to)
    if moved:
        _done(
            item,
            "criterion.moved",
            by,
            cause,
            before={"number": fresh.number, "position": moved[0]},
            after={"number": fresh.number, "position": moved[1]},
        )
        fresh.refresh_from_db(fields=["position"])
    return fresh


@one_act()
def remove_criterion(*, criterion: Criterion, by: User | None, cause: str = "") -> None:
    """Take a criterion away; the event keeps its words."""
    item = lock_item(criterion.item)
    fresh: Criterion = _locked(criterion, item)
    before = {"number": fresh.number, "text": fresh.text, "form": fresh.form, "position": fresh.position}
    fresh.delete()
    _close_gap(item, Criterion, fresh.position)
    _done(item, "criterion.removed", by, cause, before=before)


@one_act()
def add_task(*, item: Item, text: str, by: User | None, cause: str = "") -> Task:
    """Append a line to the item's checklist."""
    item = lock_item(item)
    task = Task(organization_id=item.organization_id, item=item, text=_clean_row(text, most=MAX_TASK))
    _append(item, task)
    _done(item, "task.added", by, cause, after={"number": task.number, "text": task.text})
    return task


@one_act()
def edit_task(*, task: Task, text: str, by: User | None, cause: str = "") -> Task:
    """Change a task's words."""
    item = lock_item(task.item)
    fresh: Task = _locked(task, item)
    text = _clean_row(text, most=MAX_TASK)
    if fresh.text == text:
        return fresh
    before = {"number": fresh.number, "text": fresh.text}
    fresh.text = text
    fresh.save(update_fields=["text"])
    _done(item, "task.edited", by, cause, before=before, after={"number": fresh.number, "text": text})
    return fresh


@one_act()
def tick_task(*, task: Task, is_done: bool, by: User | None, cause: str = "") -> Task:
    """Mark a task as done, or as open again."""
    item = lock_item(task.item)
    fresh: Task = _locked(task, item)
    if fresh.is_done == is_done:
        return fresh
    fresh.is_done = is_done
    fresh.save(update_fields=["is_done"])
    _done(
        item,
        "task.ticked",
        by,
        cause,
        before={"number": fresh.number, "is_done": not is_done},
        after={"number": fresh.number, "text": fresh.text, "is_done": is_done},
    )
    return fresh


@one_act()
def move_task(*, task: Task, to: int, by: User | None, cause: str = "") -> Task:
    """Put a task at another place, counted from 0."""
    item = lock_item(task.item)
    fresh: Task = _locked(task, item)
    moved = _move(item, fresh, to)
    if moved:
        _done(
            item,
            "task.moved",
            by,
            cause,
            before={"number": fresh.number, "position": moved[0]},
            after={"number": fresh.number, "position": moved[1]},
        )
        fresh.refresh_from_db(fields=["position"])
    return fresh


@one_act()
def remove_task(*, task: Task, by: User | None, cause: str = "") -> None:
    """Take a task away; the event keeps its words."""
    item = lock_item(task.item)
    fresh: Task = _locked(task, item)
    before = {"number": fresh.number, "text": fresh.text, "is_done": fresh.is_done, "position": fresh.position}
    fresh.delete()
    _close_gap(item, Task, fresh.position)
    _done(item, "task.removed", by, cause, before=before)
