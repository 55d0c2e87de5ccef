"""What a benchmark prints: a figure beside what it is compared with in the same run."""

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One line. `ratio` is figure / against where both have the unit; `ok` tells whether `target` holds."""

    name: str
    figure: float
    unit: str
    against: str
    ratio: float | None
    target: str
    ok: bool

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def as_line(self) -> str:
        ratio = f"{self.ratio:8.2f} x" if self.ratio is not None else " " * 10
        return f"{'ok ' if self.ok else 'NOT'}  {self.name:34} {self.figure:10.3f} {self.unit:3} {ratio}  of {self.against}; target {self.target}"


def median_ms(act: Callable[[], object], *, times: int, warm: int = 5) -> float:
    """The median duration of `act` in milliseconds, after a few runs that do not count."""
    for _ in range(warm):
        act()
    return statistics.median(timed_ms(act) for _ in range(times))


def medians_ms(*acts: Callable[[], object], times: int, warm: int = 5) -> list[float]:
    """As `median_ms`, of acts done in turn: what else the machine does in the meantime weighs on each alike."""
    return [statistics.median(durations) for durations in durations_ms(*acts, times=times, warm=warm)]


def durations_ms(*acts: Callable[[], object], times: int, warm: int = 5, between: Callable[[], object] = lambda: None) -> list[list[float]]:
    """All durations of each of some acts that are done in turn, in milliseconds; what is done `between` them does not count."""

    def timed(act: Callable[[], object]) -> float:
        between()
        return timed_ms(act)

    for _ in range(warm):
        for act in acts:
            timed(act)
    return [list(durations) for durations in zip(*([timed(act) for act in acts] for _ in range(times)), strict=True)]


def timed_ms(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000
