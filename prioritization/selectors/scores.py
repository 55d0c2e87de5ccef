"""An item's scores as its page and the API show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone

from backlog.kinds import plural
from backlog.models import Item, Placement
from backlog.numbers import short
from prioritization.engine.formula import FactorSpec
from prioritization.engine.models import ASKED, FACTORS, KANO_CATEGORY
from prioritization.engine.terms import filled
from prioritization.models import Factor
from prioritization.scoring import DEMAND, Choice, Row, from_milli, in_milli, to_scored
from prioritization.selectors.anchors import Example, anchors_for
from prioritization.selectors.basis import Standing, read_basis
from prioritization.selectors.choices import choice_for


@dataclass(frozen=True)
class Stand:
    """A factor as it stands: what somebody gave and what that rests on, or what is assumed in its place."""

    note: str
    is_assumed: bool = False
    assumed: Decimal | None = None
    evidence: str = ""
    expires_on: date | None = None
    """As somebody set it; None: as usual for the factor."""
    good_until: date | None = None
    is_expired: bool = False
    """In force, past its date."""
    factor: Factor | None = None

    @property
    def is_link(self) -> bool:
        return self.evidence.startswith(("https://", "http://")) and " " not in self.evidence


@dataclass(frozen=True)
class Scores:
    """How the item is scored, what people scored, how each factor stands, and what it comes to a week."""

    choice: Choice
    values: Mapping[str, Decimal]
    stands: Mapping[str, Stand]
    cost_of_delay: str
    is_assumed: bool
    anchors: Mapping[str, Sequence[Example]]
    """By factor what the backlog chose as examples of its values."""


def scores_of(item: Item) -> Scores:
    """The item's scores; for a factor that nobody scored, what the ranking takes instead."""
    found = {factor.name: factor for factor in item.factors.select_related("scored_by")}
    choice, today = choice_for(item), timezone.localdate()
    names = [spec.name for spec in choice.factors]
    values = {name: found[name].value for name in names if name in found}
    stands = {spec.name: _stand(spec, found, today) for spec in choice.factors if spec.name in values}
    if DEMAND in names and DEMAND not in values and item.demand:
        stands[DEMAND] = Stand(f"{item.demand}, from the people who asked")
    elif values and any(name not in values for name in choice.formula.required):
        stands |= _assumed(item, values)
    placement = Placement.objects.for_organization(item.organization_id).filter(item=item).first()
    cost = short(placement.cost_of_delay) if placement else ""
    is_assumed = bool(placement and placement.is_assumed)
    return Scores(choice, values, stands, cost, is_assumed, anchors_for(item, choice.factors))


def _stand(spec: FactorSpec, found: Mapping[str, Factor], today: date) -> Stand:
    factor = found[spec.name]
    good_until = last_day(factor)
    is_expired = is_past(factor, today)
    words = [f"{factor.scored_by.name}, {_when(factor)}" if factor.scored_by else _when(factor)]
    if spec.name == KANO_CATEGORY:
        words.append(f"n = {short(found[ASKED].value)}" if ASKED in found else "n unknown: nobody said how many people were asked")
    if is_expired and good_until is not None:
        words.append(f"in force, past its date of {_dated(good_until)}")
    elif factor.expires_on is not None:
        words.append(f"good until {_dated(factor.expires_on)}")
    return Stand(
        ", ".join(words),
        evidence=factor.evidence,
        expires_on=factor.expires_on,
        good_until=good_until,
        is_expired=is_expired,
        factor=factor,
    )


def last_day(factor: Factor) -> date | None:
    """The last day on which the score is good: the one that was set, or as usual for the factor; None for a factor nobody declares."""
    if factor.expires_on is not None or factor.name not in FACTORS:
        return factor.expires_on
    return timezone.localdate(factor.scored_at) + timedelta(days=FACTORS[factor.name].lasts)


def is_past(factor: Factor, today: date) -> bool:
    """Whether the score is past its date: it stays in force, and is asked for again."""
    good_until = last_day(factor)
    return good_until is not None and good_until < today


def _assumed(item: Item, values: Mapping[str, Decimal]) -> dict[str, Stand]:
    """What stands in for the factors nobody scored, and what that rests on."""
    row = Row(item.pk, item.key, item.kind, item.status, item.is_dormant, item.team_id, item.train_id, item.parent_id, None, item.demand)
    standing = read_basis(item.organization_id, [item.team_id] if item.team_id else [])
    (scored,) = to_scored([row], {item.pk: {name: in_milli(value) for name, value in values.items()}}, standing.paces, standing.rules)
    factors, missing = filled(scored, standing.medians)
    stands = {}
    for name in missing:
        value = from_milli(factors[name])
        stands[name] = Stand(f"{short(value)} assumed, {_rests_on(standing, item, name)}", is_assumed=True, assumed=value)
    return stands


def _rests_on(standing: Standing, item: Item, name: str) -> str:
    kinds = plural(item.kind).lower()
    if item.team_id is not None and name in standing.measured.get(item.team_id, {}).get(item.kind, {}):
        return f"the middle of the team's {kinds}"
    if name in standing.measured.get(None, {}).get(item.kind, {}):
        return f"the middle of all {kinds}"
    return "the middle of the scale"


def _when(factor: Factor) -> str:
    days = (timezone.now() - factor.scored_at).days
    return "today" if days < 1 else "yesterday" if days == 1 else f"{days} days ago"


def by_whom(factor: Factor) -> str:
    """Who scored, how long ago, from what, and until when it holds, or since when it no longer does."""
    when = _when(factor)
    good_until = last_day(factor)
    if good_until is not None and is_past(factor, timezone.localdate()):
        until = f", past its date of {_dated(good_until)}"
    else:
        until = f", good until {_dated(factor.expires_on)}" if factor.expires_on else ""
    origin = f", {factor.evidence}" if factor.evidence else ""
    return f"{factor.scored_by.name}, {when}{origin}{until}" if factor.scored_by else f"{when}{origin}{until}"


def _dated(day: date) -> str:
    return f"{day:%-d %b %Y}"
