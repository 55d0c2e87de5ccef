"""An item's exact receipt with the solved component it comes from, and what else a page says of that component."""

from collections.abc import Mapping
from dataclasses import dataclass

from accounts.permissions import Access
from backlog.models import Item
from backlog.numbers import short
from backlog.permissions import visible_items
from backlog.reasons import RESTRICTED
from prioritization.engine import Ranking, Receipt, rank
from prioritization.engine.terms import SIZE, Scored, filled
from prioritization.placing import Place
from prioritization.scoring import from_milli
from prioritization.selectors.basis import read_basis
from prioritization.selectors.problems import Solved, solve
from prioritization.selectors.rows import load_tied


@dataclass(frozen=True)
class Explained:
    """An item's exact receipt, and the solved component it comes from."""

    receipt: Receipt
    place: Place
    ranking: Ranking
    solved: Solved
    at: int
    """The item's index in the solved rows."""
    assumed: Mapping[str, int]
    """What stands in for missing scores and a missing size, in milli-units."""

    @property
    def scored(self) -> Scored:
        return self.solved.scored[self.at]

    @property
    def item_id(self) -> int:
        return self.solved.loaded.rows[self.at].id


def explain(item: Item) -> Explained | None:
    """The item's receipt as Fractions that add up exactly to its value; None where it has no place in the order."""
    if not item.is_ranked:
        return None
    loaded = load_tied(item.organization_id, [item.pk])
    at = next((at for at, row in enumerate(loaded.rows) if row.id == item.pk), None)
    if at is None:
        return None
    standing = read_basis(item.organization_id, {row.team for row in loaded.rows if row.team is not None})
    solved = solve(loaded, standing)
    ranking = rank(solved.problem.candidates, solved.problem.edges)
    scored = solved.scored[at]
    values, missing = filled(scored, standing.medians)
    assumed = {name: values[name] for name in missing}
    if SIZE in solved.problem.assumed.get(item.pk, ()):
        assumed[SIZE] = standing.medians.find(scored.team, scored.kind, SIZE) or 1000
    return Explained(ranking.receipt(item.pk), solved.places[at], ranking, solved, at, assumed)


class Names:
    """The other items of the component by id, as the reader may see them."""

    def __init__(self, item: Item, explained: Explained, access: Access) -> None:
        ids = {pk for pk, _ in explained.receipt.shared} | ({explained.place.reason_item} if explained.place.reason_item else set())
        self._seen = {pk: (key, title) for pk, key, title in visible_items(access).filter(pk__in=ids).values_list("id", "key", "title")}

    def key(self, pk: int | None) -> str:
        return self._seen[pk][0] if pk in self._seen else ""

    def label(self, pk: int) -> str:
        return " ".join(self._seen[pk]) if pk in self._seen else RESTRICTED.capitalize()

    def sees(self, pk: int) -> bool:
        return pk in self._seen


def worth_of(explained: Explained, pk: int) -> str:
    """What an item is worth by itself: “60 a week over 5 points”."""
    at = explained.solved.ranked.ids.searchsorted(pk)
    candidate = explained.solved.problem.candidates[at]
    weight = short(from_milli(candidate.weight))
    return f"{weight} a week over {points_of(candidate.size)}" if candidate.size else f"{weight} a week"


def points_of(milli: int) -> str:
    return "1 point" if milli == 1000 else f"{short(from_milli(milli))} points"
