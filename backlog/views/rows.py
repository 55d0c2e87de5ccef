"""Criteria and tasks of an item. Each act answers with the item's page."""

from typing import Any, TypeVar

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_POST

from accounts.http import MemberRequest
from accounts.roles import Verb
from backlog.models import Criterion, Item, Task
from backlog.permissions import readable_item
from backlog.services import criteria as services
from backlog.views.items import act

Row = Criterion | Task
R = TypeVar("R", bound=Criterion | Task)


def _row(model: type[R], item: Item, number: int) -> R:
    rows: QuerySet[Any] = model._default_manager.select_related("item")
    row: R | None = rows.filter(organization=item.organization_id, item=item, number=number).first()
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
    """Change the words of a criterion or a task."""
    item = readable_item(access=request.access, key=key, verb=Verb.EDIT)
    row, text, form, was = _row(model, item, number), request.POST.get("text", ""), request.POST.get("form"), request.POST.get("was_text")
    return act(
        request,
        item,
        lambda: services.edit_row(row=row, text=text, form=form, was=was, by=request.user),
        edit=f"{model._meta.model_name}-{number}",
    )


@require_POST
def row_move(request: MemberRequest, key: str, number: int, model: type[Row]) -> HttpResponse:
    """Move a criterion or a task one place up or down."""
    item = readable_item(access=request.access, key=key, verb=Verb.EDIT)
    row = _row(model, item, number)
    to = row.position + (-1 if request.POST.get("way") == "up" else 1)
    return act(request, item, lambda: services.move_row(row=row, to=max(to, 0), by=request.user), edit="")


@require_POST
def row_remove(request: MemberRequest, key: str, number: int, model: type[Row]) -> HttpResponse:
    """Take a criterion or a task away."""
    item = readable_item(access=request.access, key=key, verb=Verb.EDIT)
    row = _row(model, item, number)
    said = f"The {model._meta.verbose_name} is gone."
    return act(request, item, lambda: services.remove_row(row=row, by=request.user), edit="", said=said)
