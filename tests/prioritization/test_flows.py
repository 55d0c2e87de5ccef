"""Parts of a whole, drawn in columns."""

from itertools import pairwise

from prioritization.flows import GAP, HEIGHT, LINE, TOP, Part, draw_flow


def test_blocks_fill_each_column_and_bands_join_them():
    first, second, rest = draw_flow([Part("A", (0.5, 1, 0.25)), Part("B", (0.5, 0, 0.5)), Part("Without", (0, 0, 0.25), is_rest=True)])

    assert [sum(line.blocks[column].height for line in (first, second, rest)) for column in range(3)] == [
        HEIGHT - GAP,
        HEIGHT,
        HEIGHT - 2 * GAP,
    ]
    assert [block.percent for block in first.blocks] == ["50 %", "100 %", "25 %"]
    assert [len(line.bands) for line in (first, second, rest)] == [2, 2, 1]
    assert [line.tone for line in (first, second, rest)] == ["tone-0", "tone-1", "rest"]


def test_labels_of_small_parts_stand_apart_inside_the_drawing():
    lines = draw_flow([Part("Most", (0.94,) * 3), *(Part(f"Little {number}", (0.02,) * 3) for number in range(3))])

    ys = [line.first.label_y for line in lines]
    assert all(lower - upper >= LINE for upper, lower in pairwise(ys))
    assert ys[-1] <= TOP + HEIGHT


def test_what_is_nowhere_is_not_drawn_and_long_names_are_cut():
    (line,) = draw_flow([Part("x" * 60, (1, 1, 1)), Part("Nothing", (0, 0, 0))])

    assert line.name == "x" * 22 + "…"
