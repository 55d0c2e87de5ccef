"""The rows of a file become items: in batches, each in one transaction with its progress, so that a killed run goes on where it stopped."""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import IO, Any

from django.db import IntegrityError
from django.utils import timezone

from accounts.models import ReleaseTrain, Team
from activity.errors import ConflictError, DomainError
from activity.models import Event
from activity.services.acts import one_act
from activity.statements import measure_after_commit
from backlog.kinds import Kind
from backlog.models import Criterion, Dependency, Item, Placement
from backlog.models.item import TRAIN_KINDS
from backlog.services.bulk import Draft, check_draft, create_items
from backlog.services.items import edit_item
from backlog.services.statuses import set_status
from intake.errors import FileTooLargeError
from intake.importers import Broken, Note, Row, Source, open_source
from intake.importers.headers import plain
from intake.models import ExternalLink, ImportLine, ImportRun
from intake.services.links import link_rows
from intake.services.runs import add_to_run, end_run, sole_worker, stopped_at

BATCH = 250
MAX_ROWS = 200_000
Outcome = ImportLine.Outcome

UNCHANGED = "Nothing of it changed since the last import."
_KEY = re.compile(r"[A-Z][A-Z0-9_]{1,19}-[1-9][0-9]{0,9}\Z")
# Fields that a later import compares with what the file said last; links are made afterwards from the same document.
_COMPARED = ("title", "description", "kind", "status", "size", "details", "criteria", "parent", "blocks", "blocked_by")


def count_rows(source: Source) -> int:
    """How many rows the file has, broken ones too; FileTooLargeError beyond MAX_ROWS."""
    count = 0
    for _ in source.rows():
        count += 1
        if count > MAX_ROWS:
            raise FileTooLargeError(f"The file has more than {MAX_ROWS:,} rows. Split it and import the parts. Nothing was imported.")
    return count


def import_rows(*, run: ImportRun, file: IO[bytes], after_batch: Callable[[ImportRun], object] | None = None) -> ImportRun:
    """Import the file of a queued run, or go on with one that was stopped; return the run as it ended.

    Rows are skipped with a reason, never lost. ConflictError where another process works at the run.
    """
    with sole_worker(run) as is_alone:
        if not is_alone:
            raise ConflictError("This import is already going on.")
        run.refresh_from_db()
        if not run.is_active:
            return run
        try:
            return _imported(run, file, after_batch)
        except DomainError as error:
            end_run(run=run, state=ImportRun.State.FAILED, message=stopped_at(run, error.message))
            raise


def _imported(run: ImportRun, file: IO[bytes], after_batch: Callable[[ImportRun], object] | None) -> ImportRun:
    source = open_source(file, format=run.format, mapping=run.mapping)
    source.check()
    run.state, run.started_at = ImportRun.State.RUNNING, run.started_at or timezone.now()
    if run.done:
        run.resumed_at_row = run.done + 1
    run.save(update_fields=["state", "started_at", "resumed_at_row"])
    batches = _Batches(run, source)
    for rows in batches:
        if _cancel_asked(run):
            return _cancelled(run)
        _take(batches, rows)
        if after_batch:
            after_batch(run)
    with one_act(run.ref):
        link_rows(run=run)
        message = f"Stopped once and continued at row {run.resumed_at_row:,}." if run.resumed_at_row else ""
        end_run(run=run, state=ImportRun.State.DONE, message=message)
        measure_after_commit(run.created, Item, Criterion, Dependency, Placement, Event, ExternalLink)
    return run


def _take(batches: "_Batches", rows: list[Row | Broken]) -> None:
    """One batch. Where another team imported the same rows at this moment, look again: they are known now."""
    counts = (batches.run.done, batches.run.created, batches.run.updated, batches.run.skipped)
    try:
        _Batch(batches, rows).take()
    except IntegrityError:
        batches.run.done, batches.run.created, batches.run.updated, batches.run.skipped = counts
        _Batch(batches, rows).take()


def _cancel_asked(run: ImportRun) -> bool:
    return ImportRun.objects.filter(organization=run.organization_id, pk=run.pk, is_cancel_asked=True).exists()


def _cancelled(run: ImportRun) -> ImportRun:
    with one_act(run.ref):
        link_rows(run=run)
        end_run(run=run, state=ImportRun.State.CANCELLED, message=stopped_at(run, "You cancelled this import."))
    return run


class _Batches:
    """The rows that are not done yet, in batches, with what the run knows of the file as a whole."""

    def __init__(self, run: ImportRun, source: Source) -> None:
        self.run = run
        self.source = source
        self.seen: dict[tuple[str, str], int] = {}  # (source, external id): its first row
        headers = {name: header for header, name in reversed(source.mapping.items()) if name}
        self.headers = {**headers, "job_size": headers.get("size", ""), "reason": headers.get("status", "")}
        mapped = ",".join(sorted(plain(header) for header in headers.values()))
        self.shape = hashlib.sha256(mapped.encode()).hexdigest()[:8]

    def __iter__(self) -> Iterator[list[Row | Broken]]:
        rows = self.source.rows()
        for row in islice(rows, self.run.done):
            if isinstance(row, Row):
                self.seen.setdefault(self.identity(row), row.number)
        while batch := list(islice(rows, BATCH)):
            yield batch

    def identity(self, row: Row) -> tuple[str, str]:
        """(source, external id). Keys like NW-12 are the organization's; bare numbers are of this team and this shape of file."""
        team = self.run.team_id
        if _KEY.match(row.external_id):
            return "key", row.external_id
        if row.external_id:
            return f"csv:{team}:{self.shape}", row.external_id
        words = f"{row.title}\n{row.description}".casefold()
        return f"text:{team}", hashlib.sha256(" ".join(words.split()).encode()).hexdigest()


@dataclass
class _Batch:
    batches: _Batches
    rows: list[Row | Broken]
    lines: list[ImportLine] = field(default_factory=list)
    fresh: list[tuple[Row, Draft]] = field(default_factory=list)
    updated: int = 0
    skipped: int = 0

    @property
    def run(self) -> ImportRun:
        return self.batches.run

    def take(self) -> None:
        with one_act(self.run.ref):
            known = self._known()
            for row in self.rows:
                if isinstance(row, Broken):
                    self._skip(row.number, row.column, row.reason)
                else:
                    self._row(row, known)
            self._create()
            ImportLine.objects.bulk_create(self.lines)
            add_to_run(self.run, done=len(self.rows), created=len(self.fresh), updated=self.updated, skipped=self.skipped)

    def _known(self) -> dict[tuple[str, str], ExternalLink]:
        by_source: dict[str, list[str]] = {}
        for row in self.rows:
            if isinstance(row, Row):
                source, external_id = self.batches.identity(row)
                by_source.setdefault(source, []).append(external_id)
        links = ExternalLink.objects.for_organization(self.run.organization_id).select_related("item__team", "item__train")
        return {
            (link.source, link.external_id): link
            for source, ids in by_source.items()
            for link in links.filter(source=source, external_id__in=ids)
        }

    def _row(self, row: Row, known: dict[tuple[str, str], ExternalLink]) -> None:
        identity = self.batches.identity(row)
        first = self.batches.seen.setdefault(identity, row.number)
        if first != row.number:
            same = "key" if row.external_id else "text"
            self._skip(row.number, self._header("external_id"), f"The same {same} as row {first}.")
        elif identity in known:
            self._again(row, known[identity])
        else:
            self._new(row)

    def _new(self, row: Row) -> None:
        home = self._home(row.kind)
        if home is None:
            reason = "Epics and features live in the release train's backlog, which your role may not change."
            self._skip(row.number, self._header("kind"), reason)
            return
        draft = Draft(
            home=home,
            kind=row.kind,
            title=row.title,
            description=row.description,
            status=row.status,
            removed_reason=row.removed_reason,
            job_size=row.size,
            details=row.details,
            criteria=row.criteria,
            source_ref=row.external_id,
            created_at=row.created_at,
            closed_at=row.closed_at,
        )
        try:
            check_draft(draft)
        except DomainError as error:
            self._skip(row.number, self._header(error.field or ""), error.message)
            return
        self.fresh.append((row, draft))
        self._notes(row, "")

    def _home(self, kind: str) -> Team | ReleaseTrain | None:
        if Kind(kind) not in TRAIN_KINDS:
            return self.run.team
        return self.run.team.train if self.run.may_fill_train else None

    def _create(self) -> None:
        if not self.fresh:
            return
        items = create_items(
            drafts=[draft for _, draft in self.fresh],
            by=self.run.by,
            at=timezone.now(),
            source_kind="import",
            cause=f"import {self.run.file_name}",
        )
        ExternalLink.objects.bulk_create(
            [
                ExternalLink(
                    organization_id=self.run.organization_id,
                    source=self.batches.identity(row)[0],
                    external_id=self.batches.identity(row)[1],
                    item=item,
                    run=self.run,
                    imported=_document(row),
                    kept=_storable(row.kept),
                )
                for (row, _), item in zip(self.fresh, items, strict=True)
            ]
        )

    def _again(self, row: Row, link: ExternalLink) -> None:
        """A row that was imported before: take over what changed in the file since."""
        item = link.item
        if item.team_id != self.run.team_id and item.train_id != self.run.team.train_id:
            self._skip(row.number, self._header("external_id"), "It was already imported into another team's backlog.")
            return
        before, now = link.imported, _document(row)
        changed = {name for name in _COMPARED if before.get(name) != now[name]}
        if not changed:
            self._skip(row.number, "", UNCHANGED, item.key)
            return
        try:
            with one_act():
                left_out = _take_over(item, row, changed, cause=f"import {self.run.file_name}", run=self.run)
        except DomainError as error:
            self._skip(row.number, self._header(error.field or ""), error.message, item.key)
            return
        link.imported, link.kept, link.run, link.updated_at = now, _storable(row.kept), self.run, timezone.now()
        link.save(update_fields=["imported", "kept", "run", "updated_at"])
        self.updated += 1
        words = ", ".join(sorted(name.replace("_", " ") for name in changed))
        self._line(row.number, "", Outcome.UPDATED, f"Changed in the file: {words}.", item.key)
        for name, reason in left_out:
            self._line(row.number, self._header(name), Outcome.NOTICE, reason, item.key)
        self._notes(row, item.key)

    def _header(self, name: str) -> str:
        return self.batches.headers.get(name, "")

    def _notes(self, row: Row, key: str) -> None:
        for note in row.notes:
            self._line(row.number, note.column, Outcome.NOTICE, _sentence(note), key)

    def _skip(self, number: int, column: str, reason: str, key: str = "") -> None:
        self.skipped += 1
        self._line(number, column, Outcome.SKIPPED, reason, key)

    def _line(self, number: int, column: str, outcome: str, reason: str, key: str = "") -> None:
        self.lines.append(
            ImportLine(
                organization_id=self.run.organization_id,
                run=self.run,
                row=number,
                column=column.replace("\x00", "")[:200],
                outcome=outcome,
                reason=reason[:500],
                item_key=key,
            )
        )


def _sentence(note: Note) -> str:
    return f"{note.reason[:1].upper()}{note.reason[1:]}." if note.reason[:1].isalpha() else f"{note.reason}."


def _document(row: Row) -> dict[str, Any]:
    """What the file says of the row, as it is compared next time."""
    document: dict[str, Any] = {name: getattr(row, name) for name in _COMPARED}
    document["size"] = None if row.size is None else format(row.size.normalize(), "f")
    document["criteria"], document["blocks"], document["blocked_by"] = list(row.criteria), list(row.blocks), list(row.blocked_by)
    return {**document, "aliases": list(row.aliases), "row": row.number}


def _storable(kept: dict[str, str | list[str]]) -> dict[str, Any]:
    return {header[:200]: text for header, text in kept.items()}


def _take_over(item: Item, row: Row, changed: set[str], *, cause: str, run: ImportRun) -> list[tuple[str, str]]:
    """Write what changed in the file into the item; return (field, reason) for what was left as it stands here."""
    left_out: list[tuple[str, str]] = []
    changes: dict[str, Any] = {name: getattr(row, name) for name in ("title", "description") if name in changed}
    if "size" in changed:
        changes["job_size"] = row.size
    if "kind" in changed:
        if (Kind(row.kind) in TRAIN_KINDS) == (item.train_id is not None):
            changes["kind"] = row.kind
        else:
            left_out.append(("kind", "It would move between the team and its train; the kind was left as it is."))
    if changed & {"details", "kind"} and changes.get("kind", item.kind) == row.kind:
        changes["details"] = row.details
    if changes:
        item = edit_item(item=item, changes=changes, by=run.by, cause=cause, also_removed=True)
    if "status" in changed:
        try:
            with one_act():
                set_status(item=item, status=row.status, by=run.by, reason=row.removed_reason or row.status, cause=cause, is_judged=True)
        except ConflictError as error:
            left_out.append(("status", error.message))
    if "criteria" in changed:
        left_out.append(
            ("criteria", "The criteria changed in the file. They were left as they stand here, where people may have worked on them.")
        )
    return left_out
