"""The shape of scores and moves as people send them. What is accepted is the services' to say."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from django import forms
from django.utils.datastructures import MultiValueDict

from activity.errors import InvalidError
from backlog.models import Goal, Item
from backlog.models.item import MOST_URGENCY_DAYS, Urgency
from backlog.numbers import short
from prioritization.changes import STAYS, Change, What
from prioritization.engine.formula import FactorSpec
from prioritization.engine.models import Model
from prioritization.scoring import Choice, keep_weights
from prioritization.selectors.anchors import Example, beside
from prioritization.selectors.choices import choice_in
from prioritization.selectors.scores import Scores, Stand
from prioritization.selectors.tried_rules import RATE, SHARES, WHOLE, Home, RuleKnobs
from prioritization.selectors.what_ifs import Knobs
from prioritization.services.moves import BY_HAND, Move, To
from prioritization.services.scores import Backing, plain

OTHER = "other"


@dataclass
class ScoreField:
    """One factor of the form: buttons for its scale, room for any other value, and what the score rests on."""

    spec: FactorSpec
    stands: str = ""
    """The stored value as the form saw it, empty where nobody scored it."""
    chosen: str = ""
    typed: str = ""
    evidence: str = ""
    until: str = ""
    """The date that was set, as browsers write it; empty as usual for the factor."""
    stand: Stand | None = None
    anchors: Sequence[Example] = ()
    error: str = ""

    @property
    def choices(self) -> list[tuple[str, str, bool]]:
        """Value, label and whether it is the chosen one, for each button."""
        words = self.spec.words or [short(value) for value in self.spec.scale]
        return [(plain(value), word, plain(value) == self.chosen) for value, word in zip(self.spec.scale, words, strict=True)]

    @property
    def is_backed(self) -> bool:
        """Whether there is something to see of what it rests on, or something wrong."""
        return bool(self.error or self.evidence or self.until)

    @property
    def seen(self) -> str:
        """What the form shows as standing, to tell what the person changed of it."""
        stand = self.stand
        until = stand.expires_on.isoformat() if stand and stand.expires_on else ""
        return f"{self.stands}|{until}|{stand.evidence if stand else ''}"


class Sent(NamedTuple):
    """What the person wants of the factors, as `score_item` takes it."""

    factors: dict[str, str | None]
    backing: dict[str, Backing]
    again: list[str]


@dataclass
class ScoresForm:
    """The factors of a model, bound to what stands or to what was sent."""

    fields: list[ScoreField] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    other_error: str = ""

    @classmethod
    def of(cls, scores: Scores) -> "ScoresForm":
        """The form as it stands."""
        form = cls()
        for spec in scores.choice.factors:
            value = plain(scores.values[spec.name]) if spec.name in scores.values else ""
            stand = scores.stands.get(spec.name)
            on_scale = any(plain(each) == value for each in spec.scale)
            form.fields.append(
                ScoreField(
                    spec,
                    stands=value,
                    chosen=value if on_scale else OTHER if value else "",
                    typed="" if on_scale else value,
                    evidence=stand.evidence if stand else "",
                    until=stand.expires_on.isoformat() if stand and stand.expires_on else "",
                    stand=stand,
                    anchors=beside(scores.anchors.get(spec.name, ()), scores.values.get(spec.name), spec),
                )
            )
        return form

    @property
    def main(self) -> list[ScoreField]:
        """What the model needs."""
        return [each for each in self.fields if not each.spec.is_optional]

    @property
    def more(self) -> list[ScoreField]:
        """What it takes where somebody knows it."""
        return [each for each in self.fields if each.spec.is_optional]

    @property
    def is_more_open(self) -> bool:
        return any(each.stands or each.error for each in self.more)

    def read(self, data: "MultiValueDict[str, str]") -> Sent:
        """What the person wants of each factor that was sent and changed; keeps what they typed. Raises InvalidError for what is no date,
        and for evidence without a score.

        A button counts, unless the person wrote another number beside it since the form was made. An empty choice takes the score back.
        """
        sent = Sent({}, {}, [])
        for each in self.fields:  # all of them are kept before one is refused
            self._keep(each, data)
        for each in self.fields:
            name = each.spec.name
            if name not in data and f"{name}_other" not in data:
                continue
            value = (each.typed if each.chosen == OTHER else each.chosen).replace(",", ".")
            is_again = data.get(f"{name}_again") == "on"
            if data.get(f"{name}_seen") == f"{value}|{each.until}|{each.evidence}" and not is_again:
                continue
            sent.factors[name] = value or None
            if is_again:
                sent.again.append(name)
            if f"{name}_evidence" in data and (value or not each.stands):
                backing = _read_backing(each, is_new=is_again or value != each.stands)
                if value:
                    sent.backing[name] = backing
                elif any(backing):
                    raise InvalidError(f"Give a score of {each.spec.label} along with what it rests on.", field=name)
        return sent

    def _keep(self, each: ScoreField, data: "MultiValueDict[str, str]") -> None:
        name = each.spec.name
        if name in data or f"{name}_other" in data:
            chosen, typed, was = data.get(name), data.get(f"{name}_other", "").strip(), data.get(f"{name}_was", "").strip()
            is_typed = chosen is None or (typed != "" and typed != was)
            each.chosen, each.typed = (OTHER if typed else "", typed) if is_typed else (str(chosen).strip(), "")
        each.evidence = data.get(f"{name}_evidence", each.evidence).strip()
        each.until = data.get(f"{name}_until", each.until).strip()

    def refuse(self, message: str, name: str | None) -> None:
        """Put a refusal at its factor, or above them all."""
        for each in self.fields:
            if each.spec.name == name:
                each.error = message
                return
        self.other_error = message


@dataclass
class WeightField:
    """A number of the form that chooses a model; empty means as declared."""

    name: str
    label: str
    typed: str = ""
    usual: str = ""
    help: str = ""
    error: str = ""


@dataclass
class ChoiceForm:
    """A model with its weights, bound to what stands or to what was sent. Names begin with the model's, so that each keeps its own."""

    model: Model
    weights: list[WeightField]
    rate: WeightField
    is_whole: bool = False
    other_error: str = ""

    @classmethod
    def of(cls, choice: Choice) -> "ChoiceForm":
        """The form as the choice has it."""
        model, rate = choice.declared, choice.weights.rate
        return cls(
            model,
            [
                WeightField(f"{model.name}-{spec.name}", spec.label, plain(choice.weight_of(spec.name)), "1", spec.help)
                for spec in model.columns
            ],
            WeightField(f"{model.name}-rate", "Worth one point", plain(model.rate if rate is None else rate), plain(model.rate)),
            choice.weights.is_whole,
        )

    def read(self, data: Mapping[str, str]) -> dict[str, Any]:
        """What was sent, as `clean_choice` takes it; keeps what the person typed."""
        for each in (*self.weights, self.rate):
            each.typed = data.get(each.name, each.typed).strip()
        if self.model.may_be_whole and f"{self.model.name}-sent" in data:
            self.is_whole = data.get(f"{self.model.name}-whole") == "on"
        names = [spec.name for spec in self.model.columns]
        return {
            "model": self.model.name,
            "weights": {name: each.typed.replace(",", ".") for name, each in zip(names, self.weights, strict=True)},
            "rate": self.rate.typed.replace(",", "."),
            "is_whole": self.is_whole,
        }

    def refuse(self, message: str, name: str | None) -> None:
        """Put a refusal at its number, or above them all."""
        for each in (*self.weights, self.rate):
            if each.name == f"{self.model.name}-{name}":
                each.error = message
                return
        self.other_error = message


def _read_backing(each: ScoreField, *, is_new: bool) -> Backing:
    """What the score rests on. A new score does not keep the date of the one before where that has passed."""
    try:
        until = date.fromisoformat(each.until) if each.until else None
    except ValueError as error:
        raise InvalidError("The date is written as in 2027-01-31.", field=each.spec.name) from error
    stand = each.stand
    if is_new and stand is not None and stand.is_expired and until == stand.expires_on:
        until = None
    return Backing(each.evidence, until)


def read_item_changes(knobs: Knobs, data: "MultiValueDict[str, str]") -> tuple[list[Change], dict[str, str]]:
    """What a person tries of an item: the numbers that differ from what stands or from what the draft tries, and links to do without. Also what they typed."""
    item = knobs.item
    typed = {knob.name: data.get(knob.name, knob.tried).strip() for knob in knobs.numbers}
    changes = []
    for knob in knobs.numbers:
        value = typed[knob.name].replace(",", ".")
        if value == knob.tried:
            continue
        is_size = knob.name == What.SIZE
        changes.append(Change(What.SIZE if is_size else What.SCORE, item.key, "" if is_size else knob.name, value))
    wanted = set(data.getlist("unlink"))
    tried_already = {key for key, _, tried in knobs.waits_for if tried}
    changes += [Change(What.UNLINK, item.key, key) for key in sorted(wanted - tried_already)]
    changes += [Change(What.UNLINK, item.key, key, STAYS) for key in sorted(tried_already - wanted)]
    return changes, typed


def read_rule_changes(home: Home, knobs: RuleKnobs, data: Mapping[str, str]) -> tuple[list[Change], dict[str, str]]:
    """What a person tries of the rule, which the service checks, and what they typed.

    Another model begins as it is declared: the columns that were shown belong to the one before.
    """
    typed = {knob.name: data.get(knob.name, knob.tried).strip() for knob in knobs.numbers}
    numbers = {name: value.replace(",", ".") for name, value in typed.items()}
    if knobs.name == SHARES:
        is_same = all(numbers[knob.name] == knob.tried for knob in knobs.numbers)
        return [] if is_same else [Change(What.SHARES, SHARES, "", json.dumps(numbers))], typed
    if not knobs.is_of_kind:
        return [Change(What.GOAL, knob.name, "", numbers[knob.name]) for knob in knobs.numbers if numbers[knob.name] != knob.tried], typed
    shown = next((name for name, _, is_tried in knobs.models if is_tried), "")
    model = data.get("model", shown)
    weights: dict[str, object] = {"of": {name: value for name, value in numbers.items() if name != RATE}, "rate": numbers[RATE]}
    if knobs.is_whole is not None:
        typed[WHOLE] = data.get(WHOLE, "") if f"{WHOLE}-sent" in data else "on" if knobs.is_whole else ""
        weights["is_whole"] = typed[WHOLE] == "on"
    if model != shown:
        weights = {}
    stands = choice_in(home, knobs.name)
    if model == stands.model:
        weights = {**keep_weights(stands.weights), **weights}
    return [Change(What.SCORING, knobs.name, "", json.dumps({"model": model, "weights": weights}))], typed


PROFILES = (
    (Urgency.STANDARD, "Standard: the same each week"),
    (Urgency.FIXED_DATE, "Fixed date: more the nearer its day"),
    (Urgency.EXPEDITE, "Expedite: before everything, one at a time"),
    (Urgency.SHORT_LIFE, "Short life: fades from a day on"),
    (Urgency.INTANGIBLE, "Intangible: matters from a day on"),
)


class UrgencyForm(forms.Form):
    """How a cost of delay changes with the days."""

    urgency = forms.ChoiceField(label="How it changes", choices=[(each.value, words) for each, words in PROFILES], widget=forms.RadioSelect)
    due_on = forms.DateField(
        label="Day",
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "min": "2000-01-01", "max": "2199-12-31"}),
    )
    days = forms.IntegerField(
        label="Over days",
        required=False,
        min_value=1,
        max_value=MOST_URGENCY_DAYS,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": 4}),
    )

    @classmethod
    def of(cls, item: Item) -> "UrgencyForm":
        """The form as the item has it."""
        return cls(initial={"urgency": item.urgency, "due_on": item.due_on, "days": item.urgency_days})


class MoveForm(forms.Form):
    """Where an item goes and why. `other` is the key of another item; which fields count depends on `to`."""

    to = forms.ChoiceField(label="What do you mean?", choices=To.choices, widget=forms.RadioSelect)
    other = forms.CharField(label="The other item", required=False, max_length=20, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    number = forms.IntegerField(label="Number", required=False, min_value=1, max_value=10**7)
    day = forms.DateField(label="Not before", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    times = forms.DecimalField(label="How many times", required=False, max_digits=6, decimal_places=2)
    reason = forms.CharField(label="Why", required=False, max_length=300)
    until = forms.DateField(label="Until", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    on_train = forms.BooleanField(label="For every list of the train", required=False)
    version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, by_hand: bool, of_many: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["to"]
        assert isinstance(field, forms.ChoiceField)
        left_out = {To.TIER_TOP, To.TIER_END} if of_many else set()  # ends of the tier that one item stands in
        field.choices = [(to.value, to.label) for to in To if to not in left_out and (not by_hand or to in BY_HAND)]

    def move(self, *, find: Callable[[str], Item]) -> Move:
        """What the person asks for; `find` brings the other item by its key, or refuses."""
        given = self.cleaned_data
        key = given["other"].strip().upper()
        return Move(
            to=given["to"],
            other=find(key) if key and given["to"] in (To.ABOVE, To.BELOW) else None,
            number=given["number"],
            day=given["day"],
            times=given["times"],
            reason=given["reason"],
            until=given["until"],
            on_train=given["on_train"],
            version=given["version"] if given["to"] == To.POSITION else None,
        )


class GoalForm(forms.Form):
    """A goal as people type it; whether it is accepted is the service's to say."""

    name = forms.CharField(label="Goal", max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}))
    description = forms.CharField(label="Why", required=False, widget=forms.Textarea(attrs={"rows": 2}))
    weight = forms.CharField(
        label="Weight",
        max_length=12,
        help_text="Multiplies the cost of delay of what serves it: 1 leaves it as it is, 2 doubles it, 5 is the most.",
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    starts_on = forms.DateField(
        label="From",
        required=False,
        help_text="It counts from this day on, and until the last one.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    ends_on = forms.DateField(label="Until", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    parent = forms.ChoiceField(label="Part of", required=False)

    def __init__(self, *args: Any, above: Iterable[Goal], **kwargs: Any) -> None:
        """`above` are the goals that may stand above this one."""
        super().__init__(*args, **kwargs)
        self.above = {goal.number_text: goal for goal in above}
        field = self.fields["parent"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "Nothing"), *((number, goal.name) for number, goal in self.above.items())]
        if not self.above:
            del self.fields["parent"]

    def changes(self) -> dict[str, Any]:
        """What was sent, by the goal's own names."""
        given = dict(self.cleaned_data)
        given["weight"] = given["weight"].strip().replace(",", ".")
        if "parent" in given:
            given["parent"] = self.above.get(given["parent"])
        return given
