"""The only writer of an item's rows: acceptance criteria and tasks. The item is locked, so positions stay 0, 1, 2 whoever writes at once."""

from typing import Any, TypeVar

from django.db.models import F, Max, QuerySet

from accounts.models import User
from activity.errors import ConflictError, InvalidError
from activity.services.acts import one_act
from activity.services.events import record
from backlog.gherkin import GherkinError, is_broken_scenario, parse_scenario
from backlog.models import Criterion, Item, Task
from backlog.readiness import is_material
from backlog.services.cleaning import clean_text
from backlog.services.items import StaleVersionError, lock_item, refuse_removed, save_item, show_change
from backlog.services.judging import let_verdict_fall

MOST = 200  # rows of one kind on an item; more is a document
MAX_TASK = 300

Row = Criterion | Task
R = TypeVar("R", bound=Criterion | Task)


class RowGoneError(ConflictError):
    """Somebody removed the row meanwhile."""

    code = "row_gone"


def gone() -> RowGoneError:
    """What is said to whom the row went away under the pen."""
    return RowGoneError("Somebody removed it meanwhile. Your text is kept; add it again if it should stay.", field="text")


class GherkinTextError(InvalidError):
    """The text is no Gherkin; `problems` tell the line, the column and what to do."""

    code = "gherkin"

    def __init__(self, error: GherkinError) -> None:
        first, *more = self.problems = error.problems
        super().__init__(f"{first}{f' And {len(more)} more.' if more else ''}", field="text")


def _check_scenario(text: str, form: str) -> None:
    if form == Criterion.Form.GHERKIN:
        try:
            parse_scenario(text)
        except GherkinError as error:
            raise GherkinTextError(error) from error


def check_text(text: str, form: str) -> None:
    """Raise what `add_criterion` would say of the words; writes nothing."""
    _check_scenario(_clean_row(text, Criterion), _clean_form(form))


def _clean_row(text: str, model: type[Any]) -> str:
    text = clean_text(text.replace("\r\n", "\n").strip(), field="text")
    if not text:
        raise InvalidError("Write a sentence, or remove it.", field="text")
    if model is Task and len(text) > MAX_TASK:
        raise InvalidError(f"Keep it to {MAX_TASK} characters.", field="text")
    return text


def _clean_form(form: str) -> str:
    if form not in Criterion.Form.values:
        raise InvalidError("A criterion is plain text or a Gherkin scenario.", field="form")
    return form


def _rows_of(item: Item, model: type[Any]) -> QuerySet[Any]:
    rows: QuerySet[Any] = model._default_manager.filter(organization=item.organization_id, item=item)
    return rows


def _told(row: Row, *names: str) -> dict[str, Any]:
    """What an event keeps of the row, by its number."""
    origin = {"from": row.came_from} if isinstance(row, Criterion) and row.came_from and "text" in names else {}
    return {"number": row.number, **{name: getattr(row, name) for name in names if hasattr(row, name)}, **origin}


def _done(item: Item, row: Row, what: str, by: User | None, cause: str, *, is_reworded: bool = False, **told: Any) -> None:
    """`is_reworded` where what the item asks for is another now: the team's word that it is ready was not about that."""
    save_item(item, *(let_verdict_fall(item, by=by, cause=cause) if is_reworded else ()))
    record(subject=item, verb=f"{row._meta.model_name}.{what}", by=by, cause=cause, **told)
    show_change(item)


def _locked(row: R) -> tuple[Item, R]:
    """The item, locked, and its row as it stands; RowGoneError where it was removed, ItemRemovedError where the item was."""
    item = lock_item(row.item)
    refuse_removed(item)
    fresh: R | None = _rows_of(item, type(row)).filter(pk=row.pk).first()
    if fresh is None:
        raise gone()
    return item, fresh


def _add(item: Item, row: R, by: User | None, cause: str) -> R:
    """Give the new row its number and the last place, and save it."""
    item = lock_item(item)
    refuse_removed(item)
    last = _rows_of(item, type(row)).aggregate(number=Max("number"), position=Max("position"))
    count = 0 if last["position"] is None else last["position"] + 1
    if count >= MOST:
        raise InvalidError(f"An item has at most {MOST} of these. Split it, or write a document.", field="text")
    row.number, row.position = (last["number"] or 0) + 1, count
    row.save(force_insert=True)
    _done(item, row, "added", by, cause, is_reworded=isinstance(row, Criterion), after=_told(row, "text", "form"))
    return row


@one_act()
def add_criterion(
    *,
    item: Item,
    text: str,
    by: User | None,
    form: Criterion.Form | str = Criterion.Form.PLAIN,
    came_from: str = "",
    cause: str = "",
    is_undo: bool = False,
) -> Criterion:
    """Append an acceptance criterion to the item; `came_from` is the key of the item that a merge took it from.

    GherkinTextError where it is said to be a scenario and does not read; `is_undo` lets that pass.
    """
    text, form = _clean_row(text, Criterion), _clean_form(form)
    if not is_undo:
        _check_scenario(text, form)
    is_broken = is_broken_scenario(text, is_scenario=form == Criterion.Form.GHERKIN)
    row = Criterion(organization_id=item.organization_id, item=item, form=form, text=text, came_from=came_from, is_broken=is_broken)
    return _add(item, row, by, cause)


@one_act()
def add_task(*, item: Item, text: str, by: User | None, cause: str = "") -> Task:
    """Append a line to the item's checklist."""
    return _add(item, Task(organization_id=item.organization_id, item=item, text=_clean_row(text, Task)), by, cause)


@one_act()
def edit_row(
    *,
    row: R,
    text: str,
    by: User | None,
    form: Criterion.Form | str | None = None,
    was: str | None = None,
    cause: str = "",
    is_undo: bool = False,
) -> R:
    """Change a row's words, and a criterion's form. StaleVersionError where it no longer reads `was`, RowGoneError where it was removed,
    GherkinTextError where a scenario does not read; `is_undo` lets that pass.
    """
    item, fresh = _locked(row)
    text = _clean_row(text, type(fresh))
    before = _told(fresh, "text", "form")
    if isinstance(fresh, Criterion):
        fresh.form = _clean_form(form or fresh.form)
    old, fresh.text = fresh.text, text
    after = _told(fresh, "text", "form")
    if before == after:
        return fresh
    if isinstance(fresh, Criterion) and not is_undo:
        _check_scenario(text, fresh.form)
    if was is not None and _clean_row(was or "-", type(fresh)) != old:
        raise StaleVersionError("Somebody changed it meanwhile. Both texts are shown; save again to keep yours.", field="text")
    is_criterion = isinstance(fresh, Criterion)
    if isinstance(fresh, Criterion):
        fresh.is_broken = is_broken_scenario(text, is_scenario=fresh.form == Criterion.Form.GHERKIN)
    fresh.save(update_fields=["text", "form", "is_broken"] if is_criterion else ["text"])
    _done(item, fresh, "edited", by, cause, is_reworded=is_criterion and is_material(old, text), before=before, after=after)
    return fresh


@one_act()
def tick_task(*, task: Task, is_done: bool, by: User | None, cause: str = "") -> Task:
    """Mark a task as done, or as open again."""
    item, fresh = _locked(task)
    if fresh.is_done == is_done:
        return fresh
    before = _told(fresh, "is_done")
    fresh.is_done = is_done
    fresh.save(update_fields=["is_done"])
    _done(item, fresh, "ticked", by, cause, before=before, after=_told(fresh, "text", "is_done"))
    return fresh


@one_act()
def move_row(*, row: R, to: int, by: User | None, cause: str = "") -> R:
    """Put a row at another place, counted from 0; beyond the ends means the end."""
    item, fresh = _locked(row)
    rows = list(_rows_of(item, type(fresh)).order_by("position"))
    old, new = fresh.position, max(0, min(to, len(rows) - 1))
    if old == new:
        return fresh
    rows.insert(new, rows.pop(old))
    for place, other in enumerate(rows):
        if other.position != place:
            other.position = place
            other.save(update_fields=["position"])
    before, fresh.position = _told(fresh, "position"), new
    _done(item, fresh, "moved", by, cause, before=before, after=_told(fresh, "position"))
    return fresh


@one_act()
def remove_row(*, row: Row, by: User | None, reason: str = "", cause: str = "") -> None:
    """Take a row away; the event keeps its words, and the reason where one is given."""
    item, fresh = _locked(row)
    before = _told(fresh, "text", "form", "is_done", "position")
    fresh.delete()
    # Checked at commit, so places may meet in between.
    _rows_of(item, type(fresh)).filter(position__gt=fresh.position).update(position=F("position") - 1)
    _done(
        item,
        fresh,
        "removed",
        by,
        cause,
        is_reworded=isinstance(fresh, Criterion),
        before=before,
        after={"reason": reason} if reason else {},
    )
