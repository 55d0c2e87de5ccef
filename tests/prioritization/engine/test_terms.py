"""From scores to candidates."""

import pytest

from prioritization.engine import Candidate, ItemId, rank
from prioritization.engine.terms import CLAIMED, SIZE, Basis, Problem, Scored, at_reference_pace, measure_basis, prepare


def story(name: str, value: int | None, size: int | None = 2_000, **more) -> Scored:
    return Scored(name, "story", {"value": value, "risk": value}, size, **more)


def by_id(problem: Problem) -> dict[ItemId, Candidate]:
    return {candidate.id: candidate for candidate in problem.candidates}


@pytest.mark.parametrize(
    ("size", "pace", "reference", "expected"), [(5_000, 20, 20, 5_000), (5_000, 40, 20, 2_500), (1, 9, 2, 1), (0, 1, 1, 0)]
)
def test_sizes_are_brought_to_the_reference_pace(size, pace, reference, expected):
    assert at_reference_pace(size, pace, reference) == expected


def test_a_parent_enters_with_the_rest_of_its_value_and_size_behind_its_children():
    family = [
        Scored("p", "feature", {"value": 20_000}, 8_000),
        Scored("c1", "story", {"value": 6_000}, 3_000, parent="p"),
        Scored("c2", "story", {"value": None}, 2_000, parent="p"),
    ]

    problem = prepare(family, [], Basis())

    parent = by_id(problem)["p"]
    assert (parent.terms, parent.weight, parent.size) == ({"value": 20_000, CLAIMED: -6_000}, 14_000, 3_000)
    assert (by_id(problem)["c2"].weight, by_id(problem)["c2"].band) == (0, 2)
    assert problem.edges == [("c1", "p"), ("c2", "p")]
    assert problem.assumed == {}


def test_children_worth_and_larger_than_their_parent_leave_it_nothing_and_count_once_above_it():
    family = [
        Scored("epic", "epic", {"value": 10_000}, 20_000),
        Scored("feature", "feature", {"value": 2_000}, 1_000, parent="epic"),
        Scored("story", "story", {"value": 5_000}, 4_000, parent="feature"),
    ]

    candidates = by_id(prepare(family, [], Basis()))

    assert [(candidates[name].weight, candidates[name].size) for name in ("story", "feature", "epic")] == [
        (5_000, 4_000),
        (0, 0),
        (5_000, 16_000),
    ]


def test_a_missing_score_is_the_median_of_the_team_then_of_the_kind_and_is_named():
    basis = measure_basis(
        [
            Scored("x", "story", {"value": 3_000}, 5_000, team="red"),
            Scored("y", "story", {"value": 13_000}, 1_000, team="blue"),
            Scored("z", "story", {"value": 8_000}, None, team="blue"),
        ]
    )
    items = [
        Scored("a", "story", {"value": None, "risk": 1_000}, 1_000, team="red"),
        Scored("b", "story", {"value": None, "risk": 1_000}, None, team="green"),
    ]

    problem = prepare(items, [], basis)

    assert [candidate.terms["value"] for candidate in problem.candidates] == [3_000, 8_000]
    assert problem.assumed == {"a": ("value",), "b": ("value", SIZE)}
    assert by_id(problem)["b"].size == 1_000


def test_an_item_nobody_scored_is_unscored_unless_a_person_placed_it():
    problem = prepare([story("a", None), story("b", None, band=1), story("c", 1_000)], [], Basis())

    assert [candidate.band for candidate in problem.candidates] == [4, 1, 2]


def test_a_dependency_on_a_parent_holds_for_each_child_and_one_of_a_parent_waits_for_the_last():
    items = [
        story("first", 1_000),
        story("p", 9_000, 6_000),
        story("c1", None, parent="p"),
        story("c2", None, parent="p"),
        story("last", 90_000),
    ]

    problem = prepare(items, [("first", "p"), ("p", "last"), ("c1", "p"), ("closed", "p")], Basis())

    assert set(problem.edges) == {("c1", "p"), ("c2", "p"), ("first", "p"), ("first", "c1"), ("first", "c2"), ("p", "last")}
    assert rank(problem.candidates, problem.edges).order == ["first", "c1", "c2", "p", "last"]


def test_a_ring_of_parents_still_gives_every_item():
    problem = prepare([story("a", 1_000, parent="b"), story("b", 1_000, parent="a")], [], Basis())

    assert rank(problem.candidates, problem.edges).cycles == [["a", "b"]]
