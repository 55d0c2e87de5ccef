"""Rows of the backlog, made by the services, so that a test starts from what the product itself would have written."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from accounts.models import ReleaseTrain, Team, User
from backlog.kinds import Kind
from backlog.models import Band, Item, Iteration, Placement
from backlog.services.items import create_item
from backlog.services.iterations import create_iteration

_numbers = count(1)


def make_item(home: Team | ReleaseTrain, kind: str | None = None, *, by: User | None = None, **fields: Any) -> Item:
    """An item of a team (a story) or a train (a feature); `fields` as of `create_item`."""
    fields.setdefault("title", f"Item {next(_numbers)}")
    usual = Kind.FEATURE if isinstance(home, ReleaseTrain) else Kind.STORY
    return create_item(home=home, kind=kind or usual, by=by, **fields)


def make_iteration(team: Team, *, name: str = "", starts_on: date = date(2026, 1, 5), by: User | None = None, **fields: Any) -> Iteration:
    """Two weeks of the team."""
    fields.setdefault("ends_on", starts_on + timedelta(days=13))
    return create_iteration(team=team, name=name or f"Sprint {next(_numbers)}", starts_on=starts_on, by=by, **fields)


def place(item: Item, *, value: float, band: int = Band.NORMAL, position: int = 0, **fields: Any) -> Placement:
    """Write the item's place as a ranking run would: the higher the value, the further up."""
    placement = Placement.objects.get(organization=item.organization_id, item=item)
    placement.band, placement.value, placement.position = band, value, position
    if "cost_of_delay" in fields:
        fields["cost_of_delay"] = Decimal(str(fields["cost_of_delay"]))
    for name, given in fields.items():
        setattr(placement, name, given)
    placement.save(update_fields=["band", "value", "position", *fields])
    return placement
