"""Paths and cycles over plain pairs."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from backlog.graph import end_of, find_cycle, find_path, item_of, short_of, start_of

pairs = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=24)


def test_find_path_takes_the_shortest_way():
    assert find_path([(1, 2), (2, 3), (3, 4), (1, 4)], 1, 4) == [1, 4]


def test_find_path_without_a_way():
    assert find_path([(1, 2), (3, 4)], 1, 4) is None


def test_find_path_to_where_it_starts():
    assert find_path([], 1, 1) == [1]


def test_find_cycle_of_a_line_is_none():
    assert find_cycle([(n, n + 1) for n in range(10_000)]) is None


def test_find_cycle_of_a_ring_of_ten_thousand():
    cycle = find_cycle([(n, (n + 1) % 10_000) for n in range(10_000)])

    assert cycle is not None
    assert len(cycle) == 10_001


@given(pairs)
def test_find_cycle_names_edges_that_are_there_and_finds_one_where_a_way_leads_back(edges):
    cycle = find_cycle(edges)

    if cycle is None:
        assert all(find_path(edges, head, tail) is None for tail, head in edges)
    else:
        assert cycle[0] == cycle[-1]
        assert set(pairwise(cycle)) <= set(edges)


def test_short_of_names_an_item_once_where_its_start_and_end_meet():
    assert short_of([start_of(3), end_of(3), start_of(5)]) == [3, 5]
    assert item_of(end_of(7)) == 7
