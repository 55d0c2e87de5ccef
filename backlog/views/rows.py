"""Criteria and tasks of an item. Each act answers with the item's page."""

from typing import TypeVar

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_POST

from accounts.http import MemberRequest
from accounts.roles import Verb
from backlog.models import Criterion, Item, Task
from backlog.permissions import readable_item
from backlog.services import criteria as services
from backlog.views.items import act

R = TypeVar("R", Criterion, Task)


def _row(model: type[R], item: Item, number: int) -> R:
    row = model._default_manager.select_related("item").filter(organization=item.organization_id, item=item, number=number).first()
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
def criterion_edit(request: MemberRequest, key: str, number: int) -> HttpResponse:
    """Change a criterion's words."""
    item = readable_item(access=request.access, key=key, verb=Verb.EDIT)
    criterion = _row(Criterion, item, number)
    text, form = request.POST.get("text", ""), request.POST.get("form", criterion.form)
    return act(
        request,
        item,
        lambda: services.edit_criterion(criterion=criterion, text=text, form=form, was=request.POST.get("was_text"), by=request.user),
        edit=f"criterion-{number}",
    )


@require_POST
def criterion_move(request: MemberRequest, key: str, number: int) -> HttpResponse:
    """Move a criterion one place up or down."""
    item = readable_item(access=request.access, key=key, verb=Verb.EDIT)
    criterion = _row(Criterion, item, number)
    to = criterion.position + (-1 if request.POST.get("way") == "up" else 1)
    return act(request, item, lambda: services.move_criterion(criterion=criterion, to=max(to, 0), by=request.user), edit="")


@require_POST
def criterion_remove(request: MemberRequest, key: str, number: int) -> HttpResponse:
    """Take a criterion away."""
    item = readable_item(access=request.access, key=key, verb=Verb.EDIT)
    criterion = _row(Criterion, item, number)
    return act(
        request, item, lambda: services.remove_criterion(criterion=criterion, by=request.user), edit="", said="The criterion is gone."
    )


@require_POST
def task_add(request: MemberRequest, key: str) -> HttpResponse:
    """Append a task; its form stays open for the next."""
    item = readable_item(access=request.access, key=key, verb=Verb.EDIT)
    text = request.POST.get("text", "")
    return act(request, item, lambda: services.add_task(item=item, text=text, by=request.user), edit="task-new", then="task-new")


@require_POST
def task_edit(request: MemberRequest, key: str, number: int) -> HttpResponse:
    """Change a task's words."""
    item = readable_item(access=request.access, key=key, verb=Verb.EDIT)
    task, text = _row(Task, item, number), request.POST.get("text", "")
    return act(request, item, lambda: services.edit_task(task=task, text=text, by=request.user), edit=f"task-{number}")


@require_POST
def task_tick(request: MemberRequest, key: str, number: int) -> HttpResponse:
    """Mark a task as done, or as open again; the form says which, so that a repeat changes nothing."""
    item = readable_item(access=request.access, key=key, verb=Verb.EDIT)
    task = _row(Task, item, number)
    return act(request, item, lambda: services.tick_task(task=task, is_done=request.POST.get("done") == "yes", by=request.user), edit="")


@require_POST
def task_move(request: MemberRequest, key: str, number: int) -> HttpResponse:
    """Move a task one place up or down."""
    item = readable_item(access=request.access, key=key, verb=Verb.EDIT)
    task = _row(Task, item, number)
    to = task.position + (-1 if request.POST.get("way") == "up" else 1)
    return act(request, item, lambda: services.move_task(task=task, to=max(to, 0), by=request.user), edit="")


@require_POST
def task_remove(request: MemberRequest, key: str, number: int) -> HttpResponse:
    """Take a task away."""
    item = readable_item(access=request.access, key=key, verb=Verb.EDIT)
    task = _row(Task, item, number)
    return act(request, item, lambda: services.remove_task(task=task, by=request.user), edit="", said="The task is gone.")
