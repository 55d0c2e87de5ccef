"""Who sees what came in, how it is taken back, and why some of it is not."""

from collections.abc import Collection, Iterable
from typing import Any

from accounts.models import User
from accounts.roles import Verb
from activity.errors import ConflictError
from activity.models import Event
from activity.services.undo import register_final, register_inverse, register_subject, register_whole
from backlog.models import Item
from intake.models import ImportRun, Request, RequestForm
from intake.services.requests import accept_again, reopen_request
from intake.services.undoing import start_undo


def _seen_runs(access: Any, ids: Collection[int]) -> Iterable[int]:
    return ImportRun.objects.filter(pk__in=ids, team__in=access.visible_teams()).values_list("pk", flat=True)


def _seen_forms(access: Any, ids: Collection[int]) -> Iterable[int]:
    return RequestForm.objects.filter(pk__in=ids, team__in=access.visible_teams()).values_list("pk", flat=True)


def _seen_requests(access: Any, ids: Collection[int]) -> Iterable[int]:
    return Request.objects.filter(pk__in=ids, form__team__in=access.visible_teams()).values_list("pk", flat=True)


def _request_of(event: Event) -> Request:
    return Request.objects.for_organization(event.organization_id).select_related("form__team", "item").get(pk=event.subject_id)


def _may_answer(access: Any, event: Event) -> bool:
    team = _request_of(event).form.team
    return bool(access.may(Verb.TRIAGE, team) and access.may(Verb.EDIT, team))  # the item goes or comes with it


def undo_acceptance(*, event: Event, by: User, cause: str) -> list[str]:
    """Let the request wait again. That its item was created is another event of the act, and is undone there."""
    request = _request_of(event)
    if request.item is None or request.item.key != event.after["item"]:
        return [f"Request {request.number} was answered anew since."]
    reopen_request(request=request, by=by, cause=cause)
    return []


def undo_reopening(*, event: Event, by: User, cause: str) -> list[str]:
    """Accept the request again, as the item it had become."""
    item = Item.objects.for_organization(event.organization_id).get(key=event.before["item"])
    accept_again(request=_request_of(event), item=item, sentence=event.before["sentence"], by=by, cause=cause)
    return []


def _run_of(event: Event) -> ImportRun:
    return ImportRun.objects.for_organization(event.organization_id).select_related("team__train").get(pk=event.subject_id)


def _may_import(access: Any, event: Event) -> bool:
    return bool(access.may(Verb.IMPORT, _run_of(event).team))


def undo_import(*, event: Event, by: User) -> str:
    """Let the worker take the import back."""
    run = start_undo(run=_run_of(event), by=by)
    return f"Taking back the import of {run.file_name}. Its report shows how far it is."


def refuse_redo(*, event: Event, by: User) -> str:
    """What an import made cannot be made again out of the log."""
    raise ConflictError("Import the file again to have its rows back.")


def register() -> None:
    """Called once, when the app is ready."""
    register_subject("importrun", seen=_seen_runs)
    register_subject("requestform", seen=_seen_forms)
    register_subject("request", seen=_seen_requests)
    register_whole("import.started", undo_import, may=_may_import)
    register_whole("import.undo_started", refuse_redo, may=_may_import)
    register_final(
        *("import.cancel_asked", "import.done", "import.failed", "import.cancelled", "import.undo_asked", "import.undone"),
        reason="The report of an import stays.",
    )
    register_final("request_form.opened", "request_form.closed", "request_form.edited", reason="A form is changed on its own page.")
    register_final("request.need_answered", reason="What the person said stays.")
    register_final("request.received", reason="Who asked has the request's number; answer it in the inbox.")
    register_final("request.declined", reason="The answer was already given to the person who asked.")
    register_inverse("request.accepted", undo_acceptance, may=_may_answer)
    register_inverse("request.reopened", undo_reopening, may=_may_answer)
