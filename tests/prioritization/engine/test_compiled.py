"""Kernels over arrays, as the compiled ones run, give what they give over lists; with numba where it is installed."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from benchmarks.rank_engine import benchmark_backlog
from prioritization.engine import compiled, rank_arrays, solve
from tests.prioritization.engine.graphs import problems, random_problem

RESULTS = ("band", "value", "component", "position", "block", "block_weight", "block_size", "order")


@pytest.fixture
def compiles(monkeypatch):
    """Send everything to the compiled kernels; without numba, to the same ones over arrays, where a number beyond 64 bits is an error too."""
    if not compiled.can_compile():
        monkeypatch.setitem(
            sys.modules, "numba", SimpleNamespace(njit=lambda **_: lambda function: function, config=SimpleNamespace(CACHE_DIR="x"))
        )
        monkeypatch.setattr(solve, "scratch_of", unclean_scratch)
    monkeypatch.setattr(compiled, "_twins", {})
    monkeypatch.setattr(solve, "can_compile", lambda: True)
    return lambda from_items: monkeypatch.setattr(solve, "COMPILED_FROM", from_items)


def unclean_scratch(numbers):
    """Full of a number that no kernel may read before it has written its own."""
    scratch = compiled.scratch_of(numbers)
    scratch[1:] = -(2**62)
    return scratch


def assert_alike(compiles, *arrays):
    compiles(sys.maxsize)
    plain = rank_arrays(*arrays)
    compiles(0)
    fast = rank_arrays(*arrays)
    for name in RESULTS:
        assert getattr(fast, name).tolist() == getattr(plain, name).tolist(), name


def arrays_of(problem):
    places = {item.id: at for at, item in enumerate(problem.candidates)}
    items = problem.candidates
    return (
        [item.id for item in items],
        [item.weight for item in items],
        [item.size for item in items],
        [item.band for item in items],
        [places[blocker] for blocker, _ in problem.edges],
        [places[blocked] for _, blocked in problem.edges],
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(problem=problems(largest=20, bands=(1, 2, 2, 4), cyclic=True, zero_sizes=True))
def test_arrays_and_lists_give_the_same_order(compiles, problem):
    assert_alike(compiles, *arrays_of(problem))


@pytest.mark.parametrize(("count", "density"), [(40, 1.5), (60, 3.0)])
def test_prime_pieces_of_every_size_come_out_alike(compiles, count, density):
    assert_alike(compiles, *arrays_of(random_problem(count, count, density=density)))


def test_what_does_not_fit_into_64_bits_is_counted_in_plain_python_beside_what_does(compiles):
    ids, weight, size, band, blocker, blocked = map(np.array, arrays_of(random_problem(3, 30, density=1.0)))
    many = 10**12 // int(max(weight.max(), size.max()))
    twice = [np.concatenate(pair) for pair in ((ids, ids + 100), (weight, weight * many), (size, size * many), (band, band))]

    assert_alike(compiles, *twice, np.concatenate((blocker, blocker + 30)), np.concatenate((blocked, blocked + 30)))


def test_the_largest_numbers_that_are_compiled_fit(compiles):
    ids, weight, size, band, blocker, blocked = map(np.array, arrays_of(random_problem(5, 20, density=2.0)))
    weight, size = weight * (2**29 // int(weight.sum())), size * (2**30 // int(size.sum()))

    assert_alike(compiles, ids, weight, size, band, blocker, blocked)


def test_values_that_differ_in_their_last_bits_alone_stand_by_value(compiles):
    compiles(0)
    value = np.array([1.0, np.nextafter(1.0, 2), 0.0, 1e300, np.nextafter(1.0, 2)])
    alone, band = np.arange(5), np.full(5, 2)

    assert solve.final_order(value, alone, np.zeros(5, dtype=np.int64), band, edges=1).tolist() == [3, 1, 4, 0, 2]


@pytest.mark.parametrize("processors", [1, 2, 3, 4, 9])
def test_what_stands_by_its_last_bits_is_found_between_the_parts_of_two_processors_too(compiles, monkeypatch, processors):
    compiles(0)
    monkeypatch.setattr(solve, "_processors", lambda: processors)
    value = np.array([1e300, 1.0, np.nextafter(1.0, 2), 0.0])

    assert solve.final_order(value, np.arange(4), np.zeros(4, dtype=np.int64), np.full(4, 2), edges=1).tolist() == [0, 2, 1, 3]


@pytest.mark.skipif(not compiled.can_compile(), reason="the extra fast (numba) is not installed: pip install -r requirements-fast.lock")
def test_a_large_backlog_is_ranked_alike_by_machine_code(compiles):
    backlog = benchmark_backlog(20_000, 0.5)
    assert_alike(compiles, backlog.ids, backlog.weight, backlog.size, backlog.band, backlog.blocker, backlog.blocked)
