"""The shape of what people send about themselves."""

from django import forms


class NewTokenForm(forms.Form):
    name = forms.CharField(
        label="What is it for?",
        help_text="The program that will use it, so that you know later which one to revoke.",
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scope = forms.ChoiceField(
        label="What may it do?",
        choices=[("read", "Read"), ("write", "Read and change")],
        initial="read",
        widget=forms.RadioSelect,
    )
    days = forms.TypedChoiceField(
        label="How long does it last?",
        choices=[(7, "7 days"), (30, "30 days"), (90, "90 days"), (366, "A year")],
        coerce=int,
        initial=90,
    )
