"""Scored items, made by the services."""

from typing import Any

from accounts.models import ReleaseTrain, Team
from backlog.models import Item
from prioritization.services.scores import score_item
from tests.factories.backlog import make_item


def make_scored(home: Team | ReleaseTrain, kind: str | None = None, *, value: int = 5, size: int | None = 5, **fields: Any) -> Item:
    """An item (a story, a feature) with this business value, 1 for the other two factors, and this size."""
    item = make_item(home, kind, job_size=size, **fields)
    return score_item(item=item, factors={"business_value": value, "time_criticality": 1, "risk_reduction": 1}, by=None)
