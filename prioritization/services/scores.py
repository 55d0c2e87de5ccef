"""Scoring: the only writer of factors."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from django.utils import timezone

from accounts.models import User
from activity.errors import ConflictError, InvalidError
from activity.services.acts import one_act
from activity.services.events import record
from backlog.kinds import Kind
from backlog.models import Item
from backlog.models.item import Status
from backlog.services.cleaning import clean_text
from backlog.services.items import lock_item, touch_item
from backlog.services.staleness import mark_stale
from prioritization.engine.formula import FactorSpec
from prioritization.models import Factor
from prioritization.scoring import Choice
from prioritization.selectors.choices import choice_for

Number = Decimal | int | str | None
_FINEST = Decimal("0.001")
MAX_EVIDENCE = 500
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)


class Backing(NamedTuple):
    """What a score rests on: words or a link, and the last day on which it is good (None: as usual for the factor)."""

    evidence: str = ""
    expires_on: date | None = None
    scored_at: datetime | None = None
    """When it was given, where an undo says so; otherwise now."""

    def told(self) -> dict[str, str | None]:
        """As an event keeps it."""
        return {
            "evidence": self.evidence,
            "expires_on": self.expires_on.isoformat() if self.expires_on else None,
            "scored_at": self.scored_at.isoformat() if self.scored_at else None,
        }

    @classmethod
    def read(cls, told: Mapping[str, str | None]) -> "Backing":
        expires_on, scored_at = told["expires_on"], told["scored_at"]
        return cls(
            told["evidence"] or "",
            date.fromisoformat(expires_on) if expires_on else None,
            datetime.fromisoformat(scored_at) if scored_at else None,
        )

    @classmethod
    def of(cls, factor: Factor) -> "Backing":
        return cls(factor.evidence, factor.expires_on, factor.scored_at)


def asked_factor(choice: Choice, kind: str, name: str) -> FactorSpec:
    """The declaration of a factor that the backlog asks for; raise InvalidError where it does not."""
    for spec in choice.factors:
        if spec.name == name:
            return spec
    raise InvalidError(f"A {Kind(kind).label.lower()} is not scored by “{name}” here.", field=name)


def clean_score(spec: FactorSpec, value: Number) -> Decimal | None:
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


def clean_backing(backing: Backing, *, field: str) -> Backing:
    """What can be kept of it; raise InvalidError for words that are too long or cannot be stored, and for a date out of this world."""
    evidence = clean_text(" ".join(backing.evidence.split()), field=field)
    if len(evidence) > MAX_EVIDENCE:
        raise InvalidError(f"The evidence is longer than {MAX_EVIDENCE} characters. Put a link to it instead.", field=field)
    if backing.expires_on is not None and not FIRST_DAY <= backing.expires_on <= LAST_DAY:
        raise InvalidError(f"The date is between {FIRST_DAY.year} and {LAST_DAY.year}.", field=field)
    return backing._replace(evidence=evidence)


def plain(value: Decimal) -> str:
    """A number without trailing zeros or exponent."""
    return format(value.normalize(), "f")


@one_act()
def score_item(
    *,
    item: Item,
    factors: Mapping[str, Number],
    by: User | None,
    cause: str = "",
    expires_on: date | None = None,
    evidence: str = "",
    backing: Mapping[str, Backing] | None = None,
    again: Collection[str] = (),
) -> Item:
    """Set factors of an item (None takes one back) and return it; the rank follows. What stands already writes nothing.

    `backing` says by name what a score rests on, also where its value stays; a new value without one takes `evidence` and `expires_on`.
    Names in `again` are given anew with the value that stands: the days in which they are good begin once more.

    Raises InvalidError for a factor that its backlog does not ask for or a value out of its range, ConflictError where the item is closed.
    """
    item = lock_item(item)
    choice = choice_for(item)
    wanted = {name: clean_score(asked_factor(choice, item.kind, name), value) for name, value in factors.items()}
    found = {factor.name: factor for factor in item.factors.filter(name__in=wanted)}
    given = _given(wanted, found, Backing(evidence, expires_on), backing or {}, again)
    taken = [name for name, value in wanted.items() if value is None and name in found]
    if not given and not taken:
        return item
    if item.status in (Status.DONE, Status.REMOVED):
        raise ConflictError(f"{item.key} is closed. Open it again to score it.")
    before, after = _told(found, wanted, given, taken)
    moves = any(name != "backing" for name in after)
    _write(item, wanted, given, taken, by)
    record(subject=item, verb="item.scored", by=by, before=before, after=after, cause=cause)
    touch_item(item)
    if item.is_ranked and moves:
        mark_stale(organization_id=item.organization_id, item_ids=[item.pk], cause="item.scored")
    return item


def _given(
    wanted: Mapping[str, Decimal | None],
    found: Mapping[str, Factor],
    usual: Backing,
    backing: Mapping[str, Backing],
    again: Collection[str],
) -> dict[str, Backing]:
    """What is written, with what it rests on and when it was given: new values, those that rest on something else, and those given again."""
    now = timezone.now()
    given = {}
    for name, value in wanted.items():
        if value is None:
            continue
        stands = found.get(name)
        is_new = stands is None or stands.value != value
        rests_on = clean_backing(backing[name], field=name) if name in backing else None
        if is_new or name in again:
            rests_on = clean_backing(usual, field=name) if rests_on is None and is_new else rests_on
            rests_on = rests_on or Backing(stands.evidence if stands else "")
            given[name] = rests_on._replace(scored_at=rests_on.scored_at or now)
        elif rests_on is not None and stands is not None and rests_on[:2] != (stands.evidence, stands.expires_on):
            given[name] = rests_on._replace(scored_at=rests_on.scored_at or stands.scored_at)
    return given


def _told(
    found: Mapping[str, Factor], wanted: Mapping[str, Decimal | None], given: Mapping[str, Backing], taken: Collection[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The event's two sides: values that change, and apart from them what scores rest on."""
    values = [name for name in wanted if name in taken or (name in given and (name not in found or found[name].value != wanted[name]))]
    before: dict[str, Any] = {name: plain(found[name].value) if name in found else None for name in values}
    after: dict[str, Any] = {name: None if (value := wanted[name]) is None else plain(value) for name in values}
    old = {name: Backing.of(found[name]) for name in (*given, *taken) if name in found}
    backed = [name for name in (*given, *taken) if (name not in values) or old.get(name, Backing())[:2] != given.get(name, Backing())[:2]]
    if backed:
        before["backing"] = {name: old[name].told() if name in old else None for name in backed}
        after["backing"] = {name: given[name].told() if name in given else None for name in backed}
    return before, after


def _write(item: Item, wanted: Mapping[str, Decimal | None], given: Mapping[str, Backing], taken: Collection[str], by: User | None) -> None:
    if given:
        Factor.objects.bulk_create(
            [
                Factor(
                    organization_id=item.organization_id,
                    item=item,
                    name=name,
                    value=value,
                    scored_by=by,
                    scored_at=rests_on.scored_at or timezone.now(),
                    expires_on=rests_on.expires_on,
                    evidence=rests_on.evidence,
                )
                for name, rests_on in given.items()
                if (value := wanted[name]) is not None
            ],
            update_conflicts=True,
            unique_fields=["item", "name"],
            update_fields=["value", "scored_by", "scored_at", "expires_on", "evidence"],
        )
    if taken:
        item.factors.filter(name__in=taken).delete()
