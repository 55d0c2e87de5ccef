"""A small line of places over time, ready to draw: the first place is at the top."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, EDGE = 240, 48, 6


@dataclass(frozen=True)
class Sparkline:
    """The line, and where it ends."""

    path: str
    x: float
    y: float


def draw_sparkline(points: Sequence[tuple[float, int]]) -> Sparkline:
    """Points of (moment, place), the oldest first and at least one; the line goes from the left to the right edge, best place to worst from top to bottom."""
    first, last = points[0][0], points[-1][0]
    best, worst = min(place for _, place in points), max(place for _, place in points)
    wide, high = (last - first) or 1, (worst - best) or 1
    drawn = []
    for moment, place in points:
        x = EDGE + (WIDTH - 2 * EDGE) * ((moment - first) / wide if last > first else 1)
        y = EDGE + (HEIGHT - 2 * EDGE) * ((place - best) / high if worst > best else 0.5)
        drawn.append((round(x, 1), round(y, 1)))
    return Sparkline("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in drawn), *drawn[-1])
