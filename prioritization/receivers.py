"""What ranking hears: items became stale."""

from typing import Any

from django.dispatch import receiver

from backlog.signals import Mark, rank_stale
from prioritization.services.ranking import rank_stale_items


@receiver(rank_stale)
def rank_what_became_stale(*, organization_id: int, item_ids: list[int], marks: list[Mark], **_: Any) -> bool:
    """Rank a small component before the request answers, the one exception to "a receiver only enqueues"; enqueue anything else."""
    return rank_stale_items(organization_id=organization_id, item_ids=item_ids, marks=marks) is not None
