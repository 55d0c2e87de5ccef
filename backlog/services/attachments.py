"""The only writer of attachments and of their bytes on disk, and how each change of one is taken back.

The bytes are written before the row and go after it: what a failure leaves behind is a file without a row, which `sweep_files` finds.
"""

import os
import time
import uuid
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Access
from accounts.roles import Verb
from activity.errors import ConflictError, DomainError, InvalidError
from activity.models import Event
from activity.services.acts import one_act
from activity.services.events import record
from activity.services.jobs import enqueue
from activity.services.undo import UNDO_WITHIN, register_inverse
from backlog.files import PICTURES, clean_name, type_of
from backlog.models import Attachment, Item
from backlog.permissions import readable_subject
from backlog.services.items import lock_item, save_item, show_change
from backlog.services.watching import follow

MOST = 50
"""Files on one item, those that may be brought back not counted."""
STRAY = 24 * 3600
"""Seconds after which a file without a row was left by a failure: no upload takes that long."""
THUMBNAIL_JOB = "backlog.thumbnail"
_THUMBNAIL = ".webp"
KEPT = UNDO_WITHIN + timedelta(days=1)
_PIECE = 256 * 1024


class TooLargeError(DomainError):
    """The file is beyond what an attachment may hold: 413."""

    status = 413
    code = "too_large"

    def __init__(self) -> None:
        most = settings.ATTACHMENT_MAX_BYTES // 2**20
        super().__init__(f"A file has at most {most} MB. Nothing was attached; put it elsewhere and link it.", field="file")


class AttachmentGoneError(ConflictError):
    """The file was removed meanwhile."""

    code = "row_gone"


def path_of(attachment: Attachment) -> Path:
    """Where its bytes lie: of the organization's id and a random name alone, so that no name leads anywhere else."""
    ref = attachment.ref.hex
    return Path(settings.MEDIA_ROOT) / "attachments" / str(attachment.organization_id) / ref[:2] / ref


def thumbnail_path_of(attachment: Attachment) -> Path:
    """Where its thumbnail lies, where one was drawn: beside its bytes, so that it is swept with them."""
    return path_of(attachment).with_suffix(_THUMBNAIL)


@one_act()
def add_attachment(*, item: Item, name: str, file: IO[bytes], size: int, by: User | None, cause: str = "") -> Attachment:
    """Attach a file of `size` bytes. TooLargeError (413), WrongTypeError (415) or InvalidError where it cannot be taken."""
    if size > settings.ATTACHMENT_MAX_BYTES:
        raise TooLargeError
    if not size:
        raise InvalidError(f"“{clean_name(name)}” is empty. Nothing was attached.", field="file")
    name = clean_name(name)
    media_type = type_of(name, file)
    item = lock_item(item)
    files = Attachment.objects.for_organization(item.organization_id).filter(item=item)
    if files.filter(removed_at__isnull=True).count() >= MOST:
        raise InvalidError(f"An item has at most {MOST} files. Remove one first, or pack them into an archive.", field="file")
    attachment = Attachment(
        organization_id=item.organization_id,
        item=item,
        number=(files.aggregate(last=Max("number"))["last"] or 0) + 1,
        name=name,
        media_type=media_type,
        size=size,
        added_by=by,
    )
    write_whole(path_of(attachment), file)
    attachment.save(force_insert=True)
    if media_type in PICTURES:
        enqueue(name=THUMBNAIL_JOB, organization_id=item.organization_id, key=str(attachment.pk), payload={"attachment": attachment.pk})
    follow(item=item, people=[by])
    _done(item, by, cause, verb="attachment.added", before={}, after=_told(attachment))
    return attachment


@one_act()
def remove_attachment(*, attachment: Attachment, by: User | None, cause: str = "") -> Attachment:
    """Take the file away; its bytes stay while an undo may bring it back."""
    item = lock_item(attachment.item)
    fresh = Attachment.objects.for_organization(item.organization_id).get(pk=attachment.pk)
    if fresh.removed_at is not None:
        raise AttachmentGoneError("Somebody removed the file already.")
    fresh.item, fresh.removed_at = item, timezone.now()
    fresh.save(update_fields=["removed_at"])
    _done(item, by, cause, verb="attachment.removed", before=_told(fresh), after={})
    return fresh


@one_act()
def move_attachment(*, attachment: Attachment, item: Item, by: User | None, number: int | None = None, cause: str = "") -> Attachment:
    """Give the file to another item, by `number` where that is free there, else by the next; its bytes stay where they are.

    AttachmentGoneError where it was removed, InvalidError where the other has as many as an item takes.
    """
    locked = {one.pk: lock_item(one) for one in sorted((attachment.item, item), key=lambda one: one.pk)}
    source, target = locked[attachment.item_id], locked[item.pk]
    files = Attachment.objects.for_organization(target.organization_id)
    fresh = files.filter(item=source, removed_at__isnull=True, pk=attachment.pk).first()
    if fresh is None:
        raise AttachmentGoneError(f"Somebody removed “{attachment.name}” already.")
    if files.filter(item=target, removed_at__isnull=True).count() >= MOST:
        raise InvalidError(f"{target.key} has {MOST} files already, and takes no more.", field="file")
    taken = set(files.filter(item=target).values_list("number", flat=True))
    old = fresh.number
    fresh.item, fresh.number = target, number if number is not None and number not in taken else max(taken, default=0) + 1
    fresh.save(update_fields=["item", "number"])
    save_item(source)
    show_change(source)
    _done(target, by, cause, verb="attachment.moved", before={"number": old}, after={**_told(fresh), "from": source.key})
    return fresh


def write_whole(path: Path, file: IO[bytes]) -> None:
    """Whole or not at all: under another name until the last byte is on disk. A refusal that follows leaves a stray file."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f"{path.name}.part")
    file.seek(0)
    with part.open("wb") as target:
        while piece := file.read(_PIECE):
            target.write(piece)
        target.flush()
        os.fsync(target.fileno())
    part.replace(path)


def _told(attachment: Attachment) -> dict[str, Any]:
    return {"number": attachment.number, "file": attachment.name}


def _done(item: Item, by: User | None, cause: str, *, verb: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    save_item(item)
    record(subject=item, verb=verb, by=by, cause=cause, before=before, after=after)
    show_change(item)


# --- taking back ------------------------------------------------------------------------------------


def _find(event: Event) -> Attachment | None:
    told = event.after or event.before
    files = Attachment.objects.for_organization(event.organization_id).select_related("item__team", "item__train")
    return files.filter(item=event.subject_id, number=told["number"]).first()


def undo_added(*, event: Event, by: User, cause: str) -> list[str]:
    """Remove the file again."""
    attachment = _find(event)
    if attachment is None or attachment.removed_at is not None:
        return ["The file was removed since."]
    remove_attachment(attachment=attachment, by=by, cause=cause)
    return []


def undo_moved(*, event: Event, by: User, cause: str) -> list[str]:
    """Give the file back to the item that had it."""
    attachment = _find(event)
    if attachment is None or attachment.removed_at is not None:
        return ["The file was removed since."]
    source = Item.objects.for_organization(event.organization_id).select_related("team", "train").get(key=event.after["from"])
    move_attachment(attachment=attachment, item=source, number=event.before["number"], by=by, cause=cause)
    return []


def undo_removed(*, event: Event, by: User, cause: str) -> list[str]:
    """Bring the file back, where its bytes are still there."""
    attachment = _find(event)
    if attachment is None or not path_of(attachment).exists():
        return ["The file is no longer kept."]
    item = lock_item(attachment.item)
    attachment.refresh_from_db(fields=["removed_at"])
    if attachment.removed_at is None:
        return ["The file is back already."]
    attachment.removed_at = None
    attachment.save(update_fields=["removed_at"])
    _done(item, by, cause, verb="attachment.restored", before={}, after=_told(attachment))
    return []


def _may(access: Access, event: Event) -> bool:
    """Whoever edits the item, and who attached the file."""
    item = readable_subject(access, event)
    if item is None:
        return False
    attachment = _find(event)
    return access.may(Verb.EDIT, item.team or item.train) or (attachment is not None and attachment.added_by_id == access.user.pk)


def register() -> None:
    """Called once, when the app is ready."""
    register_inverse("attachment.added", undo_added, may=_may)
    register_inverse("attachment.removed", undo_removed, may=_may)
    register_inverse("attachment.restored", undo_added, may=_may)
    register_inverse("attachment.moved", undo_moved, may=_may)


# --- cleaning up ------------------------------------------------------------------------------------


def sweep_files() -> int:
    """Forget attachments that can no longer be brought back, with their bytes and thumbnails, and files that no row names; return how many files went.

    The rows go first and are committed: a crash in between leaves stray files, which the next sweep finds. Safe to run twice.
    """
    with transaction.atomic():
        Attachment.objects.unscoped().filter(removed_at__lt=timezone.now() - KEPT).delete()
    return sum(_forget(place) for place in sorted((Path(settings.MEDIA_ROOT) / "attachments").glob("*/??")))


def _forget(place: Path) -> int:
    """Remove the old files of one directory that no row names."""
    now = time.time()
    old = {path.name: path for path in place.iterdir() if path.is_file() and now - path.stat().st_mtime > STRAY}
    refs = {name: _ref(name) for name in old}
    asked = [ref for ref in refs.values() if ref is not None]
    kept = set(Attachment.objects.unscoped().filter(ref__in=asked).values_list("ref", flat=True))
    gone = [path for name, path in old.items() if refs[name] not in kept]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)


def _ref(name: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(hex=name.removesuffix(_THUMBNAIL))
    except ValueError:
        return None
