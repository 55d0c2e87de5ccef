"""Who may hear that a value scoring changed: whoever may read it."""

from typing import Any

from activity.live import register_topic
from prioritization.permissions import visible_scorings

_MAX_DIGITS = 9


def _may_hear_scoring(access: Any, number: str) -> bool:
    if not (number.isascii() and number.isdigit() and len(number) <= _MAX_DIGITS):
        return False
    return visible_scorings(access).filter(number=int(number)).exists()


def register() -> None:
    """Called once, when the app is ready."""
    register_topic("scoring", may_hear=_may_hear_scoring)
