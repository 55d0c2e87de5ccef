"""The only writer of what people say of single items: that a line of a definition holds or may be missing, and that the team calls it ready."""

from datetime import datetime

from django.utils import timezone

from accounts.models import User
from activity.errors import ConflictError, InvalidError
from activity.models import Event
from activity.services.acts import one_act
from activity.services.events import record
from activity.services.undo import register_inverse
from backlog.models import DefinitionSnapshot, Item
from backlog.models.readiness import ReadyMark, ReadyRule
from backlog.permissions import may_edit_subject
from backlog.readiness import COMPUTED
from backlog.services.cleaning import clean_reason
from backlog.services.items import lock_item, save_item, show_change

MAX_REASON = 300


@one_act()
def mark_ready(*, item: Item, code: str, state: str, by: User | None, reason: str = "", cause: str = "") -> Item:
    """Say of one line that it holds (`ticked`), may be missing (`waived`, with a reason), or neither (empty).

    Raises InvalidError for a line that cannot be ticked, or a waiver without its reason.
    """
    if state not in ("ticked", "waived", ""):
        raise InvalidError("A line is ticked, waived or neither.", field="state")
    if state == "ticked" and code in COMPUTED:
        raise InvalidError("This line is computed. Fill in what it looks at, or waive it.", field="state")
    reason = clean_reason(" ".join(reason.split()), at_most=MAX_REASON) if state == "waived" else ""
    if state == "waived" and not reason:
        raise InvalidError("Say in a sentence why it may be missing.", field="reason")
    item = lock_item(item)
    marks = ReadyMark.objects.for_organization(item.organization_id).filter(item=item, code=code)
    before = _kept_mark(marks.first())
    after = {"code": code, "state": state, "reason": reason}
    if before | {"code": code} == after:
        return item
    marks.delete()
    if state:
        if not _is_known(item, code):
            raise InvalidError("This line is no longer asked.", field="code")
        ReadyMark.objects.create(
            organization_id=item.organization_id, item=item, code=code, is_waiver=state == "waived", reason=reason, set_by=by
        )
    save_item(item)
    record(subject=item, verb="item.readied", by=by, before=before | {"code": code}, after=after, cause=cause)
    show_change(item)
    return item


def _is_known(item: Item, code: str) -> bool:
    """Whether somebody asks for the line, or did when work on the item started."""
    if code in COMPUTED or ReadyRule.objects.for_organization(item.organization_id).filter(code=code).exists():
        return True
    kept = DefinitionSnapshot.objects.for_organization(item.organization_id).filter(item=item).values_list("lines", flat=True)
    return any(line[0] == code for lines in kept for line in lines)


def _kept_mark(mark: ReadyMark | None) -> dict[str, str]:
    if mark is None:
        return {"state": "", "reason": ""}
    return {"state": "waived" if mark.is_waiver else "ticked", "reason": mark.reason}


# --- the team's verdict -------------------------------------------------------------------------------


@one_act()
def say_ready(*, item: Item, is_ready: bool, by: User | None, cause: str = "") -> Item:
    """Record the team's verdict that the item is ready, or that it no longer says so. It falls away when the text or the criteria say
    something else than what was agreed on. ConflictError for an item that is not open.
    """
    item = lock_item(item)
    if (item.readied_at is not None) == is_ready:
        return item
    if is_ready and not item.is_ranked:
        raise ConflictError(f"{item.key} is not open. Only what is still to be done is called ready.")
    item.readied_at, item.readied_by = (timezone.now(), by) if is_ready else (None, None)
    save_item(item, "readied_at", "readied_by")
    record(subject=item, verb="item.called_ready", by=by, before={"ready": not is_ready}, after={"ready": is_ready}, cause=cause)
    show_change(item)
    return item


# --- undo ---------------------------------------------------------------------------------------------


def undo_readied(*, event: Event, by: User, cause: str) -> list[str]:
    """Give the line the word it had, where the new one still stands."""
    item = lock_item(Item.objects.for_organization(event.organization_id).get(pk=event.subject_id))
    code = event.after["code"]
    now = _kept_mark(ReadyMark.objects.for_organization(event.organization_id).filter(item=item, code=code).first())
    if now | {"code": code} != event.after:
        return [f"This line of {item.key} was changed since."]
    mark_ready(item=item, code=code, state=event.before["state"], reason=event.before["reason"], by=by, cause=cause)
    return []


def undo_called_ready(*, event: Event, by: User, cause: str) -> list[str]:
    """Say as before, where nobody said otherwise since."""
    item = lock_item(Item.objects.for_organization(event.organization_id).get(pk=event.subject_id))
    if (item.readied_at is not None) != event.after["ready"]:
        return [f"Whether {item.key} is ready was said anew since."]
    say_ready(item=item, is_ready=event.before["ready"], by=by, cause=cause)
    return []


def undo_verdict_fell(*, event: Event, by: User, cause: str) -> list[str]:
    """Give the team's word back; what it was about was taken back before."""
    item = lock_item(Item.objects.for_organization(event.organization_id).get(pk=event.subject_id))
    if item.readied_at is not None:
        return []
    item.readied_at = datetime.fromisoformat(event.before["at"])
    item.readied_by = User.objects.filter(pk=event.before["by"]).first()
    save_item(item, "readied_at", "readied_by")
    record(subject=item, verb="item.called_ready", by=by, before={"ready": False}, after={"ready": True}, cause=cause)
    show_change(item)
    return []


def register() -> None:
    """Called once, when the app is ready."""
    register_inverse("item.readied", undo_readied, may=may_edit_subject)
    register_inverse("item.verdict_fell", undo_verdict_fell, may=may_edit_subject)
    register_inverse("item.called_ready", undo_called_ready, may=may_edit_subject)
