"""The shape of what people send. Rules are the services'."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django import forms

from accounts.models import ReleaseTrain, Team, User
from accounts.selectors.people import find_person, people_who_see
from activity.errors import InvalidError, UnknownReferenceError
from backlog.kinds import KINDS, Kind
from backlog.models import Item, Iteration
from backlog.models.item import TRAIN_KINDS, Status
from backlog.services.bulk_edits import What
from backlog.stale import MOST_DEMAND, MOST_MONTHS, USUAL_TAKE, Rule, Rules, Take, Verdict

TEAM_KINDS = tuple(kind for kind in Kind if kind not in TRAIN_KINDS)


def kinds_of(home: Team | ReleaseTrain) -> tuple[Kind, ...]:
    """The kinds that live in a team's backlog, or in a train's."""
    return TRAIN_KINDS if isinstance(home, ReleaseTrain) else TEAM_KINDS


class NewItemForm(forms.Form):
    kind = forms.ChoiceField(label="Kind")
    title = forms.CharField(label="Title", max_length=300, widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}))

    def __init__(self, *args: Any, home: Team | ReleaseTrain, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = kinds_of(home)
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(kind.value, kind.label) for kind in kinds]
        field.initial = Kind.FEATURE if isinstance(home, ReleaseTrain) else Kind.STORY


class SavedViewForm(forms.Form):
    name = forms.CharField(label="Name", max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}))
    is_shared = forms.BooleanField(label="Share it with all who see this list", required=False)
    with_columns = forms.BooleanField(label="Keep the columns as they stand too", required=False)


class BulkForm(forms.Form):
    """One change for many items; which of the values counts depends on `what`."""

    what = forms.ChoiceField(label="What changes", widget=forms.RadioSelect)
    status = forms.ChoiceField(label="New status", required=False)
    reason = forms.CharField(label="Why", required=False, max_length=500)
    size = forms.CharField(
        label="Points", required=False, max_length=12, widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    )
    kind = forms.ChoiceField(label="New kind", required=False)
    parent = forms.CharField(
        label="Key of the item above", required=False, max_length=20, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    sprint = forms.ChoiceField(label="Sprint", required=False)

    def __init__(
        self, *args: Any, home: Team | ReleaseTrain, statuses: Iterable[Status], sprints: Iterable[Iteration], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._choose("what", [(what.value, what.label) for what in What if what != What.SPRINT or isinstance(home, Team)])
        self._choose("status", [(status.value, status.label) for status in statuses])
        self._choose("kind", [(kind.value, kind.label) for kind in kinds_of(home)])
        self._choose("sprint", [("", "No sprint"), *((sprint.name, sprint.name) for sprint in sprints)])

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


class DetailsForm(forms.Form):
    """The fields that only the item's kind has."""

    def __init__(self, *args: Any, kind: Kind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for spec in KINDS[kind].fields:
            self.fields[spec.name] = _field_of(spec.form, label=spec.label, help_text=spec.help, choices=spec.choices)


def _field_of(form: str, *, label: str, help_text: str, choices: tuple[str, ...]) -> forms.Field:
    given: dict[str, Any] = {"label": label, "help_text": help_text, "required": False}
    if form == "choice":
        return forms.ChoiceField(choices=[("", "—"), *((choice, choice.capitalize()) for choice in choices)], **given)
    if form == "text":
        return forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), max_length=10_000, **given)
    if form == "date":
        return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), **given)
    return forms.CharField(max_length=10_000, **given)


class VerdictForm(forms.Form):
    """What becomes of stale items; which of the fields count depends on the verdict."""

    verdict = forms.ChoiceField(label="Verdict", widget=forms.RadioSelect)
    reason = forms.CharField(label="Why", required=False, max_length=500, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    until = forms.DateField(label="Ask again on", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    into = forms.CharField(
        label="Key of the item that it goes into", required=False, max_length=20, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    take = forms.MultipleChoiceField(label="Goes along", required=False, choices=Take.choices, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, is_one: bool, takeable: Sequence[Take] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.takeable = takeable
        field = self.fields["verdict"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(verdict.value, verdict.label) for verdict in Verdict if is_one or verdict != Verdict.MERGE]

    def takes(self) -> list[forms.boundfield.BoundWidget]:
        """The boxes of what the item has."""
        return [box for box in self["take"] if box.data["value"] in self.takeable]

    def clean_take(self) -> frozenset[Take]:
        """What was ticked; the usual where nobody was asked."""
        return frozenset(map(Take, self.cleaned_data["take"])) if "asked" in self.data else USUAL_TAKE


class StaleRulesForm(forms.Form):
    """For each kind of a list: months without a touch, and the demand from which it is left alone."""

    def __init__(self, *args: Any, rules: Rules, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind, rule in rules.items():
            number = {"inputmode": "numeric", "autocomplete": "off"}
            self.fields[f"{kind.value}_months"] = forms.IntegerField(
                label=f"Months, {kind.label.lower()}",
                initial=rule.months,
                min_value=1,
                max_value=MOST_MONTHS,
                widget=forms.TextInput(attrs=number),
            )
            self.fields[f"{kind.value}_demand"] = forms.IntegerField(
                label=f"Demand, {kind.label.lower()}",
                initial=rule.demand,
                min_value=1,
                max_value=MOST_DEMAND,
                widget=forms.TextInput(attrs=number),
            )
        self.kinds = list(rules)

    def rows(self) -> list[tuple[Kind, forms.BoundField, forms.BoundField]]:
        return [(kind, self[f"{kind.value}_months"], self[f"{kind.value}_demand"]) for kind in self.kinds]

    def rules(self) -> dict[Kind, Rule]:
        return {kind: Rule(self.cleaned_data[f"{kind.value}_months"], self.cleaned_data[f"{kind.value}_demand"]) for kind in self.kinds}


def read_question(item: Item, posted: Mapping[str, str]) -> dict[str, Any]:
    """`text`, `owner` and `due_on` of a question as a form sent them (`text`, `owner`, `due`), for the services of questions.

    UnknownReferenceError where the owner's words fit nobody, or more than one, who sees the item; InvalidError for a day that is none.
    """
    return {
        "text": posted.get("text", ""),
        "owner": _owner(item, posted.get("owner", "").strip()),
        "due_on": _due(posted.get("due", "").strip()),
    }


def _owner(item: Item, words: str) -> User | None:
    if not words:
        return None
    found = find_person(people_who_see(organization_id=item.organization_id, team=item.team), words=words)
    if found is None:
        raise UnknownReferenceError(
            "Nobody, or more than one, of this name sees the item. Choose from the list, or type the e-mail.", field="owner"
        )
    return found


def _due(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise InvalidError("Choose a day, such as 2026-11-30.", field="due_on") from error
