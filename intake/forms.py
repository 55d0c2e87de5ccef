"""Shapes of what people send; what may be done with it the services decide."""

from typing import Any

from django import forms

from backlog.kinds import Kind
from backlog.models.item import TRAIN_KINDS
from intake.models import NeedQuestion, Request
from intake.models.request import MAX_WORDS


class VisitorForm(forms.Form):
    """The public form: the problem before any solution, five questions at most."""

    problem = forms.CharField(
        label="What happens, and where?",
        help_text="Describe the problem. We find the solution together later.",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=MAX_WORDS,
        error_messages={"required": "Tell us what happens."},
    )
    affects = forms.ChoiceField(
        label="Who does it affect?",
        choices=Request.Affects.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Say who it affects.", "invalid_choice": "Choose one of these answers."},
    )
    workaround = forms.CharField(
        label="What do you do instead today?", required=False, widget=forms.Textarea(attrs={"rows": 2}), max_length=MAX_WORDS
    )
    importance = forms.TypedChoiceField(
        label="How much does it hurt?",
        choices=Request.Importance.choices,
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "Say how much it hurts.", "invalid_choice": "Choose one of these answers."},
    )
    contact_email = forms.EmailField(
        label="Your e-mail",
        required=False,
        help_text="So that the team can ask you back. Nobody else sees it.",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"invalid": "Give an e-mail like name@example.org, or leave it empty."},
    )
    # A trap: people do not see this field, programs that fill everything do.
    website = forms.CharField(
        label="Leave this empty", required=False, widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"})
    )
    idempotency_key = forms.CharField(required=False, widget=forms.HiddenInput, max_length=64)

    QUESTIONS = ("problem", "affects", "workaround", "importance", "contact_email")

    def questions(self) -> list[forms.BoundField]:
        return [self[name] for name in self.QUESTIONS]

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise forms.ValidationError("must stay empty. If a program filled it in for you, empty it and send again.")
        return ""

    def words(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.QUESTIONS}


class NeedForm(forms.Form):
    """Whether the person still needs what they asked for."""

    answer = forms.ChoiceField(
        choices=NeedQuestion.Answer.choices, error_messages={"required": "Say yes or no.", "invalid_choice": "Say yes or no."}
    )
    words = forms.CharField(label="What should the team know?", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))


class AcceptForm(forms.Form):
    title = forms.CharField(label="Title in the backlog", max_length=300, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    kind = forms.ChoiceField(label="Kind", choices=[(kind.value, kind.label) for kind in Kind if kind not in TRAIN_KINDS])
    sentence = forms.CharField(
        label="They will read",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": "Thank you. We put it on our list."}),
    )


class DeclineForm(forms.Form):
    sentence = forms.CharField(
        label="They will read",
        max_length=1000,
        help_text="Why not, and what would change your mind.",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write a sentence for the person who asked: why not, and what would change your mind."},
    )


class FormWordsForm(forms.Form):
    """The words above a team's questions."""

    title = forms.CharField(label="Heading", max_length=120)
    intro = forms.CharField(label="Words below it", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class UploadForm(forms.Form):
    file = forms.FileField(
        label="File",
        help_text="Jira CSV, any other CSV, or a text with one user story a line. Up to 50 MB.",
        allow_empty_file=True,
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv,text/plain,text/tab-separated-values"}),
        error_messages={"required": "Choose a file."},
    )
