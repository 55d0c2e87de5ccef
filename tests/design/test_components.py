"""Components: what a person typed is kept, and each error says where it belongs."""

from __future__ import annotations

from django import forms
from django.template.loader import render_to_string


class RequestForm(forms.Form):
    what = forms.CharField(label="What happens?", help_text="Describe the problem.")
    mail = forms.EmailField(label="Your e-mail")
    instead = forms.CharField(label="What do you do instead?", required=False)
    hurt = forms.ChoiceField(label="How much?", choices=[("some", "Some"), ("lot", "A lot")], widget=forms.RadioSelect)


def field(name: str, data: dict[str, str] | None = None) -> str:
    return render_to_string("components/field.html", {"field": RequestForm(data)[name]})


def test_field_ties_label_and_help_to_its_input():
    html = field("what")

    assert '<label for="id_what">What happens?</label>' in html
    assert 'id="id_what_helptext"' in html
    assert 'aria-describedby="id_what_helptext"' in html


def test_field_keeps_the_input_beside_its_error():
    html = field("mail", {"mail": 'name@"<b>'})

    assert 'value="name@&quot;&lt;b&gt;"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="id_mail_error"' in html
    assert "wrong-text" in html


def test_field_says_optional_instead_of_marking_what_is_required():
    assert "optional" in field("instead")
    assert "optional" not in field("what")


def test_field_of_choices_is_a_fieldset_with_a_legend():
    html = field("hurt")

    assert "<legend>How much?</legend>" in html
    assert html.count('<label class="radio"') == 2


def test_form_renders_its_fields_with_our_component():
    assert '<label for="id_what">What happens?</label>' in RequestForm()["what"].as_field_group()


def test_error_summary_leads_to_each_field():
    html = render_to_string("components/error_summary.html", {"form": RequestForm({"what": "It breaks", "hurt": "lot"})})

    assert '<a href="#id_mail">Your e-mail</a>' in html
    assert "One answer needs another look" in html


def test_error_summary_of_a_good_form_is_nothing():
    form = RequestForm({"what": "It breaks", "mail": "name@example.org", "hurt": "lot"})

    assert render_to_string("components/error_summary.html", {"form": form}).strip() == ""


def test_toast_offers_its_undo():
    html = render_to_string("components/toast.html", {"text": "Moved <1>", "undo_url": "/acme/undo/7/"})

    assert 'action="/acme/undo/7/"' in html
    assert "Moved &lt;1&gt;" in html


def test_frame_shows_only_what_it_was_given():
    html = render_to_string("base.html", {})

    assert "rail-team" not in html
    assert "tabbar" not in html
    assert "data-live" not in html


def test_frame_shows_navigation_and_place():
    html = render_to_string(
        "base.html",
        {
            "navigation": [{"url": "/acme/checkout/backlog/", "label": "Backlog", "icon": "list-ordered", "current": True}],
            "shell": {"place": "Checkout team", "places_url": "/acme/", "live_url": "/acme/live/"},
        },
    )

    assert 'data-live="/acme/live/"' in html
    assert html.count('href="/acme/checkout/backlog/" aria-current="page"') == 2  # rail and phone bar
    assert "Checkout team" in html
