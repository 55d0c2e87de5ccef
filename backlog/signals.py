"""What lower apps say after commit. Receivers only enqueue, or rank a small component within their time limit."""

from django.dispatch import Signal

rank_stale = Signal()  # organization_id: int, item_ids: list[int]
