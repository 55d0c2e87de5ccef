"""Marks that turn the direction of text are shown, not obeyed."""

from config.marks import show_marks


def test_a_mark_is_named_in_text_and_left_where_somebody_edits_it():
    page = '<title>a\u202eb</title><p title="\u202ec" data-x="\u202e">x\u202ey\u2066</p><textarea name="t">\u202e</textarea>'

    shown = show_marks(page.encode()).decode()

    assert shown.startswith("<title>a[RLO]b</title>")
    assert '<p title="[RLO]c" data-x="\u202e">x<span class="bidi-mark"' in shown
    assert ">RLO</span>y<span" in shown
    assert '<textarea name="t">\u202e</textarea>' in shown


def test_a_page_without_marks_is_the_same():
    page = "<p>“Quoted”, … שלום</p>".encode()

    assert show_marks(page) is page
