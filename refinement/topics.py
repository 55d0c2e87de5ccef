"""Who may hear that a session changed: whoever may read it."""

from typing import Any

from activity.live import register_topic
from refinement.permissions import visible_ballots, visible_sessions

_MAX_DIGITS = 9


def _may_hear_session(access: Any, number: str) -> bool:
    if not (number.isascii() and number.isdigit() and len(number) <= _MAX_DIGITS):
        return False
    return visible_sessions(access).filter(number=int(number)).exists()


def _may_hear_ballot(access: Any, ident: str) -> bool:
    team, _, number = ident.rpartition("_")
    if not (number.isascii() and number.isdigit() and len(number) <= _MAX_DIGITS):
        return False
    return visible_ballots(access).filter(team__slug=team, number=int(number)).exists()


def register() -> None:
    """Called once, when the app is ready."""
    register_topic("ballot", may_hear=_may_hear_ballot)
    register_topic("session", may_hear=_may_hear_session)
