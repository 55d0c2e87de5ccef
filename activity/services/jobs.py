"""Jobs as rows: written with the change, rung after commit, leased by the worker, found again by the sweeper."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from activity.doorbell import ring_job
from activity.models import Job
from activity.services.current import NewJob, current_act

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 5
GRACE = 5.0  # seconds in which the bell itself should have been heard
RING_AGAIN = 60.0  # seconds; a job behind a long queue is not rung for at each sweep
SWEPT_AT_ONCE = 1000
_LEASES = 7_410_220 << 32  # advisory locks from here on, one a job; any range that nobody else takes


def enqueue(
    *, name: str, organization_id: int | None = None, key: str = "", payload: Mapping[str, Any] | None = None, delay: float = 0
) -> None:
    """Leave a job for the task `name`, written when the current act ends (else at once) and rung for after commit.

    With a `key`, a job of the same name and key that still waits covers this one. `delay` is in seconds.
    """
    job = NewJob(name=name, organization_id=organization_id, key=key, payload=dict(payload or {}), delay=delay)
    act = current_act()
    if act is None:
        with transaction.atomic():
            write_jobs([job])
    else:
        act.jobs.append(job)


def write_jobs(jobs: Iterable[NewJob]) -> None:
    """Write jobs in the caller's transaction, in sorted order."""
    first: dict[tuple[str, str, int], NewJob] = {}
    for number, job in enumerate(jobs):
        first.setdefault((job.name, job.key, 0 if job.key else number), job)
    for place in sorted(first):
        _write(first[place])


def _write(job: NewJob) -> None:
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                """
                INSERT INTO activity_job (organization_id, name, key, payload, state, due_at, attempts, error)
                VALUES (%s, %s, %s, %s::jsonb, 'queued', now() + make_interval(secs => %s), 0, '')
                ON CONFLICT (name, key) WHERE state = 'queued' AND NOT key = '' DO NOTHING
                RETURNING id
                """,
                [
                    job.organization_id,
                    job.name,
                    job.key,
                    Job._meta.get_field("payload").get_db_prep_value(dict(job.payload), connection),
                    job.delay,
                ],
            )
            if row := cursor.fetchone():
                _ring_after_commit(job, row[0])
                return
            # Another job covers this one only if it begins after we commit: the shared lock keeps its worker from beginning before.
            cursor.execute("SELECT id FROM activity_job WHERE name = %s AND key = %s AND state = 'queued' FOR SHARE", [job.name, job.key])
            if cursor.fetchone():
                return


def _ring_after_commit(job: NewJob, job_id: int) -> None:
    transaction.on_commit(lambda: ring_job(job.name, job_id, countdown=job.delay or None))


def run_job(*, job_id: int, handler: Callable[[Job], object]) -> bool:
    """Lease the job, hand it to `handler`, and remove it when that returns. False where another worker has it, it is not due, or it is done.

    A handler is safe to run twice: when a worker is killed in the middle, the job is found and begun again. After five failures it is dead.
    """
    with _lease(job_id) as is_ours:
        if not is_ours:
            return False
        begun = Job.objects.filter(
            Q(state=Job.State.QUEUED, due_at__lte=Now() + timedelta(seconds=1)) | Q(state=Job.State.RUNNING), pk=job_id
        ).update(state=Job.State.RUNNING, attempts=F("attempts") + 1)
        if not begun:
            return False
        job = Job.objects.get(pk=job_id)
        if job.attempts > MAX_ATTEMPTS:  # a task that kills its worker never reaches the except branch below
            _bury(job, job.error or "The worker died in each of five tries.")
            return False
        try:
            handler(job)
        except Exception as error:
            log.exception("job %s failed, try %s", job, job.attempts)
            _give_back(job, f"{type(error).__name__}: {error}")
            return False
        Job.objects.filter(pk=job_id).delete()
        return True


@contextmanager
def _lease(job_id: int) -> Iterator[bool]:
    """Whether this connection alone now has the job. PostgreSQL ends the lease with the connection, so a killed worker holds nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LEASES + job_id])
        is_ours = bool(cursor.fetchone()[0])
    try:
        yield is_ours
    finally:
        if is_ours:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LEASES + job_id])


def _bury(job: Job, error: str) -> None:
    Job.objects.filter(pk=job.pk).update(state=Job.State.DEAD, error=error[:4000])


def _give_back(job: Job, error: str) -> None:
    """Let the job wait for another try, longer each time; where one of its key waits already, that one covers it."""
    if job.attempts >= MAX_ATTEMPTS:
        _bury(job, error)
        return
    later = Now() + timedelta(seconds=2**job.attempts)
    try:
        with transaction.atomic():
            Job.objects.filter(pk=job.pk).update(state=Job.State.QUEUED, due_at=later, rung_at=None, error=error[:4000])
    except IntegrityError:
        Job.objects.filter(pk=job.pk).delete()


def sweep_jobs() -> int:
    """Ring again for jobs that are due and that nobody runs: unheard bells, tries to repeat, and what a killed worker left; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE activity_job SET rung_at = now() WHERE id IN (
              SELECT j.id FROM activity_job j
               WHERE ((j.state = 'queued' AND j.due_at <= now() - make_interval(secs => CASE WHEN j.attempts = 0 THEN %(grace)s ELSE 0 END)
                        AND (j.rung_at IS NULL OR j.rung_at < now() - make_interval(secs => %(again)s)))
                   OR (j.state = 'running' AND NOT EXISTS (
                        SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND l.objsubid = 1
                           AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                           AND ((l.classid::bigint << 32) | l.objid::bigint) = %(leases)s + j.id)))
               ORDER BY j.due_at LIMIT %(most)s FOR UPDATE SKIP LOCKED)
            RETURNING name, id
            """,
            {"grace": GRACE, "again": RING_AGAIN, "leases": _LEASES, "most": SWEPT_AT_ONCE},
        )
        waiting = cursor.fetchall()
    for name, job_id in waiting:
        ring_job(name, job_id)
    return len(waiting)
