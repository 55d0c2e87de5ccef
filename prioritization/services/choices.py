"""Choosing how a backlog's items are scored: the only writer of models and weights."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from django.db.models import Case, Value, When

from accounts.models import ReleaseTrain, Team, User
from activity.errors import ConflictError, InvalidError
from activity.services.acts import one_act, touch_topic
from activity.services.events import record
from backlog.kinds import Kind
from backlog.models import Item
from backlog.models.item import Status
from backlog.selectors.paging import topic_of
from backlog.services.staleness import mark_stale
from prioritization.changes import text_of
from prioritization.engine.models import MODELS, Model, Weights
from prioritization.models import Scoring
from prioritization.scoring import USUAL, Choice, keep_weights, models_for, read_weights
from prioritization.selectors.choices import kinds_in
from prioritization.selectors.movers import MODEL_CHOSEN

Home = Team | ReleaseTrain
Number = Decimal | int | str | None
MOST_WEIGHT = Decimal(1000)
LEAST_RATE, MOST_RATE = Decimal("0.001"), Decimal(1_000_000)
RATE = "rate"


class Chosen(NamedTuple):
    """How the kind is scored now, and how many items take their places anew."""

    choice: Choice
    items: int


def clean_choice(
    *, kind: str, model: str, weights: Mapping[str, Number] | None = None, rate: Number = None, is_whole: bool = False
) -> Choice:
    """A model with weights that count, as declared where a value is empty.

    Raises InvalidError for a model that does not fit the kind, a column it does not have, a weight that is no number of its range, and
    weights that sum to nothing.
    """
    declared = next((each for each in models_for(kind) if each.name == model), None)
    if declared is None:
        known = ", ".join(each.label for each in models_for(kind))
        raise InvalidError(f"A {Kind(kind).label.lower()} is not scored that way. It can be by {known}.", field="model")
    if is_whole and not declared.may_be_whole:
        raise InvalidError(f"{declared.label} needs a size to divide by.", field="is_whole")
    of = _clean_weights(declared, weights or {})
    given = _clean_number("What one point is worth", rate, least=LEAST_RATE, most=MOST_RATE, field=RATE)
    return Choice(model, Weights(of, None if given == declared.rate else given, is_whole))


def _clean_weights(model: Model, weights: Mapping[str, Number]) -> tuple[tuple[str, Decimal], ...]:
    """The weights that differ from 1, by name. They must leave something that people are asked for."""
    columns = {spec.name: spec for spec in model.columns}
    given: dict[str, Decimal] = {}
    for name, value in weights.items():
        if name not in columns:
            raise InvalidError(f"{model.label} has no column “{name[:60]}” to weight.", field=name)
        weight = _clean_number(f"The weight of {columns[name].label}", value, least=Decimal(0), most=MOST_WEIGHT, field=name)
        given[name] = Decimal(1) if weight is None else weight
    if not any(given.get(name, 1) for name, spec in columns.items() if not spec.is_optional):
        labels = " or ".join(spec.label for spec in columns.values())
        raise InvalidError(
            f"These weights sum to nothing, so nothing would have a value. Give {labels} more than 0.", field=model.columns[0].name
        )
    return tuple(sorted((name, weight) for name, weight in given.items() if weight != 1))


def _clean_number(label: str, value: Number, *, least: Decimal, most: Decimal, field: str) -> Decimal | None:
    if value is None or value == "":
        return None
    try:
        number = Decimal(value)
    except (InvalidOperation, ValueError, TypeError) as error:
        raise InvalidError(f"{label} is a number.", field=field) from error
    if not number.is_finite() or not least <= number <= most:
        raise InvalidError(f"{label} goes from {text_of(least)} to {text_of(most)}.", field=field)
    if number != number.quantize(Decimal("0.001")):
        raise InvalidError(f"{label} has at most three decimals.", field=field)
    return number.normalize()


@one_act()
def choose_scoring(
    *,
    home: Home,
    kind: str,
    model: str,
    weights: Mapping[str, Number] | None = None,
    rate: Number = None,
    is_whole: bool = False,
    was: Choice | None = None,
    by: User | None,
    cause: str = "",
) -> Chosen:
    """Score a kind of the backlog by this model from now on; scores of the one before rest until it comes back. Its items are ranked anew.

    `was` is what the person saw standing: ConflictError where somebody else chose meanwhile. InvalidError as of `clean_choice`, and for a
    kind that this backlog does not hold. What stands already writes nothing.
    """
    if kind not in kinds_in(home):
        raise InvalidError("This backlog holds no items of that kind.", field="kind")
    choice = clean_choice(kind=kind, model=model, weights=weights, rate=rate, is_whole=is_whole)
    row = _lock(home, kind)
    before = Choice(row.model, read_weights(row.weights)) if row.model in MODELS else USUAL[kind]
    if was is not None and was != before:
        raise ConflictError(f"By now this is scored by {before.declared.label} otherwise than you saw. Nothing was changed; look again.")
    if choice == before:
        return Chosen(choice, 0)
    row.model, row.weights = choice.model, keep_weights(choice.weights)
    row.save(update_fields=["model", "weights"])
    record(subject=home, verb="ranking.model_chosen", by=by, before=as_told(kind, before), after=as_told(kind, choice), cause=cause)
    touch_topic(organization_id=home.organization_id, key=topic_of(home))
    affected = _affected(home, kind)
    if affected:
        mark_stale(organization_id=home.organization_id, item_ids=affected, cause=MODEL_CHOSEN)
    return Chosen(choice, len(affected))


def as_told(kind: str, choice: Choice) -> dict[str, object]:
    """A choice as its event keeps it."""
    return {"kind": kind, "model": choice.model, "weights": keep_weights(choice.weights)}


def choose_as_told(*, home: Home, told: Mapping[str, object], by: User | None, cause: str) -> Chosen:
    """Choose again what an event told."""
    weights = read_weights(told["weights"])  # type: ignore[arg-type]  # of our own making
    return choose_scoring(
        home=home,
        kind=str(told["kind"]),
        model=str(told["model"]),
        weights=dict(weights.of),
        rate=weights.rate,
        is_whole=weights.is_whole,
        by=by,
        cause=cause,
    )


def _lock(home: Home, kind: str) -> Scoring:
    """The row of the kind, locked until the transaction ends; it begins as usual."""
    place = {"team": home} if isinstance(home, Team) else {"train": home}
    usual = Scoring(organization_id=home.organization_id, kind=kind, model=USUAL[kind].model, **place)
    Scoring.objects.bulk_create([usual], ignore_conflicts=True)
    rows = Scoring.objects.for_organization(home.organization_id).filter(kind=kind, **place)
    return rows.select_for_update(no_key=True, of=("self",)).get()


def _affected(home: Home, kind: str) -> list[int]:
    """The ranked items of the kind, of which those under way come last: the first stands for all of them where causes are told."""
    place = {"team": home} if isinstance(home, Team) else {"train": home}
    items = Item.objects.for_organization(home.organization_id).ranked().filter(kind=kind, **place)
    first = Case(When(status=Status.OPEN, then=Value(0)), default=Value(1))
    return list(items.order_by(first, "id").values_list("id", flat=True))
