"""The icon tag: hidden without a label, spoken with one, escaped, drawn once."""

from __future__ import annotations

import pytest
from django.template import Context, Template
from django.utils.safestring import mark_safe
from lucide import IconDoesNotExist

from activity import icons
from activity.icons import draw_icon


def render(source: str, **context: object) -> str:
    return Template("{% load winnow %}" + source).render(Context(context))


def test_icon_without_a_label_is_hidden_from_readers():
    svg = render('{% icon "bug" %}')

    assert svg.startswith('<svg class="i" viewBox="0 0 24 24" aria-hidden="true"><path d="')
    assert "aria-label" not in svg


def test_icon_with_a_label_speaks():
    assert 'role="img" aria-label="Bug"' in render('{% icon "bug" label="Bug" %}')


def test_icon_takes_more_classes():
    assert 'class="i i-s l-kind"' in render('{% icon "bug" css="i-s l-kind" %}')


@pytest.mark.parametrize("label", ['"><script>alert(1)</script>', mark_safe('"><script>alert(1)</script>')])
def test_icon_escapes_its_label_also_where_it_claims_to_be_safe(label):
    svg = render('{% icon "bug" label=label %}', label=label)

    assert "<script>" not in svg
    assert "&lt;script&gt;" in svg


def test_icon_brings_no_colour_or_size_of_its_own():
    svg = draw_icon("bug")

    assert "stroke=" not in svg
    assert "width=" not in svg


def test_icon_is_drawn_once():
    icons._draw.cache_clear()

    first, second = draw_icon("palette", "Design change"), draw_icon("palette", "Design change")

    assert first is second
    assert icons._draw.cache_info().hits == 1


def test_icon_of_an_unknown_name_is_refused():
    with pytest.raises(IconDoesNotExist):
        draw_icon("no-such-icon")
