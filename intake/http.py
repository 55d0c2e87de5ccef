"""How often a visitor of a public page may come."""

from activity.services.limits import count_use
from intake.errors import TooManyRequestsError

LIMIT, WINDOW = 20, 3600  # requests from one address to one form, in so many seconds


def count_visit(*, name: str, network: str, limit: int = LIMIT, window: int = WINDOW) -> None:
    """Count one request; TooManyRequestsError beyond `limit` in the window."""
    wait = count_use(name=f"{name}:{network}", limit=limit, window=window)
    if wait:
        raise TooManyRequestsError(
            f"Too many requests came from your address. Nothing was sent; what you wrote is kept below. Try again in {max(1, wait // 60)} minutes.",
            retry_after=wait,
        )
