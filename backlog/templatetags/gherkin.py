"""Scenarios on a page: `{% load gherkin %}`, `{% scenario criterion.text %}`."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django import template

from backlog.gherkin import Background, GherkinError, Problem, Rule, Scenario, Step, parse_scenario

register = template.Library()

_PARAMETER = re.compile(r"(<[^<>\n]+>)")


@dataclass(frozen=True, slots=True)
class Wrong:
    """A line that does not read, with what is said about it."""

    problem: Problem
    said: str


@register.inclusion_tag("components/gherkin.html")
def scenario(text: str) -> dict[str, Any]:
    """The text as steps and tables with their keywords set off; as it stands, with what is wrong, where it does not read."""
    return dict(_shown(text))


@register.simple_tag
def wrong_lines(problems: tuple[Problem, ...], text: str) -> list[Wrong]:
    """Each problem beside the line it is about; the line is empty for one behind the end."""
    lines = text.replace("\r\n", "\n").split("\n")
    return [Wrong(problem, lines[problem.line - 1].strip() if problem.line <= len(lines) else "") for problem in problems]


@lru_cache(maxsize=512)  # by the text alone, so that it holds for every reader
def _shown(text: str) -> dict[str, Any]:
    try:
        document = parse_scenario(text)
    except GherkinError as error:
        return {"text": text, "problems": error.problems}
    feature = document.feature
    assert feature is not None  # it has a scenario
    rule = feature.rules[0] if feature.rules else None
    backgrounds = [part for part in (feature.background, rule.background if rule else None) if part is not None]
    (found,) = document.scenarios()
    parts: list[Background | Rule | Scenario] = [*backgrounds, *([rule] if rule else []), found]
    return {"parts": [_part(part) for part in parts], "language": feature.language}


def _part(part: Background | Rule | Scenario) -> dict[str, Any]:
    is_outline = isinstance(part, Scenario) and part.is_outline
    steps = () if isinstance(part, Rule) else part.steps
    tags = [] if isinstance(part, Background) else part.tags
    has_head = bool(part.name or part.description or tags or not isinstance(part, Scenario))
    return {
        "head": part if has_head else None,
        "tags": tags,
        "steps": [{"step": step, "words": _words(step, is_outline)} for step in steps],
        "examples": part.examples if isinstance(part, Scenario) else (),
    }


def _words(step: Step, is_outline: bool) -> list[tuple[str, bool]]:
    """The step's text in pieces, each with whether it is a column of the examples."""
    if not is_outline:
        return [(step.text, False)]
    return [(piece, bool(_PARAMETER.fullmatch(piece))) for piece in _PARAMETER.split(step.text) if piece]
