"""Why an item stands where it stands, in two or three words. Prioritization writes the code into the placement; lists draw it."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.db import models
from django.utils import timezone


class Reason(models.TextChoices):
    """The codes. What a person decided has the day on which that ends behind a colon: `pinned:2026-12-03`."""

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
    NOT_BEFORE = "not_before"
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
SOON = timedelta(days=7)
"""Before its end, a decision says when that is."""
WAITING = ReasonSpec("being ranked", "loader")


def short_day(day: str) -> str:
    """A stored day (2026-12-03) as rows show it: 3 Dec."""
    return f"{date.fromisoformat(day):%-d %b}"


def reason_of(code: str, other_key: str | None) -> tuple[ReasonSpec, str]:
    """The reason's look and its words; `other_key` names the other item as the reader may see it. What ends soon says so."""
    code, _, day = code.partition(":")
    spec = REASONS.get(code, WAITING)
    if code == Reason.NOT_BEFORE:
        return spec, f"{spec.words} {short_day(day)}" if day else spec.words
    words = f"{spec.words} {other_key or RESTRICTED}" if spec.names_item else spec.words
    return _ending(spec, words, day) if day else (spec, words)


def _ending(spec: ReasonSpec, words: str, day: str) -> tuple[ReasonSpec, str]:
    """Where a decision ends within SOON, or should have ended and was not taken out of the order yet: in view even where long words are cut."""
    left = date.fromisoformat(day) - timezone.localdate()
    if left > SOON:
        return spec, words
    end = f"until {short_day(day)}" if left > timedelta(0) else "ended"
    return replace(spec, tone="is-look"), f"{end}: {words}" if spec.names_item else f"{words}, {end}"
