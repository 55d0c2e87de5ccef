"""Template tags that every page may use: `{% load winnow %}`."""

from collections.abc import Hashable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import NoReverseMatch
from django.utils.dateformat import format as format_date
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from activity.http import path_of
from activity.icons import draw_icon

register = template.Library()


@register.simple_tag
def icon(name: str, label: str = "", css: str = "") -> SafeString:
    """Draw an icon: `{% icon "bug" label="Bug" %}`, `{% icon "plus" css="i-s" %}`."""
    return draw_icon(name, str(label), css)


@register.simple_tag
def kept(name: str, **values: Any) -> SafeString:
    """Include a template that depends on these values alone, and keep its markup by them: the frame is the same on every page of a place."""
    try:
        return render_to_string(name, values) if settings.DEBUG else _rendered(name, tuple(values.items()))
    except TypeError:  # a value that cannot be a key
        return render_to_string(name, values)


@lru_cache(maxsize=512)
def _rendered(name: str, values: tuple[tuple[str, Hashable], ...]) -> SafeString:
    return render_to_string(name, dict(values))


@register.simple_tag
def path(name: str, **kwargs: str) -> str:
    """The path of a place's page as `{% url %}` gives it, kept; empty where there is none: `{% path "backlog:item-list" organization="acme" team="checkout" as url %}`."""
    try:
        return path_of(name, **kwargs)
    except NoReverseMatch:
        return ""


@register.simple_tag
def moment(at: datetime, show: str = "j M Y, H:i") -> SafeString:
    """A date with its time of day, which `times.js` turns into the reader's own; without script it is UTC and says so."""
    at = at.astimezone(UTC)
    return format_html('<time datetime="{}" data-local="moment">{} UTC</time>', f"{at:%Y-%m-%dT%H:%M:%SZ}", format_date(at, show))


@register.filter
def with_clock(sentence: str, at: datetime | None) -> SafeString:
    """The sentence with its time of day, which is that of `at` in UTC, as the reader's own clock shows it."""
    escaped = conditional_escape(sentence)
    if at is None:
        return mark_safe(escaped)  # noqa: S308, escaped above
    at = at.astimezone(UTC)
    clock = format_html('<time datetime="{}" data-local="clock">{}</time>', f"{at:%Y-%m-%dT%H:%M:%SZ}", f"{at:%H:%M:%S}")
    return mark_safe(escaped.replace(f"{at:%H:%M:%S}", clock, 1))  # noqa: S308, both parts are escaped
