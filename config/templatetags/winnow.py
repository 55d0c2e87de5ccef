"""Template tags that every page may use: `{% load winnow %}`."""

from collections.abc import Hashable
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

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
