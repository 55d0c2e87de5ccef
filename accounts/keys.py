"""The single keys of all screens, by the letter they are drawn with, and what a person may make of them."""

from collections.abc import Mapping
from typing import NamedTuple


class Act(NamedTuple):
    """What a key does, and on which screens; on all of them where none is named."""

    label: str
    screens: frozenset[str]


def _act(label: str, *screens: str) -> Act:
    return Act(label, frozenset(screens))


LISTS = ("list", "inbox")
ACTS: Mapping[str, Act] = {
    "a": _act("Accept, or add an item to the agenda", "inbox", "session"),
    "b": _act("Change what is selected, or edit the description", "list", "item"),
    "c": _act("Clear the filter, or add a criterion", "list", "item", "session"),
    "d": _act("Columns and rows, decline, or set advice aside", "list", "inbox", "item"),
    "e": _act("Edit", "list", "item"),
    "f": _act("Attach a file", "item"),
    "g": _act("Group the list, or draw links", "list", "item"),
    "h": _act("Show what a row holds", "list"),
    "j": _act("Next row", *LISTS),
    "k": _act("Previous row", *LISTS),
    "l": _act("Link, or lift an override", "list", "item", "overrides"),
    "m": _act("Move", "list", "item"),
    "n": _act("New, or what comes next", "list", "goals", "what-if", "session"),
    "o": _act("Open the row", *LISTS),
    "p": _act("Split, or ask for a pause", "item", "session"),
    "q": _act("Ask a question", "item", "session"),
    "r": _act("Reveal", "session", "scoring"),
    "s": _act("Status, or start", "list", "item", "session"),
    "t": _act("Add a task", "item"),
    "u": _act("Words that mean no link, or not sure", "item", "session"),
    "v": _act("Views, or vote again", "list", "session"),
    "w": _act("Follow", "item"),
    "x": _act("Select the row", "list"),
    "y": _act("Link as its words suggest", "item"),
    "z": _act("Undo"),
    "/": _act("Filter by words", "list"),
    ".": _act("Next page", "list"),
    "+": _act("Draw larger", "graph"),
    "-": _act("Draw smaller", "graph"),
    " ": _act("Peek at the row", "list"),
}
"""Digits are cards of a vote, `?` is the help, and Enter and Escape are everybody's."""
FREE = frozenset("abcdefghijklmnopqrstuvwxyz,./;'[]-= ")
"""What a key may be changed to."""


def key_of(act: str, changed: Mapping[str, str]) -> str:
    """The key that an act has for a person who changed these."""
    return changed.get(act, act)


def taken_by(act: str, key: str, changed: Mapping[str, str]) -> Act | None:
    """What else the key does on a screen where the act is, for a person who changed these."""
    for other, what in ACTS.items():
        if other != act and key_of(other, changed) == key and _meet(ACTS[act], what):
            return what
    return None


def _meet(one: Act, other: Act) -> bool:
    return not one.screens or not other.screens or bool(one.screens & other.screens)


def key_name(key: str) -> str:
    """A key as people read it."""
    return "Space" if key == " " else key.upper()
