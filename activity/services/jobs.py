"""Jobs as rows: written with the change, rung after commit, leased by the worker, found again by the sweeper."""

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from activity.doorbell import ring_job
from activity.models import Job

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)
MAX_ATTEMPTS = 5


def enqueue(
    *, name: str, organization_id: int | None = None, key: str = "", payload: Mapping[str, Any] | None = None, delay: float = 0
) -> None:
    """Write a job for the task `name` and ring for it after commit. A queued job of the same name and key already covers this one."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO activity_job (organization_id, name, key, payload, state, due_at, attempts, error)
            VALUES (%s, %s, %s, %s::jsonb, 'queued', now() + make_interval(secs => %s), 0, '')
            ON CONFLICT (name, key) WHERE state = 'queued' AND NOT key = '' DO NOTHING
            RETURNING id
            """,
            [organization_id, name, key, Job._meta.get_field("payload").get_db_prep_value(dict(payload or {}), connection), delay],
        )
        row = cursor.fetchone()
    if row:
        transaction.on_commit(lambda: ring_job(name, row[0], countdown=delay or None))


def run_job(*, job_id: int, handler: Callable[[Job], object]) -> bool:
    """Lease the job, hand it to `handler`, and remove it when that returns. False where another worker has it or it is done.

    A handler is safe to run twice: a killed worker's lease runs out and the job comes back. After five failures it is dead.
    """
    now = timezone.now()
    leased = Job.objects.filter(
        Q(state=Job.State.QUEUED, due_at__lte=now + timedelta(seconds=1)) | Q(state=Job.State.RUNNING, lease_until__lt=now), pk=job_id
    ).update(state=Job.State.RUNNING, lease_until=now + LEASE, attempts=F("attempts") + 1)
    if not leased:
        return False
    job = Job.objects.get(pk=job_id)
    if job.attempts > MAX_ATTEMPTS:  # a task that kills its worker never reaches the except branch below
        Job.objects.filter(pk=job_id).update(state=Job.State.DEAD, error=job.error or "The worker died in each of five tries.")
        return False
    try:
        handler(job)
    except Exception as error:
        log.exception("job %s failed, try %s", job, job.attempts)
        _give_back(job, f"{type(error).__name__}: {error}")
        return False
    Job.objects.filter(pk=job_id).delete()
    return True


def _give_back(job: Job, error: str) -> None:
    if job.attempts >= MAX_ATTEMPTS:
        Job.objects.filter(pk=job.pk).update(state=Job.State.DEAD, error=error[:4000])
        return
    later = timezone.now() + timedelta(seconds=2**job.attempts)
    covered = job.key and Job.objects.filter(name=job.name, key=job.key, state=Job.State.QUEUED).exists()
    if covered:
        Job.objects.filter(pk=job.pk).delete()
    else:
        Job.objects.filter(pk=job.pk).update(state=Job.State.QUEUED, due_at=later, lease_until=None, error=error[:4000])


def sweep_jobs() -> int:
    """Ring again for every job that is due and that nobody runs; return how many."""
    now = timezone.now()
    waiting = Job.objects.filter(Q(state=Job.State.QUEUED, due_at__lte=now) | Q(state=Job.State.RUNNING, lease_until__lt=now)).values_list(
        "name", "id"
    )[:1000]
    for name, job_id in waiting:
        ring_job(name, job_id)
    return len(waiting)
