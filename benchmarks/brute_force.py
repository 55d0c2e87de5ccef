"""The cost of the engine's order against the least cost of any, found by a search of all closed sets."""

import random
from collections.abc import Callable, Iterator
from fractions import Fraction
from statistics import mean

from benchmarks.figures import Figure
from prioritization.engine import Candidate, Edge, rank

SMALL = 30
SIZES = (12, 16, 20, 24, 28, 32, 36, 40)
"""Of random graphs. Denser the larger they are, or there would be too many closed sets to search."""


def cost_against_brute_force() -> Iterator[Figure]:
    """Trees and series-parallel orders, which are solved exactly, and random graphs, which are not."""
    for name, make in (("trees", _tree), ("series-parallel orders", _series_parallel)):
        worst = max(_ratio(make, seed, 4 + seed % 10) for seed in range(SMALL))
        yield Figure(f"cost of {name}, worst", float(worst), "x", "brute force", float(worst), "1 x", worst == 1)
    ratios = [float(_ratio(_random, seed, count)) for count in SIZES for seed in range(3)]
    middle, worst_random = mean(ratios), max(ratios)
    yield Figure("cost of random graphs to 40, mean", middle, "x", "brute force", middle, "<= 1.003 x", middle <= 1.003)
    yield Figure("cost of random graphs to 40, worst", worst_random, "x", "brute force", worst_random, "<= 1.05 x", worst_random <= 1.05)


def _ratio(make: Callable[[random.Random, int], list[Edge]], seed: int, count: int) -> Fraction:
    draw = random.Random(seed)
    items = [Candidate(at, {"value": draw.choice((0, 3, 5, 8, 13, 21))}, draw.choice((1, 2, 3, 5, 8))) for at in range(count)]
    edges = make(draw, count)
    least = _cheapest(items, edges)
    return Fraction(rank(items, edges).cost, least) if least else Fraction(1)


def _random(draw: random.Random, count: int) -> list[Edge]:
    pairs = (sorted(draw.sample(range(count), 2)) for _ in range(count * (2 if count <= 24 else 3)))
    return [(a, b) for a, b in pairs]


def _tree(draw: random.Random, count: int) -> list[Edge]:
    edges: list[Edge] = [(draw.randrange(node), node) for node in range(1, count)]
    return edges if draw.random() < 0.5 else [(count - 1 - int(b), count - 1 - int(a)) for a, b in edges]


def _series_parallel(draw: random.Random, count: int) -> list[Edge]:
    groups = [[node] for node in range(count)]
    edges: list[Edge] = []
    while len(groups) > 1:
        first, then = (groups.pop(draw.randrange(len(groups))) for _ in range(2))
        if draw.random() < 0.5:
            edges += [(a, b) for a in first for b in then]
        groups.append(first + then)
    return edges


def _cheapest(items: list[Candidate], edges: list[Edge]) -> int:
    """The least cost of any order, closed set by closed set, small ones first."""
    needs = [sum(1 << int(a) for a, b in set(edges) if b == item.id) for item in items]
    layer = {0: (0, 0)}
    for _ in items:
        following: dict[int, tuple[int, int]] = {}
        for closed, (cost, clock) in layer.items():
            for at, item in enumerate(items):
                if not closed >> at & 1 and not needs[at] & ~closed:
                    end = clock + item.size
                    found = cost + item.weight * end, end
                    grown = closed | 1 << at
                    following[grown] = min(following.get(grown, found), found)
        layer = following
    return next(iter(layer.values()))[0]
