"""The Next Release Problem through the engine: which requirements to build for a budget, so that the profit of served customers is largest.

A requirement is an item with a size and no value, a customer an item with a value and no size that waits for all it asks for
(Bagnall et al. 2001; instances of Xuan et al. 2012). The engine orders them; customers are served along that order while
what they still need fits into what is left of the budget.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from prioritization.engine import Candidate, Edge, rank

_MILLI = 1_000


@dataclass(frozen=True)
class Release:
    """An instance: the cost of each requirement, what each needs first, and each customer's profit and wishes."""

    costs: dict[int, int]
    needs: dict[int, list[int]]
    customers: list[tuple[int, list[int]]]


def read_release(path: Path) -> Release:
    """An instance file: levels of costs, pairs of dependencies (the second needs the first), customers."""
    numbers = iter(int(word) for line in path.read_text("latin-1").splitlines() if not line.startswith("^") for word in line.split())
    costs: dict[int, int] = {}
    for _ in range(next(numbers)):
        for _ in range(next(numbers)):
            costs[len(costs) + 1] = next(numbers)
    needs: dict[int, list[int]] = {}
    for _ in range(next(numbers)):
        first, then = next(numbers), next(numbers)
        needs.setdefault(then, []).append(first)
    customers = []
    for _ in range(next(numbers)):
        profit, wishes = next(numbers), next(numbers)
        customers.append((profit, [next(numbers) for _ in range(wishes)]))
    return Release(costs, needs, customers)


def profit_of_prefix(release: Release, budget: int) -> int:
    """The profit of the customers served along the engine's order."""
    candidates = [Candidate(number, {}, cost * _MILLI) for number, cost in release.costs.items()]
    edges: list[Edge] = [(first, then) for then, firsts in release.needs.items() for first in firsts]
    for number, (profit, wishes) in enumerate(release.customers, 1):
        candidates.append(Candidate(-number, {"profit": profit * _MILLI}, 0))
        edges += [(wish, -number) for wish in wishes]
    built: set[int] = set()
    earned = 0
    for item in rank(candidates, edges).order:
        if not isinstance(item, int) or item > 0:
            continue
        profit, wishes = release.customers[-item - 1]
        missing = _closure(release, wishes) - built
        cost = sum(release.costs[number] for number in missing)
        if cost <= budget:
            budget -= cost
            built |= missing
            earned += profit
    return earned


def _closure(release: Release, wishes: list[int]) -> set[int]:
    found = set(wishes)
    work = list(found)
    for number in work:
        for first in release.needs.get(number, ()):
            if first not in found:
                found.add(first)
                work.append(first)
    return found


def next_release_ratios(folder: Path) -> Iterator[tuple[str, float]]:
    """Each instance of a folder's `optima.csv` whose file is there, and the engine's profit over the best known one."""
    with (folder / "optima.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        path = next(
            (
                folder / kind / f"{row['instance']}.txt"
                for kind in ("classic", "realistic")
                if (folder / kind / f"{row['instance']}.txt").is_file()
            ),
            None,
        )
        if path is not None:
            earned = profit_of_prefix(read_release(path), int(row["budget"]))
            yield f"{row['instance']} at {row['ratio']}", earned / int(row["optimum"])
