"""How the product owner of the demo steers: anchors beside the scale, dates, shares of the work, and an override of each kind."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

from django.utils import timezone

from accounts.models import Team, User
from activity.errors import DomainError
from backlog.models import Band, Item
from backlog.models.item import Urgency
from backlog.services.urgency import set_urgency
from operations.demo.words import REASONS
from prioritization.models import Factor, Override
from prioritization.selectors.anchors import AT_A_VALUE
from prioritization.services.allocations import set_shares
from prioritization.services.anchors import set_anchor
from prioritization.services.overrides import lift_override, set_override

SHARES = {"features": 60, "enablers": 5, "debt": 15, "bugs": 15, "retro": 5}
ANCHORS = ("business_value", "time_criticality")
AT = (2, 5, 13)
DAYS = (
    (Urgency.FIXED_DATE, 18),
    (Urgency.FIXED_DATE, 60),
    (Urgency.FIXED_DATE, -9),  # asks for a verdict
    (Urgency.SHORT_LIFE, -20),
    (Urgency.INTANGIBLE, 90),
)
"""Profiles and in how many days their date is."""


def leave_steering(team: Team, owner: User) -> None:
    """Leave them in this team's backlog."""
    ranked = Item.objects.filter(team=team, placement__band=Band.NORMAL).select_related("team__train", "train")
    items = iter(list(ranked.order_by("placement__falling", "placement__component", "placement__position")[6:60]))
    _leave_anchors(team, owner)
    for urgency, days in DAYS:
        due = timezone.localdate() + timedelta(days=days)
        _first(items, partial(set_urgency, urgency=urgency, due_on=due, by=owner))
    set_shares(home=team, shares=SHARES, by=owner)
    _leave_overrides(items, owner)


def _leave_anchors(team: Team, owner: User) -> None:
    for name in ANCHORS:
        for value in AT:
            known = Factor.objects.filter(item__team=team, item__kind=Item.Kind.STORY, name=name, value=value).select_related("item")
            for factor in known.order_by("item_id")[: AT_A_VALUE - 1]:
                set_anchor(item=factor.item, factor=name, by=owner)


def _leave_overrides(items: Iterator[Item], owner: User) -> None:
    """One of each kind, and one that was lifted."""
    today = timezone.localdate()
    kinds: list[tuple[str, dict[str, Any]]] = [
        ("keep_above", {"anchor": next(items, None)}),
        ("freeze", {}),
        ("not_before", {"expires_on": today + timedelta(days=24)}),
        ("boost", {"multiplier": "1.5", "expires_on": today + timedelta(days=12)}),
        ("pin", {"expires_on": today + timedelta(days=9)}),
    ]
    for kind, more in kinds:
        _first(items, partial(set_override, kind=kind, reason=REASONS[kind], by=owner, **more))
    ended: Override | None = _first(items, partial(set_override, kind="boost", multiplier=2, reason=REASONS["lifted"], by=owner))
    if ended is not None:
        lift_override(override=ended, by=owner)


def _first(items: Iterator[Item], act: Callable[..., Any]) -> Any:
    """What came of the act with the first item that takes it; None where none does."""
    for item in items:
        try:
            return act(item=item)
        except DomainError:
            continue
    return None
