"""Imports that pages start run here; the row is the truth, the task only carries its id."""

from celery import shared_task

from accounts.models import User
from activity.errors import DomainError
from activity.models import Job
from activity.services.jobs import MAX_ATTEMPTS, run_job
from intake.models import ImportRun
from intake.services.imports import import_rows
from intake.services.runs import TASK, UNDO_TASK, end_run, kept_file, stop_undo, stopped_at
from intake.services.undoing import undo_rows


@shared_task(name=TASK)
def import_rows_task(job_id: int) -> None:
    run_job(job_id=job_id, handler=_handle)


def _handle(job: Job) -> None:
    run = (
        ImportRun.objects.unscoped()
        .select_related("team__train__key_series", "team__key_series", "by")
        .filter(pk=job.payload["run"])
        .first()
    )
    if run is None or not run.is_active:
        return

    try:
        with kept_file(run) as file:
            import_rows(run=run, file=file)
    except DomainError:
        return  # the run says what happened; another try would say the same
    except Exception:
        run.refresh_from_db()
        if job.attempts >= MAX_ATTEMPTS and run.is_active:
            end_run(run=run, state=ImportRun.State.FAILED, message=stopped_at(run, "It failed five times."))
        raise


@shared_task(name=UNDO_TASK)
def undo_import_task(job_id: int) -> None:
    run_job(job_id=job_id, handler=_handle_undo)


def _handle_undo(job: Job) -> None:
    run = ImportRun.objects.unscoped().select_related("organization", "team").filter(pk=job.payload["run"]).first()
    if run is None or run.state != ImportRun.State.UNDOING:
        return
    try:
        undo_rows(run=run, by=User.objects.get(pk=job.payload["by"]))
    except Exception:
        run.refresh_from_db()
        if job.attempts >= MAX_ATTEMPTS:
            stop_undo(run=run, why="It failed five times.")
        raise
