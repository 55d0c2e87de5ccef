"""From loaded rows to a solved order."""

from dataclasses import dataclass
from functools import cached_property

from prioritization.engine import Certificate, RankArrays, certify
from prioritization.engine.overrides import Overridden, apply_overrides, hold_values
from prioritization.engine.terms import Problem, Scored, prepare
from prioritization.engine.types import Ints
from prioritization.placing import Place, place_items, rank_problem
from prioritization.scoring import PLAIN, Rules, to_scored
from prioritization.selectors.basis import Standing
from prioritization.selectors.rows import Loaded, list_of

Key = tuple[int, float, int, int]
"""(band, falling value, component, position), as placements are ordered."""


@dataclass(frozen=True)
class Solved:
    """An order with its reasons, computed and not yet written."""

    loaded: Loaded
    scored: list[Scored]
    problem: Problem
    ranked: RankArrays
    """The order by value. What is frozen stands elsewhere: see `shown`."""
    weight: Ints
    overridden: Overridden
    rules: Rules = PLAIN

    @cached_property
    def shown(self) -> RankArrays:
        """The order with frozen items at the values they keep."""
        frozen = self.loaded.overrides.frozen
        if not frozen:
            return self.ranked
        index = {row.id: at for at, row in enumerate(self.loaded.rows)}
        return hold_values(self.ranked, {index[item]: value for item, value in frozen.items()})  # type: ignore[index]  # ids are numbers here

    @cached_property
    def places(self) -> list[Place]:
        """The place of each item, in order of their ids."""
        return place_items(self.loaded.rows, self.problem, self.shown, self.weight, self.loaded.overrides, self.overridden)

    @cached_property
    def certificate(self) -> Certificate:
        """Cost and lower bound of the order over these items alone."""
        return certify(self.ranked, self.weight)

    def component_of(self, item: int) -> int:
        """The smallest item among all tied to this one; itself, where it has no place any more."""
        at = int(self.ranked.ids.searchsorted(item))
        return self.places[at].component if at < len(self.places) and self.places[at].item == item else item

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
    scored = to_scored(loaded.rows, loaded.factors, standing.paces, standing.rules)
    overrides = loaded.overrides
    overridden = apply_overrides(
        prepare(scored, loaded.edges, standing.medians), overrides, {row.id: list_of(row) for row in loaded.rows} if overrides.pins else {}
    )
    ranked, weight = rank_problem(overridden.problem)
    return Solved(loaded, scored, overridden.problem, ranked, weight, overridden, standing.rules)


def key_of(place: Place) -> Key:
    """The key under which the place is published."""
    return place.band, -place.value, place.component, place.position


def fresh_places(before: Solved, after: Solved) -> dict[int, Place]:
    """The new places of all components in which some place would be another one, as a run would publish them."""
    was = {place.item: place for place in before.places}
    differing = [place for place in after.places if key_of(place) != key_of(was[place.item])]
    components = {was[place.item].component for place in differing} | {place.component for place in differing}
    return {place.item: place for place in after.places if place.component in components or was[place.item].component in components}
