"""Overriding the computed order: the only writer of overrides. What contradicts a dependency or another override is refused, and said."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import ReleaseTrain, Team, User
from accounts.permissions import Access
from activity.errors import ConflictError, InvalidError, UnknownReferenceError
from activity.services.acts import one_act
from activity.services.events import record
from backlog.models import Band, Item, Placement
from backlog.models.item import Status
from backlog.reasons import short_day
from backlog.selectors.dependencies import name_items
from backlog.services.cleaning import clean_text
from backlog.services.items import lock_item, plain, touch_item
from backlog.services.links import lock_links
from backlog.services.staleness import mark_stale
from prioritization.models import Override
from prioritization.selectors.overrides import active_overrides, find_contradiction, reach_of_pin

USUAL = timedelta(weeks=4)
LONGEST = timedelta(days=366)
MAX_REASON = 300
LEAST_BOOST, MOST_BOOST = Decimal("0.25"), Decimal(4)

Kind, End = Override.Kind, Override.End


class ContradictionError(ConflictError):
    """Something that stands says the opposite; `chain` are the keys of the items that come before each other, where there is one."""

    code = "override_contradiction"

    def __init__(self, message: str, chain: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.chain = list(chain)


@one_act()
def set_override(
    *,
    item: Item,
    kind: Override.Kind | str,
    reason: str,
    by: User | None,
    home: Team | ReleaseTrain | None = None,
    anchor: Item | None = None,
    multiplier: Decimal | int | str | None = None,
    expires_on: date | None = None,
    access: Access | None = None,
    cause: str = "",
) -> Override:
    """Decide over an item's place, in its own list or (`home`) on the level of its train; return the override that now acts.

    It takes the place of one of the same kind (and anchor); the same again changes nothing. `expires_on` is the first day without it, four
    weeks ahead if not said; for *not before* it is the day itself. ContradictionError (409) where a dependency or another override says the
    opposite; its text names only what `access`, where given, may see.
    """
    draft = _drafted(item, kind, reason, by, home, anchor, multiplier, expires_on)
    return _set(draft, by=by, access=access, cause=cause)


def draft_override(
    *,
    item: Item,
    kind: Override.Kind | str,
    reason: str,
    by: User | None,
    home: Team | ReleaseTrain | None = None,
    anchor: Item | None = None,
    multiplier: Decimal | int | str | None = None,
    expires_on: date | None = None,
    access: Access | None = None,
) -> Override:
    """What `set_override` would store, unsaved, and refused the same way: for a preview."""
    draft = _drafted(item, kind, reason, by, home, anchor, multiplier, expires_on)
    _check(draft, access)
    return draft


def _drafted(
    item: Item,
    kind: str,
    reason: str,
    by: User | None,
    home: Team | ReleaseTrain | None,
    anchor: Item | None,
    multiplier: Decimal | int | str | None,
    expires_on: date | None,
) -> Override:
    draft = Override(
        organization_id=item.organization_id,
        item=item,
        kind=_clean_kind(kind),
        anchor=anchor,
        multiplier=_clean_multiplier(kind, multiplier),
        reason=_clean_reason(reason),
        set_by=by,
        expires_on=_clean_day(kind, expires_on),
    )
    _give_list(draft, home)
    return draft


@one_act()
def lift_override(*, override: Override, by: User | None, how: Override.End | str = End.LIFTED, cause: str = "") -> Override:
    """End an override; one that ended already stays as it is."""
    lock_links(organization_id=override.organization_id)
    item = lock_item(override.item)
    override = _active(override) or override
    if override.ended_at is None:
        _end(override, by=by, how=End(how), cause=cause)
        _tell(item, override)
    return override


@one_act()
def restore_override(*, override: Override, by: User | None, cause: str = "") -> Override:
    """Let an override that ended act again as it did, a frozen value too; refused as setting it would be."""
    fields = ("organization_id", "item", "kind", "anchor", "team", "train", "multiplier", "held_value", "reason")
    draft = Override(**{name: getattr(override, name) for name in fields}, set_by=by, expires_on=override.expires_on)
    if draft.expires_on <= timezone.localdate():
        draft.expires_on = timezone.localdate() + USUAL
    return _set(draft, by=by, access=None, cause=cause)


def _set(draft: Override, *, by: User | None, access: Access | None, cause: str) -> Override:
    lock_links(organization_id=draft.organization_id)  # two that are fine alone may contradict each other together
    draft.item = lock_item(draft.item)
    if draft.anchor is not None:
        draft.anchor.refresh_from_db(fields=["status"])
    same = _check(draft, access)
    if same is not None:
        if _is_equal(same, draft):
            return same
        _end(same, by=by, how=End.REPLACED, cause=cause)
    draft.save(force_insert=True)
    record(subject=draft.item, verb="item.overridden", by=by, after=_said(draft), cause=cause)
    _tell(draft.item, draft)
    if draft.kind == Kind.PIN:
        _notify_owners(draft.item, draft.home, by=by, cause=cause)
    return draft


def _check(draft: Override, access: Access | None) -> Override | None:
    """Refuse what cannot be; return the override whose place it takes, where there is one."""
    item = draft.item
    _check_item(item, draft.kind)
    if draft.anchor is not None:
        _check_anchor(item, draft.anchor, draft.home)
    standing = active_overrides(item)
    same = next((one for one in standing if one.kind == draft.kind and one.anchor_id == draft.anchor_id), None)
    if same is not None and same.train_id is not None and draft.team_id is not None:
        raise ContradictionError(f"{_words(same)} on the level of the train. That one has to be lifted there first.")
    _refuse_opposites(draft, [one for one in standing if one is not same])
    if draft.anchor is not None:
        _refuse_chain(item, draft.anchor, access)
    if draft.kind == Kind.FREEZE and draft.held_value is None:
        draft.held_value = _value_to_hold(item)
    return same


def _end(override: Override, *, by: User | None, how: Override.End, cause: str) -> None:
    override.ended_at, override.ended_how, override.ended_by = timezone.now(), how, by
    override.save(update_fields=["ended_at", "ended_how", "ended_by"])
    record(subject=override.item, verb="item.override_lifted", by=by, before=_said(override), cause=cause)


def _active(override: Override) -> Override | None:
    return (
        Override.objects.filter(organization=override.organization_id, pk=override.pk, ended_at=None)
        .select_related("item", "anchor", "team", "train", "set_by")
        .first()
    )


def _tell(item: Item, override: Override) -> None:
    touch_item(item)
    both = [item.pk] if override.anchor_id is None else [item.pk, override.anchor_id]
    mark_stale(organization_id=item.organization_id, item_ids=both, cause="item.overridden")


def _notify_owners(item: Item, home: Team | ReleaseTrain, *, by: User | None, cause: str) -> None:
    """Tell the history and the list of each prerequisite in another list that pinned work waits for it."""
    awaited = reach_of_pin(item=item, home=home).awaited
    for other in Item.objects.for_organization(item.organization_id).select_related("team", "train").filter(pk__in=awaited).order_by("id"):
        record(subject=other, verb="item.awaited", by=by, after={"pinned": item.key}, cause=cause)
        touch_item(other)


def _said(override: Override) -> dict[str, Any]:
    """An override as events keep it. `override` is its number, for whoever takes it back."""
    said = {"override": override.pk, "kind": override.kind, "reason": override.reason, "until": override.expires_on}
    if override.anchor is not None:
        said["above"] = override.anchor.key
    if override.multiplier is not None:
        said["multiplier"] = plain(override.multiplier)
    if override.train_id is not None and override.item.train_id is None:
        said["level"] = "train"
    return said


# --- what is accepted -----------------------------------------------------------------------------


def _clean_kind(kind: str) -> str:
    if kind not in Kind.values:
        raise InvalidError("An override pins, keeps above, holds until a day, freezes or boosts.", field="kind")
    return Kind(kind).value


def _clean_reason(reason: str) -> str:
    reason = " ".join(clean_text(reason, field="reason").split())
    if not reason:
        raise InvalidError("Say in a few words why. Others will see it.", field="reason")
    if len(reason) > MAX_REASON:
        raise InvalidError(f"The reason is longer than {MAX_REASON} characters.", field="reason")
    return reason


def _clean_multiplier(kind: str, multiplier: Decimal | int | str | None) -> Decimal | None:
    if kind != Kind.BOOST:
        if multiplier not in (None, ""):
            raise InvalidError("Only a boost has a multiplier.", field="multiplier")
        return None
    try:
        factor = Decimal(multiplier or "")
    except (InvalidOperation, ValueError, TypeError) as error:
        raise InvalidError("Say how many times its cost of delay counts, 2 for twice.", field="multiplier") from error
    if not factor.is_finite() or not LEAST_BOOST <= factor <= MOST_BOOST or factor == 1:
        raise InvalidError(f"A boost goes from {plain(LEAST_BOOST)} to {plain(MOST_BOOST)} times, and is not 1.", field="multiplier")
    if factor != factor.quantize(Decimal("0.01")):
        raise InvalidError("A boost has at most two decimals.", field="multiplier")
    return factor


def _clean_day(kind: str, day: date | None) -> date:
    today = timezone.localdate()
    if day is None:
        if kind == Kind.NOT_BEFORE:
            raise InvalidError("Say from which day on it may come.", field="expires_on")
        return today + USUAL
    if not today < day <= today + LONGEST:
        raise InvalidError("The day lies ahead, at most a year.", field="expires_on")
    return day


def _give_list(draft: Override, home: Team | ReleaseTrain | None) -> None:
    """Put it in the item's own list, or in that of the train above the item's team."""
    item = draft.item
    if home is None:
        draft.team, draft.train = item.team, item.train
    elif isinstance(home, Team) and home.pk == item.team_id:
        draft.team = home
    elif isinstance(home, ReleaseTrain) and home.pk in (item.train_id, item.team.train_id if item.team else None):
        draft.train = home
    else:
        raise UnknownReferenceError(f"{item.key} does not stand in that list.", field="list")


def _check_item(item: Item, kind: str) -> None:
    if not item.is_ranked:
        raise ConflictError(f"{item.key} is {item.get_status_display().lower()} and has no place in the order.")
    if item.status != Status.OPEN and kind != Kind.BOOST:
        raise ConflictError(f"{item.key} is {item.get_status_display().lower()}: it keeps its place until its status changes.")
    if item.is_dormant:
        raise ConflictError(f"{item.key} is dormant. Wake it first.")


def _check_anchor(item: Item, anchor: Item, home: Team | ReleaseTrain) -> None:
    if anchor.organization_id != item.organization_id:
        raise UnknownReferenceError("There is no such item.", field="anchor")
    if anchor.pk == item.pk:
        raise InvalidError("An item cannot stand above itself.", field="anchor")
    is_inside = (
        anchor.team_id == home.pk if isinstance(home, Team) else home.pk in (anchor.train_id, anchor.team.train_id if anchor.team else None)
    )
    if not is_inside:
        raise UnknownReferenceError(f"{anchor.key} does not stand in this list. A dependency orders across lists.", field="anchor")
    if not anchor.is_ranked:
        raise ConflictError(f"{anchor.key} is {anchor.get_status_display().lower()} and has no place in the order.", field="anchor")
    if anchor.status != Status.OPEN:
        raise ConflictError(
            f"{anchor.key} is {anchor.get_status_display().lower()}. Nothing open stands above work of now.", field="anchor"
        )


def _is_equal(one: Override, other: Override) -> bool:
    names = ("team_id", "train_id", "multiplier", "reason", "expires_on")
    return all(getattr(one, name) == getattr(other, name) for name in names)


_OPPOSITES = {
    frozenset({Kind.PIN, Kind.NOT_BEFORE}),
    frozenset({Kind.PIN, Kind.FREEZE}),
    frozenset({Kind.NOT_BEFORE, Kind.FREEZE}),
    frozenset({Kind.NOT_BEFORE, Kind.KEEP_ABOVE}),
}


def _refuse_opposites(draft: Override, standing: Iterable[Override]) -> None:
    for one in standing:
        if frozenset({Kind(one.kind), Kind(draft.kind)}) in _OPPOSITES:
            raise ContradictionError(f"{_words(one)}, which says the opposite. Lift that first.")


def _words(override: Override) -> str:
    """“CHK-1 is pinned by Mira”."""
    what = {
        Kind.PIN: "is pinned",
        Kind.NOT_BEFORE: f"is held until {short_day(override.expires_on.isoformat())}",
        Kind.FREEZE: "is frozen",
        Kind.KEEP_ABOVE: f"is kept above {override.anchor.key if override.anchor else ''}",
        Kind.BOOST: "is boosted",
    }[Kind(override.kind)]
    return f"{override.item.key} {what}{f' by {override.set_by.name}' if override.set_by else ''}"


def _refuse_chain(item: Item, anchor: Item, access: Access | None) -> None:
    path = find_contradiction(item=item, anchor=anchor)
    if path is not None:
        chain = name_items(organization_id=item.organization_id, item_ids=path, access=access)
        raise ContradictionError(
            f"{item.key} cannot stand above {anchor.key}: it comes after it, {' → '.join(chain)}. Take one of these links away first.",
            chain,
        )


def _value_to_hold(item: Item) -> float:
    placement = Placement.objects.filter(organization=item.organization_id, item=item, ranked_at__isnull=False).first()
    if placement is None or placement.band not in (Band.EXPEDITE, Band.NORMAL):
        raise ConflictError(f"{item.key} has no value yet that it could keep. Score it first.")
    return placement.value


# --- what ends by itself --------------------------------------------------------------------------


def end_due_overrides() -> int:
    """End what has reached its day; return how many. Each tells its item's history, and its list's page of overrides shows it."""
    due = Override.objects.unscoped().filter(ended_at=None, expires_on__lte=timezone.localdate())
    return sum(_end_one(pk, organization, End.EXPIRED) for pk, organization in due.order_by("id").values_list("id", "organization_id"))


def end_overrides_of_closed() -> int:
    """End what acted on items, or above items, that have been closed for a day; until then, reopening brings it back."""
    yesterday = timezone.now() - timedelta(days=1)
    active = Override.objects.unscoped().filter(ended_at=None)
    closed = active.filter(item__closed_at__lt=yesterday) | active.filter(anchor__closed_at__lt=yesterday)
    return sum(_end_one(pk, organization, End.CLOSED) for pk, organization in closed.order_by("id").values_list("id", "organization_id"))


@one_act()
def _end_one(pk: int, organization_id: int, how: Override.End) -> bool:
    lock_links(organization_id=organization_id)
    override = (
        Override.objects.filter(organization=organization_id, pk=pk, ended_at=None)
        .select_related("item__team", "item__train", "anchor")
        .first()
    )
    if override is None:
        return False
    item = lock_item(override.item)
    Override.objects.filter(organization=organization_id, pk=pk).update(ended_at=Now(), ended_how=how)
    record(subject=item, verb="item.override_ended", by=None, before=_said(override), after={"how": End(how).label})
    _tell(item, override)
    return True
