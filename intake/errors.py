"""What intake refuses, beyond the refusals that every app shares."""

from activity.errors import DomainError


class FileTooLargeError(DomainError):
    """The file, or one line of it, is beyond what an import takes: 413."""

    status = 413
    code = "too_large"


class WrongFileError(DomainError):
    """The content is not text that an importer reads: 415."""

    status = 415
    code = "wrong_type"


class TooManyRequestsError(DomainError):
    """One address sent too many requests: 429."""

    status = 429
    code = "too_many"

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after
