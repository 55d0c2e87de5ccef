"""Items that nobody has touched for long."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import ReleaseTrain, Team
from backlog.models import Item
from backlog.services.stale_items import find_stale_items
from tests.factories.backlog import make_item


def make_old(home: Team | ReleaseTrain, kind: str | None = None, *, days: int = 400, **fields: Any) -> Item:
    """An item that came so many days ago; no person has touched it since, and nobody has looked yet."""
    item = make_item(home, kind, **fields)
    item.created_at = timezone.now() - timedelta(days=days)
    Item.objects.for_organization(home.organization_id).filter(pk=item.pk).update(created_at=item.created_at)
    return item


def make_stale(home: Team | ReleaseTrain, kind: str | None = None, *, days: int = 400, **fields: Any) -> Item:
    """An item that was found stale."""
    item = make_old(home, kind, days=days, **fields)
    find_stale_items(home=home)
    return item
