"""Why an item stands where it stands, in two or three words. Prioritization writes the code into the placement; lists draw it."""

from dataclasses import dataclass
from datetime import date

from django.db import models


class Reason(models.TextChoices):
    SOLID = "solid"
    WAITS_FOR = "waits_for"
    UNBLOCKS = "unblocks"
    GOES_WITH = "goes_with"
    PART_OF = "part_of"
    ASSUMED_SIZE = "assumed_size"
    ASSUMED_VALUE = "assumed_value"
    UNSCORED = "unscored"
    PLANNED = "planned"
    IN_PROGRESS = "in_progress"
    FROZEN_CONFLICT = "frozen_conflict"
    DORMANT = "dormant"
    ON_HOLD = "on_hold"
    PINNED = "pinned"
    KEPT_ABOVE = "kept_above"
    KEPT_BELOW = "kept_below"
    NOT_BEFORE = "not_before"  # with the day behind a colon
    FROZEN = "frozen"
    BOOSTED = "boosted"
    AWAITED = "awaited"
    CYCLE = "cycle"


@dataclass(frozen=True)
class ReasonSpec:
    """How a reason looks: the words take the other item's key at their end where `names_item`."""

    words: str
    icon: str  # lucide name
    tone: str = ""  # is-look, is-stop, is-from: a meaning colour, never without icon and words
    names_item: bool = False


REASONS: dict[str, ReasonSpec] = {
    Reason.SOLID: ReasonSpec("solid", "check"),
    Reason.WAITS_FOR: ReasonSpec("waits for", "lock", "is-stop", names_item=True),
    Reason.UNBLOCKS: ReasonSpec("unblocks", "arrow-up", "is-from", names_item=True),
    Reason.GOES_WITH: ReasonSpec("goes with", "link-2", "is-from", names_item=True),
    Reason.PART_OF: ReasonSpec("part of", "git-merge", "is-from", names_item=True),
    Reason.ASSUMED_SIZE: ReasonSpec("assumed size", "circle-dashed", "is-look"),
    Reason.ASSUMED_VALUE: ReasonSpec("assumed value", "circle-dashed", "is-look"),
    Reason.UNSCORED: ReasonSpec("no scores yet", "circle-dashed", "is-look"),
    Reason.PLANNED: ReasonSpec("planned", "calendar-check"),
    Reason.IN_PROGRESS: ReasonSpec("in progress", "loader"),
    Reason.FROZEN_CONFLICT: ReasonSpec("planned above", "triangle-alert", "is-stop", names_item=True),
    Reason.DORMANT: ReasonSpec("dormant", "moon"),
    Reason.ON_HOLD: ReasonSpec("on hold", "pause"),
    Reason.PINNED: ReasonSpec("pinned", "pin"),
    Reason.KEPT_ABOVE: ReasonSpec("kept above", "arrow-up-to-line", names_item=True),
    Reason.KEPT_BELOW: ReasonSpec("kept below", "arrow-down-to-line", names_item=True),
    Reason.NOT_BEFORE: ReasonSpec("not before", "calendar-clock"),
    Reason.FROZEN: ReasonSpec("frozen", "snowflake"),
    Reason.BOOSTED: ReasonSpec("boosted", "chevrons-up"),
    Reason.AWAITED: ReasonSpec("pinned work waits:", "pin", "is-stop", names_item=True),
    Reason.CYCLE: ReasonSpec("in a circle with", "refresh-cw", "is-stop", names_item=True),
}

RESTRICTED = "a restricted item"
WAITING = ReasonSpec("being ranked", "loader")


def short_day(day: str) -> str:
    """A stored day (2026-12-03) as rows show it: 3 Dec."""
    return f"{date.fromisoformat(day):%-d %b}"


def reason_of(code: str, other_key: str | None) -> tuple[ReasonSpec, str]:
    """The reason's look and its words; `other_key` names the other item as the reader may see it."""
    code, _, day = code.partition(":")
    spec = REASONS.get(code, WAITING)
    if day:
        return spec, f"{spec.words} {short_day(day)}"
    return spec, f"{spec.words} {other_key or RESTRICTED}" if spec.names_item else spec.words
