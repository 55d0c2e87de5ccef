"""Which links of a file are refused so that no circle closes."""

import time

from hypothesis import given
from hypothesis import strategies as st

from backlog.graph import find_cycle
from intake.graph import refuse_cycles


def links(*edges: tuple[int, int]) -> list[tuple[tuple[int, int], ...]]:
    return [(edge,) for edge in edges]


def test_the_link_that_comes_last_is_refused():
    refused = refuse_cycles([], links((1, 2), (2, 3), (3, 1), (3, 4)))

    assert list(refused) == [2]
    assert sorted(refused[2]) == [1, 2, 3]


def test_what_stands_already_stays():
    assert list(refuse_cycles([(1, 2)], links((2, 1)))) == [0]


def test_a_circle_that_was_there_before_refuses_nothing():
    assert refuse_cycles([(1, 2), (2, 1)], links((2, 3))) == {}


def test_a_link_to_itself_is_refused():
    assert refuse_cycles([], links((1, 1))) == {0: [1]}


def test_a_link_of_two_edges_goes_as_a_whole():
    refused = refuse_cycles([(4, 1)], [((1, 2), (3, 4)), ((2, 3),)])

    assert list(refused) == [1]


def test_a_chain_of_ten_thousand_closed_to_a_ring_loses_one_link():
    edges = [(number, number + 1) for number in range(10_000)] + [(10_000, 0)]

    started = time.monotonic()
    refused = refuse_cycles([], links(*edges))

    assert list(refused) == [10_000]
    assert time.monotonic() - started < 20


EDGES = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=30)


@given(EDGES)
def test_nothing_circular_is_left_and_each_refused_link_would_close_a_circle(edges):
    refused = refuse_cycles([], links(*edges))

    kept = [edge for index, edge in enumerate(edges) if index not in refused]
    assert find_cycle(kept) is None
    for index in refused:
        assert find_cycle([*kept, edges[index]]) is not None
