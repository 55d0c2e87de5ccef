"""Two wordings beside each other, and one text out of two."""

from hypothesis import given
from hypothesis import strategies as st

from backlog.diffs import THEIRS, YOURS, Piece, compare, merge, shorten

TEXTS = st.text(alphabet="ab ,.\n", max_size=60)


def test_words_that_changed_are_marked_and_the_rest_stays():
    assert compare("Pays by card, at once.", "Pays by voucher, at once.") == [
        Piece("same", "Pays by "),
        Piece("out", "card"),
        Piece("in", "voucher"),
        Piece("same", ", at once."),
    ]


@given(TEXTS, TEXTS)
def test_a_comparison_holds_both_texts(old, new):
    pieces = compare(old, new)

    assert "".join(piece.text for piece in pieces if piece.mark != "in") == old
    assert "".join(piece.text for piece in pieces if piece.mark != "out") == new


def test_what_did_not_change_is_left_out_but_for_a_few_words():
    pieces = shorten(compare("x " * 500 + "old" + " y" * 500, "x " * 500 + "new" + " y" * 500))

    assert [piece.mark for piece in pieces] == ["gap", "same", "out", "in", "same", "gap"]
    assert sum(len(piece.text) for piece in pieces) < 200


def test_texts_of_64_kb_without_a_common_word_are_shown_whole():
    old, new = "a b\n" * 16_000, "c d\n" * 16_000

    assert compare(old, new) == [Piece("out", old[:-1]), Piece("in", new[:-1]), Piece("same", "\n")]


def test_changes_in_different_places_go_together():
    base = "One line.\nAnother, with words.\n"

    assert merge(base, "One line!\nAnother, with words.\n", "One line.\nAnother, with many words.\n").text == (
        "One line!\nAnother, with many words.\n"
    )
    both = merge("We pay by card at the end.", "We all pay by card at the end.", "We pay by card at the start.")
    assert (both.text, both.clashes) == ("We all pay by card at the start.", 0)


def test_a_passage_that_both_changed_stands_there_twice():
    merged = merge("By card.\n", "By voucher.\n", "By invoice.\n")

    assert merged.clashes == 1
    assert merged.text.index(YOURS) < merged.text.index("By voucher.") < merged.text.index(THEIRS) < merged.text.index("By invoice.")


@given(TEXTS, TEXTS)
def test_who_changed_alone_gets_their_text(base, changed):
    assert merge(base, changed, base).text == changed
    assert merge(base, base, changed).text == changed
    assert merge(base, changed, changed) == merge(base, changed, base)
