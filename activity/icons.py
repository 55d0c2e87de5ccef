"""Icons as inline SVG, drawn once and kept: a list page asks for the same dozen in every row."""

from functools import lru_cache

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from lucide.templatetags.lucide import lucide

# More than all pages together use; a label with a person's words in it must not grow the process.
KEPT = 512
HIDDEN = SafeString('aria-hidden="true"')


def draw_icon(name: str, label: str = "", css: str = "") -> SafeString:
    """Return the icon `name` as `<svg class="i">`; with a label it speaks, without one readers pass over it.

    Raise lucide's IconDoesNotExist for a name that it does not draw.
    """
    # Adding "" makes a plain string of a safe one: both are equal as keys of the cache, and only one is escaped.
    return _draw(name + "", label + "", css + "")


@lru_cache(maxsize=KEPT)
def _draw(name: str, label: str, css: str) -> SafeString:
    spoken = format_html('role="img" aria-label="{}"', label) if label else HIDDEN
    return format_html('<svg class="{}" viewBox="0 0 24 24" {}>{}</svg>', f"i {css}".strip(), spoken, _shapes(name))


@lru_cache(maxsize=KEPT)
def _shapes(name: str) -> SafeString:
    """Return the drawing alone: size, stroke and colour come from our own CSS."""
    drawing = lucide(name, size=None).partition(">")[2].rpartition("</svg>")[0]
    compact = "".join(line.strip() for line in drawing.splitlines()).replace(" />", "/>")
    return mark_safe(compact)  # noqa: S308, from the package's files, never from input
