"""What a set of votes says: where they lie on the scale, how far apart, and what to do next. Plain Python, no database."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

UNSURE = "?"
PAUSE = "pause"

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def points_of(value: str) -> Decimal | None:
    """A value of the scale as points; None for a word such as XL, which sizes nothing."""
    try:
        points = Decimal(value)
    except InvalidOperation:
        return None
    return points if points.is_finite() else None


def in_words(number: int) -> str:
    return _NUMBERS[number] if number < len(_NUMBERS) else str(number)


def plain(points: Decimal | None) -> str:
    """Points without trailing zeros, exactly: 20, 0.5, 733.25."""
    return "" if points is None else format(points.normalize(), "f")


@dataclass(frozen=True)
class Spread:
    """Revealed votes on their scale. `columns` holds the voters of each value in the scale's order; steps count values, not points."""

    scale: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]
    unsure: tuple[str, ...]
    pausing: tuple[str, ...]

    @property
    def sized(self) -> int:
        return sum(len(column) for column in self.columns)

    @property
    def total(self) -> int:
        return self.sized + len(self.unsure) + len(self.pausing)

    @property
    def lowest(self) -> int | None:
        """Index of the lowest value that somebody chose."""
        return next((index for index, column in enumerate(self.columns) if column), None)

    @property
    def highest(self) -> int | None:
        return next((index for index in reversed(range(len(self.columns))) if self.columns[index]), None)

    @property
    def steps(self) -> int:
        return 0 if self.lowest is None or self.highest is None else self.highest - self.lowest

    @property
    def median(self) -> int | None:
        """Index of the middle vote's value; of two middle votes the higher, since work grows more often than it shrinks."""
        ordered = [index for index, column in enumerate(self.columns) for _ in column]
        return ordered[len(ordered) // 2] if ordered else None

    @property
    def proposal(self) -> str:
        """The size to take where the team agrees to the median; empty where nobody named one."""
        return "" if self.median is None else self.scale[self.median]

    def in_words(self) -> str:
        """The distribution as a sentence, for readers who do not see the dots."""
        parts = [f"{in_words(len(column))} {value}" for value, column in zip(self.scale, self.columns, strict=True) if column]
        parts += [f"{in_words(len(self.unsure))} not sure"] if self.unsure else []
        parts += [f"{in_words(len(self.pausing))} for a pause"] if self.pausing else []
        votes = f"{in_words(self.total).capitalize()} {'vote' if self.total == 1 else 'votes'}"
        median = f" Median {self.proposal}." if self.proposal else ""
        return f"{votes}: {', '.join(parts)}.{median}"


def spread_of(scale: Sequence[str], votes: Sequence[tuple[str, str]]) -> Spread:
    """Lay (voter, value) pairs out on the scale; the order of voters within a value is kept."""

    def voters(value: str) -> tuple[str, ...]:
        return tuple(who for who, chosen in votes if chosen == value)

    return Spread(tuple(scale), tuple(voters(value) for value in scale), voters(UNSURE), voters(PAUSE))


@dataclass(frozen=True)
class Advice:
    """One suggested next step. `is_revote`: talk and vote again, instead of taking the median."""

    lead: str
    text: str
    is_revote: bool


def advise(spread: Spread) -> Advice:
    """Say what the votes call for: a pause, an answer, another round, or taking the median."""
    if spread.pausing and len(spread.pausing) * 2 >= spread.total:
        return Advice("Time for a pause.", f"{_names(spread.pausing)} asked for one.", is_revote=True)
    if spread.lowest is None or spread.highest is None:
        return Advice(
            "Nobody named a size.",
            f"Hear what {_names(spread.unsure or spread.pausing)} would need to know, then vote again.",
            is_revote=True,
        )
    if len(spread.unsure) * 2 >= spread.total:
        return Advice("Half are not sure.", f"Hear what {_names(spread.unsure)} would need to know, then vote again.", is_revote=True)
    if spread.steps >= 2:
        low, high = spread.columns[spread.lowest], spread.columns[spread.highest]
        apart = f"{in_words(spread.steps).capitalize()} steps apart."
        hear = f"Hear {_names(low)} ({spread.scale[spread.lowest]}) and {_names(high)} ({spread.scale[spread.highest]}), then vote again."
        return Advice(apart, hear, is_revote=True)
    doubt = f" {_names(spread.unsure)} {'is' if len(spread.unsure) == 1 else 'are'} not sure: hear them first." if spread.unsure else ""
    if spread.steps == 1:
        return Advice("One step apart.", f"Take {spread.proposal} unless somebody objects.{doubt}", is_revote=False)
    if spread.sized == 1:
        return Advice("Only one vote.", f"Take {spread.proposal} if everybody agrees.{doubt}", is_revote=False)
    return Advice("All the same.", f"Take {spread.proposal}.{doubt}", is_revote=False)


def _names(people: Sequence[str], most: int = 2) -> str:
    """Up to two names, the rest counted."""
    if len(people) > most:
        return f"{', '.join(people[:most])} and {len(people) - most} more"
    return " and ".join(people)


# --- the dot row ----------------------------------------------------------------------------------

LEFT, RIGHT = 34, 270  # of 304, so that a name fits over the outermost value
BAND = 44.0  # behind the median; narrower where the values stand close
GAP, RADIUS, LABEL_HEIGHT, ROOM = 22.0, 8.0, 40.0, 94.0
MOST_DOTS_HIGH = 10  # taller stacks move closer together instead


@dataclass(frozen=True)
class Dot:
    x: float
    y: float
    is_edge: bool


@dataclass(frozen=True)
class Column:
    """One value below the line; `name` is shown above the dots of the lowest and the highest value when they lie apart."""

    value: str
    x: float
    is_chosen: bool
    name: str
    end: str  # "lowest", "highest" or nothing
    name_y: float


@dataclass(frozen=True)
class DotRow:
    """Coordinates for the page's SVG."""

    height: float
    base: float
    label_y: float
    columns: tuple[Column, ...]
    dots: tuple[Dot, ...]
    radius: float
    median_x: float | None
    median_left: float
    median_width: float
    median_height: float


def lay_out(spread: Spread) -> DotRow:
    """Place the dots: stacked on the value, the outer ones marked where people should be heard."""
    tallest = max((len(column) for column in spread.columns), default=0)
    gap = GAP if tallest <= MOST_DOTS_HIGH else GAP * MOST_DOTS_HIGH / tallest
    radius = min(RADIUS, gap * 0.4)
    ends = {spread.lowest: "lowest", spread.highest: "highest"} if spread.steps >= 2 else {}
    tops = [len(column) * gap + (LABEL_HEIGHT if index in ends else 0) for index, column in enumerate(spread.columns)]
    base = 34.5 + max([ROOM, *tops])
    width = (RIGHT - LEFT) / max(1, len(spread.scale) - 1)
    xs = [round(LEFT + index * width, 1) for index in range(len(spread.scale))]
    band = min(BAND, width - 6)
    columns, dots = [], []
    for index, (value, voters, x) in enumerate(zip(spread.scale, spread.columns, xs, strict=True)):
        name = _short(voters) if index in ends else ""
        columns.append(Column(value, x, bool(voters), name, ends.get(index, ""), round(base - len(voters) * gap - 26, 1)))
        dots += [Dot(x, round(base - 14.5 - place * gap, 1), index in ends) for place in range(len(voters))]
    median_x = None if spread.median is None else xs[spread.median]
    return DotRow(
        height=base + 27.5,
        base=base,
        label_y=base + 19.5,
        columns=tuple(columns),
        dots=tuple(dots),
        radius=round(radius, 1),
        median_x=median_x,
        median_left=round((median_x or 0) - band / 2, 1),
        median_width=round(band, 1),
        median_height=round(base - 20.5, 1),
    )


def _short(people: Sequence[str]) -> str:
    first = people[0].split()[0][:10] if people[0].split() else people[0][:10]
    return first if len(people) == 1 else f"{first} +{len(people) - 1}"
