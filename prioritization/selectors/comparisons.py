"""Why one item stands above another, and what would have to be different for the lower one to pass."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import partial

from accounts.permissions import Access
from backlog.models import Band, Item
from backlog.numbers import density, short
from backlog.permissions import visible_items
from backlog.reasons import RESTRICTED
from prioritization.engine import Edge, Ranking, rank
from prioritization.engine.comparison import Comparison, Ground, compare
from prioritization.engine.counterfactuals import smallest_amount
from prioritization.scoring import from_milli, in_milli
from prioritization.selectors.basis import Standing, read_basis
from prioritization.selectors.problems import Solved, solve
from prioritization.selectors.rows import Loaded, load_tied

MOST_ITEMS = 1_000
"""Two items tied to more than so many are compared, but not solved again and again."""
MOST_LINKS = 6
FINEST = 10
"""Milli-points: sizes are told to the hundredth of a point."""


@dataclass(frozen=True)
class Why:
    """Two items, one reason in words, and the single changes after which the lower one passes."""

    upper: Item
    lower: Item
    sentence: str
    changes: tuple[str, ...] = ()
    has_no_change: bool = False
    """Whether it was looked for, and no single change does it."""


def why_between(*, item: Item, other: Item, access: Access) -> Why | None:
    """Why one of two different items stands above the other; None where one of them has no place in the order."""
    pair = {item.pk: item, other.pk: other}
    if not (item.is_ranked and other.is_ranked):
        return None
    loaded = load_tied(item.organization_id, pair)
    if not pair.keys() <= {row.id for row in loaded.rows}:
        return None
    standing = read_basis(item.organization_id, {row.team for row in loaded.rows if row.team is not None})
    solved = solve(loaded, standing)
    ranking = _ranking(solved)
    comparison = compare(ranking, item.pk, other.pk)
    upper, lower = pair[_number(comparison.upper)], pair[_number(comparison.lower)]
    stored = {pk: (place[0], -place[1], place[2], place[3]) for pk in pair if (place := loaded.stored[pk].place)[0] is not None}
    if len(stored) == len(pair) and stored[upper.pk] > stored[lower.pk]:
        return Why(lower, upper, f"{lower.key} keeps its place above {upper.key}: neither value has moved far enough to change the order.")
    sentence = _sentence(comparison, ranking, upper, lower, _names(comparison, access))
    if len(loaded.rows) > MOST_ITEMS:
        return Why(upper, lower, sentence)
    changes = tuple(_changes(_Question(loaded, standing, ranking, upper, lower), access))
    return Why(upper, lower, sentence, changes, has_no_change=not changes)


def _ranking(solved: Solved) -> Ranking:
    return rank(solved.problem.candidates, solved.problem.edges)


def _number(name: int | str) -> int:
    assert isinstance(name, int), "ids are numbers here"
    return name


def _names(comparison: Comparison, access: Access) -> Mapping[int, str]:
    between = [_number(name) for name in comparison.path[1:-1]]
    return dict(visible_items(access).filter(pk__in=between).values_list("id", "key")) if between else {}


def _sentence(comparison: Comparison, ranking: Ranking, upper: Item, lower: Item, names: Mapping[int, str]) -> str:
    above, below = ranking.receipt(upper.pk), ranking.receipt(lower.pk)
    own = f"{_worth(above.own_density)} against {_worth(below.own_density)} a point"
    lead = f"{upper.key} stands above {lower.key}"
    if comparison.ground is Ground.PATH:
        way = [names.get(_number(name), RESTRICTED) for name in comparison.path[1:-1]]
        return f"{lead} because {lower.key} waits for it" + (f", by way of {', '.join(way)}." if way else ".")
    return {
        Ground.BAND: f"{lead}: it is {_band(ranking, upper)}, and {lower.key} is {_band(ranking, lower)}.",
        Ground.OWN: f"{lead} by its own value: {own}.",
        Ground.LIFTED: f"{lead} because of what it unblocks or belongs to, which lifts it from "
        f"{_worth(above.own_density)} to {_worth(above.value)} a point; {lower.key} stands at {_worth(below.value)}.",
        Ground.HELD: f"{lead} because {lower.key} is held down by what goes with it, from "
        f"{_worth(below.own_density)} to {_worth(below.value)} a point; {upper.key} stands at {_worth(above.value)}.",
        Ground.TOGETHER: f"{lead}: they are worth doing in one piece, and this way round costs less delay.",
        Ground.TIE: f"{lead}, though both are worth the same: {_worth(above.value)} a point. The older one comes first.",
    }[comparison.ground]


_IN_WORDS = {
    Band.NOW: "planned or in progress",
    Band.EXPEDITE: "pinned or expedited",
    Band.NORMAL: "ranked by its value",
    Band.ON_HOLD: "on hold",
    Band.UNSCORED: "not scored yet",
    Band.DORMANT: "dormant",
}


def _band(ranking: Ranking, item: Item) -> str:
    return _IN_WORDS[Band(ranking.band(item.pk))]


def _worth(value: Fraction) -> str:
    return density(float(value))


class _Question:
    """The same rows, solved again with something about the lower item changed."""

    def __init__(self, loaded: Loaded, standing: Standing, ranking: Ranking, upper: Item, lower: Item) -> None:
        self.loaded, self.standing, self.ranking = loaded, standing, ranking
        self.upper, self.lower = upper, lower
        self.at = next(at for at, row in enumerate(loaded.rows) if row.id == lower.pk)
        self.row = loaded.rows[self.at]

    def _passes(self, loaded: Loaded) -> bool:
        ranking = _ranking(solve(loaded, self.standing))
        return ranking.key(self.lower.pk) < ranking.key(self.upper.pk)

    def with_size(self, size: int) -> bool:
        rows = list(self.loaded.rows)
        rows[self.at] = self.row._replace(size=size)
        return self._passes(replace(self.loaded, rows=rows))

    def with_score(self, name: str, value: int) -> bool:
        factors = {**self.loaded.factors, self.lower.pk: {**self.loaded.factors.get(self.lower.pk, {}), name: value}}
        return self._passes(replace(self.loaded, factors=factors))

    def without(self, edge: Edge) -> bool:
        return self._passes(replace(self.loaded, edges=[one for one in self.loaded.edges if one != edge]))

    @property
    def links(self) -> list[tuple[int, int]]:
        """The dependencies of the lower item."""
        return [edge for edge in self.loaded.edges if self.lower.pk in edge][:MOST_LINKS]


def _changes(question: _Question, access: Access) -> list[str]:
    """“its size is 5 or less”, “its time criticality is 13 or more”, “it no longer waits for PAY-3”, ready to follow “It passes if”."""
    changes = []
    if (size := _largest_size(question)) is not None:
        changes.append(f"its size is {short(from_milli(size))} or less")
    changes += [f"its {label} is {value} or more" for label, value in _smallest_scores(question)]
    links = question.links
    others = {end for edge in links for end in edge} - {question.lower.pk}
    names = dict(visible_items(access).filter(pk__in=others).values_list("id", "key"))
    for blocker, blocked in links:
        if question.without((blocker, blocked)):
            waits = blocked == question.lower.pk
            other = names.get(blocker if waits else blocked, RESTRICTED)
            changes.append(f"it no longer waits for {other}" if waits else f"{other} no longer waits for it")
    return changes


def _largest_size(question: _Question) -> int | None:
    """The largest size to the hundredth with which it passes, smaller than the present one."""
    size = question.row.size
    if not size:
        return None
    steps = -(-size // FINEST) - 1
    cut = smallest_amount(_halving(lambda amount: question.with_size((steps + 1 - amount) * FINEST), steps), steps)
    return None if cut is None else (steps + 1 - cut) * FINEST


def _halving(passes: Callable[[int], bool], limit: int) -> Callable[[int], tuple[bool, int]]:
    """An attempt that knows no better next amount than the middle."""
    return lambda amount: (amount > 0 and passes(amount), limit // 2)


def _smallest_scores(question: _Question) -> list[tuple[str, str]]:
    """For each score that was given, the smallest step of its scale above it with which the item passes."""
    given = question.loaded.factors.get(question.lower.pk, {})
    found = []
    for spec in question.standing.rules.choice((question.row.team, question.row.train), question.row.kind).factors:
        steps = [value for value in sorted(spec.scale) if spec.name in given and in_milli(value) > given[spec.name]]
        at = smallest_amount(_halving(partial(_with_step, question, spec.name, steps), len(steps)), len(steps))
        if at is not None:
            found.append((spec.label.lower(), short(steps[at - 1])))
    return found


def _with_step(question: _Question, name: str, steps: Sequence[Decimal], number: int) -> bool:
    return question.with_score(name, in_milli(steps[number - 1]))
