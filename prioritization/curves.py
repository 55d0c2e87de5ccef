"""What a profile of urgency does to a cost of delay over the days: in a sentence, and ready to draw."""

from dataclasses import dataclass
from datetime import date, timedelta
from math import log
from typing import NamedTuple

from prioritization.engine.formula import MILLI
from prioritization.engine.urgency import (
    EXPEDITE,
    FIXED_DATE,
    FLOOR,
    INTANGIBLE,
    SHORT_LIFE,
    USUAL_DAYS,
    asks_for_verdict,
    urgency,
)

EPOCH = date(1970, 1, 1)
WIDTH, LOW, HIGH = 320, 84, 24
_SAMPLES = 80
_EDGE = 48  # where a label would leave the drawing, it ends or begins at its line


class Profile(NamedTuple):
    """An item's urgency on a day, as the engine counts it: days since 1970, the span as it was set, the lead of its size."""

    name: str
    day: int
    due: int | None = None
    span: int | None = None
    lead: int = 0

    @property
    def days(self) -> int:
        """How fast it changes."""
        return self.span or USUAL_DAYS.get(self.name, 1)

    @property
    def is_late(self) -> bool:
        return asks_for_verdict(self.name, day=self.day, due=self.due)

    def at(self, day: int) -> int:
        """The multiplier on that day, in thousandths."""
        return urgency(self.name, day=day, due=self.due, span=self.span, lead=self.lead)


@dataclass(frozen=True)
class Label:
    """A day on the drawing."""

    x: int
    text: str
    anchor: str


@dataclass(frozen=True)
class Curve:
    """The multiplier over the days; `scored` is the height at which it counts as it was scored."""

    path: str
    scored: int
    label: Label
    today: Label
    due: Label


def count_days(day: date) -> int:
    """Days since 1970."""
    return (day - EPOCH).days


def tell(profile: Profile) -> str:
    """What the profile does, in a sentence or two."""
    if profile.name == EXPEDITE:
        return "It comes before everything that is not under way. One item of a list at a time."
    if profile.name not in USUAL_DAYS:
        return "A week of waiting costs the same, whenever it comes."
    if profile.due is None:
        return "It needs a day."
    day, now = _dated(profile.due), _times(profile.at(profile.day))
    if profile.is_late:
        return f"Its day, {day}, has passed. It counts as it was scored until somebody decides."
    if profile.name == FIXED_DATE:
        return f"Today it counts {now}, on {day} {_times(profile.at(profile.due))}. Afterwards it asks what now."
    if profile.name == SHORT_LIFE:
        half = _dated(profile.due + round(profile.days * log(2)))
        fades = f"counts in full until {day}" if profile.day <= profile.due else f"fades since {day}: today it counts {now}"
        return f"It {fades}, and half as much on {half}."
    return f"It counts {_times(FLOOR)} until {day}, then more each day, in full from {_dated(profile.due + profile.days)} on. Today {now}."


def _times(milli: int) -> str:
    return "as scored" if milli == MILLI else f"{milli / MILLI:.1f} times" if milli >= MILLI // 10 else "next to nothing"


def _dated(day: int) -> str:
    return f"{EPOCH + timedelta(days=day):%-d %b %Y}"


def draw_curve(profile: Profile) -> Curve | None:
    """The drawing; None where the days change nothing."""
    if profile.name not in USUAL_DAYS or profile.due is None:
        return None
    start = min(profile.day, profile.due) - 7
    end = max(profile.day, profile.due + (3 * profile.days if profile.name in (SHORT_LIFE, INTANGIBLE) else 14))
    step = max((end - start) / _SAMPLES, 1)
    days = sorted({round(start + at * step) for at in range(int((end - start) / step) + 1)} | {profile.due, profile.due + 1, end})
    top = max(MILLI, *(profile.at(day) for day in days))

    def x(day: int) -> int:
        return round((day - start) / (end - start) * WIDTH)

    def y(milli: int) -> int:
        return LOW - round(milli / top * (LOW - HIGH))

    path = "M" + "L".join(f"{x(day)} {y(profile.at(day))}" for day in days)
    label = Label(WIDTH, "as scored", "end") if x(profile.day) < WIDTH // 2 else Label(0, "as scored", "start")
    return Curve(path, y(MILLI), label, _label(x(profile.day), "today"), _label(x(profile.due), _dated(profile.due)))


def _label(x: int, text: str) -> Label:
    return Label(x, text, "start" if x < _EDGE else "end" if x > WIDTH - _EDGE else "middle")
