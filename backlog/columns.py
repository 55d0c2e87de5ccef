"""What a list shows beside the number, kind, key and title of each item: columns that a person picks and puts in order, and how high its rows are."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """One column: its name in addresses and classes, its heading, what it shows in words, and whether it needs more than the list's own statement."""

    name: str
    label: str
    words: str
    is_extra: bool = False


COLUMNS = {
    column.name: column
    for column in (
        Column("epic", "Part of", "What it is part of"),
        Column("ready", "Ready", "Lines of the Definition of Ready that hold"),
        Column("size", "Size", "Points"),
        Column("cod", "CoD", "Cost of delay a week"),
        Column("value", "Value", "Value per point of size"),
        Column("why", "Why here", "The reason for its place"),
        Column("goal", "Goal", "The goal it serves", is_extra=True),
        Column("channel", "Channel", "Where it came from", is_extra=True),
        Column("sprint", "Sprint", "The sprint it is planned for", is_extra=True),
        Column("age", "Age", "Since when it is here", is_extra=True),
    )
}
USUAL = ("epic", "ready", "size", "cod", "value", "why")
OF_TEAMS = frozenset({"sprint"})
"""Columns that a train's list has no use for."""
UNRANKED = frozenset({"ready", "cod"})
"""Columns that stay empty in a list of closed items."""
TIERS = ("later", "hold", "unscored", "dormant")
"""What may stand open or be folded: what is far in the order, and then what has no place in it."""
TAIL = TIERS[1:]
"""What stands behind the order."""


class UnknownColumnError(ValueError):
    """A name that is no column."""


@dataclass(frozen=True)
class Layout:
    """How a person looks at lists of one level: columns in their order, the height of rows, and which tiers of the tail stand open."""

    columns: tuple[str, ...] = USUAL
    is_comfortable: bool = False
    opened: frozenset[str] = frozenset()

    @property
    def extra(self) -> tuple[str, ...]:
        return tuple(name for name in self.columns if COLUMNS[name].is_extra)


USUAL_LAYOUT = Layout()


def read_columns(names: str | Iterable[str]) -> tuple[str, ...]:
    """Names of columns, each once and in their order; `a,b` or several. Raise UnknownColumnError for any other name."""
    wanted = tuple(dict.fromkeys(names.split(",") if isinstance(names, str) else names))
    unknown = [name for name in wanted if name not in COLUMNS]
    if unknown:
        raise UnknownColumnError(unknown[0])
    return wanted


def read_layout(kept: list[str] | None) -> Layout:
    """The layout of a stored row (columns, density, open tiers, as texts), or the usual one. What a row names that no longer exists is passed over."""
    if kept is None:
        return USUAL_LAYOUT
    columns, density, opened = kept
    return Layout(
        tuple(name for name in columns.split(",") if name in COLUMNS) or USUAL,
        density == "comfortable",
        frozenset(opened.split(",")).intersection(TIERS),
    )


def age_words(days: int) -> str:
    """How long ago in the shortest words: 5 d, 3 w, 14 mo, 3 y."""
    if days < 14:
        return f"{max(days, 0)} d"
    if days < 91:
        return f"{days // 7} w"
    return f"{days // 30} mo" if days < 730 else f"{days // 365} y"
