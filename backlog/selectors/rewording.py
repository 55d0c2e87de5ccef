"""What an event says of texts, word by word: what went, what came, and a few words around it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backlog.diffs import Piece, compare, shorten
from backlog.kinds import KINDS

ALWAYS = frozenset({"title", "description", "text"})
LONG = 60  # characters from which any text is compared by its words
_LABELS = {spec.name: spec.label for kind in KINDS.values() for spec in kind.fields}


@dataclass(frozen=True)
class Reworded:
    """One text of an event as runs; `name` is empty where the event is about one text alone."""

    name: str
    pieces: Sequence[Piece]


def list_rewordings(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Reworded]:
    """The texts that an event changed, each compared; what is short or new is told otherwise, see `is_rewording`."""
    names = [name for name in after if name != "details" and is_rewording(name, before.get(name), after[name])]
    texts = [(name, before[name], after[name]) for name in names if before[name] != after[name]]
    is_alone = len(after) == 1 or set(after) <= {"number", "text", "form"}
    found = [Reworded("" if is_alone and name in ALWAYS else name, shorten(compare(old, new))) for name, old, new in texts]
    return found + [
        Reworded(_LABELS.get(name, name), shorten(compare(old, new)))
        for name, old, new in _details(before.get("details"), after.get("details"))
        if old != new
    ]


def is_rewording(name: str, old: Any, new: Any) -> bool:
    """Whether a value is shown by its words; others are shown as before and after."""
    if name == "details":
        return isinstance(old, Mapping) and isinstance(new, Mapping)
    if not isinstance(old, str) or not isinstance(new, str):
        return False
    return name in ALWAYS or (bool(old and new) and max(len(old), len(new)) > LONG)


def _details(old: Any, new: Any) -> list[tuple[str, str, str]]:
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return []
    return [(name, str(old.get(name, "")), str(new.get(name, ""))) for name in {**old, **new}]
