"""Blind value scoring: several people score alone, the product owner reveals and decides.

Events of a score hold no value: people read events on history pages, and a value is its scorer's own until the reveal.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.models import ReleaseTrain, Team, User
from accounts.roles import Verb
from activity.errors import ConflictError, InvalidError, NotAllowedError, UnknownReferenceError
from activity.models import Event
from activity.services.acts import one_act, touch_topic
from activity.services.events import record
from backlog.models import Item
from prioritization.changes import text_of
from prioritization.models import BlindScore, Scorer, ScoringEntry, ValueScoring
from prioritization.selectors.choices import choice_for, choices_in, factors_under
from prioritization.selectors.scorings import count_done, list_possible_scorers
from prioritization.services.scores import asked_factor, clean_score, score_item

MOST_ITEMS = 30
_NUMBERS = 7_410_222  # advisory lock of the numbers of an organization's scorings


class ScoringClosedError(ConflictError):
    """The scoring takes no more scores."""

    code = "scoring_closed"


@one_act()
def open_scoring(
    *, home: Team | ReleaseTrain, items: Sequence[Item], factors: Sequence[str], people: Sequence[User], by: User
) -> ValueScoring:
    """Ask these people to score these items, each alone.

    Raises InvalidError where an item, a factor or a person is missing or too many, UnknownReferenceError for an item that is not open in this
    backlog or a person who may not score in it.
    """
    if not 1 <= len(items) <= MOST_ITEMS:
        raise InvalidError(f"Choose 1 to {MOST_ITEMS} items.", field="items")
    if any((item.team_id, item.train_id) != _place(home) or not item.is_ranked for item in items):
        raise UnknownReferenceError("Choose open items of this backlog.", field="items")
    rules = choices_in(home.organization_id)
    scored_by = {item.pk: {spec.name for spec in factors_under(rules, item)} for item in items}
    asked = [name for name in dict.fromkeys(factors) if any(name in names for names in scored_by.values())]
    if not asked:
        raise InvalidError("Choose at least one factor by which these items are scored.", field="factors")
    if unfit := [item.key for item in items if not set(asked) & scored_by[item.pk]]:
        raise InvalidError(f"{unfit[0]} is not scored by any of these factors. Leave it out.", field="items")
    allowed = {person.pk for person in list_possible_scorers(home)}
    if not people or any(person.pk not in allowed for person in people):
        raise UnknownReferenceError("Choose people who may score in this backlog.", field="people")
    team, train = (home, None) if isinstance(home, Team) else (None, home)
    organization = home.organization_id
    scoring = ValueScoring.objects.create(
        organization_id=organization, team=team, train=train, number=_next_number(organization), factors=asked, opened_by=by
    )
    Scorer.objects.bulk_create(Scorer(organization_id=organization, scoring=scoring, person=person) for person in people)
    ScoringEntry.objects.bulk_create(
        ScoringEntry(organization_id=organization, scoring=scoring, item=item, position=position) for position, item in enumerate(items, 1)
    )
    record(subject=scoring, verb="scoring.opened", by=by, after={"number": scoring.number, "items": [item.key for item in items]})
    touch_topic(organization_id=organization, key=scoring.topic, note=f"0/{len(people)}")
    return scoring


@one_act()
def give_scores(*, entry: ScoringEntry, values: Mapping[str, Any], by: User) -> None:
    """Store the person's scores of one item, or change them; None says that they would rather not.

    Raises NotAllowedError for somebody who was not asked, ScoringClosedError once it is revealed, InvalidError for a value out of its range.
    """
    scoring = _locked(entry.scoring)
    if not scoring.scorers.filter(person=by).exists():
        raise NotAllowedError("You were not asked to score here.")
    if scoring.state != ValueScoring.State.OPEN:
        raise ScoringClosedError("This scoring is closed. Your score was not counted.")
    if not entry.item.is_ranked:
        raise ScoringClosedError(f"{entry.item.key} is closed. Your score was not counted.")
    choice = choice_for(entry.item)
    names = set(scoring.factors) & {spec.name for spec in choice.factors}
    for name, given in values.items():
        if name not in names:
            raise InvalidError("This is not scored here.", field=name)
        value = clean_score(asked_factor(choice, entry.item.kind, name), given)
        found = BlindScore.objects.for_organization(scoring.organization_id).filter(entry=entry, person=by, factor=name).first()
        if found is None:
            found = BlindScore.objects.create(organization_id=scoring.organization_id, entry=entry, person=by, factor=name, value=value)
            record(subject=found, verb="scoring.scored", by=by)
        elif found.value != value:
            found.value = value
            found.save(update_fields=["value"])
            record(subject=found, verb="scoring.scored", by=by)
    touch_topic(organization_id=scoring.organization_id, key=scoring.topic, note=count_done(scoring).words)


@one_act()
def reveal_scores(*, scoring: ValueScoring, by: User) -> ValueScoring:
    """Close the scoring and let everybody see the values. Revealed twice is revealed once; ConflictError without any score."""
    scoring = _locked(scoring)
    if scoring.state == ValueScoring.State.REVEALED:
        return scoring
    if scoring.state == ValueScoring.State.DROPPED:
        raise ScoringClosedError("This scoring was dropped. Its scores stay blind.")
    if not BlindScore.objects.for_organization(scoring.organization_id).filter(entry__scoring=scoring, value__isnull=False).exists():
        raise ConflictError("Nobody has scored yet.")
    return _close(scoring, ValueScoring.State.REVEALED, "scoring.revealed", by)


@one_act()
def drop_scoring(*, scoring: ValueScoring, by: User) -> ValueScoring:
    """End an open scoring without a reveal; what people gave stays blind for good. ScoringClosedError after the reveal."""
    scoring = _locked(scoring)
    if scoring.state == ValueScoring.State.REVEALED:
        raise ScoringClosedError("The scores are revealed already.")
    if scoring.state == ValueScoring.State.DROPPED:
        return scoring
    return _close(scoring, ValueScoring.State.DROPPED, "scoring.dropped", by)


@one_act()
def decide(*, entry: ScoringEntry, values: Mapping[str, Any], by: User) -> ScoringEntry:
    """Record what the product owner takes as the item's scores; they become its factors, with the scoring as their evidence.

    Raises ConflictError before the reveal, InvalidError for a value out of its range or none at all.
    """
    scoring = _locked(entry.scoring)
    if scoring.state != ValueScoring.State.REVEALED:
        raise ConflictError("Reveal the scores first.")
    entry = ScoringEntry.objects.for_organization(scoring.organization_id).select_related("scoring", "item").get(pk=entry.pk)
    choice = choice_for(entry.item)
    cleaned = {
        name: clean_score(asked_factor(choice, entry.item.kind, name), value) for name, value in values.items() if name in scoring.factors
    }
    decision = {name: text_of(value) for name, value in cleaned.items() if value is not None}
    if not decision:
        raise InvalidError("Decide on at least one value.")
    origin = f"value scoring {scoring.number}"
    score_item(item=entry.item, factors=decision, by=by, cause=origin, evidence=origin)
    return set_decision(entry=entry, decision=decision, by=by)


@one_act()
def set_decision(*, entry: ScoringEntry, decision: Mapping[str, str] | None, by: User, cause: str = "") -> ScoringEntry:
    """Store what was decided of an entry, None for nothing any more. The item's factors are the caller's to change."""
    before = entry.decision
    if before == decision:
        return entry
    entry.decision = dict(decision) if decision else None
    entry.decided_by, entry.decided_at = (by, timezone.now()) if decision else (None, None)
    entry.save(update_fields=["decision", "decided_by", "decided_at"])
    record(subject=entry, verb="scoring.decided", by=by, before={"decision": before}, after={"decision": entry.decision}, cause=cause)
    touch_topic(organization_id=entry.organization_id, key=entry.scoring.topic)
    return entry


def undo_decision(*, event: Event, by: User, cause: str) -> list[str]:
    """Forget the decision, or bring the one before back; the factors have an event of their own."""
    entry = ScoringEntry.objects.for_organization(event.organization_id).select_related("scoring", "item").get(pk=event.subject_id)
    if entry.decision != event.after["decision"]:
        return [f"{entry.item.key} was decided again since."]
    set_decision(entry=entry, decision=event.before["decision"], by=by, cause=cause)
    return []


def may_undo_decision(access: Any, event: Event) -> bool:
    """Those who may decide."""
    entry = (
        ScoringEntry.objects.for_organization(event.organization_id)
        .select_related("scoring__team", "scoring__train")
        .get(pk=event.subject_id)
    )
    return bool(access.may(Verb.ORDER, entry.scoring.home))


def _close(scoring: ValueScoring, state: ValueScoring.State, verb: str, by: User) -> ValueScoring:
    scoring.state, scoring.closed_at = state, timezone.now()
    scoring.save(update_fields=["state", "closed_at"])
    record(subject=scoring, verb=verb, by=by, after={"number": scoring.number})
    touch_topic(organization_id=scoring.organization_id, key=scoring.topic)
    return scoring


def _locked(scoring: ValueScoring) -> ValueScoring:
    found = ValueScoring.objects.for_organization(scoring.organization_id).select_related("team", "train")
    return found.select_for_update(of=("self",), no_key=True).get(pk=scoring.pk)


def _place(home: Team | ReleaseTrain) -> tuple[int | None, int | None]:
    return (home.pk, None) if isinstance(home, Team) else (None, home.pk)


def _next_number(organization_id: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_NUMBERS, organization_id])
    latest = ValueScoring.objects.for_organization(organization_id).order_by("-number").values_list("number", flat=True).first()
    return (latest or 0) + 1
