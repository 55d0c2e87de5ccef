"""How the days change a cost of delay: a multiplier in thousandths for one day. Days are whole numbers, so a run of a given day is exact."""

from math import exp

from prioritization.engine.formula import MILLI

STANDARD, FIXED_DATE, EXPEDITE, SHORT_LIFE, INTANGIBLE = "standard", "fixed_date", "expedite", "short_life", "intangible"
USUAL_DAYS = {FIXED_DATE: 14, SHORT_LIFE: 30, INTANGIBLE: 28}
"""How fast a profile changes, where nobody said."""
LATE_DAYS = 28
"""What missing a fixed date loses, in days of the item's cost of delay."""
BUFFER_DAYS = 7
"""An item is meant to be done so long before its date."""
FLOOR = 200
"""What an intangible item counts with before it begins to matter."""
MOST_LEAD = 180


def urgency(profile: str, *, day: int, due: int | None, span: int | None = None, lead: int = 0) -> int:
    """The multiplier of a profile on a day, in thousandths of the cost of delay that people scored.

    - fixed date: `u/s * sigmoid((t + lead - (due - buffer)) / s)`, where u is what missing the date loses; hardly anything long before, the
      most on the day itself. Past it the multiplier is gone, and a person must say what now: see `asks_for_verdict`.
    - short life: whole until `due`, then `exp(-(t - due) / tau)`.
    - intangible: a fifth until `due`, then it grows to the whole within the span.
    - standard and expedite: 1. Expediting is a band.
    """
    if due is None or profile not in USUAL_DAYS:
        return MILLI
    days = max(span or USUAL_DAYS[profile], 1)
    if profile == FIXED_DATE:
        return MILLI if day > due else round(MILLI * LATE_DAYS / days * _sigmoid((day + lead - (due - BUFFER_DAYS)) / days))
    if profile == SHORT_LIFE:
        return MILLI if day <= due else round(MILLI * exp(-(day - due) / days))
    return FLOOR + (MILLI - FLOOR) * min(max(day - due, 0), days) // days


def _sigmoid(x: float) -> float:
    return 1 / (1 + exp(-x)) if x > -700 else 0.0  # e^709 is the last that a float holds


def asks_for_verdict(profile: str, *, day: int, due: int | None) -> bool:
    """Whether a fixed date has passed: the item does not stay urgent, somebody decides."""
    return profile == FIXED_DATE and due is not None and day > due


def lead_days(size: int | None, pace: int, *, iteration_days: int = 14) -> int:
    """Days that an item of this size takes a team of this pace, both in milli-points; 0 where the size is not known."""
    return 0 if size is None else min(-(-size * iteration_days // max(pace, 1)), MOST_LEAD)
