"""What would have to be different for an item to stand elsewhere: single changes, each with the place it gives.

Only what is tied to the item is solved again; the place is counted along the index of the list, for all changes in one statement.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from functools import partial

from accounts.permissions import Access
from backlog.models import Band, Item
from backlog.models.item import Status
from backlog.numbers import ordinal, short
from backlog.permissions import visible_items
from backlog.reasons import RESTRICTED
from prioritization.engine.counterfactuals import smallest_amount
from prioritization.scoring import Row, from_milli, in_milli
from prioritization.selectors.basis import Standing, read_basis
from prioritization.selectors.places import count_above, find_rank
from prioritization.selectors.problems import Key, Solved, fresh_places, key_of, solve
from prioritization.selectors.rows import Loaded, TooManyError, list_of, load_tied

MOST_ITEMS = 1_000
"""An item tied to more than so many is not solved again and again."""
MOST_LINKS = 6
FINEST = 10
"""Milli-points: sizes are told to the hundredth of a point."""


class Lever(StrEnum):
    """What would be otherwise about the item."""

    SIZE = "size"  # at most `value`
    SCORE = "score"  # of `factor`, at least `value`
    WAITS_FOR = "waits_for"  # no longer for `other`
    AWAITED_BY = "awaited_by"  # no longer by `other`
    PART_OF = "part_of"  # no longer of `other`


@dataclass(frozen=True)
class Counterfactual:
    """One single change of an item, in words that follow “if”, and its number in the list then; None where it stands among what is under way."""

    lever: Lever
    words: str
    place: int | None
    label: str = ""
    """As a condition of its own: “Without waiting for CHK-771”."""
    factor: str = ""
    value: Decimal | None = None
    other: str = ""
    """The other item's key, empty where it is hidden."""

    @property
    def nth(self) -> str:
        return "" if self.place is None else ordinal(self.place)

    @property
    def is_restricted(self) -> bool:
        return self.lever not in (Lever.SIZE, Lever.SCORE) and not self.other


@dataclass(frozen=True)
class Without:
    """The item's number today, and that without each thing it is tied to which moves it."""

    place: int | None
    found: tuple[Counterfactual, ...] = ()
    is_too_large: bool = False
    """More is tied to it than is tried out."""

    @property
    def nth(self) -> str:
        return "" if self.place is None else ordinal(self.place)


@dataclass(frozen=True)
class _Trial:
    """A change of the rows, solved."""

    lever: Lever
    solved: Solved
    factor: str = ""
    label: str = ""
    value: Decimal | None = None
    other: int | None = None


class Question:
    """What is tied to an item, solved again with something about it changed."""

    def __init__(self, item: Item, loaded: Loaded, standing: Standing) -> None:
        self.item, self.loaded, self.standing = item, loaded, standing
        self.before = solve(loaded, standing)
        self.at = next(at for at, row in enumerate(loaded.rows) if row.id == item.pk)
        self.row = loaded.rows[self.at]

    def _solve(self, **changed: object) -> Solved:
        return solve(replace(self.loaded, **changed), self.standing)  # type: ignore[arg-type]  # fields of the rows

    def _row(self, row: Row) -> Solved:
        rows = list(self.loaded.rows)
        rows[self.at] = row
        return self._solve(rows=rows)

    def with_size(self, size: int) -> Solved:
        return self._row(self.row._replace(size=size))

    def with_score(self, name: str, value: int) -> Solved:
        given = self.loaded.factors.get(self.item.pk, {})
        return self._solve(factors={**self.loaded.factors, self.item.pk: {**given, name: value}})

    def without_link(self, edge: tuple[int, int]) -> Solved:
        return self._solve(edges=[one for one in self.loaded.edges if one != edge])

    def without_parent(self) -> Solved:
        return self._row(self.row._replace(parent=None))

    @property
    def links(self) -> list[tuple[int, int]]:
        """The item's dependencies: what it waits for, then what waits for it, the costliest first."""
        cost = {candidate.id: candidate.weight for candidate in self.before.problem.candidates}
        mine = [edge for edge in self.loaded.edges if self.item.pk in edge and all(end in cost for end in edge)]
        mine.sort(key=lambda edge: (edge[0] == self.item.pk, -cost[edge[1]], edge))
        return mine[:MOST_LINKS]

    def trials_without(self) -> list[_Trial]:
        """Each tie of the item taken away."""
        trials = []
        for blocker, blocked in self.links:
            waits = blocked == self.item.pk
            lever = Lever.WAITS_FOR if waits else Lever.AWAITED_BY
            trials.append(_Trial(lever, self.without_link((blocker, blocked)), other=blocker if waits else blocked))
        if self.row.parent is not None and any(row.id == self.row.parent for row in self.loaded.rows):
            trials.append(_Trial(Lever.PART_OF, self.without_parent(), other=self.row.parent))
        return trials

    def tell(self, trials: Sequence[_Trial], access: Access) -> list[Counterfactual]:
        """The trials in words with the places they give. Two queries, however many."""
        named = [trial.other for trial in trials if trial.other is not None]
        seen = dict(visible_items(access).filter(pk__in=named).values_list("id", "key")) if named else {}
        places = self._places([trial.solved for trial in trials])
        return [_told(trial, seen.get(trial.other or 0, ""), place) for trial, place in zip(trials, places, strict=True)]

    def _places(self, solutions: Iterable[Solved]) -> list[int | None]:
        """The item's number in its list under each solution, were it published."""
        if self.row.status in (Status.PLANNED, Status.IN_PROGRESS):
            return [None for _ in solutions]  # what is under way moves by hand alone
        here = [row.id for row in self.loaded.rows if list_of(row) == list_of(self.row)]
        stored = {item: _stored(self.loaded, item) for item in here}
        asked = []
        for solved in solutions:
            fresh = fresh_places(self.before, solved)
            keys = {item: key_of(fresh[item]) if item in fresh and not _is_under_way(stored[item]) else stored[item] for item in here}
            mine = keys[self.item.pk] or key_of(solved.places[self.at])
            asked.append((mine, sum(key is not None and key <= mine for key in keys.values())))
        outside = count_above(self.item, [key for key, _ in asked])
        inside = [sum(key is not None and key <= mine for key in stored.values()) for mine, _ in asked]
        return [count - old + new for count, old, (_, new) in zip(outside, inside, asked, strict=True)]


def _stored(loaded: Loaded, item: int) -> Key | None:
    if item not in loaded.stored:
        return None
    band, value, component, position = loaded.stored[item].place[:4]
    return band, -value, component, position


def _is_under_way(key: Key | None) -> bool:
    return key is not None and key[0] == Band.NOW


def _told(trial: _Trial, key: str, place: int | None) -> Counterfactual:
    other = key or RESTRICTED
    number = "" if trial.value is None else short(trial.value)
    words, label = {
        Lever.SIZE: (f"its size is {number} or less", f"With a size of {number}"),
        Lever.SCORE: (f"its {trial.label} is {number} or more", f"With a {trial.label} of {number}"),
        Lever.WAITS_FOR: (f"it no longer waits for {other}", f"Without waiting for {other}"),
        Lever.AWAITED_BY: (f"{other} no longer waits for it", f"Without {other}, which waits for it"),
        Lever.PART_OF: (f"it is no longer part of {other}", f"Outside {other}"),
    }[trial.lever]
    return Counterfactual(trial.lever, words, place, label, trial.factor, trial.value, key)


def without_ties(*, item: Item, access: Access) -> Without:
    """The item's place without each dependency of its own, and outside its parent; those that leave it where it is are left out."""
    place = find_rank(item)
    if place is None or not item.is_ranked:
        return Without(None)
    try:
        loaded = load_tied(item.organization_id, [item.pk], at_most=MOST_ITEMS)
    except TooManyError:
        return Without(place, is_too_large=True)
    if len(loaded.rows) < 2 or item.pk not in {row.id for row in loaded.rows}:
        return Without(place)
    question = Question(item, loaded, read_basis(item.organization_id, {row.team for row in loaded.rows if row.team is not None}))
    found = question.tell(question.trials_without(), access)
    return Without(place, tuple(one for one in found if one.place not in (None, place)))


def passing(question: Question, passes: Callable[[Solved], bool], access: Access) -> list[Counterfactual]:
    """The smallest single changes of the item after which it passes: of its size, of each score given, and each dependency without which it does."""
    trials = []
    if (size := _largest_size(question, passes)) is not None:
        trials.append(_Trial(Lever.SIZE, question.with_size(size), value=from_milli(size)))
    trials += _smallest_scores(question, passes)
    trials += [trial for trial in question.trials_without() if trial.lever is not Lever.PART_OF and passes(trial.solved)]
    return question.tell(trials, access)


def _largest_size(question: Question, passes: Callable[[Solved], bool]) -> int | None:
    """The largest size to the hundredth with which it passes, smaller than the present one."""
    size = question.row.size
    if not size:
        return None
    steps = -(-size // FINEST) - 1
    cut = smallest_amount(_halving(lambda amount: passes(question.with_size((steps + 1 - amount) * FINEST)), steps), steps)
    return None if cut is None else (steps + 1 - cut) * FINEST


def _halving(passes: Callable[[int], bool], limit: int) -> Callable[[int], tuple[bool, int]]:
    """An attempt that knows no better next amount than the middle."""
    return lambda amount: (amount > 0 and passes(amount), limit // 2)


def _smallest_scores(question: Question, passes: Callable[[Solved], bool]) -> list[_Trial]:
    """For each score that was given, the smallest step of its scale above it with which the item passes."""
    given = question.loaded.factors.get(question.item.pk, {})
    found = []
    for spec in question.standing.rules.choice((question.row.team, question.row.train), question.row.kind).factors:
        steps = [value for value in sorted(spec.scale) if spec.name in given and in_milli(value) > given[spec.name]]
        with_step = partial(_with_step, question, spec.name, steps)
        at = smallest_amount(_halving(lambda number, solved=with_step: passes(solved(number)), len(steps)), len(steps))  # type: ignore[misc]
        if at is not None:
            found.append(_Trial(Lever.SCORE, with_step(at), spec.name, spec.label.lower(), steps[at - 1]))
    return found


def _with_step(question: Question, name: str, steps: Sequence[Decimal], number: int) -> Solved:
    return question.with_score(name, in_milli(steps[number - 1]))
