"""Parts of a whole in several columns, ready to draw: a block for each part, and a band from each block to the same part's next one."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from backlog.numbers import percent

TOP, HEIGHT = 40, 260
BAR = 12
GAP = 5
COLUMNS = (220, 370, 520)
"""Left edges of the bars in a drawing 760 wide; names stand on either side."""
LINE = 17
"""Labels stand at least so far apart."""
TONES = 5
MOST_LETTERS = 23


@dataclass(frozen=True)
class Part:
    """One part, with its size in each column, from 0 to 1; `is_rest` draws it as what belongs to nothing."""

    name: str
    sizes: Sequence[float]
    is_rest: bool = False


@dataclass(frozen=True)
class Block:
    """A bar's piece; where its label stands, and what it says."""

    x: int
    y: float
    height: float
    label_y: float
    percent: str


@dataclass(frozen=True)
class FlowLine:
    """One part's blocks, the bands between them, and its tone."""

    name: str
    tone: str
    blocks: list[Block]
    bands: list[str]

    @property
    def first(self) -> Block:
        return self.blocks[0]

    @property
    def last(self) -> Block:
        return self.blocks[-1]


def draw_flow(parts: Sequence[Part]) -> list[FlowLine]:
    """The parts one below the other in each column, in the order given; those that are nowhere are left out."""
    shown = [part for part in parts if any(part.sizes)]
    columns = [_column([part.sizes[number] for part in shown], x) for number, x in enumerate(COLUMNS)]
    lines = []
    for number, part in enumerate(shown):
        blocks = [column[number] for column in columns]
        tone = "rest" if part.is_rest else f"tone-{number % TONES}"
        name = part.name if len(part.name) <= MOST_LETTERS else f"{part.name[: MOST_LETTERS - 1].rstrip()}…"
        bands = [_band(left, right) for left, right in pairwise(blocks)]
        lines.append(FlowLine(name, tone, blocks, [band for band in bands if band]))
    return lines


def _column(sizes: Sequence[float], x: int) -> list[Block]:
    room = HEIGHT - GAP * max(sum(1 for size in sizes if size) - 1, 0)
    y: float = TOP
    placed = []
    for size in sizes:
        height = size * room
        placed.append((y, height))
        y += height + GAP if size else 0
    labels = _apart([top + height / 2 for top, height in placed])
    return [
        Block(x, round(top, 1), round(height, 1), round(label, 1), percent(size))
        for (top, height), label, size in zip(placed, labels, sizes, strict=True)
    ]


def _apart(wanted: Sequence[float]) -> list[float]:
    """The heights of labels, pushed down where one would touch the one above, then up from the bottom edge."""
    labels: list[float] = []
    for y in wanted:
        labels.append(max(y, labels[-1] + LINE) if labels else y)
    limit = float(TOP + HEIGHT)
    for number in range(len(labels) - 1, -1, -1):
        labels[number] = min(labels[number], limit)
        limit = labels[number] - LINE
    return labels


def _band(left: Block, right: Block) -> str:
    """The outline of the band between two blocks; none where the part is in neither."""
    if not left.height and not right.height:
        return ""
    start, end = left.x + BAR, right.x
    middle = (start + end) // 2
    return (
        f"M{start} {left.y}C{middle} {left.y} {middle} {right.y} {end} {right.y}V{right.y + right.height:.1f}"
        f"C{middle} {right.y + right.height:.1f} {middle} {left.y + left.height:.1f} {start} {left.y + left.height:.1f}Z"
    )
