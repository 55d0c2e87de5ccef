"""From scored items to candidates: terms of the cost of delay, missing scores, paces, and parents as sinks.

Factors and sizes come in milli-units, the size in milli-points of the home team. Nothing here reads a row: callers load,
call `prepare`, and rank what comes out.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import median_low
from typing import NamedTuple

from prioritization.engine.bands import NORMAL, ON_HOLD, UNSCORED
from prioritization.engine.formula import MILLI, SUM, Formula, grown
from prioritization.engine.types import Candidate, Edge, ItemId

SIZE = "job_size"
"""The size's name among medians and assumptions."""
CLAIMED = "claimed_by_children"
"""The negative term of a parent: what its open children already claim for themselves."""
GOAL = "goal"
"""The term of a multiplier: what the weight of the goal that an item serves adds or takes."""
URGENCY = "urgency"
"""The term of a multiplier: what its date adds or takes on this day."""
AGING = "waiting"
"""What waiting adds: at most a quarter of the mean cost of delay, so that it never beats real urgency."""
MEAN_COST = "mean_cost_of_delay"
"""The mean's name among the medians of the basis."""
WEEKS_OF_AGING = 26


class Scored(NamedTuple):  # a frozen dataclass of so many fields takes four times as long to make
    """An open item as people scored it.

    `factors` names every factor that its formula takes, None where nobody scored it; optional ones only where somebody did. `pace` is
    the home team's, `reference_pace` the median of its train's teams; equal paces leave the size as it is. `goal` and `urgency` multiply
    its cost of delay by thousandths on the day of the run, `weeks` it has been waiting. An item without a goal serves its parent's.
    """

    id: ItemId
    kind: str
    factors: Mapping[str, int | None]
    size: int | None
    team: ItemId | None = None
    parent: ItemId | None = None
    band: int = NORMAL
    pace: int = 1
    reference_pace: int = 1
    formula: Formula = SUM
    goal: int | None = None
    urgency: int = MILLI
    weeks: int = 0

    @property
    def is_scored(self) -> bool:
        """Whether somebody scored at least one factor."""
        return any(value is not None for value in self.factors.values())


@dataclass(frozen=True, slots=True)
class Basis:
    """What stands in for a missing score: medians by team, kind and name, of which team and kind may be left open.

    It is refreshed apart from the runs, so that scoring one item moves no other.
    """

    medians: Mapping[tuple[ItemId | None, str | None, str], int] = field(default_factory=dict)

    def find(self, team: ItemId | None, kind: str, name: str) -> int | None:
        """The team's median for the kind, else the kind's; for a size also that of all items."""
        for key in ((team, kind, name), (None, kind, name), (None, None, name)):
            if key in self.medians:
                return self.medians[key]
        return None


@dataclass(frozen=True, slots=True)
class Problem:
    """What `rank` takes, and by item the names of scores that were assumed."""

    candidates: list[Candidate]
    edges: list[Edge]
    assumed: dict[ItemId, tuple[str, ...]]


def measure_basis(items: Sequence[Scored]) -> Basis:
    """The medians of what is scored (the lower one of two, so that a median is a value somebody gave), and the mean cost of delay."""
    values: dict[tuple[ItemId | None, str | None, str], list[int]] = {}
    for item in items:
        for name, value in item.factors.items():
            if value is not None:
                values.setdefault((item.team, item.kind, name), []).append(value)
                if item.team is not None:
                    values.setdefault((None, item.kind, name), []).append(value)
        if item.size is not None:
            for key in {(item.team, item.kind, SIZE), (None, item.kind, SIZE), (None, None, SIZE)}:
                values.setdefault(key, []).append(item.size)
    basis = Basis({key: median_low(found) for key, found in values.items()})
    costs = [sum(own_terms(item, filled(item, basis)[0]).values()) for item in items if item.is_scored]
    return replace(basis, medians={**basis.medians, (None, None, MEAN_COST): sum(costs) // len(costs)}) if costs else basis


def at_reference_pace(size: int, pace: int, reference_pace: int) -> int:
    """A team's milli-points as those of a team of reference pace, at least 1; half up."""
    return max(1, (2 * size * reference_pace + pace) // (2 * pace)) if size else 0


def filled(item: Scored, basis: Basis) -> tuple[dict[str, int], tuple[str, ...]]:
    """The item's factors with missing ones assumed, and the names of those.

    A missing factor takes the median of the basis; without one, the median of the item's own where it is summed, and one
    that multiplies changes nothing. An item nobody scored has no factors at all.
    """
    if not item.is_scored:
        return {}, ()
    factors: dict[str, int] = {}
    assumed = []
    for name, value in item.factors.items():
        if value is None:
            assumed.append(name)
            median = basis.find(item.team, item.kind, name)
            if median is None:
                median = item.formula.neutral(name, {name: value for name, value in item.factors.items() if value is not None})
            factors[name] = max(median, 0)
        else:
            factors[name] = max(value, 0)
    return factors, tuple(assumed)


def own_terms(item: Scored, factors: Mapping[str, int], goal: int | None = None) -> dict[str, int]:
    """The terms of the item's own cost of delay: its factors, then what its goal (or `goal`, of a parent) and its date do to their sum."""
    terms = item.formula.terms(factors)
    if not terms:
        return terms
    goal = item.goal if item.goal is not None else goal
    if goal is not None and goal != MILLI:
        terms[GOAL] = grown(sum(terms.values()), goal)
    if item.urgency != MILLI:
        terms[URGENCY] = grown(sum(terms.values()), item.urgency)
    return terms


def aging(weeks: int, mean: int) -> int:
    """What so many weeks of waiting add in milli-units, given the mean cost of delay."""
    return mean * min(weeks, WEEKS_OF_AGING) // (4 * WEEKS_OF_AGING)


def prepare(items: Sequence[Scored], dependencies: Iterable[Edge], basis: Basis) -> Problem:
    """Candidates and edges of all open items.

    A parent enters as a sink: every open child before it, its terms less what the children claim, its size less theirs,
    neither below 0, so a family's value counts once. A dependency on a parent holds for each of its open children; one
    of a parent waits for its last. A child nobody scored shares its family's value; an item outside such a family
    that nobody scored is unscored, but with the size of its like, for the work it may block. What waiting adds is an item's
    own and claims nothing of its parent.
    """
    by_id, children = _family(items)
    bottom_up = _bottom_up(items, by_id, children)

    terms: dict[ItemId, dict[str, int]] = {}
    sizes: dict[ItemId, int] = {}
    assumed: dict[ItemId, tuple[str, ...]] = {}
    claims: dict[ItemId, int] = {}
    covered: dict[ItemId, int] = {}
    has_value: dict[ItemId, bool] = {}
    goals = _from_above(bottom_up, by_id)
    mean = basis.medians.get((None, None, MEAN_COST), 0)
    for item in bottom_up:
        factors, missing = filled(item, basis)
        own = own_terms(item, factors, goals.get(item.id))
        below = children.get(item.id, ())
        weight, claimed = sum(own.values()), sum(claims.get(child, 0) for child in below)
        if claimed and weight:
            own[CLAIMED] = -min(claimed, weight)
        if own and item.weeks and mean:
            own[AGING] = aging(item.weeks, mean)
        terms[item.id] = own
        claims[item.id] = max(weight, claimed)
        size, guessed = _own_size(item, basis, is_parent=bool(below))
        inside = sum(covered.get(child, 0) for child in below)
        sizes[item.id] = max(size - inside, 0)
        covered[item.id] = max(size, inside)
        has_value[item.id] = item.is_scored or any(has_value.get(child, False) for child in below)
        if missing or guessed:
            assumed[item.id] = (*missing, SIZE) if guessed else missing
    shares = _in_valued_family(bottom_up, by_id)
    candidates = [
        Candidate(
            item.id,
            terms[item.id],
            sizes[item.id],
            item.band if item.band != NORMAL else _normal_band(item, has_value[item.id] or item.id in shares),
        )
        for item in items
    ]
    return Problem(candidates, precedence(by_id, children, dependencies), assumed)


def _family(items: Sequence[Scored]) -> tuple[dict[ItemId, Scored], dict[ItemId, list[ItemId]]]:
    """The items by id, and the children of each parent among them."""
    by_id = {item.id: item for item in items}
    children: dict[ItemId, list[ItemId]] = {}
    for item in items:
        if item.parent in by_id and item.parent is not None:
            children.setdefault(item.parent, []).append(item.id)
    return by_id, children


def _normal_band(item: Scored, is_valued: bool) -> int:
    if not is_valued:
        return UNSCORED
    return ON_HOLD if item.formula.holds and item.formula.is_on_hold(item.factors) else NORMAL


def inherited_goals(items: Sequence[Scored]) -> dict[ItemId, int]:
    """By item the multiplier of the nearest goal above it; its own comes first anyway."""
    by_id, children = _family(items)
    return _from_above(_bottom_up(items, by_id, children), by_id)


def _from_above(bottom_up: Sequence[Scored], by_id: Mapping[ItemId, Scored]) -> dict[ItemId, int]:
    goals: dict[ItemId, int] = {}
    if all(item.goal is None for item in bottom_up):
        return goals
    for item in reversed(bottom_up):
        parent = by_id.get(item.parent) if item.parent is not None else None
        if parent is not None:
            goal = parent.goal if parent.goal is not None else goals.get(parent.id)
            if goal is not None:
                goals[item.id] = goal
    return goals


def _own_size(item: Scored, basis: Basis, *, is_parent: bool) -> tuple[int, bool]:
    """The size at reference pace, and whether it was assumed. A parent without estimate is as large as its children."""
    if not item.formula.is_divided:
        return MILLI, False
    size = item.size
    if size is None and not is_parent:
        size = basis.find(item.team, item.kind, SIZE)
        size = MILLI if size is None else size
        return at_reference_pace(size, item.pace, item.reference_pace), True
    return at_reference_pace(size or 0, item.pace, item.reference_pace), False


def _bottom_up(items: Sequence[Scored], by_id: Mapping[ItemId, Scored], children: Mapping[ItemId, list[ItemId]]) -> list[Scored]:
    """All items, children before parents; a ring of parents, which entry refuses, comes last as it is."""
    waiting = {item.id: len(children.get(item.id, ())) for item in items}
    ready = [item for item in items if not waiting[item.id]]
    for item in ready:
        if item.parent is not None and item.parent in by_id:
            waiting[item.parent] -= 1
            if not waiting[item.parent]:
                ready.append(by_id[item.parent])
    return ready + [item for item in items if waiting[item.id]]


def _in_valued_family(bottom_up: Sequence[Scored], by_id: Mapping[ItemId, Scored]) -> set[ItemId]:
    """The items of which some ancestor is scored."""
    shares: set[ItemId] = set()
    for item in reversed(bottom_up):
        parent = by_id.get(item.parent) if item.parent is not None else None
        if parent is not None and (parent.is_scored or parent.id in shares):
            shares.add(item.id)
    return shares


def precedence(by_id: Collection[ItemId], children: Mapping[ItemId, list[ItemId]], dependencies: Iterable[Edge]) -> list[Edge]:
    """What comes before what: each child before its parent, each blocker before what waits for it and all that is below that."""
    edges: list[Edge] = [(child, parent) for parent, below in children.items() for child in below]
    for blocker, blocked in dependencies:
        if blocker not in by_id or blocked not in by_id:
            continue
        edges.append((blocker, blocked))
        below = _descendants(blocked, children)
        if blocker not in below:  # a child that blocks its parent comes before it anyway
            edges.extend((blocker, child) for child in below)
    return edges


def _descendants(item: ItemId, children: Mapping[ItemId, list[ItemId]]) -> list[ItemId]:
    found = list(children.get(item, ()))
    seen = {item, *found}
    for child in found:
        for below in children.get(child, ()):
            if below not in seen:
                seen.add(below)
                found.append(below)
    return found
