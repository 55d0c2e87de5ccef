"""Graphs to rank in tests, and the plain searches the engine is held against."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from prioritization.engine import Candidate, ItemId, Ranking, rank


@dataclass(frozen=True)
class Problem:
    candidates: tuple[Candidate, ...]
    edges: tuple[tuple[int, int], ...]

    def rank(self) -> Ranking:
        return rank(self.candidates, self.edges)

    def changed(self, item: ItemId, **fields) -> Problem:
        """The same with one item changed."""
        return replace(
            self, candidates=tuple(replace(candidate, **fields) if candidate.id == item else candidate for candidate in self.candidates)
        )


@st.composite
def problems(draw, *, largest=12, bands=(2,), cyclic=False, zero_sizes=False):
    """Up to `largest` items with ids out of order, some without value, equal densities likely."""
    count = draw(st.integers(1, largest))
    ids = random.Random(draw(st.integers(0, 1_000))).sample(range(1, count + 1), count)
    most = draw(st.sampled_from((3, 20, 20_000)))  # few different amounts make ties
    amounts = draw(st.lists(st.integers(0, most), min_size=2 * count, max_size=2 * count))
    sizes = draw(st.lists(st.integers(0 if zero_sizes else 1, most), min_size=count, max_size=count))
    places = draw(st.lists(st.sampled_from(bands), min_size=count, max_size=count))
    candidates = [
        Candidate(item, {"value": amounts[at], "risk": amounts[count + at]}, sizes[at], places[at]) for at, item in enumerate(ids)
    ]
    ends = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1))
    edges = [(min(ends), max(ends)) for ends in draw(st.lists(ends, max_size=2 * count))]
    if cyclic:
        edges += [(max(ends), min(ends)) for ends in draw(st.lists(ends, max_size=2))]
    return Problem(tuple(candidates), tuple((ids[a], ids[b]) for a, b in edges if a != b))


def random_problem(seed: int, count: int, *, density: float) -> Problem:
    """A random graph with about `density * count` edges."""
    draw = random.Random(seed)
    ids = draw.sample(range(count), count)
    edges = {tuple(sorted(draw.sample(range(count), 2))) for _ in range(int(density * count))}
    return Problem(
        tuple(
            Candidate(item, {"value": 1_000 * draw.choice((0, 3, 5, 8, 13, 21, 34))}, 1_000 * draw.choice((1, 2, 3, 5, 8, 13)))
            for item in ids
        ),
        tuple((ids[a], ids[b]) for a, b in edges),
    )


def random_tree(seed: int, count: int) -> Problem:
    """A random rooted tree, towards the root or away from it."""
    draw = random.Random(seed)
    problem = random_problem(seed, count, density=0)
    edges = [(draw.randrange(node), node) for node in range(1, count)]
    if seed % 2:
        edges = [(b, a) for a, b in edges]
    return replace(problem, edges=tuple(edges))


def random_series_parallel(seed: int, count: int) -> Problem:
    """A random series-parallel order with all its pairs as edges, shortcuts too."""
    draw = random.Random(seed)
    problem = random_problem(seed, count, density=0)
    groups = [[node] for node in range(count)]
    edges = []
    while len(groups) > 1:
        first, then = (groups.pop(draw.randrange(len(groups))) for _ in range(2))
        if draw.random() < 0.5:
            edges += [(a, b) for a in first for b in then]
        groups.append(first + then)
    return replace(problem, edges=tuple(edges))


def cheapest(problem: Problem) -> int:
    """The least cost of any order, by a search over all closed sets."""
    items = problem.candidates
    place = {item.id: at for at, item in enumerate(items)}
    needs = [0] * len(items)
    for blocker, blocked in problem.edges:
        needs[place[blocked]] |= 1 << place[blocker]
    layer = {0: (0, 0)}
    for _ in items:
        following: dict[int, tuple[int, int]] = {}
        for closed, (cost, clock) in layer.items():
            for at, item in enumerate(items):
                if not closed >> at & 1 and not needs[at] & ~closed:
                    end = clock + item.size
                    price = cost + item.weight * end
                    grown = closed | 1 << at
                    if grown not in following or price < following[grown][0]:
                        following[grown] = price, end
        layer = following
    return min(cost for cost, _ in layer.values())


def cost_of(problem: Problem, order: list[ItemId]) -> int:
    """The sum of weight times completion of an order."""
    by_id = {item.id: item for item in problem.candidates}
    clock = cost = 0
    for item in order:
        clock += by_id[item].size
        cost += by_id[item].weight * clock
    return cost
