"""The colours of both themes: readable in every pair that pages use, and written nowhere else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CSS = ROOT / "static" / "css"
THEMES = ("light", "dark")
_PAIR = re.compile(r"--([\w-]+):\s*light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\)")
TOKENS = {name: dict(zip(THEMES, pair, strict=True)) for name, *pair in _PAIR.findall((CSS / "tokens.css").read_text())}

GROUNDS = ("paper", "surface", "sunken", "raised", "hover")
MEANINGS = ("look", "stop", "from", "ready")

TEXT_PAIRS = [
    *((ink, ground) for ink in ("ink", "ink-2", "ink-3", "act", *MEANINGS) for ground in GROUNDS),
    *((ink, "act-soft") for ink in ("ink", "ink-2", "ink-3", "act", *MEANINGS)),
    *((meaning, f"{meaning}-soft") for meaning in MEANINGS),
    *(("ink", f"{meaning}-soft") for meaning in MEANINGS),
    *(("ink", f"card-{card}") for card in ("story", "rule", "example", "question")),
    ("act-fg", "act"),
    ("act-fg", "act-hover"),
    ("ink", "fill-soft"),
    ("ink-2", "fill-soft"),
]
MARK_PAIRS = [
    *((mark, ground) for mark in ("control", "act", *(f"{meaning}-mark" for meaning in MEANINGS)) for ground in GROUNDS),
    ("fill", "surface"),
    ("surface", "ready"),  # the tick on a rung of the ladder
    ("surface", "stop"),
    *((f"card-{card}-edge", f"card-{card}") for card in ("rule", "example", "question")),
]


def luminance(colour: str) -> float:
    """Relative luminance after WCAG 2.2."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black on white)."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_of_black_on_white_is_21():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("theme", THEMES)
def test_text_is_readable_on_every_ground(theme):
    poor = {pair: round(found, 2) for pair in TEXT_PAIRS if (found := contrast(*(TOKENS[name][theme] for name in pair))) < 4.5}

    assert poor == {}


@pytest.mark.parametrize("theme", THEMES)
def test_marks_are_visible_on_every_ground(theme):
    poor = {pair: round(found, 2) for pair in MARK_PAIRS if (found := contrast(*(TOKENS[name][theme] for name in pair))) < 3}

    assert poor == {}


@pytest.mark.parametrize("name", ["base.css", "components.css", "screens.css"])
def test_colours_and_shadows_are_written_in_tokens_alone(name):
    rules = re.sub(r"/\*.*?\*/", "", (CSS / name).read_text(), flags=re.DOTALL)

    literals = re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[^{]*\})|\b(?:rgba?|hsla?|oklch|oklab|light-dark)\([^v]|\b(?:white|black)\b(?!-)", rules)
    shadows = [value for value in re.findall(r"box-shadow:\s*([^;}]+)", rules) if not value.startswith(("var(", "none"))]

    assert literals == []
    assert shadows == []


def test_every_token_that_is_used_is_defined():
    defined = set(re.findall(r"(--[\w-]+)\s*:", "".join(path.read_text() for path in CSS.glob("*.css"))))
    used = set(re.findall(r"var\((--[\w-]+)\)", "".join(path.read_text() for path in CSS.glob("*.css"))))

    assert used - defined == set()
