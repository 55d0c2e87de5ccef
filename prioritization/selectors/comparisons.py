"""Why one item stands above another, and what would have to be different for the lower one to pass."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from accounts.permissions import Access
from backlog.models import Band, Item
from backlog.numbers import density
from backlog.permissions import visible_items
from backlog.reasons import RESTRICTED
from prioritization.engine import Ranking, rank
from prioritization.engine.comparison import Comparison, Ground, compare
from prioritization.selectors.basis import read_basis
from prioritization.selectors.counterfactuals import MOST_ITEMS, Counterfactual, Question, passing, without_ties
from prioritization.selectors.places import find_neighbour_above
from prioritization.selectors.problems import Solved, solve
from prioritization.selectors.rows import load_tied


@dataclass(frozen=True)
class Why:
    """Two items, one reason in words, and the single changes after which the lower one passes."""

    upper: Item
    lower: Item
    sentence: str
    changes: tuple[Counterfactual, ...] = ()
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

    def passes(after: Solved) -> bool:
        again = _ranking(after)
        return again.key(lower.pk) < again.key(upper.pk)

    changes = tuple(passing(Question(lower, loaded, standing), passes, access))
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


def would_move(*, item: Item, access: Access) -> list[tuple[Counterfactual, str]]:
    """Single changes that give the item another place: those with which it passes the item right above, with its key, then each tie taken away."""
    above = find_neighbour_above(item=item, access=access)
    why = why_between(item=item, other=above, access=access) if above else None
    found = [(change, above.key) for change in why.changes] if why and above and why.lower.pk == item.pk else []
    told = {(change.lever, change.words) for change, _ in found}
    return found + [(one, "") for one in without_ties(item=item, access=access).found if (one.lever, one.words) not in told]
