"""How scores, overrides and moves are taken back."""

from collections.abc import Collection, Iterable
from typing import Any

from accounts.models import ReleaseTrain, Team, User
from accounts.roles import Verb
from activity.models import Event
from activity.services.undo import register_final, register_inverse, register_subject, standing
from backlog.kinds import Kind
from backlog.models import Item
from prioritization.models import BlindScore, Factor, Override, ScoringEntry
from prioritization.permissions import visible_scorings
from prioritization.selectors.choices import choice_in
from prioritization.selectors.interleaving import shares_of
from prioritization.selectors.movers import MODEL_CHOSEN
from prioritization.services.allocations import SHARES_SET, set_shares
from prioritization.services.anchors import lift_anchor, set_anchor
from prioritization.services.choices import as_told, choose_as_told
from prioritization.services.manual_order import mode_of, put_back, set_mode
from prioritization.services.overrides import lift_override, restore_override
from prioritization.services.scores import Backing, plain, score_item
from prioritization.services.scorings import may_undo_decision, undo_decision


def undo_score(*, event: Event, by: User, cause: str) -> list[str]:
    """Give those factors their old values, and what those rested on, back that nobody scored since."""
    item = Item.objects.for_organization(event.organization_id).get(pk=event.subject_id)
    found = {factor.name: factor for factor in Factor.objects.for_organization(event.organization_id).filter(item=item)}
    now: dict[str, Any] = {name: plain(factor.value) for name, factor in found.items()}
    told = event.after.get("backing", {})
    now["backing"] = {name: Backing.of(found[name]).told() if name in found else None for name in told}
    back, changed = standing(event, {name: now.get(name) for name in event.after})
    backing = {name: Backing.read(rests_on) for name, rests_on in back.pop("backing", {}).items() if rests_on and name not in changed}
    factors = {**{name: now[name] for name in backing if name in now}, **back}
    if factors:
        score_item(item=item, factors=factors, backing=backing, by=by, cause=cause)
    if "backing" in changed and len(changed) > 1:
        changed.remove("backing")
    return [f"{_what_of(name)} of {item.key} was {'changed' if name == 'backing' else 'scored'} since." for name in changed]


def _what_of(name: str) -> str:
    return "What the scores rest on" if name == "backing" else f"The {name.replace('_', ' ')}"


def _may_score(access: Any, event: Event) -> bool:
    item = Item.objects.for_organization(access.organization).select_related("team", "train").filter(pk=event.subject_id).first()
    return item is not None and any(access.may(verb, item.team or item.train) for verb in (Verb.SCORE_VALUE, Verb.EDIT))


def _override(event: Event, said: Any) -> Override | None:
    rows = Override.objects.filter(organization=event.organization_id, pk=said.get("override"))
    return rows.select_related("item__team", "item__train", "anchor", "team", "train", "set_by").first()


def undo_override(*, event: Event, by: User, cause: str) -> list[str]:
    """Lift the override again."""
    override = _override(event, event.after)
    if override is None or override.ended_at is not None:
        return [f"The override of {event.subject_ref} has ended since."]
    lift_override(override=override, by=by, cause=cause)
    return []


def undo_lift(*, event: Event, by: User, cause: str) -> list[str]:
    """Let the override act again."""
    override = _override(event, event.before)
    if override is None:
        return [f"The override of {event.subject_ref} is gone."]
    restore_override(override=override, by=by, cause=cause)
    return []


def undo_notice(*, event: Event, by: User, cause: str) -> list[str]:
    """Nothing: what the notice tells of is taken back by the pin's own event."""
    return []


def undo_reorder(*, event: Event, by: User, cause: str) -> list[str]:
    """Put the item back where it stood in the manual order, unless it was moved since."""
    item = Item.objects.for_organization(event.organization_id).select_related("team", "train").get(pk=event.subject_id)
    if put_back(item=item, key=event.before["manual_key"], moved_to=event.after["manual_key"], by=by, cause=cause):
        return []
    return [f"{item.key} was moved since."]


def _home(event: Event) -> Team | ReleaseTrain | None:
    places = Team.objects if event.subject_kind == "team" else ReleaseTrain.objects
    return places.filter(organization=event.organization_id, pk=event.subject_id).first()


def undo_mode(*, event: Event, by: User, cause: str) -> list[str]:
    """Order the list as before; what was moved by hand is kept."""
    home = _home(event)
    if home is None or mode_of(home) != event.after["mode"]:
        return ["How the list is ordered was changed since."]
    set_mode(home=home, mode=event.before["mode"], by=by, cause=cause)
    return []


def undo_choice(*, event: Event, by: User, cause: str) -> list[str]:
    """Score the kind as before, where nobody chose otherwise since."""
    home, told = _home(event), event.after
    if home is None or as_told(told["kind"], choice_in(home, told["kind"])) != told:
        return [f"How a {Kind(told['kind']).label.lower()} is scored was changed since."]
    choose_as_told(home=home, told=event.before, by=by, cause=cause)
    return []


def undo_anchor(*, event: Event, by: User, cause: str) -> list[str]:
    """Let the item be an example no longer."""
    item = Item.objects.for_organization(event.organization_id).get(pk=event.subject_id)
    return [] if lift_anchor(item=item, factor=event.after["factor"], by=by, cause=cause) else [f"{item.key} is no anchor any more."]


def undo_anchor_lifted(*, event: Event, by: User, cause: str) -> list[str]:
    """Let the item be an example again."""
    item = Item.objects.for_organization(event.organization_id).get(pk=event.subject_id)
    set_anchor(item=item, factor=event.before["factor"], by=by, cause=cause)
    return []


def undo_shares(*, event: Event, by: User, cause: str) -> list[str]:
    """Keep the shares of before, where nobody set others since."""
    home = _home(event)
    if home is None or shares_of(home) != event.after["shares"]:
        return ["The shares were changed since."]
    set_shares(home=home, shares=event.before["shares"], by=by, cause=cause)
    return []


def _may_order(access: Any, event: Event) -> bool:
    if event.subject_kind == "item":
        item = Item.objects.for_organization(access.organization).select_related("team", "train").filter(pk=event.subject_id).first()
        return item is not None and access.may(Verb.ORDER, item.team or item.train)
    home = _home(event)
    return home is not None and home.organization_id == access.organization.pk and access.may(Verb.ORDER, home)


def _may_override(access: Any, event: Event) -> bool:
    override = _override(event, event.after if event.verb == "item.overridden" else event.before)
    return override is not None and override.organization_id == access.organization.pk and access.may(Verb.ORDER, override.home)


def _seen_scorings(access: Any, ids: Collection[int]) -> Iterable[int]:
    return visible_scorings(access).filter(pk__in=ids).values_list("pk", flat=True)


def _seen_entries(access: Any, ids: Collection[int]) -> Iterable[int]:
    return ScoringEntry.objects.filter(pk__in=ids, scoring__in=visible_scorings(access)).values_list("pk", flat=True)


def _seen_scores(access: Any, ids: Collection[int]) -> Iterable[int]:
    return BlindScore.objects.filter(pk__in=ids, entry__scoring__in=visible_scorings(access)).values_list("pk", flat=True)


def register() -> None:
    """Called once, when the app is ready."""
    register_subject("valuescoring", seen=_seen_scorings)
    register_subject("scoringentry", seen=_seen_entries)
    register_subject("blindscore", seen=_seen_scores)
    register_inverse("item.scored", undo_score, may=_may_score)
    register_inverse("item.overridden", undo_override, may=_may_override)
    register_inverse("item.override_lifted", undo_lift, may=_may_override)
    register_inverse("item.reordered", undo_reorder, may=_may_order)
    register_inverse("item.anchored", undo_anchor, may=_may_order)
    register_inverse("item.anchor_lifted", undo_anchor_lifted, may=_may_order)
    register_inverse("ranking.mode_set", undo_mode, may=_may_order)
    register_inverse(SHARES_SET, undo_shares, may=_may_order)
    register_inverse(MODEL_CHOSEN, undo_choice, may=_may_order)
    register_inverse("item.awaited", undo_notice, may=lambda access, event: True)
    register_final("item.override_ended", reason="An override that came to its day stays ended. Set it again.")
    register_inverse("scoring.decided", undo_decision, may=may_undo_decision)
    register_final(
        *("scoring.opened", "scoring.scored", "scoring.revealed", "scoring.dropped"),
        reason="What happened in a value scoring stays on record; score again in a new one.",
    )
