"""An item's scores as its page shows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from backlog.models import Item, Placement
from backlog.numbers import short
from prioritization.engine.terms import filled
from prioritization.models import Factor
from prioritization.scoring import DEMAND, Choice, Row, from_milli, in_milli, to_scored
from prioritization.selectors.basis import read_basis
from prioritization.selectors.choices import choice_for


@dataclass(frozen=True)
class Scores:
    """How the item is scored, what people scored, a note for each factor (by whom and when, or what is assumed), and what it comes to a week."""

    choice: Choice
    values: Mapping[str, Decimal]
    notes: Mapping[str, tuple[str, bool]]
    cost_of_delay: str
    is_assumed: bool


def scores_of(item: Item) -> Scores:
    """The item's scores; for a factor that nobody scored, what the ranking takes instead."""
    found = {factor.name: factor for factor in item.factors.select_related("scored_by")}
    choice = choice_for(item)
    names = [spec.name for spec in choice.factors]
    values = {name: found[name].value for name in names if name in found}
    notes = {name: (by_whom(found[name]), False) for name in values}
    if DEMAND in names and DEMAND not in values and item.demand:
        notes[DEMAND] = (f"{item.demand}, from the people who asked", False)
    elif values:
        for name, value in _assumed(item, values).items():
            notes[name] = (f"{short(from_milli(value))} assumed, from like items", True)
    placement = Placement.objects.for_organization(item.organization_id).filter(item=item).first()
    return Scores(choice, values, notes, short(placement.cost_of_delay) if placement else "", bool(placement and placement.is_assumed))


def _assumed(item: Item, values: Mapping[str, Decimal]) -> dict[str, int]:
    """What stands in for the factors nobody scored, in milli-units."""
    row = Row(item.pk, item.key, item.kind, item.status, item.is_dormant, item.team_id, item.train_id, item.parent_id, None, item.demand)
    standing = read_basis(item.organization_id, [item.team_id] if item.team_id else [])
    (scored,) = to_scored([row], {item.pk: {name: in_milli(value) for name, value in values.items()}}, standing.paces, standing.rules)
    factors, missing = filled(scored, standing.medians)
    return {name: factors[name] for name in missing}


def by_whom(factor: Factor) -> str:
    """Who scored, how long ago, from what, and until when it holds."""
    days = (timezone.now() - factor.scored_at).days
    when = "today" if days < 1 else "yesterday" if days == 1 else f"{days} days ago"
    until = f", good until {factor.expires_on:%-d %b %Y}" if factor.expires_on else ""
    origin = f", {factor.evidence}" if factor.evidence else ""
    return f"{factor.scored_by.name}, {when}{origin}{until}" if factor.scored_by else f"{when}{origin}{until}"
