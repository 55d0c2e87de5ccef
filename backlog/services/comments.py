"""The only writer of comments, and how each change of one is taken back.

A comment is no change of the item: it leaves the version alone, so that nobody's edit is refused for it, and tells the topic `talk:<key>`.
"""

from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.db.models import Max
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Access
from accounts.selectors.people import people_who_see
from activity.errors import ConflictError, InvalidError
from activity.models import Event
from activity.services.acts import one_act, touch_topic
from activity.services.events import record
from activity.services.undo import register_inverse
from backlog.mentions import called
from backlog.models import Comment, Item, Mention
from backlog.permissions import may_remove_comment, readable_subject
from backlog.services.cleaning import clean_text
from backlog.services.items import StaleVersionError
from backlog.services.watching import follow


class CommentGoneError(ConflictError):
    """The comment was removed meanwhile."""

    code = "row_gone"


@one_act()
def add_comment(*, item: Item, text: str, by: User, cause: str = "") -> Comment:
    """Say something about the item; who is called by name and sees the item finds it under what waits for them. InvalidError for no text."""
    text = _clean(text)
    _lock(item)
    last = Comment.objects.for_organization(item.organization_id).filter(item=item).aggregate(last=Max("number"))["last"] or 0
    comment = Comment(organization_id=item.organization_id, item=item, number=last + 1, author=by, text=text)
    comment.save(force_insert=True)
    _call(comment)
    follow(item=item, people=[by])
    _done(comment, by, cause, verb="comment.added", before={}, after={"number": comment.number})
    return comment


@one_act()
def edit_comment(*, comment: Comment, text: str, by: User, was: str | None = None, cause: str = "") -> Comment:
    """Change the words of a comment. CommentGoneError where it was removed, StaleVersionError where it no longer reads `was`."""
    text = _clean(text)
    fresh = _locked(comment)
    if fresh.text == text:
        return fresh
    if was is not None and _clean(was or "-") != fresh.text:
        raise StaleVersionError("You changed it elsewhere meanwhile. Look at both and save again.", field="text")
    before = {"number": fresh.number, "comment": fresh.text}
    fresh.text, fresh.edited_at = text, timezone.now()
    fresh.save(update_fields=["text", "edited_at"])
    _call(fresh)
    _done(fresh, by, cause, verb="comment.edited", before=before, after={"number": fresh.number, "comment": text})
    return fresh


@one_act()
def remove_comment(*, comment: Comment, by: User, cause: str = "") -> Comment:
    """Take the words away; the place stays, so that answers to it still make sense. The event keeps the words for an undo."""
    fresh = _locked(comment)
    before = {"number": fresh.number, "comment": fresh.text}
    fresh.text, fresh.removed_at = "", timezone.now()
    fresh.save(update_fields=["text", "removed_at"])
    Mention.objects.for_organization(fresh.organization_id).filter(comment=fresh).delete()
    _done(fresh, by, cause, verb="comment.removed", before=before, after={"number": fresh.number})
    return fresh


def _clean(text: str) -> str:
    text = clean_text(text.replace("\r\n", "\n").strip(), field="text")
    if not text:
        raise InvalidError("Write something first.", field="text")
    return text


def _lock(item: Item) -> None:
    """Hold the item's row, so that comments are numbered one after the other, and note that somebody was there."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE backlog_item SET updated_at = statement_timestamp() WHERE organization_id = %s AND id = %s",
            [item.organization_id, item.pk],
        )


def _locked(comment: Comment) -> Comment:
    _lock(comment.item)
    fresh = Comment.objects.for_organization(comment.organization_id).get(item=comment.item_id, number=comment.number)
    if fresh.removed_at is not None:
        raise CommentGoneError("The comment was removed meanwhile. Your text is kept; add it as a new one.", field="text")
    fresh.item = comment.item
    return fresh


def _call(comment: Comment) -> None:
    """Note whom the comment calls by now; they follow the item."""
    if "@" not in comment.text:
        people = []
    else:
        seeing = people_who_see(organization_id=comment.organization_id, team=comment.item.team)
        people = called(comment.text, seeing.exclude(pk=comment.author_id or 0).values_list("pk", "name"))
    noted = Mention.objects.for_organization(comment.organization_id).filter(comment=comment)
    if comment.edited_at is not None:
        noted.exclude(person__in=people).delete()
    if people:
        Mention.objects.bulk_create(
            [Mention(organization_id=comment.organization_id, comment=comment, person_id=pk) for pk in people], ignore_conflicts=True
        )
        follow(item=comment.item, people=people)


def _done(comment: Comment, by: User, cause: str, *, verb: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    record(subject=comment.item, verb=verb, by=by, cause=cause, before=before, after=after)
    touch_topic(organization_id=comment.organization_id, key=f"talk:{comment.item.key}")


# --- taking back ------------------------------------------------------------------------------------

GONE = "The comment was changed or removed since."


def _find(event: Event) -> Comment:
    told = event.after or event.before
    comments = Comment.objects.for_organization(event.organization_id).select_related("item__team", "item__train")
    return comments.get(item=event.subject_id, number=told["number"])


def undo_added(*, event: Event, by: User, cause: str) -> list[str]:
    """Remove the comment, unless it was changed since."""
    comment = _find(event)
    if comment.removed_at is not None or comment.edited_at is not None:
        return [GONE]
    remove_comment(comment=comment, by=by, cause=cause)
    return []


def undo_edited(*, event: Event, by: User, cause: str) -> list[str]:
    """Give the comment its old words, where the new ones still stand."""
    comment = _find(event)
    if comment.text != event.after["comment"]:
        return [GONE]
    edit_comment(comment=comment, text=event.before["comment"], by=by, cause=cause)
    return []


def undo_removed(*, event: Event, by: User, cause: str) -> list[str]:
    """Give the comment its words back."""
    comment = _find(event)
    _lock(comment.item)
    if comment.removed_at is None:
        return [GONE]
    comment.text, comment.removed_at = event.before["comment"], None
    comment.save(update_fields=["text", "removed_at"])
    _call(comment)
    _done(comment, by, cause, verb="comment.restored", before={}, after={"number": comment.number})
    return []


def undo_restored(*, event: Event, by: User, cause: str) -> list[str]:
    """Remove the comment again."""
    remove_comment(comment=_find(event), by=by, cause=cause)
    return []


def _may(access: Access, event: Event) -> bool:
    """One's own words, where one still comments, and for administrators all."""
    item = readable_subject(access, event)
    if item is None:
        return False
    comment = _find(event)
    comment.item = item
    return may_remove_comment(access, comment)


def register() -> None:
    """Called once, when the app is ready."""
    register_inverse("comment.added", undo_added, may=_may)
    register_inverse("comment.edited", undo_edited, may=_may)
    register_inverse("comment.removed", undo_removed, may=_may)
    register_inverse("comment.restored", undo_restored, may=_may)
