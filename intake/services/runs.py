"""Runs of imports: kept, started, found dead, cancelled."""

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any

from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import Team, User
from activity.errors import ConflictError
from activity.models import Job
from activity.services.acts import one_act, touch_topic
from activity.services.events import record
from activity.services.jobs import enqueue
from intake.errors import FileTooLargeError
from intake.importers import Source
from intake.importers.text import MAX_BYTES
from intake.models import ImportPart, ImportRun

PART = 1 << 20
TASK = "intake.import_rows"
UNDO_TASK = "intake.undo_import"
LOCKS = 7_410_300  # first key of our advisory locks; the second is the run


def check_size(file: IO[bytes]) -> int:
    """The file's size in bytes; FileTooLargeError where it is beyond what an import takes."""
    size = file.seek(0, 2)
    file.seek(0)
    if size > MAX_BYTES:
        raise FileTooLargeError(
            f"The file has {size / 2**20:,.0f} MB; at most {MAX_BYTES // 2**20} MB are read. Split it and import the parts."
        )
    return size


def digest_of(file: IO[bytes]) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while chunk := file.read(PART):
        digest.update(chunk)
    return digest.hexdigest()


@one_act()
def prepare_run(*, team: Team, source: Source, file_name: str, total: int, may_fill_train: bool, by: User | None) -> ImportRun:
    """A run in preview. What the person looked at before and never started is thrown away."""
    ImportRun.objects.filter(organization=team.organization_id, team=team, by=by, state=ImportRun.State.PREVIEW).delete()
    return ImportRun.objects.create(
        organization_id=team.organization_id,
        team=team,
        by=by,
        may_fill_train=may_fill_train,
        file_name=(file_name.replace("\x00", "") or "file")[:200],
        sha256=digest_of(source.file),
        format=source.format,
        mapping=source.mapping,
        total=total,
    )


def keep_file(*, run: ImportRun, file: IO[bytes]) -> None:
    """Keep the file's bytes with the run, in pieces, so that neither side ever holds all of it."""
    file.seek(0)
    number = 0
    while content := file.read(PART):
        ImportPart.objects.create(organization_id=run.organization_id, run=run, number=number, content=content)
        number += 1


@contextmanager
def kept_file(run: ImportRun) -> Iterator[IO[bytes]]:
    """The kept file, on disk where it is large."""
    with tempfile.SpooledTemporaryFile(max_size=4 * PART) as file:
        for content in ImportPart.objects.filter(run=run).order_by("number").values_list("content", flat=True).iterator(chunk_size=1):
            file.write(bytes(content))
        file.seek(0)
        yield file


def start_run(*, run: ImportRun, mapping: Mapping[str, str], by: User | None, is_background: bool) -> ImportRun:
    """Queue the run (for the worker, or for the caller itself). ConflictError while another import of the team goes on.

    All that the run does is one act, whose id is the run's.
    """
    with one_act(run.ref):
        free_dead_run(team=run.team)
        return _started(lock_run(run), mapping, by, is_background)


def lock_run(run: ImportRun) -> ImportRun:
    """The run as it stands, locked until the transaction ends."""
    runs = ImportRun.objects.for_organization(run.organization_id).select_related("team")
    return runs.select_for_update(of=("self",), no_key=True).get(pk=run.pk)


def _started(run: ImportRun, mapping: Mapping[str, str], by: User | None, is_background: bool) -> ImportRun:
    if run.state != ImportRun.State.PREVIEW:
        raise ConflictError("This import was already started.")
    run.state, run.mapping = ImportRun.State.QUEUED, dict(mapping)
    save_busy(run, "state", "mapping", refusal="Nothing of this file was imported.")
    record(subject=run, verb="import.started", by=by, after={"file": run.file_name, "rows": run.total, "format": run.format})
    touch_topic(organization_id=run.organization_id, key=run.topic)
    if is_background:
        enqueue(name=TASK, organization_id=run.organization_id, key=str(run.pk), payload={"run": run.pk})
    return run


def save_busy(run: ImportRun, *fields: str, refusal: str) -> None:
    """Save a run that begins to change items; ConflictError while another one does so in the same team."""
    try:
        with transaction.atomic():
            run.save(update_fields=fields)
    except IntegrityError as error:
        raise ConflictError(f"Another import into {run.team.name} is going on. Wait until it has ended. {refusal}") from error


def free_dead_run(*, team: Team) -> None:
    """A busy run that no process works at and no job will take up was killed: say at which row, and make room."""
    run = ImportRun.objects.filter(organization=team.organization_id, team=team, state__in=ImportRun.BUSY).select_related("team").first()
    if run is None or Job.objects.filter(name__in=[TASK, UNDO_TASK], key=str(run.pk)).exclude(state=Job.State.DEAD).exists():
        return
    if not _try_lock(run.pk):
        return
    try:
        if run.state == ImportRun.State.UNDOING:
            stop_undo(run=run)
            return
        end_run(run=run, state=ImportRun.State.FAILED, message=stopped_at(run))
    finally:
        _unlock(run.pk)


@one_act()
def stop_undo(*, run: ImportRun, why: str = "The process was stopped.") -> None:
    """Say how far taking the run back came. Asked for again, it goes on from there."""
    run.state = ImportRun.State.DONE
    run.message = f"{why} Taking it back came as far as {run.undone:,} of {run.undo_total:,} changes. Undo this import again to go on."
    run.save(update_fields=["state", "message"])
    touch_topic(organization_id=run.organization_id, key=run.topic)


def stopped_at(run: ImportRun, why: str = "The process was stopped.") -> str:
    """What a person needs to know of a run that did not reach its end."""
    if not run.done:
        return f"{why} Nothing was imported. Import the file again."
    return (
        f"{why} The first {run.done:,} of {run.total:,} rows are imported and stay. Import the file again to continue; nothing comes twice."
    )


@contextmanager
def sole_worker(run: ImportRun) -> Iterator[bool]:
    """True while this process alone works at the run. The lock ends with the process, however it ends."""
    if not _try_lock(run.pk):
        yield False
        return
    try:
        yield True
    finally:
        _unlock(run.pk)


def _try_lock(run_id: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCKS, run_id % 2**31])
        return bool(cursor.fetchone()[0])


def _unlock(run_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCKS, run_id % 2**31])


@one_act()
def end_run(*, run: ImportRun, state: str, message: str = "") -> None:
    """Close the run with its state, and let go of the file."""
    run.state, run.message, run.ended_at = state, message[:500], timezone.now()
    run.save(update_fields=["state", "message", "ended_at"])
    ImportPart.objects.filter(run=run).delete()
    counts = {"rows": run.done, "created": run.created, "updated": run.updated, "skipped": run.skipped, "links": run.links}
    record(subject=run, verb=f"import.{state}", by=run.by, after={**counts, "message": run.message})
    touch_topic(organization_id=run.organization_id, key=run.topic)


@one_act()
def cancel_run(*, run: ImportRun, by: User) -> None:
    """Ask a run to stop after the rows it has in hand; one that waits in preview or in the queue ends at once."""
    ended = ImportRun.objects.filter(
        organization=run.organization_id, pk=run.pk, state__in=[ImportRun.State.PREVIEW, ImportRun.State.QUEUED]
    ).update(state=ImportRun.State.CANCELLED, ended_at=timezone.now(), message="Cancelled before the first row. Nothing was imported.")
    if ended:
        ImportPart.objects.filter(run=run).delete()
        Job.objects.filter(name=TASK, key=str(run.pk), state=Job.State.QUEUED).delete()
    else:
        ImportRun.objects.filter(organization=run.organization_id, pk=run.pk, state=ImportRun.State.RUNNING).update(is_cancel_asked=True)
    record(subject=run, verb="import.cancel_asked", by=by)
    touch_topic(organization_id=run.organization_id, key=run.topic)


def add_to_run(run: ImportRun, **counts: int) -> None:
    """Raise counters of the run, in the batch's transaction."""
    changes: dict[str, Any] = {name: F(name) + count for name, count in counts.items()}
    ImportRun.objects.filter(organization=run.organization_id, pk=run.pk).update(**changes)
    for name, count in counts.items():
        setattr(run, name, getattr(run, name) + count)
    touch_topic(organization_id=run.organization_id, key=run.topic)
