"""An item's urgency on a day, as ranking counts it."""

from datetime import date

from backlog.models import Item
from prioritization.curves import Profile, count_days
from prioritization.engine.urgency import lead_days
from prioritization.scoring import USUAL_PACE, in_milli
from prioritization.selectors.basis import read_basis


def profile_of(item: Item, *, today: date) -> Profile:
    """The item's profile as it stands."""
    return profile_as(item, item.urgency, due_on=item.due_on, days=item.urgency_days, today=today)


def profile_as(item: Item, urgency: str, *, due_on: date | None, days: int | None, today: date) -> Profile:
    """The profile that it would have with this urgency: what the item's size takes its team comes off the time that is left."""
    size = None if item.job_size is None else in_milli(item.job_size)
    pace = read_basis(item.organization_id, [item.team_id]).paces.get(item.team_id) if item.team_id is not None else None
    lead = lead_days(size, pace.own if pace is not None and pace.own >= 1000 else USUAL_PACE)
    return Profile(urgency, count_days(today), None if due_on is None else count_days(due_on), days, lead)
