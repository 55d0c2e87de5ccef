"""How changes of goals, of what items serve and of their urgency are taken back."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from accounts.models import Organization, User
from activity.models import Event
from activity.services.undo import register_inverse, register_subject, standing
from backlog.models import Goal, Item
from backlog.permissions import may_edit_subject, may_manage_goals, may_order_subject
from backlog.services.goals import create_goal, edit_goal, kept, remove_goal, set_goal
from backlog.services.items import lock_item
from backlog.services.urgency import set_urgency


def _goal(event: Event, number: Any) -> Goal | None:
    return None if number is None else Goal.objects.for_organization(event.organization_id).filter(number=number).first()


def undo_goal_created(*, event: Event, by: User, cause: str) -> list[str]:
    """Remove the goal, where nothing serves it."""
    goal = Goal.objects.for_organization(event.organization_id).filter(pk=event.subject_id).first()
    if goal is None:
        return ["The goal is gone already."]
    remove_goal(goal=goal, by=by, cause=cause)
    return []


def undo_goal_removed(*, event: Event, by: User, cause: str) -> list[str]:
    """Make the goal again as it was, with its number; what served it is given back by its own event."""
    told = dict(event.before)
    for name in ("starts_on", "ends_on"):
        told[name] = date.fromisoformat(told[name]) if told.get(name) else None
    is_active = told.pop("is_active", True)
    goal = create_goal(
        organization=Organization.objects.get(pk=event.organization_id),
        by=by,
        **told | {"parent": _goal(event, told.get("parent"))},
        cause=cause,
    )
    if not is_active:
        edit_goal(goal=goal, changes={"is_active": False}, by=by, cause=cause)
    return []


def undo_goal_edited(*, event: Event, by: User, cause: str) -> list[str]:
    """Write the old values of the fields back that nobody changed since."""
    goal = Goal.objects.for_organization(event.organization_id).select_related("parent").filter(pk=event.subject_id).first()
    if goal is None:
        return ["The goal was removed since."]
    back, changed = standing(event, {name: kept(getattr(goal, name)) for name in event.after})
    if "parent" in back:
        back["parent"] = _goal(event, back["parent"])
    for name in {"starts_on", "ends_on"} & back.keys():
        back[name] = date.fromisoformat(back[name]) if back[name] else None
    if back:
        edit_goal(goal=goal, changes=back, by=by, cause=cause)
    return [f"The {name.replace('_', ' ')} of “{goal.name}” was changed since." for name in changed]


def undo_aimed(*, event: Event, by: User, cause: str) -> list[str]:
    """Let the item serve what it served."""
    item = lock_item(Item.objects.for_organization(event.organization_id).get(pk=event.subject_id))
    now = item.goal.number if item.goal else None
    if now != event.after.get("goal"):
        return [f"The goal of {item.key} was changed since."]
    set_goal(item=item, goal=_goal(event, event.before.get("goal")), by=by, cause=cause)
    return []


def undo_hurried(*, event: Event, by: User, cause: str) -> list[str]:
    """Give the item its old urgency, where it was not changed since."""
    item = lock_item(Item.objects.for_organization(event.organization_id).get(pk=event.subject_id))
    now = {"urgency": item.urgency, "due_on": kept(item.due_on), "urgency_days": item.urgency_days}
    if now != event.after:
        return [f"The urgency of {item.key} was changed since."]
    due = event.before.get("due_on")
    set_urgency(
        item=item,
        urgency=event.before["urgency"],
        due_on=date.fromisoformat(due) if due else None,
        days=event.before.get("urgency_days"),
        by=by,
        cause=cause,
    )
    return []


def _may_manage(access: Any, event: Event) -> bool:
    return may_manage_goals(access)


def _seen_goals(access: Any, ids: Collection[int]) -> Iterable[int]:
    """All of them: goals are the organization's, and its members see them. One that was removed is nobody's secret."""
    return ids


def register() -> None:
    """Called once, when the app is ready."""
    register_subject("goal", seen=_seen_goals)
    register_inverse("goal.created", undo_goal_created, may=_may_manage)
    register_inverse("goal.edited", undo_goal_edited, may=_may_manage)
    register_inverse("item.aimed", undo_aimed, may=may_edit_subject)
    register_inverse("item.hurried", undo_hurried, may=may_order_subject)
    register_inverse("goal.removed", undo_goal_removed, may=_may_manage)
