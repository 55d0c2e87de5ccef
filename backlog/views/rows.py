"""Criteria and tasks of an item. Each act answers with the item's page."""

from typing import Any, TypeVar

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_POST

from accounts.http import MemberRequest
from accounts.roles import Verb
from activity.errors import DomainError
from activity.http import answer
from backlog.diffs import merge
from backlog.models import Criterion, Item, Task
from backlog.permissions import readable_item
from backlog.selectors.clashes import find_clash, was_removed
from backlog.selectors.filters import BadFilterError
from backlog.selectors.items import find_row
from backlog.services import criteria as services
from backlog.services.items import StaleVersionError
from backlog.views.items import act, show

Row = Criterion | Task
R = TypeVar("R", bound=Criterion | Task)


def _row(model: type[R], item: Item, number: int) -> R:
    row = find_row(model=model, item=item, number=number)
    if row is None:
        raise Http404("No such row.")
    return row


@require_POST
def criterion_add(request: MemberRequest, key: str) -> HttpResponse:
    """Append a criterion; its form stays open for the next."""
    item = readable_item(access=request.access, key=key, verb=Verb.EDIT)
    text, form = request.POST.get("text", ""), request.POST.get("form", "plain")
    return act(
        request,
        item,
        lambda: services.add_criterion(item=item, text=text, form=form, by=request.user),
        edit="criterion-new",
        then="criterion-new",
    )


@require_POST
def criterion_check(request: MemberRequest, key: str) -> HttpResponse:
    """A scenario as it would look, or what does not read in it, line by line; nothing is written."""
    readable_item(access=request.access, key=key, verb=Verb.EDIT)
    text = request.POST.get("text", "").replace("\r\n", "\n")
    if request.POST.get("form") != Criterion.Form.GHERKIN or not text.strip():
        return HttpResponse("")
    try:
        services.check_text(text, Criterion.Form.GHERKIN)
    except services.GherkinTextError as error:
        return answer(request, "backlog/criterion_check.html", text=text, problems=error.problems)
    except DomainError as error:
        return answer(request, "backlog/criterion_check.html", message=error.message)
    return answer(request, "backlog/criterion_check.html", text=text)


@require_POST
def task_add(request: MemberRequest, key: str) -> HttpResponse:
    """Append a task; its form stays open for the next."""
    item = readable_item(access=request.access, key=key, verb=Verb.EDIT)
    text = request.POST.get("text", "")
    return act(request, item, lambda: services.add_task(item=item, text=text, by=request.user), edit="task-new", then="task-new")


@require_POST
def task_tick(request: MemberRequest, key: str, number: int) -> HttpResponse:
    """Mark a task as done, or as open again; the form says which, so that a repeat changes nothing."""
    item = readable_item(access=request.access, key=key, verb=Verb.EDIT)
    task = _row(Task, item, number)
    return act(request, item, lambda: services.tick_task(task=task, is_done=request.POST.get("done") == "yes", by=request.user), edit="")


@require_POST
def row_edit(request: MemberRequest, key: str, number: int, model: type[Row]) -> HttpResponse:
    """Change the words of a criterion or a task; with `merge`, bring the form back with both changes in one text.

    What was typed for one that is gone stands in the form for a new one.
    """
    item = readable_item(access=request.access, key=key, verb=Verb.EDIT)
    name, text, form, was = model._meta.model_name, request.POST.get("text", ""), request.POST.get("form"), request.POST.get("was_text")
    row = find_row(model=model, item=item, number=number)
    if row is None:
        if not was_removed(item=item, verb=f"{name}.removed", number=number):
            raise Http404("No such row.")
        return show(request, item, edit=f"{name}-new", typed=request.POST.dict(), error=services.gone())

    if request.POST.get("merge"):
        base, mine = (request.POST.get(field, "").replace("\r\n", "\n") for field in ("base_text", "text"))
        merged = merge(base, mine, row.text)
        return show(request, item, edit=f"{name}-{number}", typed={"text": merged.text, "form": form}, merged=merged)

    def clash(fresh: Item, _: StaleVersionError) -> dict[str, Any]:
        now = find_row(model=model, item=fresh, number=number)
        base, mine, theirs = (words.replace("\r\n", "\n") for words in (was or "", text, now.text if now else ""))
        where = {"after__number": number}
        return {"clash": find_clash(item=fresh, verb=f"{name}.edited", where=where, base=base, mine=mine, theirs=theirs)}

    def change() -> Row:
        return services.edit_row(row=row, text=text, form=form, was=was, by=request.user)

    return act(request, item, change, edit=f"{name}-{number}", clash=clash)


@require_POST
def row_move(request: MemberRequest, key: str, number: int, model: type[Row]) -> HttpResponse:
    """Move a criterion or a task one place up or down, or to the place `to`, counted from 0."""
    item = readable_item(access=request.access, key=key, verb=Verb.EDIT)
    row, given = _row(model, item, number), request.POST.get("to", "")
    if given and not (given.isascii() and given.isdigit() and len(given) < 6):
        raise BadFilterError("A place is a number.")
    to = int(given) if given else row.position + (-1 if request.POST.get("way") == "up" else 1)
    return act(request, item, lambda: services.move_row(row=row, to=max(to, 0), by=request.user), edit="")


@require_POST
def row_remove(request: MemberRequest, key: str, number: int, model: type[Row]) -> HttpResponse:
    """Take a criterion or a task away."""
    item = readable_item(access=request.access, key=key, verb=Verb.EDIT)
    row = _row(model, item, number)
    said = f"The {model._meta.verbose_name} is gone."
    return act(request, item, lambda: services.remove_row(row=row, by=request.user), edit="", said=said)
