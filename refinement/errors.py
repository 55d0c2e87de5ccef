"""What a session refuses, beside the refusals that every app knows."""

from datetime import datetime

from activity.errors import ConflictError


class RoundClosedError(ConflictError):
    """The round takes no more votes, or already has its estimate: 409. `at` is the moment that the sentence tells, where it tells one."""

    code = "round_closed"

    def __init__(self, message: str, *, field: str | None = None, at: datetime | None = None) -> None:
        super().__init__(message, field=field)
        self.at = at


class SessionClosedError(ConflictError):
    """The session has not started or is over: 409."""

    code = "session_closed"
