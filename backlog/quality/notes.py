"""One piece of advice."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

Span = tuple[int, int]
"""Where something stands in a text: its first character, and the one behind its last."""


class Criterion(StrEnum):
    WELL_FORMED = "well_formed"
    ATOMIC = "atomic"
    MINIMAL = "minimal"
    UNIFORM = "uniform"
    UNIQUE = "unique"
    ESTIMABLE = "estimable"


LABELS: Mapping[Criterion, str] = {
    Criterion.WELL_FORMED: "Who, what and why",
    Criterion.ATOMIC: "One want",
    Criterion.MINIMAL: "Nothing beside the story",
    Criterion.UNIFORM: "Written like the others",
    Criterion.UNIQUE: "Said once",
    Criterion.ESTIMABLE: "Can be sized",
}


@dataclass(frozen=True, slots=True)
class Note:
    """`span` is the part of the text it is about; `message` tells what was seen and what to do; `why` says what it is good for."""

    criterion: Criterion
    span: Span
    message: str
    why: str

    @property
    def label(self) -> str:
        return LABELS[self.criterion]
