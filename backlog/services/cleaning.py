"""What people typed, as items keep it; InvalidError names the field that cannot be accepted."""

from decimal import Decimal, InvalidOperation
from typing import Any

from activity.errors import InvalidError

MAX_TITLE = 300
MAX_TEXT = 64 * 1024
MAX_SIZE = Decimal(1000)
MAX_DEMAND = 10**6


def clean_title(title: str) -> str:
    title = " ".join(title.split())
    if not title:
        raise InvalidError("Give the item a title.", field="title")
    if len(title) > MAX_TITLE:
        raise InvalidError(f"The title is longer than {MAX_TITLE} characters. Move the rest to the description.", field="title")
    return clean_text(title, field="title")


def clean_text(text: str, *, field: str = "description") -> str:
    if "\x00" in text:
        raise InvalidError("The text holds a character (NUL) that cannot be stored.", field=field)
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise InvalidError("The text holds half a character (a lone surrogate) that cannot be stored.", field=field) from error
    if size > MAX_TEXT:
        raise InvalidError("The text is longer than 64 KB. Attach the rest as a file.", field=field)
    return text


def clean_reason(text: str, *, at_most: int) -> str:
    """The words of a reason; empty where none are given. Longer than `at_most` characters is refused, not cut."""
    reason = clean_text(text.strip(), field="reason")
    if len(reason) > at_most:
        raise InvalidError(f"Keep the reason to {at_most} characters; these are {len(reason):,}.", field="reason")
    return reason


def clean_size(size: Decimal | int | str | None) -> Decimal | None:
    """Points with at most three decimals, above 0 and at most 1,000; None where it is not known."""
    if size is None or size == "":
        return None
    try:
        points = Decimal(size)
    except (InvalidOperation, ValueError) as error:
        raise InvalidError("The size is a number of points.", field="job_size") from error
    if not points.is_finite() or not Decimal(0) < points <= MAX_SIZE:
        raise InvalidError("The size is above 0 and at most 1,000 points.", field="job_size")
    if points != points.quantize(Decimal("0.001")):
        raise InvalidError("The size has at most three decimals.", field="job_size")
    return points


def clean_demand(demand: Any) -> int:
    if isinstance(demand, bool) or not isinstance(demand, int) or not 0 <= demand <= MAX_DEMAND:
        raise InvalidError(f"The demand is a whole number from 0 to {MAX_DEMAND:,}.", field="demand")
    return demand
