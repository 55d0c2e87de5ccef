"""What must hold for every ranking (properties 1 to 14), on graphs of up to 12 items."""

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from prioritization.engine import Candidate, ItemId, Key, Ranking, rank
from tests.prioritization.engine.graphs import Problem, cheapest, cost_of, problems

many = settings(max_examples=500, deadline=None)
ALL_BANDS = (0, 1, 2, 2, 2, 3, 4, 4, 5)


def keys(ranking: Ranking, items) -> dict[ItemId, Key]:
    return {item.id: ranking.key(item.id) for item in items}


@many
@given(problems(bands=ALL_BANDS, zero_sizes=True, cyclic=True))
def test_order_is_a_permutation_by_ascending_key_and_the_bound_is_below_its_cost(problem):
    ranking = problem.rank()

    assert sorted(ranking.order) == sorted(item.id for item in problem.candidates)
    assert ranking.order == sorted(ranking.order, key=ranking.key)
    assert ranking.lower_bound <= ranking.cost


@many
@given(problems(bands=ALL_BANDS, zero_sizes=True))
def test_precedence_holds_within_bands_and_blockers_are_worth_as_much_as_what_they_block(problem):
    ranking = problem.rank()

    place = {item: at for at, item in enumerate(ranking.order)}
    assert {edge for edge in problem.edges if place[edge[0]] > place[edge[1]]} == set(ranking.conflicts)
    reasons = {(ranking.band(a), ranking.band(b)) for a, b in ranking.conflicts}
    assert {(a, b) for a, b in reasons if b > 0} <= {(3, 1), (3, 2), (4, 3), (5, 1), (5, 2), (5, 3), (5, 4)}
    together = [(a, b) for a, b in problem.edges if ranking.band(a) <= 2 and ranking.band(b) <= 2]
    assert [(a, b) for a, b in together if ranking.value(a) < ranking.value(b)] == []


@many
@given(problems(zero_sizes=True, cyclic=True))
def test_receipts_add_up_to_the_value_which_is_the_density_of_the_block(problem):
    ranking = problem.rank()

    by_id = {item.id: item for item in problem.candidates}
    for block in ranking.blocks:
        assert block.weight == sum(by_id[item].weight for item in block.ids)
        assert block.value == Fraction(block.weight, block.size)
        for item in block.ids:
            receipt = ranking.receipt(item)
            assert receipt.total == receipt.value == ranking.value(item) == block.value
            assert {other for other, _ in receipt.shared} == set(block.ids) - {item}
    assert sorted(item for block in ranking.blocks for item in block.ids) == sorted(by_id)


@many
@given(problems())
def test_the_order_is_a_cheapest_one_and_the_bound_is_below(problem):
    ranking = problem.rank()

    assert ranking.cost == cost_of(problem, ranking.order) == cheapest(problem)
    assert ranking.lower_bound <= ranking.cost


@many
@given(problems(bands=(1, 2)), st.integers(2, 1_000), st.booleans())
def test_scaling_all_weights_or_all_sizes_leaves_the_order(problem, factor, is_weight):
    def scaled(item: Candidate) -> Candidate:
        if is_weight:
            return Candidate(item.id, {name: amount * factor for name, amount in item.terms.items()}, item.size, item.band)
        return Candidate(item.id, item.terms, item.size * factor, item.band)

    assert rank([scaled(item) for item in problem.candidates], problem.edges).order == problem.rank().order


@many
@given(problems(zero_sizes=True), st.data())
def test_raising_a_weight_lowers_no_value(problem, data):
    item = data.draw(st.sampled_from(problem.candidates))
    raised = problem.changed(item.id, terms={**item.terms, "more": data.draw(st.integers(1, 50_000))}).rank()

    before = problem.rank()
    assert [other.id for other in problem.candidates if raised.value(other.id) < before.value(other.id)] == []


@many
@given(problems(bands=ALL_BANDS), st.data())
def test_an_edit_changes_keys_only_in_its_component(problem, data):
    item = data.draw(st.sampled_from(problem.candidates))
    before = problem.rank()

    after = problem.changed(item.id, terms={"value": data.draw(st.integers(0, 40_000))}, size=data.draw(st.integers(1, 20_000))).rank()

    others = [other for other in problem.candidates if before.component(other.id) != before.component(item.id)]
    assert keys(after, others) == keys(before, others)


@many
@given(problems(bands=ALL_BANDS, zero_sizes=True, cyclic=True), st.randoms())
def test_the_order_of_the_input_does_not_matter(problem, random):
    candidates, edges = list(problem.candidates), list(problem.edges) * 2
    random.shuffle(candidates)
    random.shuffle(edges)

    shuffled = rank(candidates, edges)

    assert keys(shuffled, candidates) == keys(problem.rank(), candidates)


@many
@given(problems(), st.data())
def test_removing_a_dependency_raises_neither_bound_nor_cost(problem, data):
    edges = list(problem.edges)
    if edges:
        edges.remove(data.draw(st.sampled_from(edges)))

    freer = rank(problem.candidates, edges)

    before = problem.rank()
    assert freer.lower_bound <= before.lower_bound
    assert freer.cost <= before.cost


@many
@given(problems(bands=ALL_BANDS, zero_sizes=True), st.data())
def test_a_closed_blocker_is_as_if_it_had_never_been(problem, data):
    closed = data.draw(st.sampled_from(problem.candidates)).id
    left = [item for item in problem.candidates if item.id != closed]

    still_named = rank(left, problem.edges)

    assert keys(still_named, left) == keys(rank(left, [edge for edge in problem.edges if closed not in edge]), left)


@many
@given(problems(bands=ALL_BANDS, cyclic=True))
def test_each_knot_is_reported_once_by_a_real_cycle(problem):
    ranking = problem.rank()

    reaches = {item.id: _reach(problem, item.id) for item in problem.candidates}
    knots = {frozenset(b for b in reaches[a] if a in reaches[b]) for a in reaches if a in reaches[a]}
    assert {next(knot for knot in knots if cycle[0] in knot) for cycle in ranking.cycles} == knots
    assert len(ranking.cycles) == len(knots)
    for cycle in ranking.cycles:
        assert set(zip(cycle, [*cycle[1:], cycle[0]], strict=True)) <= set(problem.edges)
        assert len(set(cycle)) == len(cycle)


def _reach(problem: Problem, start: int) -> set[int]:
    found: set[int] = set()
    waiting = [start]
    while waiting:
        node = waiting.pop()
        for blocker, blocked in problem.edges:
            if blocker == node and blocked not in found:
                found.add(blocked)
                waiting.append(blocked)
    return found


@many
@given(problems(bands=ALL_BANDS), st.data())
def test_a_pin_changes_places_and_no_value(problem, data):
    item = data.draw(st.sampled_from([item for item in problem.candidates if item.band <= 2] or [Candidate(0, {}, 1)]))
    before = problem.rank()

    after = problem.changed(item.id, band=1).rank()

    scored = [other.id for other in problem.candidates if before.band(other.id) <= 2 and after.band(other.id) <= 2]
    assert [after.value(other) for other in scored] == [before.value(other) for other in scored]
