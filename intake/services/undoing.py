"""An import is taken back as one act: in slices with progress, so that thousands of rows hold no request, and a killed worker goes on."""

import uuid
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from accounts.models import User
from accounts.permissions import Access, find_access
from activity.errors import ConflictError
from activity.models import Event
from activity.services.acts import one_act, touch_topic
from activity.services.events import record
from activity.services.jobs import enqueue
from activity.services.undo import undo_event
from intake.models import ExternalLink, ImportLine, ImportRun
from intake.services.runs import UNDO_TASK, add_to_run, free_dead_run, lock_run, save_busy, sole_worker, stop_undo

SLICE = 100  # events a transaction
ORDERED = "ranking.updated"
STAYS = "It was changed after the import and stays."
# What the file said of these is forgotten when the change is taken back, so that the next import brings it again.
_FORGOTTEN: Mapping[str, Mapping[str, Any]] = {
    "title": {"title": None},
    "description": {"description": None},
    "kind": {"kind": None},
    "job_size": {"size": None},
    "details": {"details": None},
    "parent": {"parent": ""},
    "status": {"status": None},
    "waits_for": {"blocked_by": [], "blocks": []},
}


def undo_act_of(run: ImportRun) -> uuid.UUID:
    """The act in which the run is taken back."""
    return uuid.uuid5(run.ref, "undo")


@one_act()
def start_undo(*, run: ImportRun, by: User) -> ImportRun:
    """Queue taking back what the run did. ConflictError where it did nothing, is taken back already, or another import of the team goes on."""
    free_dead_run(team=run.team)
    run = lock_run(run)
    if not run.is_undoable:
        raise ConflictError(f"This import is {run.get_state_display().lower()}; there is nothing to take back.")
    run.state, run.message = ImportRun.State.UNDOING, ""
    run.undo_total = _events_of(run).count()
    save_busy(run, "state", "message", "undo_total", refusal="Nothing was taken back.")
    record(subject=run, verb="import.undo_asked", by=by, after={"file": run.file_name})
    touch_topic(organization_id=run.organization_id, key=run.topic)
    enqueue(name=UNDO_TASK, organization_id=run.organization_id, key=str(run.pk), payload={"run": run.pk, "by": by.pk})
    return run


def undo_rows(*, run: ImportRun, by: User) -> None:
    """Take back what the run did, the last first; what people changed since stays and is listed in the report.

    Goes on where it was stopped; nothing where another process works at the run.
    """
    with sole_worker(run) as is_alone:
        run.refresh_from_db()
        if not is_alone or run.state != ImportRun.State.UNDOING:
            return
        access = find_access(user=by, slug=run.organization.slug)
        if access is None:
            stop_undo(run=run, why=f"{by} left the organization.")
            return
        if run.undone_to is None:
            with one_act(undo_act_of(run)):
                record(subject=run, verb="import.undo_started", by=by)
        while events := list(_events_ahead(run)):
            with one_act(undo_act_of(run)):
                _Slice(run, events, access, by).undo()
        _end(run, by)


def _events_of(run: ImportRun) -> Any:
    return Event.objects.filter(act=run.ref, organization=run.organization_id, subject_kind="item")


def _events_ahead(run: ImportRun) -> Iterable[Event]:
    events = _events_of(run) if run.undone_to is None else _events_of(run).filter(id__lt=run.undone_to)
    ahead: Iterable[Event] = events.order_by("-id")[:SLICE]
    return ahead


def _end(run: ImportRun, by: User) -> None:
    left = ImportLine.objects.filter(run=run, outcome=ImportLine.Outcome.LEFT).values("item_key").distinct().count()
    with one_act(undo_act_of(run)):
        run.state = ImportRun.State.UNDONE
        run.message = f"{left:,} item{'' if left == 1 else 's'} changed since and stay{'s' if left == 1 else ''}." if left else ""
        run.save(update_fields=["state", "message"])
        record(subject=run, verb="import.undone", by=by, after={"left": left})
        touch_topic(organization_id=run.organization_id, key=run.topic)


class _Slice:
    """Some events of the run, newest first, with what has to be known of their items."""

    def __init__(self, run: ImportRun, events: list[Event], access: Access, by: User) -> None:
        self.run, self.events, self.access, self.by = run, events, access, by
        ids = {event.subject_id for event in events}
        self.created = set(_events_of(run).filter(verb="item.created", subject_id__in=ids).values_list("subject_id", flat=True))
        self.changed = self._changed_since(self.created)
        links = ExternalLink.objects.filter(organization=run.organization_id, item__in=ids)
        self.links = {link.item_id: link for link in links}
        self.lines: list[ImportLine] = []
        self.gone: set[int] = set()

    def _changed_since(self, ids: Collection[int]) -> set[int]:
        """Those items that somebody changed after the run had made them. That the order moved them is no change."""
        since = Event.objects.filter(organization=self.run.organization_id, subject_kind="item", subject_id__in=ids)
        since = since.exclude(act__in=[self.run.ref, undo_act_of(self.run)]).exclude(verb=ORDERED)
        return set(since.values_list("subject_id", flat=True))

    def undo(self) -> None:
        for event in self.events:
            if event.subject_id not in self.created:
                self._undo_change(event)
            elif event.verb == "item.created":  # with the item goes all that the run did to it
                self._undo_creation(event)
        ExternalLink.objects.filter(organization=self.run.organization_id, item__in=self.gone).delete()
        ImportLine.objects.bulk_create(self.lines)
        self.run.undone_to = self.events[-1].pk
        self.run.save(update_fields=["undone_to"])
        add_to_run(self.run, undone=len(self.events))

    def _undo_creation(self, event: Event) -> None:
        if event.subject_id in self.changed:
            self._leave(event, [STAYS])
        elif left := self._undone(event):
            self._leave(event, left)
        else:
            self.gone.add(event.subject_id)

    def _undo_change(self, event: Event) -> None:
        left = self._undone(event)
        self._leave(event, left)
        link = self.links.get(event.subject_id)
        if link is not None and not left:
            for name in event.after:
                link.imported |= _FORGOTTEN.get(name, {})
            link.save(update_fields=["imported"])

    def _undone(self, event: Event) -> list[str]:
        return undo_event(event, access=self.access, by=self.by, cause=f"undo {self.run.ref}")

    def _leave(self, event: Event, reasons: list[str]) -> None:
        link = self.links.get(event.subject_id)
        for reason in reasons:
            self.lines.append(
                ImportLine(
                    organization_id=self.run.organization_id,
                    run=self.run,
                    row=link.imported.get("row", 0) if link else 0,
                    outcome=ImportLine.Outcome.LEFT,
                    reason=reason[:500],
                    item_key=event.subject_ref,
                )
            )
