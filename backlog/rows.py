"""Printing the rows of a list. A page of 50 is the product's most frequent answer, and Django's template engine is its largest cost:
so a row's markup is read once from its template, with gaps where its variables stand, and each row only joins strings (0.3 ms a page
instead of 6). Every value is escaped here, once, unless it is markup of our own."""

import html
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.template.loader import get_template, render_to_string
from django.utils.safestring import SafeString, mark_safe

from activity.icons import draw_icon
from backlog.columns import USUAL
from backlog.readiness import Line

TEMPLATE = "backlog/item_row.html"
GAP = "\x00"  # cannot stand in a template or in a stored text
OWN = ("key", "attributes", "base", "rank", "kind_icon", "title", "up", "ready", "size", "cost", "value", "tone", "reason_icon", "reason")
NAMES = (*OWN, "goal", "channel", "sprint", "age")


def _read_pieces(may_edit: bool, columns: tuple[str, ...], has_parts: bool) -> tuple[str, ...]:
    """The row's markup, cut at its gaps: text and the name of a value in turns."""
    gaps: dict[str, object] = {name: mark_safe(f"{GAP}{name}{GAP}") for name in NAMES}  # noqa: S308, our own words
    return tuple(render_to_string(f"{TEMPLATE}#row", {**gaps, "may_edit": may_edit, "columns": columns, "has_parts": has_parts}).split(GAP))


_kept_pieces = lru_cache(maxsize=64)(_read_pieces)


_SPECIAL = re.compile(r"[&<>\"']").search


def _escaped(value: str) -> str:
    """Django's own function does the same, at ten times the price."""
    return html.escape(value) if _SPECIAL(value) and not isinstance(value, SafeString) else value


MOST_PIPS = 6
"""As many stand beside each other in their column."""


@lru_cache(maxsize=4096)
def draw_pips(lines: tuple[Line, ...]) -> SafeString:
    """How ready an item is: a dot for each line (of a long definition one, and how many hold), and in words which ones are missing."""
    met = sum(line.is_met for line in lines)
    missing = [line.label for line in lines if not line.is_met and not line.is_waived]
    waived = sum(line.is_waived for line in lines)
    words = (
        f"{met} of {len(lines)} ready" + (f", {waived} waived" if waived else "") + (f"; missing: {', '.join(missing)}" if missing else "")
    )
    dots = "".join('<i class="on"></i>' if line.is_met else '<i class="waived"></i>' if line.is_waived else "<i></i>" for line in lines)
    if len(lines) > MOST_PIPS:
        dots = f'<i class="{"" if missing else "on"}"></i>{met}/{len(lines)}'
    words = html.escape(words)
    return SafeString(f'<span class="pips{"" if missing else " all"}" role="img" aria-label="{words}" title="{words}">{dots}</span>')


def print_rows(
    entries: Iterable[Mapping[str, Any]],
    *,
    base: str,
    may_edit: bool,
    ready: Mapping[str, tuple[Line, ...]] | None = None,
    columns: tuple[str, ...] = USUAL,
    has_parts: bool = False,
) -> SafeString:
    """The list's lines as markup: rows and headings of `list_ranked_items`. `base` is the path in front of an item's key, `ready` the lines
    of the Definition of Ready by key, where the list shows them, `columns` what stands behind the titles; `has_parts` where each item is one that others are part of.
    """
    ready = ready or {}
    pieces = (_read_pieces if settings.DEBUG else _kept_pieces)(may_edit, columns, has_parts)
    tier = get_template(f"{TEMPLATE}#tier")
    lines = []
    for entry in entries:
        if "key" not in entry:
            lines.append((get_template(f"{TEMPLATE}#rest") if "rest" in entry else tier).render(dict(entry)))
            continue
        values = {
            **entry,
            "base": base,
            "ready": draw_pips(ready[entry["key"]]) if entry["key"] in ready else "",
            "attributes": SafeString(f' data-block="{entry["block"]}"' if entry["block"] else ""),
            "kind_icon": draw_icon(entry["icon"], entry["kind"]),
            "reason_icon": draw_icon(entry["reason_icon"], "", "i-s"),
        }
        lines.append("".join([_escaped(values[piece]) if number % 2 else piece for number, piece in enumerate(pieces)]))
    return mark_safe("".join(lines))  # noqa: S308, each value was escaped above
