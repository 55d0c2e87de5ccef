"""From loaded rows to a solved order."""

from dataclasses import dataclass
from functools import cached_property

from prioritization.engine import Certificate, RankArrays, certify
from prioritization.engine.terms import Problem, Scored, prepare
from prioritization.engine.types import Ints
from prioritization.placing import Place, place_items, rank_problem
from prioritization.scoring import to_scored
from prioritization.selectors.basis import Standing
from prioritization.selectors.rows import Loaded


@dataclass(frozen=True)
class Solved:
    """An order with its reasons, computed and not yet written."""

    loaded: Loaded
    scored: list[Scored]
    problem: Problem
    ranked: RankArrays
    weight: Ints

    @cached_property
    def places(self) -> list[Place]:
        """The place of each item, in order of their ids."""
        return place_items(self.loaded.rows, self.problem, self.ranked, self.weight)

    @cached_property
    def certificate(self) -> Certificate:
        """Cost and lower bound of the order over these items alone."""
        return certify(self.ranked, self.weight)

    @property
    def components(self) -> int:
        return len(set(self.ranked.component.tolist()))

    @property
    def cycles(self) -> list[list[str]]:
        """The keys of each cycle of dependencies, every item blocking the next."""
        rows = self.loaded.rows
        return [[rows[at].key for at in cycle] for cycle in self.ranked.cycles]


def solve(loaded: Loaded, standing: Standing) -> Solved:
    """The order of the loaded items: a function of the rows and the basis alone."""
    scored = to_scored(loaded.rows, loaded.factors, standing.paces)
    problem = prepare(scored, loaded.edges, standing.medians)
    ranked, weight = rank_problem(problem)
    return Solved(loaded, scored, problem, ranked, weight)
