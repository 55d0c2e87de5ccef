"""A stated change really swaps two items, and nothing smaller does; and why one stands above another."""

import random
from collections import Counter
from dataclasses import replace
from fractions import Fraction

import pytest

from benchmarks.rank_engine import benchmark_backlog
from prioritization.engine import Candidate, ItemId, Ranking, rank
from prioritization.engine.comparison import Ground, compare
from prioritization.engine.counterfactuals import Change, Lever, Passing, changed_keys, passing_changes, place_after
from tests.prioritization.engine.graphs import Problem, random_problem


def item(name: str, value: int, size: int = 1_000, band: int = 2) -> Candidate:
    return Candidate(name, {"value": value, "risk": 0}, size, band)


def is_above(problem: Problem, change: Change, upper, lower) -> bool:
    """Whether the change puts one item above the other, by ranking everything again."""
    after = rank(*change.applied_to(problem.candidates, problem.edges))
    return after.key(upper) < after.key(lower)


def one_less(change: Change) -> Change:
    return replace(change, after=change.after + (-1 if change.lever is Lever.TERM else 1))


def test_an_unlinked_item_passes_with_the_smallest_whole_amount():
    ranking = rank([item("a", 5_000, 3_000), item("b", 4_000, 2_000)], [])

    passing = passing_changes(ranking, "a", "b")

    assert [(change.term, change.after) for change in passing.terms] == [("value", 6_000), ("risk", 1_000)]  # a tie goes to a
    assert passing.size == Change("a", Lever.SIZE, before=3_000, after=2_500)
    assert passing.smallest == passing.size
    assert place_after(ranking, passing.size) == (2, 1)


def test_a_tie_that_goes_to_the_other_needs_one_more():
    ranking = rank([item("a", 4_000, 2_000), item("b", 5_000, 3_000)], [])

    assert passing_changes(ranking, "b", "a").terms[0].after == 6_001


def test_a_term_grows_to_its_limit_only():
    ranking = rank([item("a", 1_000), item("b", 9_000)], [])

    assert passing_changes(ranking, "a", "b", limits={"value": 8_999, "risk": 8_000}).terms == (Change("a", Lever.TERM, "risk", 0, 8_000),)
    assert passing_changes(ranking, "a", "b", limits={}).terms == ()


def test_what_no_amount_can_do_is_missing():
    items = [item("a", 9_000), item("b", 1_000), item("held", 9_000, band=3)]
    ranking = rank(items, [("b", "a")])

    assert passing_changes(ranking, "a", "b") == Passing((), None, (Change("a", Lever.DEPENDENCY, edge=("b", "a")),), 9_000)
    assert passing_changes(ranking, "b", "a") == Passing()
    assert passing_changes(ranking, "held", "a").smallest is None


def test_a_blocker_without_its_urgent_follower_falls_back():
    items = [item("enabler", 1_000), item("urgent", 30_000), *(item(f"m{at}", 2_000 + at) for at in range(5))]
    ranking = rank(items, [("enabler", "urgent")])
    change = Change("enabler", Lever.DEPENDENCY, edge=("enabler", "urgent"))

    assert place_after(ranking, change) == (1, 7)
    assert set(changed_keys(ranking, change)) == {"enabler", "urgent"}


def pairs(ranking: Ranking, count: int, seed: int) -> list[tuple[ItemId, ItemId]]:
    draw = random.Random(seed)
    found: list[tuple[ItemId, ItemId]] = []
    while len(found) < count:
        upper, lower = sorted(draw.sample(ranking.order, 2), key=ranking.key)
        found.append((lower, upper))
    return found


def small_backlog(seed: int) -> Problem:
    """Thirty items, two thirds of them tied together."""
    linked, free = random_problem(seed, 20, density=1.0), random_problem(seed + 1, 10, density=0)
    return Problem((*linked.candidates, *(replace(one, id=100 + int(one.id)) for one in free.candidates)), linked.edges)


def test_a_thousand_pairs_really_swap_by_the_smallest_change_and_not_by_one_less():
    levers = Counter[Lever]()
    for seed in range(20):
        problem = small_backlog(seed)
        ranking = problem.rank()
        for lower, upper in pairs(ranking, 50, seed):
            passing = passing_changes(ranking, lower, upper)
            change = passing.smallest
            if change is None:
                assert _must_wait(ranking, upper, lower)
                continue
            levers[change.lever] += 1
            assert is_above(problem, change, lower, upper)
            if change.lever is not Lever.DEPENDENCY:
                assert not is_above(problem, one_less(change), lower, upper)
    assert min(levers[lever] for lever in Lever) > 10


def _must_wait(ranking: Ranking, upper, lower) -> bool:
    return compare(ranking, upper, lower).ground is Ground.PATH


def test_no_smaller_amount_works_in_small_problems():
    for seed in range(100):
        draw = random.Random(seed)
        problem = random_problem(seed, draw.randint(2, 8), density=0.9)
        problem = replace(
            problem,
            candidates=tuple(replace(one, terms={"value": draw.randint(0, 9)}, size=draw.randint(1, 9)) for one in problem.candidates),
        )
        ranking = problem.rank()
        lower, upper = pairs(ranking, 1, seed)[0]
        passing = passing_changes(ranking, lower, upper, limits={"value": 60})
        mine = ranking.candidates[ranking.index(lower)]

        raises = (Change(lower, Lever.TERM, "value", mine.weight, after) for after in range(mine.weight + 1, 61))
        cuts = (Change(lower, Lever.SIZE, "", mine.size, after) for after in range(mine.size - 1, 0, -1))
        assert next((change for change in raises if is_above(problem, change, lower, upper)), None) == next(iter(passing.terms), None)
        assert next((change for change in cuts if is_above(problem, change, lower, upper)), None) == passing.size


def test_pairs_of_the_benchmark_backlog_swap():
    backlog = benchmark_backlog(1_200, 0.3)
    candidates = tuple(
        Candidate(name, {"value": weight}, size)
        for name, weight, size in zip(backlog.ids.tolist(), backlog.weight.tolist(), backlog.size.tolist(), strict=True)
    )
    edges = tuple(zip(backlog.ids[backlog.blocker].tolist(), backlog.ids[backlog.blocked].tolist(), strict=True))
    problem = Problem(candidates, edges)
    ranking = problem.rank()

    for lower, upper in pairs(ranking, 25, 3):
        smallest = passing_changes(ranking, lower, upper).smallest
        if smallest is not None:
            assert is_above(problem, smallest, lower, upper)


@pytest.mark.parametrize(
    ("items", "edges", "pair", "ground"),
    [
        ([item("a", 9_000, band=2), item("b", 1_000, band=1)], [], ("b", "a"), Ground.BAND),
        ([item("a", 1_000), item("b", 9_000)], [("a", "b")], ("a", "b"), Ground.PATH),
        ([item("a", 9_000), item("b", 1_000)], [], ("a", "b"), Ground.OWN),
        ([item("a", 1_000), item("b", 9_000), item("c", 3_000)], [("a", "b")], ("a", "c"), Ground.LIFTED),
        ([item("a", 1_000), item("b", 9_000), item("c", 6_000)], [("a", "b")], ("c", "b"), Ground.HELD),
        ([item("a", 2_000), item("b", 1_000), item("c", 90_000)], [("a", "c"), ("b", "c")], ("a", "b"), Ground.TOGETHER),
        ([item("a", 2_000), item("b", 2_000)], [], ("a", "b"), Ground.TIE),
    ],
)
def test_why_one_stands_above_the_other(items, edges, pair, ground):
    comparison = compare(rank(items, edges), *reversed(pair))

    assert (comparison.upper, comparison.lower, comparison.ground) == (*pair, ground)
    assert comparison.value == comparison.own + comparison.shared


def test_a_comparison_shows_the_way_from_one_to_the_other():
    ranking = rank([item(name, 1_000) for name in "abcd"], [("a", "b"), ("b", "d"), ("a", "c"), ("c", "b")])

    comparison = compare(ranking, "d", "a")

    assert comparison.path == ("a", "b", "d")
    assert comparison.value == Fraction(0)
