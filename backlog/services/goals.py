"""The only writer of goals and of what items serve."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import connection, models

from accounts.models import Organization, User
from activity.errors import ConflictError, InvalidError, UnknownReferenceError
from activity.models import Event
from activity.services.acts import one_act, touch_topic
from activity.services.events import record
from backlog.models import Goal, Item
from backlog.models.goal import MOST_WEIGHT
from backlog.selectors.goals import below
from backlog.services.cleaning import clean_text
from backlog.services.items import StaleVersionError, lock_item, plain, save_item, show_change
from backlog.services.staleness import mark_stale

MAX_NAME = 200
MOST_LET_GO = 100
"""Items that lose their goal in one act while somebody waits; more keep it, and the goal is retired."""
FIELDS = frozenset({"name", "description", "parent", "weight", "starts_on", "ends_on", "is_active"})
COUNTING = frozenset({"parent", "weight", "starts_on", "ends_on", "is_active"})
TOPIC = "goals:all"


@one_act()
def create_goal(
    *,
    organization: Organization,
    name: str,
    by: User | None,
    description: str = "",
    parent: Goal | None = None,
    weight: Decimal | int | str = 1,
    starts_on: date | None = None,
    ends_on: date | None = None,
    number: int | None = None,
    cause: str = "",
) -> Goal:
    """Add a goal, below `parent` or on top. Raises InvalidError where a field cannot be accepted. `number` is that of a goal that comes back."""
    lock_goals(organization.pk)
    goal = Goal(organization=organization, number=_next_number(organization.pk) if number is None else number)
    given = {"name": name, "description": description, "parent": parent, "weight": weight, "starts_on": starts_on, "ends_on": ends_on}
    for field, value in _cleaned(goal, given).items():
        setattr(goal, field, value)
    goal.save(force_insert=True)
    record(
        subject=goal,
        verb="goal.created",
        by=by,
        after={"name": goal.name, "parent": _named(goal.parent), "weight": plain(goal.weight)},
        cause=cause,
    )
    touch_topic(organization_id=organization.pk, key=TOPIC)
    return goal


@one_act()
def edit_goal(*, goal: Goal, changes: Mapping[str, Any], by: User | None, was: Mapping[str, Any] | None = None, cause: str = "") -> Goal:
    """Change fields of a goal (names in FIELDS) and return it; what counts in the order moves the items that serve it or a goal below it.

    Raises StaleVersionError where one of the fields is no longer what it `was` for the caller (as `kept` says it), InvalidError where a
    value cannot be accepted. A change to what it already is writes nothing.
    """
    if unknown := set(changes) - FIELDS:
        raise InvalidError(f"“{min(unknown)}” cannot be changed here.", field=min(unknown))
    lock_goals(goal.organization_id)
    goal = _goals(goal.organization_id).select_related("parent").get(pk=goal.pk)
    if any(kept(getattr(goal, name)) != value for name, value in (was or {}).items()):
        raise StaleVersionError(f"“{goal.name}” was changed meanwhile. Yours is kept; look at both and save again.")
    cleaned = _cleaned(goal, changes)
    before = {name: kept(getattr(goal, name)) for name in cleaned}
    after = {name: kept(value) for name, value in cleaned.items()}
    changed = sorted(name for name in cleaned if before[name] != after[name])
    if not changed:
        return goal
    for name in changed:
        setattr(goal, name, cleaned[name])
    goal.save(update_fields=changed)
    record(
        subject=goal, verb="goal.edited", by=by, before={n: before[n] for n in changed}, after={n: after[n] for n in changed}, cause=cause
    )
    if COUNTING & set(changed):
        mark_served(goal, cause="goal.edited")
    touch_topic(organization_id=goal.organization_id, key=TOPIC)
    return goal


@one_act()
def remove_goal(*, goal: Goal, by: User | None, is_let_go: bool = False, cause: str = "") -> int:
    """Remove a goal that nothing is below, and return how many items served it: with `is_let_go` they serve none from now on.

    Raises ConflictError where goals lie below it, or items serve it: any without `is_let_go`, more than MOST_LET_GO with it.
    """
    lock_goals(goal.organization_id)
    if below := list(goal.children.order_by("number").values_list("name", flat=True)[:3]):
        raise ConflictError(f"Below “{goal.name}” lies {' and '.join(f'“{name}”' for name in below)}. Move that elsewhere first.")
    served = list(goal.items.order_by("id")[: MOST_LET_GO + 1])
    if served and not is_let_go:
        raise ConflictError(f"Something serves “{goal.name}”. End it instead.")
    if len(served) > MOST_LET_GO:
        raise ConflictError(f"More than {MOST_LET_GO} items serve “{goal.name}”. Retire it instead: it counts no more, and they keep it.")
    for item in served:
        set_goal(item=item, goal=None, by=by, cause="goal.removed")
    before = {name: kept(getattr(goal, name)) for name in sorted(FIELDS)} | {"number": goal.number}
    record(subject=goal, verb="goal.removed", by=by, before=before, cause=cause)
    organization_id = goal.organization_id
    goal.delete()
    touch_topic(organization_id=organization_id, key=TOPIC)
    return len(served)


@one_act()
def set_goal(*, item: Item, goal: Goal | None, by: User | None, was: Mapping[str, int | None] | None = None, cause: str = "") -> Item:
    """Say which goal the item serves, or none; what is below it and serves none of its own follows. The rank follows.

    Raises StaleVersionError where the `goal` (by number) is no longer what it `was` for the caller.
    """
    if goal is not None and goal.organization_id != item.organization_id:
        raise UnknownReferenceError("There is no such goal.", field="goal")
    item = lock_item(item)
    before = _goals(item.organization_id).get(pk=item.goal_id) if item.goal_id else None
    if was is not None and was["goal"] != _named(before):
        raise StaleVersionError(f"The goal of {item.key} was changed meanwhile. Yours is kept; look at both and save again.")
    if item.goal_id == (goal.pk if goal else None):
        return item
    item.goal = goal
    save_item(item, "goal")
    record(subject=item, verb="item.aimed", by=by, before={"goal": _named(before)}, after={"goal": _named(goal)}, cause=cause)
    if item.is_ranked:
        family = [pk for pk in (item.pk, item.parent_id) if pk is not None]
        mark_stale(organization_id=item.organization_id, item_ids=family, cause="item.aimed")
    show_change(item)
    return item


def mark_served(goal: Goal, *, cause: str) -> int:
    """Mark all ranked items that serve the goal, or one below it, as stale; return how many."""
    goals = below(goal)
    items = list(
        Item.objects.for_organization(goal.organization_id).ranked().filter(goal__in=goals).order_by("id").values_list("id", flat=True)
    )
    if items:
        mark_stale(organization_id=goal.organization_id, item_ids=items, cause=cause)
    return len(items)


def _goals(organization_id: int) -> "models.QuerySet[Goal]":
    return Goal.objects.for_organization(organization_id)


def _next_number(organization_id: int) -> int:
    """A number that no goal has or had: who takes a removal back finds the number free, and links never lead to another goal."""
    most = _goals(organization_id).aggregate(most=models.Max("number"))["most"] or 0
    removed = Event.objects.filter(organization=organization_id, subject_kind="goal", verb="goal.removed").values_list("before", flat=True)
    return 1 + max([int(most), *(int(before.get("number", 0)) for before in removed)])


_LOCK = 7_410_223  # advisory locks of goals; the second key is the organization


def lock_goals(organization_id: int) -> None:
    """One change of an organization's goals after the other: numbers are given once, and two moves close no circle."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, organization_id])


def _cleaned(goal: Goal, given: Mapping[str, Any]) -> dict[str, Any]:
    cleaned = dict(given)
    if "name" in cleaned:
        cleaned["name"] = _clean_name(cleaned["name"])
    if "description" in cleaned:
        cleaned["description"] = clean_text(cleaned["description"].replace("\r\n", "\n"))
    if "weight" in cleaned:
        cleaned["weight"] = clean_weight(cleaned["weight"])
    if "is_active" in cleaned and not isinstance(cleaned["is_active"], bool):
        raise InvalidError("A goal is active or not.", field="is_active")
    if cleaned.get("parent") is not None:
        _check_parent(goal, cleaned["parent"])
    starts, ends = (cleaned.get(name, getattr(goal, name)) for name in ("starts_on", "ends_on"))
    if starts and ends and ends < starts:
        raise InvalidError("The period ends before it starts.", field="ends_on")
    return cleaned


def _clean_name(name: str) -> str:
    name = clean_text(" ".join(name.split()), field="name")
    if not name:
        raise InvalidError("Give the goal a name.", field="name")
    if len(name) > MAX_NAME:
        raise InvalidError(f"The name is longer than {MAX_NAME} characters.", field="name")
    return name


def clean_weight(weight: Decimal | int | str) -> Decimal:
    """A goal's weight: above 0, at most five, three decimals; raise InvalidError for anything else."""
    try:
        cleaned = Decimal(weight)
    except (InvalidOperation, ValueError, TypeError) as error:
        raise InvalidError("The weight is a number.", field="weight") from error
    if not cleaned.is_finite() or not 0 < cleaned <= MOST_WEIGHT or cleaned != cleaned.quantize(Decimal("0.001")):
        raise InvalidError(
            f"The weight is above 0 and at most {MOST_WEIGHT}, with at most three decimals: 1 leaves items as they are.", field="weight"
        )
    return cleaned


def _check_parent(goal: Goal, parent: Goal) -> None:
    if parent.organization_id != goal.organization_id:
        raise UnknownReferenceError("There is no such goal.", field="parent")
    if not goal._state.adding and parent.pk in below(goal):
        raise InvalidError(f"“{parent.name}” lies below “{goal.name}”, or is the same.", field="parent")


def _named(goal: Goal | None) -> int | None:
    """A goal as an event names it: by its number in the organization."""
    return goal.number if goal else None


def kept(value: Any) -> Any:
    """A value as an event keeps it: goals by number, dates as text, numbers without trailing zeros."""
    if isinstance(value, Goal):
        return value.number
    return value.isoformat() if isinstance(value, date) else plain(value)
