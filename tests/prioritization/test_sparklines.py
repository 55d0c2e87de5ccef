"""A small line of places."""

from prioritization.sparklines import EDGE, HEIGHT, WIDTH, draw_sparkline


def test_the_best_place_is_at_the_top_and_today_at_the_right_edge():
    line = draw_sparkline([(0, 31), (1, 40), (2, 14)])

    assert line.path == f"M{EDGE}.0 {EDGE + (HEIGHT - 2 * EDGE) * 17 / 26:.1f}L120.0 {HEIGHT - EDGE}.0L{WIDTH - EDGE}.0 {EDGE}.0"
    assert (line.x, line.y) == (WIDTH - EDGE, EDGE)


def test_one_place_is_in_the_middle_and_what_never_moved_a_flat_line():
    assert draw_sparkline([(5, 3)]).path == f"M{WIDTH - EDGE}.0 {HEIGHT // 2}.0"
    assert draw_sparkline([(0, 3), (1, 3)]).path == f"M{EDGE}.0 {HEIGHT // 2}.0L{WIDTH - EDGE}.0 {HEIGHT // 2}.0"
