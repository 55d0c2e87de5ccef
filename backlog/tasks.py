"""What the backlog does by night."""

from celery import shared_task

from accounts.models import ReleaseTrain, Team
from backlog.services.attachments import sweep_files
from backlog.services.stale_items import find_stale_items


@shared_task(name="backlog.find_stale")
def find_stale() -> None:
    """Look through every list for items that nobody has touched for long. Each list is a transaction of its own; twice is harmless."""
    for model in (Team, ReleaseTrain):
        for home in model.objects.unscoped().order_by("id"):
            find_stale_items(home=home)


@shared_task(name="backlog.sweep_files")
def sweep_attached_files() -> None:
    """Let the bytes of attachments go that were removed for good, and what failures left behind."""
    sweep_files()
