"""Scoring: the only writer of factors."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from django.utils import timezone

from accounts.models import User
from activity.errors import ConflictError, InvalidError
from activity.services.acts import one_act
from activity.services.events import record
from backlog.kinds import factor_spec
from backlog.models import Item
from backlog.models.item import Status
from backlog.services.items import lock_item, touch_item
from backlog.services.staleness import mark_stale
from prioritization.models import Factor

_FINEST = Decimal("0.001")


def clean_score(kind: str, name: str, value: Decimal | int | str | None) -> Decimal | None:
    """The value of a kind's factor, or None to take it back; raise InvalidError for an unknown factor or a value it does not take."""
    spec = factor_spec(kind, name)
    if value is None or value == "":
        return None
    try:
        score = Decimal(value)
    except (InvalidOperation, ValueError, TypeError) as error:
        raise InvalidError(f"{spec.label} is a number.", field=name) from error
    if not score.is_finite() or not spec.least <= score <= spec.most:
        raise InvalidError(f"{spec.label} goes from {plain(spec.least)} to {plain(spec.most)}.", field=name)
    if score != score.quantize(_FINEST):
        raise InvalidError(f"{spec.label} has at most three decimals.", field=name)
    return score


def plain(value: Decimal) -> str:
    """A number without trailing zeros or exponent."""
    return format(value.normalize(), "f")


@one_act()
def score_item(
    *,
    item: Item,
    factors: Mapping[str, Decimal | int | str | None],
    by: User | None,
    cause: str = "",
    expires_on: date | None = None,
) -> Item:
    """Set factors of an item (None takes one back) and return it; the rank follows. What stands already writes nothing.

    Raises InvalidError for a factor the kind does not have or a value out of its range, ConflictError where the item is closed.
    """
    item = lock_item(item)
    wanted = {name: clean_score(item.kind, name, value) for name, value in factors.items()}
    found = {factor.name: factor.value for factor in item.factors.filter(name__in=wanted)}
    changed = {name: value for name, value in wanted.items() if found.get(name) != value}
    if not changed:
        return item
    if item.status in (Status.DONE, Status.REMOVED):
        raise ConflictError(f"{item.key} is closed. Open it again to score it.")
    now = timezone.now()
    given = [
        Factor(organization_id=item.organization_id, item=item, name=name, value=value, scored_by=by, scored_at=now, expires_on=expires_on)
        for name, value in changed.items()
        if value is not None
    ]
    if given:
        Factor.objects.bulk_create(
            given, update_conflicts=True, unique_fields=["item", "name"], update_fields=["value", "scored_by", "scored_at", "expires_on"]
        )
    taken = [name for name, value in changed.items() if value is None]
    if taken:
        item.factors.filter(name__in=taken).delete()
    record(
        subject=item,
        verb="item.scored",
        by=by,
        before={name: plain(found[name]) if name in found else None for name in changed},
        after={name: None if value is None else plain(value) for name, value in changed.items()},
        cause=cause,
    )
    touch_item(item)
    if item.is_ranked:
        mark_stale(organization_id=item.organization_id, item_ids=[item.pk], cause="item.scored")
    return item
