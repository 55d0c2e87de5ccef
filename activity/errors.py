"""What may be refused, and the answer each refusal gets. Every app raises these; one handler maps them to pages and to the API."""

from datetime import datetime


class DomainError(Exception):
    """A refusal whose text a person can act on. `status` is the HTTP answer, `code` the API's word for it, `at` the moment that the text tells."""

    status = 409
    code = "conflict"

    def __init__(self, message: str, *, field: str | None = None, at: datetime | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.at = at


class ConflictError(DomainError):
    """Somebody else's change, or the object's state, stands in the way: 409."""


class InvalidError(DomainError):
    """The content cannot be accepted: 422."""

    status = 422
    code = "invalid"


class UnwritableError(InvalidError):
    """The database cannot hold, nor look for, what was sent: 422."""

    def __init__(self) -> None:
        super().__init__("What was sent holds a character (NUL) that cannot be stored. Nothing was changed.")


class UnknownReferenceError(InvalidError):
    """An id in the body names nothing the caller may use: 422."""

    code = "unknown_reference"


class NotAllowedError(DomainError):
    """The caller sees the object but may not do this to it: 403."""

    status = 403
    code = "not_allowed"


class GoneError(DomainError):
    """The link or form was used, has expired or is closed: 410."""

    status = 410
    code = "gone"


class IdempotencyMismatchError(InvalidError):
    """The key was used for another body: 422."""

    code = "idempotency_mismatch"
