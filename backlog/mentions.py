"""People called in a text: `@` and a full name, as it is written. Plain, so that it is tested without a database."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

MOST = 30
"""People whom one text calls; the others it names are not called."""
_AT = re.compile(r"(?<![\w@/.])@(\w+)")


class Call(NamedTuple):
    """Where the text calls somebody: from the `@` to behind the name."""

    start: int
    end: int
    people: tuple[int, ...]
    """By id; several where they have the same name."""


def find_calls(text: str, people: Iterable[tuple[int, str]]) -> Iterator[Call]:
    """The calls in the text, in order. Of two names that fit the longer one is meant; letters may be small or capital."""
    if "@" not in text:
        return
    named: dict[str, dict[str, list[int]]] = {}
    for pk, name in people:
        first = re.match(r"\w+", name)
        if first:
            named.setdefault(first[0].lower(), {}).setdefault(name.lower(), []).append(pk)
    for match in _AT.finditer(text):
        found = named.get(match[1].lower(), {})
        for name in sorted(found, key=len, reverse=True):
            start = match.start() + 1
            end = start + len(name)
            if text[start:end].lower() == name and not (text[end : end + 1].isalnum() or text[end : end + 1] == "_"):
                yield Call(match.start(), end, tuple(found[name]))
                break


def called(text: str, people: Iterable[tuple[int, str]]) -> list[int]:
    """Ids of the people whom the text calls, each once, the first MOST."""
    return list(dict.fromkeys(pk for call in find_calls(text, people) for pk in call.people))[:MOST]
