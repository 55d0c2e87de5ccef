"""Two orders side by side, ready to draw: today's on the left, another one on the right, a line for each item between them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

ROW = 32
TOP = 44
WIDTH, LEFT, RIGHT = 720, 330, 460
MOST_LETTERS = 28
MOST_WHY = 60
NOWHERE = 10**6
"""The place of an item in an order that it does not belong to."""


class Moving(Protocol):
    """An item with its place in both orders."""

    @property
    def key(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def before(self) -> int: ...
    @property
    def after(self) -> int: ...
    @property
    def tier(self) -> str: ...


@dataclass(frozen=True)
class SlopeLine:
    """An item's line; `y_before` or `y_after` is 0 where that end lies outside what is drawn."""

    key: str
    title: str
    before: int
    after: int
    y_before: int
    y_after: int
    path: str
    tone: str  # same, moves, enters, leaves
    note: str
    why: str = ""
    """What moved it, cut to what fits between two lines."""


@dataclass(frozen=True)
class Slope:
    """The drawing: its lines, its height, and where the tier ends on either side (0: not in sight)."""

    lines: list[SlopeLine]
    height: int
    cut_before: int
    cut_after: int


def draw_slope(
    items: Iterable[Moving], *, start: int, rows: int, cut_before: int = 0, cut_after: int = 0, whys: Mapping[str, str] | None = None
) -> Slope:
    """The places from `start` on, `rows` of them; a line of an item that comes from or goes elsewhere ends at the edge. `whys` say by key
    what moved an item."""
    lines = [
        replace(line, why=_cut_text((whys or {}).get(line.key, ""), MOST_WHY)) for line in (_line(item, start, rows) for item in items)
    ]
    return Slope(lines, TOP + rows * ROW, _cut(cut_before, start, rows), _cut(cut_after, start, rows))


def _line(item: Moving, start: int, rows: int) -> SlopeLine:
    left, right = _y(item.before, start, rows), _y(item.after, start, rows)
    path = f"M{LEFT} {left}C{LEFT + 60} {left} {RIGHT - 60} {right} {RIGHT} {right}"
    shown_left, shown_right = _is_in(item.before, start, rows), _is_in(item.after, start, rows)
    tone = item.tier or ("same" if item.before == item.after else "moves")
    by = item.before - item.after
    if NOWHERE in (item.before, item.after):
        by = 0
    moved = f"up {by}" if by > 0 else f"down {-by}" if by else ""
    note = {"enters": "enters the sprints", "leaves": "leaves the sprints"}.get(item.tier, moved)
    return SlopeLine(
        item.key,
        _cut_text(item.title, MOST_LETTERS),
        item.before,
        item.after,
        left if shown_left else 0,
        right if shown_right else 0,
        path,
        tone,
        note,
    )


def _cut_text(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _is_in(place: int, start: int, rows: int) -> bool:
    return start <= place < start + rows


def _y(place: int, start: int, rows: int) -> int:
    return TOP + min(max(place - start, -1), rows) * ROW


def _cut(place: int, start: int, rows: int) -> int:
    return TOP + (place - start) * ROW + ROW // 2 if start <= place < start + rows - 1 else 0
