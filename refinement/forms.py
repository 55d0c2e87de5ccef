"""The shape of what people send to a session; what it means, services decide."""

from typing import Any

from django import forms

from refinement.engine import points_of


class SessionForm(forms.Form):
    """Keys of the items to talk about, in the order of the page."""

    items = forms.MultipleChoiceField(
        error_messages={"required": "Choose at least one item.", "invalid_choice": "%(value)s is not open in this team's backlog."}
    )

    def __init__(self, *args: Any, keys: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["items"].choices = [(key, key) for key in keys]  # type: ignore[attr-defined]  # a choice field, declared above


class VoteForm(forms.Form):
    value = forms.CharField(max_length=12, error_messages={"required": "Choose one of the cards."})


class EstimateForm(forms.Form):
    """Points from the round's scale."""

    points = forms.TypedChoiceField(coerce=points_of, error_messages={"invalid_choice": "Choose a size from the scale."})

    def __init__(self, *args: Any, scale: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["points"].choices = [(value, value) for value in scale if points_of(value)]  # type: ignore[attr-defined]  # as above


class SeatForm(forms.Form):
    """Who shall lead, by the number of the seat."""

    seat = forms.IntegerField(min_value=1, max_value=32_767)


class EntryForm(forms.Form):
    key = forms.RegexField(r"^[A-Z][A-Z0-9]{1,9}-[1-9][0-9]{0,8}$", error_messages={"invalid": "Type a key such as CHK-231."})

    def __init__(self, data: Any = None) -> None:
        if data is not None:
            data = {"key": str(data.get("key", "")).strip().upper()}
        super().__init__(data)


class BallotForm(forms.Form):
    closes_on = forms.DateField(
        label="Last day of voting", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
