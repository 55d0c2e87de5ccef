"""What lower apps say when an act ends. Receivers only enqueue, or rank a small component within their time limit, behind a savepoint."""

from django.dispatch import Signal

rank_stale = Signal()  # organization_id: int, item_ids: list[int]
