"""When things of the demo happened: six weeks that its past is told of, in days before the moment at which it stands."""

from datetime import datetime, timedelta

from operations.demo.plan import PlannedItem

DAYS = 42
SPRINT = 14
SPRINT_STARTED = 5
"""Days since the active sprint began."""
REFINED = (3, 10, 24, 38)
"""Days on which new work came in."""
CLOSED = (13, 6)
"""Days of a sprint on which work was done; the last first."""
GOALS_MADE = 60


def start_of(sprint: int) -> float:
    """Days ago: the active sprint is 0, those before it negative."""
    return SPRINT_STARTED - SPRINT * sprint


def born_days(item: PlannedItem) -> float:
    """Days ago; what came within the past came on a day of refinement."""
    if item.age > DAYS:
        return item.age + (item.index % 1440) / 1440
    return REFINED[item.age * len(REFINED) // (DAYS + 1)] + (item.index % 40) / 1440


def closed_days(item: PlannedItem) -> float | None:
    """Days ago, where it is closed; what was removed went before the past begins."""
    if item.status == "removed":
        return max(item.age // 3, DAYS + 5) + (item.index % 1440) / 1440
    if item.status != "done" or item.iteration is None:
        return None
    return start_of(item.iteration) - CLOSED[item.index % len(CLOSED)] + (item.index % 90) / 1440


def ago(at: datetime, days: float) -> datetime:
    return at - timedelta(days=days)
