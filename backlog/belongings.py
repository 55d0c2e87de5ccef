"""What hangs on an item beyond its own rows: each app says how much of its kind there is, and how it goes to another item in a merge.

An app above declares its rows here when it starts, so that the backlog can say what a removal would lose without knowing the app.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

Count = Callable[[int, Collection[int]], Mapping[int, int]]  # organization, items: how many by item; none where there are none


class Move(Protocol):
    """Gives what hangs on `source` to `target`, as an act of `by` with events that can be taken back."""

    def __call__(self, *, source: Any, target: Any, by: Any, cause: str) -> None: ...


@dataclass(frozen=True)
class Belonging:
    one: str
    many: str
    count: Count
    move: Move | None = None

    def words(self, number: int) -> str:
        return f"{number:,} {self.one if number == 1 else self.many}"


_belongings: dict[str, Belonging] = {}


def register_belonging(name: str, belonging: Belonging) -> None:
    """Called once for each name, when its app is ready."""
    _belongings[name] = belonging


def all_belongings() -> Mapping[str, Belonging]:
    return _belongings
