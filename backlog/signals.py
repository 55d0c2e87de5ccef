"""What lower apps say when an act ends. Receivers only enqueue, or rank a small component within their time limit, behind a savepoint."""

from typing import NamedTuple
from uuid import UUID

from django.dispatch import Signal


class Mark(NamedTuple):
    """Why an item became stale: an event's verb, and the act that did it."""

    item: int
    cause: str
    act: UUID | str | None


rank_stale = Signal()  # organization_id: int, item_ids: list[int], marks: list[Mark]
"""A receiver answers True where it has ranked the items, for all of these marks: then nobody writes them."""
