"""Six weeks of past behind the demo organization, written at once."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from django.db import connection

from accounts.models import Organization, User
from activity.models import Event
from backlog.models import Cut, Goal, Item, Placement
from backlog.models.item import Status
from operations.demo.past import Closed, plan_past, tell_past
from operations.demo.past_events import store_events
from operations.demo.past_rows import Known, gather_runs, store_cuts, store_moves, store_runs
from operations.demo.plan import Plan, PlannedItem
from operations.demo.times import DAYS, born_days, closed_days
from operations.demo.words import GOALS
from prioritization.scoring import Row, in_milli
from prioritization.selectors.basis import read_basis
from prioritization.selectors.problems import solve
from prioritization.selectors.rows import load_organization

MOST_ITEMS = 5_000
"""A larger demo has no past: each of its steps is a computation."""

_RECORDERS = [trigger.get_pgid(model) for model in (Placement, Cut) for trigger in model._meta.triggers]  # type: ignore[union-attr]  # pgtrigger adds them


@contextmanager
def unrecorded() -> Iterator[None]:
    """Within a transaction, record no moves: the past is written as a whole, from the first entry to what stands at its end."""
    set_ignored = "SELECT set_config('pgtrigger.ignore', %s, true)"
    with connection.cursor() as cursor:
        cursor.execute(set_ignored, ["{" + ",".join(_RECORDERS) + "}"])
        yield
        cursor.execute(set_ignored, ["{}"])


def leave_past(*, organization: Organization, plan: Plan, people: Sequence[User], at: datetime, seed: int) -> None:
    """Tell how today's order came about; the organization was ranked in this transaction, quietly."""
    loaded, standing = load_organization(organization.pk), read_basis(organization.pk)
    found = Item.objects.for_organization(organization).order_by("id").values_list("id", "key", "iteration_id")
    planned = dict(zip((pk for pk, _, _ in found), plan.items, strict=True))
    closed = _closed(organization, planned)
    rows = {row.id: row for row in (*loaded.rows, *(one.row for one in closed))}
    goals = list(Goal.objects.for_organization(organization).order_by("number"))
    known = Known(
        organization, rows, planned, {pk: key for pk, key, _ in found}, {pk: sprint for pk, _, sprint in found}, goals, people, at
    )
    stands = solve(loaded, standing).places
    steps = plan_past(
        loaded=loaded,
        stands=stands,
        closed=closed,
        born={row.id: born_days(planned[row.id]) for row in loaded.rows},
        active=[row.id for row in loaded.rows if planned[row.id].iteration == 0],
        goals=[
            (goal.pk, in_milli(words.was_weighed), in_milli(goal.weight), words.is_over) for goal, words in zip(goals, GOALS, strict=True)
        ],
        at=at,
        seed=seed,
    )
    past = tell_past(loaded=loaded, standing=standing, stands=stands, steps=steps)
    created = dict(Event.objects.filter(organization=organization, verb="item.created").values_list("subject_id", "act"))
    runs = gather_runs(past, created)
    store_moves(known, past, runs)
    store_runs(known, runs)
    store_cuts(known, past, runs, standing)
    store_events(known, runs)


def _closed(organization: Organization, planned: Mapping[int, PlannedItem]) -> list[Closed]:
    """What was done within the past, as ranking would have read it while it was planned."""
    names = ("id", "key", "kind", "status", "is_dormant", "team_id", "train_id", "parent_id", "job_size", "demand", "goal_id")
    found = []
    for values in Item.objects.for_organization(organization).filter(status=Status.DONE).order_by("id").values_list(*names):
        days = closed_days(planned[values[0]])
        iteration = planned[values[0]].iteration
        if days is not None and days < DAYS and iteration is not None:
            row = Row._make((*values, "standard", None, None, 0))
            size = None if values[8] is None else in_milli(values[8])
            found.append(Closed(row._replace(status=Status.PLANNED, size=size), iteration, days))
    return found
