"""How changes of items are taken back."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from accounts.models import User
from activity.models import Event
from activity.services.undo import register_final, register_inverse, register_subject, standing
from backlog.models import Criterion, Dependency, Interval, Item, Iteration, Task
from backlog.models.item import Status
from backlog.permissions import may_edit_subject, verb_of_move, visible_items
from backlog.services import criteria as rows
from backlog.services.dependencies import VERBS, link_dependency, unlink_dependency
from backlog.services.items import edit_item, lock_item, plain
from backlog.services.iterations import assign_iteration
from backlog.services.statuses import set_status

LABELS: Mapping[str, str] = {"job_size": "size", "is_dormant": "dormant mark"}


def _seen_items(access: Any, ids: Collection[int]) -> Iterable[int]:
    return visible_items(access).filter(pk__in=ids).values_list("pk", flat=True)


def _seen_iterations(access: Any, ids: Collection[int]) -> Iterable[int]:
    return Iteration.objects.filter(pk__in=ids, team__in=access.visible_teams()).values_list("pk", flat=True)


def _seen_intervals(access: Any, ids: Collection[int]) -> Iterable[int]:
    return Interval.objects.for_organization(access.organization).filter(pk__in=ids).values_list("pk", flat=True)


def _may_move(access: Any, event: Event) -> bool:
    item = Item.objects.for_organization(access.organization).select_related("team", "train").filter(pk=event.subject_id).first()
    if item is None:
        return False
    old, new = event.after.get("status", Status.REMOVED), event.before.get("status", Status.OPEN)
    return bool(access.may(verb_of_move(old, new), item.team or item.train))


def _locked(event: Event) -> Item:
    return lock_item(Item.objects.for_organization(event.organization_id).get(pk=event.subject_id))


def undo_edit(*, event: Event, by: User, cause: str) -> list[str]:
    """Write the old values of the fields back that nobody changed since."""
    item = _locked(event)
    back, changed = standing(event, {name: plain(getattr(item, name)) for name in event.after})
    if back.get("parent") is not None:
        back["parent"] = Item.objects.for_organization(event.organization_id).get(key=back["parent"])
    if back:
        edit_item(item=item, changes=back, by=by, cause=cause, also_removed=True)
    return [f"The {LABELS.get(name, name)} of {item.key} was changed since." for name in changed]


def undo_move(*, event: Event, by: User, cause: str) -> list[str]:
    """Give the item its old status, also where no way leads there in the menu."""
    item = _locked(event)
    if item.status != event.after.get("status"):
        return [f"{item.key} is {Status(item.status).label.lower()} since."]
    old = Status(event.before["status"])
    reason = str(event.before.get("reason") or "Taken back.") if old == Status.REMOVED else ""
    set_status(item=item, status=old, by=by, reason=reason, cause=cause, is_undo=True)
    return []


def undo_creation(*, event: Event, by: User, cause: str) -> list[str]:
    """Remove the item, with the reason; its key is not given again."""
    item = _locked(event)
    if item.status == Status.REMOVED:
        return [f"{item.key} is removed since."]
    set_status(item=item, status=Status.REMOVED, by=by, reason="Its creation was undone.", cause=cause, is_undo=True)
    return []


def undo_schedule(*, event: Event, by: User, cause: str) -> list[str]:
    """Point the item at the sprint it had."""
    item = _locked(event)
    if (item.iteration.name if item.iteration else None) != event.after["iteration"]:
        return [f"The sprint of {item.key} was changed since."]
    name = event.before["iteration"]
    old = Iteration.objects.get(organization=item.organization_id, team=item.team_id, name=name) if name else None
    assign_iteration(item=item, iteration=old, by=by, cause=cause)
    return []


# The relation as an event names it, to the kind of link and whether the event's item is the blocker.
_RELATIONS = {name: (kind, name == outward) for kind, (outward, inward) in VERBS.items() for name in (outward, inward)}


def undo_link(*, event: Event, by: User, cause: str) -> list[str]:
    """Take the links away that the event made. Both ends tell of a link; the second finds it gone."""
    for blocker, blocked, kind in _ends(event, event.after):
        unlink_dependency(blocker=blocker, blocked=blocked, kind=kind, by=by, cause=cause)
    return []


def undo_unlink(*, event: Event, by: User, cause: str) -> list[str]:
    """Make the links again, where they contradict nothing by now."""
    for blocker, blocked, kind in _ends(event, event.before):
        link_dependency(blocker=blocker, blocked=blocked, kind=kind, by=by, cause=cause)
    return []


def _ends(event: Event, said: Mapping[str, Any]) -> list[tuple[Item, Item, Dependency.Kind]]:
    item = Item.objects.for_organization(event.organization_id).get(pk=event.subject_id)
    ends = []
    for name, keys in said.items():
        kind, is_blocker = _RELATIONS[name]
        others = Item.objects.for_organization(event.organization_id).filter(key__in=keys if isinstance(keys, list) else [keys])
        ends += [(item, other, kind) if is_blocker else (other, item, kind) for other in others]
    return ends


def _row(event: Event, said: Mapping[str, Any]) -> Any:
    model = Criterion if event.verb.startswith("criterion.") else Task
    return (
        model._default_manager.select_related("item")
        .filter(organization=event.organization_id, item=event.subject_id, number=said["number"])
        .first()
    )


def _name(event: Event) -> str:
    return "criterion" if event.verb.startswith("criterion.") else "task"


def undo_row_added(*, event: Event, by: User, cause: str) -> list[str]:
    """Remove the row again, unless somebody worded it differently since."""
    row = _row(event, event.after)
    if row is None or row.text != event.after["text"]:
        return [f"The {_name(event)} was changed or removed since."]
    rows.remove_row(row=row, by=by, cause=cause)
    return []


def undo_row_removed(*, event: Event, by: User, cause: str) -> list[str]:
    """Add the row again, at the place it had."""
    item, before = _locked(event), event.before
    if event.verb == "criterion.removed":
        criterion = rows.add_criterion(
            item=item, text=before["text"], form=before["form"], came_from=before.get("from", ""), by=by, cause=cause, is_undo=True
        )
        rows.move_row(row=criterion, to=before["position"], by=by, cause=cause)
    else:
        task = rows.add_task(item=item, text=before["text"], by=by, cause=cause)
        rows.tick_task(task=task, is_done=before["is_done"], by=by, cause=cause)
        rows.move_row(row=task, to=before["position"], by=by, cause=cause)
    return []


def undo_row_changed(*, event: Event, by: User, cause: str) -> list[str]:
    """Give the row its old words, place or tick, where the new ones still stand."""
    row, before, after = _row(event, event.after), event.before, event.after
    names = [name for name in before if name in ("text", "form", "position", "is_done")]
    if row is None or any(getattr(row, name) != after[name] for name in names):
        return [f"The {_name(event)} was changed or removed since."]
    if event.verb.endswith(".edited"):
        rows.edit_row(row=row, text=before["text"], form=before.get("form"), by=by, cause=cause, is_undo=True)
    elif event.verb.endswith(".moved"):
        rows.move_row(row=row, to=before["position"], by=by, cause=cause)
    else:
        rows.tick_task(task=row, is_done=before["is_done"], by=by, cause=cause)
    return []


def register() -> None:
    """Called once, when the app is ready."""
    register_subject("item", seen=_seen_items)
    register_subject("iteration", seen=_seen_iterations)
    register_subject("interval", seen=_seen_intervals)
    register_inverse("item.edited", undo_edit, may=may_edit_subject)
    register_inverse("item.moved_to", undo_move, may=_may_move)
    register_inverse("item.created", undo_creation, may=may_edit_subject)
    register_inverse("item.scheduled", undo_schedule, may=may_edit_subject)
    register_inverse("item.linked", undo_link, may=may_edit_subject)
    register_inverse("item.unlinked", undo_unlink, may=may_edit_subject)
    for kind in ("criterion", "task"):
        register_inverse(f"{kind}.added", undo_row_added, may=may_edit_subject)
        register_inverse(f"{kind}.removed", undo_row_removed, may=may_edit_subject)
        register_inverse(f"{kind}.edited", undo_row_changed, may=may_edit_subject)
        register_inverse(f"{kind}.moved", undo_row_changed, may=may_edit_subject)
    register_inverse("task.ticked", undo_row_changed, may=may_edit_subject)
    register_final("iteration.created", "interval.created", reason="A sprint that was made stays; close it instead.")
