"""What a draft tries of the rules: how kinds are scored, and what goals weigh."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from django.db import connection

from accounts.models import ReleaseTrain, Team
from backlog.kinds import plural
from backlog.models import Goal
from backlog.selectors.goals import below
from backlog.selectors.goals import list_goals as list_all_goals
from prioritization.changes import Change, What, text_of
from prioritization.classes import LABELS, WorkClass
from prioritization.engine.models import MODELS
from prioritization.scoring import USUAL, Choice, Rules, in_milli, keep_weights, models_for, read_weights, to_goals
from prioritization.selectors.choices import choices_of, kinds_in
from prioritization.selectors.interleaving import shares_of
from prioritization.selectors.tried import Tried

Home = Team | ReleaseTrain
OF_RULES = frozenset({What.SCORING, What.GOAL, What.SHARES})
MOST_GOALS = 40


def write_choice(choice: Choice) -> str:
    """A way to score as a change keeps it: the same text for the same choice."""
    return json.dumps({"model": choice.model, "weights": keep_weights(choice.weights)}, sort_keys=True)


def read_choice(text: str) -> Choice | None:
    """The way to score that a change keeps; None for a model that is no longer declared."""
    kept = json.loads(text)
    return Choice(kept["model"], read_weights(kept["weights"])) if kept["model"] in MODELS else None


def write_shares(shares: Mapping[str, int]) -> str:
    """Shares as a change keeps them; empty where none are kept."""
    return json.dumps(dict(shares), sort_keys=True) if shares else ""


def read_shares(text: str) -> dict[str, int]:
    """The shares that a change keeps."""
    return dict(json.loads(text)) if text else {}


@dataclass(frozen=True)
class Standing:
    """The rules of a home that a draft may change, as they stand."""

    choices: Mapping[str, Choice]
    kinds: Sequence[str]
    goals: Mapping[str, Goal]
    shares: Mapping[str, int]


def read_rules(home: Home, changes: Iterable[Change]) -> Standing | None:
    """What stands of the rules that these changes name; None where they name none. Three queries at most."""
    whats = {change.what for change in changes} & OF_RULES
    if not whats:
        return None
    numbers = [int(change.subject) for change in changes if change.what == What.GOAL]
    goals = Goal.objects.for_organization(home.organization_id).filter(number__in=numbers) if numbers else ()
    return Standing(
        choices_of(home) if What.SCORING in whats else {},
        [str(kind) for kind in kinds_in(home)],
        {goal.number_text: goal for goal in goals},
        shares_of(home) if What.SHARES in whats else {},
    )


def look_at_rule(change: Change, stands: Standing) -> Tried:
    """A change of a rule beside the rule that stands."""
    if change.what == What.GOAL:
        goal = stands.goals.get(change.subject)
        if goal is None:
            return Tried(change, "Goal", void="There is no such goal any more.")
        words = f"“{goal.name}” weighs {change.value} instead of {change.was}"
        return Tried(change, f"The weight of “{goal.name}”", goal=goal, now=text_of(goal.weight), words=words)
    if change.what == What.SHARES:
        shares = read_shares(change.value)
        return Tried(change, "The shares", shares=shares, now=write_shares(stands.shares), words=_in_words(shares, read_shares(change.was)))
    kinds = plural(change.subject)
    if change.subject not in stands.kinds:
        return Tried(change, kinds, void=f"This backlog holds no {kinds.lower()}.")
    before = stands.choices.get(change.subject, USUAL[change.subject])
    choice = read_choice(change.value)
    if choice is None:
        return Tried(change, kinds, void="There is no such model any more.")
    was = read_choice(change.was) if change.was else before
    return Tried(change, f"{kinds.lower()} are scored", choice=choice, now=write_choice(before), words=_words(kinds, choice, was or before))


def _in_words(shares: Mapping[str, int], was: Mapping[str, int]) -> str:
    """“Tech debt gets 20 % instead of none”."""
    told = [
        f"{LABELS[each]} {_percent(shares.get(each))} instead of {_percent(was.get(each))}"
        for each in WorkClass
        if shares.get(each) != was.get(each)
    ]
    return f"Shares: {', '.join(told)}"


def _percent(share: int | None) -> str:
    return f"{share} %" if share else "none"


def _words(kinds: str, choice: Choice, was: Choice) -> str:
    """“Stories scored by RICE instead of WSJF”, or which of its columns weigh otherwise."""
    if choice.model != was.model:
        return f"{kinds} scored by {choice.declared.label} instead of {was.declared.label}"
    told = [
        f"{spec.label} weighs {text_of(choice.weight_of(spec.name))} instead of {text_of(was.weight_of(spec.name))}"
        for spec in choice.declared.columns
        if choice.weight_of(spec.name) != was.weight_of(spec.name)
    ]
    if rate_of(choice) != rate_of(was):
        told.append(f"one point is worth {text_of(rate_of(choice))} instead of {text_of(rate_of(was))}")
    if choice.weights.is_whole != was.weights.is_whole:
        told.append("by value alone" if choice.weights.is_whole else "over the size again")
    return f"{kinds}: {', '.join(told) or 'scored otherwise'}"


def rate_of(choice: Choice) -> Decimal:
    """How many of the model's own units are worth one point."""
    return choice.declared.rate if choice.weights.rate is None else choice.weights.rate


def choices_tried(tried: Iterable[Tried]) -> dict[str, Choice]:
    """How kinds would be scored, by kind."""
    return {each.change.subject: each.choice for each in tried if each.choice is not None and not each.void}


def goals_tried(tried: Iterable[Tried]) -> dict[int, Decimal]:
    """What goals would weigh, by id."""
    return {each.goal.pk: Decimal(each.change.value) for each in tried if each.goal is not None and not each.void}


def shares_tried(tried: Iterable[Tried]) -> dict[str, int] | None:
    """What would be kept for each class; None where that is not tried."""
    return next((each.shares for each in tried if each.shares is not None and not each.void), None)


_SERVED = """
    SELECT i.id, i.goal_id FROM backlog_item i JOIN backlog_placement p ON p.item_id = i.id
    WHERE i.organization_id = %s AND i.goal_id = ANY(%s)
        AND p.component IN (SELECT component FROM backlog_placement WHERE {home} = %s)
"""


def served_by(home: Home, goals: Iterable[int]) -> dict[int, str]:
    """The items that serve one of these goals, or a goal below it, and are tied to the list: by id, with the goal in words."""
    said: dict[int, str] = {}
    for goal in Goal.objects.for_organization(home.organization_id).filter(pk__in=list(goals)):
        said |= dict.fromkeys(below(goal), f"serves “{goal.name}”")
    with connection.cursor() as cursor:
        place = "team_id" if isinstance(home, Team) else "train_id"
        cursor.execute(_SERVED.format(home=place), [home.organization_id, list(said), home.pk])
        return {item: said[goal] for item, goal in cursor.fetchall()}


def with_goals(rules: Rules, organization_id: int, weights: Mapping[int, Decimal]) -> Rules:
    """The rules with goals of other weights, on the day of the rules."""
    day = date(1970, 1, 1) + timedelta(days=rules.day or 0)
    rows = Goal.objects.for_organization(organization_id)
    stored = [(goal.pk, goal.parent_id, in_milli(weights.get(goal.pk, goal.weight)), goal.counts_on(day)) for goal in rows]
    return replace(rules, goals=to_goals(stored))


@dataclass(frozen=True)
class Knob:
    """One number that a person may try otherwise."""

    name: str
    label: str
    now: str
    tried: str
    hint: str = ""
    error: str = ""


@dataclass(frozen=True)
class RuleKnobs:
    """Numbers of one rule of the backlog, and the models of a kind: (name, label, whether it is tried)."""

    name: str
    title: str
    numbers: list[Knob]
    models: list[tuple[str, str, bool]]
    is_of_kind: bool = False
    is_whole: bool | None = None
    """Whether the kind would be ranked by value alone; None where its model always divides by a size."""

    @property
    def is_empty(self) -> bool:
        return not self.numbers and not self.models


GOALS, SHARES = "goals", "shares"
RATE, WHOLE = "rate", "whole"
"""Fields of a kind's scoring beside its columns."""


def rules_open(home: Home) -> list[tuple[str, str]]:
    """What can be opened beside items: (name, label)."""
    return [(GOALS, "Goals"), (SHARES, "Shares of classes"), *((str(kind), plural(kind)) for kind in kinds_in(home))]


def rule_knobs(
    home: Home, name: str, changes: Sequence[Change], *, typed: Mapping[str, str] | None = None, error: tuple[str, str] = ("", "")
) -> RuleKnobs | None:
    """What can be tried of goals or of a kind's scoring, with what the draft tries already, or what was typed; None for what it does not have."""
    tried = {(change.what, change.subject): change.value for change in changes}
    wrong, message = error

    def knob(field: str, label: str, now: str, stands: str) -> Knob:
        return Knob(field, label, now, (typed or {}).get(field, stands), error=message if wrong == field else "")

    if name == GOALS:
        numbers = [
            knob(goal.number_text, goal.name, text_of(goal.weight), tried.get((What.GOAL, goal.number_text), text_of(goal.weight)))
            for goal in list_all_goals(home.organization_id)
            if goal.is_active
        ]
        return RuleKnobs(GOALS, "What goals weigh", numbers[:MOST_GOALS], [])
    if name == SHARES:
        shares = shares_of(home)
        kept_shares = tried.get((What.SHARES, SHARES))
        stands_tried = shares if kept_shares is None else read_shares(kept_shares)
        numbers = [knob(each, LABELS[each], str(shares.get(each, 0)), str(stands_tried.get(each, 0))) for each in WorkClass]
        return RuleKnobs(SHARES, "Shares of the work, in percent", numbers, [])
    if name not in {str(kind) for kind in kinds_in(home)}:
        return None
    stands = choices_of(home).get(name, USUAL[name])
    kept = tried.get((What.SCORING, name))
    choice = (read_choice(kept) if kept else None) or stands
    numbers = [
        knob(
            spec.name,
            spec.label,
            text_of(stands.weight_of(spec.name)) if choice.model == stands.model else "1",
            text_of(choice.weight_of(spec.name)),
        )
        for spec in choice.declared.columns
        if len(choice.declared.columns) > 1  # of one column the weight changes nothing
    ]
    numbers.append(
        knob(
            RATE,
            "Worth one point",
            text_of(rate_of(stands if choice.model == stands.model else Choice(choice.model))),
            text_of(rate_of(choice)),
        )
    )
    models = [(model.name, model.label, model.name == choice.model) for model in models_for(name)]
    is_whole = choice.weights.is_whole if choice.declared.may_be_whole else None
    if typed and is_whole is not None:
        is_whole = typed.get(WHOLE) == "on"
    return RuleKnobs(name, f"How {plural(name).lower()} are scored", numbers, models, is_of_kind=True, is_whole=is_whole)
