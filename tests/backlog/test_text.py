"""Markdown as people write it, and as somebody writes it who means harm."""

import pytest

from backlog.text import keys_in, render_markdown

SIZE = 64 * 1024


def fill(piece: str) -> str:
    return (piece * (SIZE // len(piece) + 1))[:SIZE]


def test_keys_become_links_where_they_are_words():
    words = "See CHK-231, `CHK-231`, [CHK-231](https://example.com) and NOPE-9, not xCHK-231 or CHK-231-b."

    markup = render_markdown(words, [("CHK-231", "/acme/CHK-231/")])

    assert markup.count('href="/acme/CHK-231/"') == 1
    assert "<code>CHK-231</code>" in markup
    assert keys_in(words) == {"CHK-231", "NOPE-9"}


def test_tasks_have_boxes_and_images_are_links():
    markup = render_markdown("- [x] done\n- [ ] open\n- [y] none\n\n![A <plan>](https://example.com/p.png)")

    assert markup.count('<li class="task">') == 2
    assert "\u2611</span> done" in markup
    assert "\u2610</span> open" in markup
    assert '<a href="https://example.com/p.png" rel="nofollow noopener noreferrer">A &lt;plan&gt;</a>' in markup
    assert "<img" not in markup


@pytest.mark.parametrize(
    "bomb",
    ["[", "![a](", "*_", "**a*", "_a", "`a", "> ", "<", "&#x", "|a", "\\|", "a|b\n-|-\n", "~~a"],
)
def test_a_bomb_is_shown_as_it_was_typed(bomb):
    markup = render_markdown(fill(bomb))

    assert markup.startswith("<pre>")
    assert len(markup) < 7 * SIZE


def test_a_wide_table_of_short_rows_is_not_filled_up():
    columns = 1000
    text = "|".join("a" * columns) + "\n" + "|".join("-" * columns) + "\n" + "a|\n" * 3000

    assert "<td>" not in render_markdown(text)
    assert "<td>" in render_markdown("a|b\n-|-\n1|2")
