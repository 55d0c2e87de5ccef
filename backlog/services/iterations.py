"""Time boxes of a team, and which items are meant for them."""

from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction

from accounts.models import ReleaseTrain, Team, User
from activity.errors import ConflictError, InvalidError
from activity.services.acts import one_act
from activity.services.events import record
from backlog.models import Interval, Item, Iteration
from backlog.services.cleaning import clean_text
from backlog.services.items import lock_item, save_item, show_change

MAX_NAME = 120
MAX_GOAL = 300
LONGEST = 366  # days; a longer box is a slip of the keyboard


def _clean_name(name: str, *, most: int) -> str:
    name = " ".join(clean_text(name, field="name").split())
    if not name:
        raise InvalidError("Give it a name.", field="name")
    if len(name) > most:
        raise InvalidError(f"The name is longer than {most} characters.", field="name")
    return name


def _check_days(starts_on: date, ends_on: date) -> None:
    if ends_on < starts_on:
        raise InvalidError("The last day is before the first.", field="ends_on")
    if (ends_on - starts_on).days > LONGEST:
        raise InvalidError("That is longer than a year.", field="ends_on")


@one_act()
def create_interval(*, train: ReleaseTrain, name: str, starts_on: date, ends_on: date, by: User | None) -> Interval:
    """A planning interval of the train. ConflictError where the train has one of that name."""
    _check_days(starts_on, ends_on)
    try:
        with transaction.atomic():
            interval = Interval.objects.create(
                organization_id=train.organization_id, train=train, name=_clean_name(name, most=80), starts_on=starts_on, ends_on=ends_on
            )
    except IntegrityError as error:
        raise ConflictError(f"{train.name} already has an interval named “{name}”.", field="name") from error
    record(subject=interval, verb="interval.created", by=by, after={"name": interval.name, "starts_on": starts_on, "ends_on": ends_on})
    return interval


@one_act()
def create_iteration(
    *,
    team: Team,
    name: str,
    starts_on: date,
    ends_on: date,
    by: User | None,
    goal: str = "",
    interval: Interval | None = None,
    state: Iteration.State | str = Iteration.State.FUTURE,
    points_done: Decimal | None = None,
) -> Iteration:
    """A sprint of the team; `points_done` is what a closed one brought.

    ConflictError where the team has one of that name, or a second active one is asked for.
    """
    _check_days(starts_on, ends_on)
    if state not in Iteration.State.values:
        raise InvalidError("A sprint is future, active or closed.", field="state")
    if len(goal) > MAX_GOAL:
        raise InvalidError(f"The goal is longer than {MAX_GOAL} characters.", field="goal")
    iteration = Iteration(
        organization_id=team.organization_id,
        team=team,
        interval=interval,
        name=_clean_name(name, most=MAX_NAME),
        goal=clean_text(goal.strip(), field="goal"),
        starts_on=starts_on,
        ends_on=ends_on,
        state=state,
        points_done=points_done,
    )
    try:
        with transaction.atomic():
            iteration.save(force_insert=True)
    except IntegrityError as error:
        if "one_active" in str(error):
            raise ConflictError(f"{team.name} already has an active sprint. Close it first.", field="state") from error
        raise ConflictError(f"{team.name} already has a sprint named “{iteration.name}”.", field="name") from error
    record(
        subject=iteration,
        verb="iteration.created",
        by=by,
        after={"name": iteration.name, "starts_on": starts_on, "ends_on": ends_on, "state": iteration.state},
    )
    return iteration


def check_iteration(item: Item, iteration: Iteration | None) -> None:
    """Raise InvalidError for another team's sprint or a closed one."""
    if iteration is not None and (iteration.organization_id != item.organization_id or iteration.team_id != item.team_id):
        raise InvalidError("The sprint belongs to another team.", field="iteration")
    if iteration is not None and iteration.state == Iteration.State.CLOSED:
        raise InvalidError(f"{iteration.name} is closed.", field="iteration")


@one_act()
def assign_iteration(*, item: Item, iteration: Iteration | None, by: User | None, cause: str = "") -> Item:
    """Point the item at a sprint of its team, or at none. Its status stays: a target is not yet a commitment.

    Raises InvalidError for another team's sprint or a closed one.
    """
    item = lock_item(item)
    check_iteration(item, iteration)
    old = item.iteration
    if (old and old.pk) == (iteration and iteration.pk):
        return item
    item.iteration = iteration
    save_item(item, "iteration")
    record(
        subject=item,
        verb="item.scheduled",
        by=by,
        before={"iteration": old.name if old else None},
        after={"iteration": iteration.name if iteration else None},
        cause=cause,
    )
    show_change(item)
    return item
