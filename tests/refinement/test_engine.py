import pytest

from refinement.engine import MOST_DOTS_HIGH, advise, lay_out, points_of, spread_of

SCALE = ["1", "2", "3", "5", "8", "13"]


def spread(*values: str):
    return spread_of(SCALE, [(f"P{index}", value) for index, value in enumerate(values)])


def test_spread_names_the_ends_and_counts_steps_on_the_scale():
    found = spread("8", "3", "2", "3", "?")

    assert (found.lowest, found.highest, found.steps) == (1, 4, 3)
    assert found.columns[2] == ("P1", "P3")
    assert found.unsure == ("P4",)


@pytest.mark.parametrize(
    ("values", "proposal"),
    [(("3",), "3"), (("2", "3"), "3"), (("1", "2", "13"), "2"), (("5", "2", "3", "2"), "3"), (("?",), ""), ((), "")],
)
def test_proposal_is_the_median_and_of_two_the_higher(values, proposal):
    assert spread(*values).proposal == proposal


def test_in_words_says_what_the_dots_show():
    assert spread("2", "3", "3", "?", "pause").in_words() == "Five votes: one 2, two 3, one not sure, one for a pause. Median 3."


@pytest.mark.parametrize(
    ("values", "lead", "text", "is_revote"),
    [
        (("2", "3", "8"), "Three steps apart.", "Hear P0 (2) and P2 (8), then vote again.", True),
        (("2", "2", "2", "2", "5"), "Two steps apart.", "Hear P0, P1 and 2 more (2) and P4 (5), then vote again.", True),
        (("2", "3"), "One step apart.", "Take 3 unless somebody objects.", False),
        (("3", "3"), "All the same.", "Take 3.", False),
        (("3", "3", "?"), "All the same.", "Take 3. P2 is not sure: hear them first.", False),
        (("3",), "Only one vote.", "Take 3 if everybody agrees.", False),
        (("3", "?"), "Half are not sure.", "Hear what P1 would need to know, then vote again.", True),
        (("?", "?"), "Nobody named a size.", "Hear what P0 and P1 would need to know, then vote again.", True),
        (("pause", "3"), "Time for a pause.", "P0 asked for one.", True),
    ],
)
def test_advise_names_one_next_step(values, lead, text, is_revote):
    advice = advise(spread(*values))

    assert (advice.lead, advice.text, advice.is_revote) == (lead, text, is_revote)


def test_dot_row_keeps_dots_apart_and_inside():
    row = lay_out(spread("2", "3", "3", "3", "3", "5", "5", "8"))

    assert len(row.dots) == 8
    assert len({(dot.x, dot.y) for dot in row.dots}) == 8
    assert all(dot.y - row.radius > 0 and dot.y + row.radius < row.base for dot in row.dots)
    assert [(column.value, column.name, column.end) for column in row.columns if column.end] == [
        ("2", "P0", "lowest"),
        ("8", "P7", "highest"),
    ]


def test_dot_row_holds_names_above_the_tallest_stack():
    row = lay_out(spread(*["2"] * 8, "8"))

    assert min(column.name_y for column in row.columns if column.name) - 12 > 20


def test_dot_row_of_a_crowd_stays_within_the_screen():
    row = lay_out(spread(*["3"] * 40))

    assert row.height < lay_out(spread(*["3"] * MOST_DOTS_HIGH)).height + 1
    assert len({dot.y for dot in row.dots}) == 40


@pytest.mark.parametrize(("value", "points"), [("0.5", "0.5"), ("20", "20"), ("XL", None), ("NaN", None)])
def test_points_of_reads_numbers_only(value, points):
    found = points_of(value)

    assert (found and str(found)) == points
