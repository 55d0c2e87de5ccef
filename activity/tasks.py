"""What the clock starts."""

from celery import shared_task

from activity.services.idempotency import forget_keys
from activity.services.jobs import sweep_jobs
from activity.services.limits import forget_tallies


@shared_task(name="activity.sweep_jobs")
def sweep() -> None:
    """Find the jobs whose bell nobody heard."""
    sweep_jobs()


@shared_task(name="activity.forget_keys")
def forget() -> None:
    """Drop idempotency keys that nobody will repeat any more, and windows of limits that are over."""
    forget_keys()
    forget_tallies()
