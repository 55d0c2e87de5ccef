"""Every template parses, and none holds what the content policy forbids."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.template.loader import get_template

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
# Mail has no policy and no style sheet.
PAGES = [path for path in TEMPLATES if "email" not in path.parts]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT / "templates"))


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_template_parses(path):
    get_template(name_of(path))  # a template that does not parse raises


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_template_needs_no_inline_style_or_script(path):
    text = re.sub(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", "", path.read_text(), flags=re.DOTALL)

    assert re.findall(r"\sstyle\s*=", text) == []
    assert re.findall(r"\s(?:on[a-z]+|hx-on[:\w-]*)\s*=", text) == []
    assert re.findall(r"<style\b", text) == []
    assert re.findall(r"<script\b(?![^>]*\bsrc=)[^>]*>", text) == []
    assert re.findall(r"javascript:", text) == []


def test_icons_named_in_templates_exist():
    from lucide import IconDoesNotExist

    from activity.icons import draw_icon

    missing = set()
    for path in TEMPLATES:
        for name in re.findall(r"\{% icon \"([\w-]+)\"", path.read_text()):
            try:
                draw_icon(name)
            except IconDoesNotExist:
                missing.add((name_of(path), name))

    assert missing == set()
