"""Advice on how a user story is written, after the Quality User Story framework (Lucassen et al., 2016). Knows no Django.

`parse_story(text)` finds role, want and benefit. `advise(text)` gives notes on one story, `advise_together(texts)` those that need the others.
Advice, never a gate: each note says what it saw, why that matters and what to do. English only; another language gets no notes but the first.
"""

from backlog.quality.advice import advise
from backlog.quality.notes import LABELS, Criterion, Note
from backlog.quality.story import Story, parse_story
from backlog.quality.together import advise_together, same_want

__all__ = ["LABELS", "Criterion", "Note", "Story", "advise", "advise_together", "parse_story", "same_want"]
