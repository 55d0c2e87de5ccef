"""Who may hear that a session changed: whoever may read it."""

from typing import Any

from activity.live import register_topic
from refinement.permissions import visible_sessions

_MAX_DIGITS = 9


def _may_hear_session(access: Any, number: str) -> bool:
    if not (number.isascii() and number.isdigit() and len(number) <= _MAX_DIGITS):
        return False
    return visible_sessions(access).filter(number=int(number)).exists()


def register() -> None:
    """Called once, when the app is ready."""
    register_topic("session", may_hear=_may_hear_session)
