"""Template tags that every page may use: `{% load winnow %}`."""

from django import template
from django.utils.safestring import SafeString

from activity.icons import draw_icon

register = template.Library()


@register.simple_tag
def icon(name: str, label: str = "", css: str = "") -> SafeString:
    """Draw an icon: `{% icon "bug" label="Bug" %}`, `{% icon "plus" css="i-s" %}`."""
    return draw_icon(name, str(label), css)
