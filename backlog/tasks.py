"""What the backlog does by night, and what is left to a worker. Safe to run twice."""

from celery import shared_task

from accounts.models import ReleaseTrain, Team
from activity.services.jobs import run_job
from backlog.services.attachments import THUMBNAIL_JOB, sweep_files
from backlog.services.stale_items import find_stale_items
from backlog.services.thumbnails import ask_for_thumbnails, make_thumbnail


@shared_task(name="backlog.find_stale")
def find_stale() -> None:
    """Look through every list for items that nobody has touched for long. Each list is a transaction of its own; twice is harmless."""
    for model in (Team, ReleaseTrain):
        for home in model.objects.unscoped().order_by("id"):
            find_stale_items(home=home)


@shared_task(name="backlog.sweep_files")
def sweep_attached_files() -> None:
    """Let the bytes of attachments go that were removed for good, and what failures left behind; draw the thumbnails that are missing."""
    sweep_files()
    ask_for_thumbnails()


@shared_task(name=THUMBNAIL_JOB)
def draw_thumbnail(job_id: int) -> None:
    """Draw the thumbnail of the job's attachment."""
    run_job(job_id=job_id, handler=make_thumbnail)
