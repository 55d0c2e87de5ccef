"""What makes an item stale, as data: how long nobody may have touched it, and which events are a touch.

Not to be confused with a stale *rank*, which is computed again within seconds (`services/staleness.py`). A stale item is an open one that no
person has touched for months; whether it stays is decided by people in the review, never by silence.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db import models

from backlog.kinds import Kind

MONTHS: Mapping[Kind, int] = {
    Kind.EPIC: 12,
    Kind.FEATURE: 9,
    Kind.STORY: 6,
    Kind.BUG: 6,
    Kind.DESIGN_CHANGE: 6,
    Kind.TECH_DEBT: 9,
    Kind.USER_REQUEST: 6,
    Kind.RETRO_ACTION: 3,
    Kind.SPIKE: 3,
}
"""Months without a touch, where a list decides nothing else: what answers a question or a retro fades first."""
DEMAND = 10
"""From this demand on an item is wanted enough to be left alone: four people who are stuck."""
MOST_MONTHS = 60
MOST_DEMAND = 10_000

# Where people only order, rank or decide in the review, nobody has looked at what the item says. Every other verb of an item is a touch when a
# person did it; what the system or a visitor did has no actor and is none.
NO_TOUCH = frozenset(
    {
        "item.reordered",
        "item.overridden",
        "item.override_lifted",
        "item.override_ended",
        "item.awaited",
        "item.anchored",
        "item.anchor_lifted",
        "item.kept",
        "item.update_asked",
        "item.snoozed",
        "item.culled",
        "item.merged",
        "item.review_reopened",
        "ranking.updated",
    }
)
NO_TOUCH_CAUSES = ("import %", "undo %", "merge %")
"""How the cause of an event begins that touches nothing: a file read again, an act taken back, an item that went into another."""
ASKED_FOR = "item.still_needed"
"""What a visitor may say that is a touch: that they still need it."""
NOT_ASKED_FOR = "item.not_needed"

# `e` is an event of an item; the parameters are those of `touch_params`.
TOUCH_SQL = (
    "(e.verb = %(asked_for)s OR (e.actor_id IS NOT NULL AND e.verb <> ALL(%(no_touch)s) AND e.cause NOT LIKE ALL(%(no_touch_causes)s) "
    "AND NOT (e.verb = 'item.moved_to' AND e.after ->> 'status' = 'removed')))"
)


def touch_params() -> dict[str, object]:
    return {"asked_for": ASKED_FOR, "no_touch": sorted(NO_TOUCH), "no_touch_causes": list(NO_TOUCH_CAUSES)}


class Verdict(models.TextChoices):
    KEEP = "keep", "Keep"
    UPDATE = "update", "Update"
    MERGE = "merge", "Merge"
    REMOVE = "remove", "Remove"
    SNOOZE = "snooze", "Snooze"


class Take(models.TextChoices):
    """What of an item goes along into the one that it is merged into, where the person wants that."""

    CRITERIA = "criteria", "Criteria"
    QUESTIONS = "questions", "Open questions"
    FILES = "files", "Files"
    TASKS = "tasks", "Open tasks"


USUAL_TAKE = frozenset({Take.CRITERIA, Take.QUESTIONS, Take.FILES})
"""The small steps of a double are rarely those of the item that stays."""
ENDING = (Verdict.MERGE, Verdict.REMOVE)
"""Verdicts after which the item is gone; the others come back on a day."""
UPDATE_WITHIN = 14
"""Days after which an item that wants an update is asked about again, where nobody named a day."""


@dataclass(frozen=True)
class Rule:
    """When an item of one kind is stale: untouched for `months`, and with a demand below `demand`."""

    months: int
    demand: int


Rules = Mapping[Kind, Rule]


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier (or later, for a negative number); the last of a month that is too short."""
    number = day.year * 12 + day.month - 1 - months
    year, month = divmod(number, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")
