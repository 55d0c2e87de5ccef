"""Scoring: the only writer of factors."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from django.utils import timezone

from accounts.models import User
from activity.errors import ConflictError, InvalidError
from activity.services.acts import one_act
from activity.services.events import record
from backlog.kinds import Kind
from backlog.models import Item
from backlog.models.item import Status
from backlog.services.items import lock_item, touch_item
from backlog.services.staleness import mark_stale
from prioritization.engine.formula import FactorSpec
from prioritization.models import Factor
from prioritization.scoring import Choice
from prioritization.selectors.choices import choice_for

_FINEST = Decimal("0.001")


def asked_factor(choice: Choice, kind: str, name: str) -> FactorSpec:
    """The declaration of a factor that the backlog asks for; raise InvalidError where it does not."""
    for spec in choice.factors:
        if spec.name == name:
            return spec
    raise InvalidError(f"A {Kind(kind).label.lower()} is not scored by “{name}” here.", field=name)


def clean_score(spec: FactorSpec, value: Decimal | int | str | None) -> Decimal | None:
    """The value of a factor, or None to take it back; raise InvalidError for one that it does not take."""
    name = spec.name
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
    evidence: str = "",
) -> Item:
    """Set factors of an item (None takes one back) and return it; the rank follows. What stands already writes nothing.

    `evidence` are a few words on where the values come from, shown beside them.

    Raises InvalidError for a factor that its backlog does not ask for or a value out of its range, ConflictError where the item is closed.
    """
    item = lock_item(item)
    choice = choice_for(item)
    wanted = {name: clean_score(asked_factor(choice, item.kind, name), value) for name, value in factors.items()}
    found = {factor.name: factor.value for factor in item.factors.filter(name__in=wanted)}
    changed = {name: value for name, value in wanted.items() if found.get(name) != value}
    if not changed:
        return item
    if item.status in (Status.DONE, Status.REMOVED):
        raise ConflictError(f"{item.key} is closed. Open it again to score it.")
    now = timezone.now()
    given = [
        Factor(
            organization_id=item.organization_id,
            item=item,
            name=name,
            value=value,
            scored_by=by,
            scored_at=now,
            expires_on=expires_on,
            evidence=evidence,
        )
        for name, value in changed.items()
        if value is not None
    ]
    if given:
        Factor.objects.bulk_create(
            given,
            update_conflicts=True,
            unique_fields=["item", "name"],
            update_fields=["value", "scored_by", "scored_at", "expires_on", "evidence"],
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
