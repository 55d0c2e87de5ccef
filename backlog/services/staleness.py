"""Marks that a place in the order must be computed again. Written in the change's transaction; prioritization drains them."""

from collections.abc import Iterable

from django.db import transaction

from activity.services.acts import current_act
from backlog.models import StaleRank
from backlog.signals import rank_stale


def mark_stale(*, organization_id: int, item_ids: Iterable[int], cause: str) -> None:
    """Mark items as stale because of `cause` (an event's verb), and tell the listeners after commit."""
    act = current_act()
    ids = list(item_ids)
    StaleRank.objects.bulk_create(
        [StaleRank(organization_id=organization_id, item_id=pk, cause=cause, act=act.id if act else None) for pk in ids]
    )
    transaction.on_commit(lambda: _tell(organization_id, ids))


def _tell(organization_id: int, item_ids: list[int]) -> None:
    rank_stale.send_robust(sender=StaleRank, organization_id=organization_id, item_ids=item_ids)
