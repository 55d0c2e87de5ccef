"""What a session refuses, beside the refusals that every app knows."""

from activity.errors import ConflictError


class RoundClosedError(ConflictError):
    """The round takes no more votes, or already has its estimate: 409."""

    code = "round_closed"


class BallotClosedError(ConflictError):
    """The ballot takes no more votes: 409."""

    code = "ballot_closed"


class SessionClosedError(ConflictError):
    """The session has not started or is over: 409."""

    code = "session_closed"
