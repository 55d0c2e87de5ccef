"""What is written is read to the same document."""

from hypothesis import given
from hypothesis import strategies as st

from backlog.gherkin import Background, DocString, Document, Examples, Feature, Row, Rule, Scenario, Step, parse, write
from tests.backlog.gherkin.test_reading import TEXT

words = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=8).map(str.strip)
cells = st.text(st.sampled_from("ab |\\\n"), max_size=6).map(lambda text: text.strip(" "))
names = words.filter(lambda text: not text.startswith(":"))
tags = st.lists(st.sampled_from(["@a", "@b-c", "@ü"]), max_size=2).map(tuple)
comments = st.lists(st.sampled_from(["# note", "#", "# language: de"]), max_size=2).map(tuple)


@st.composite
def tables(draw):
    width = draw(st.integers(0, 3))
    return tuple(Row(cells=tuple(draw(cells) for _ in range(width)), comments=draw(comments)) for _ in range(draw(st.integers(0, 3))))


doc_strings = st.builds(
    DocString,
    content=st.text(st.sampled_from('a "`\n'), max_size=12),
    delimiter=st.sampled_from(['"""', "```"]),
    media_type=st.sampled_from(["", "json"]),
    comments=comments,
)
steps = st.lists(
    st.builds(
        Step,
        keyword=st.sampled_from(["Given ", "When ", "Then ", "And ", "But ", "* "]),
        text=words,
        table=tables(),
        doc_string=st.none() | doc_strings,
        comments=comments,
    ),
    max_size=3,
).map(tuple)
head = {"name": names, "tags": tags, "comments": comments, "description": st.sampled_from(["", "  why\n\n  and how"])}


@st.composite
def examples(draw):
    rows = draw(tables())
    parts = {name: draw(value) for name, value in head.items()}
    return Examples(keyword="Examples", header=rows[0] if rows else None, rows=rows[1:], **parts)


scenarios = st.lists(
    st.builds(
        Scenario,
        keyword=st.sampled_from(["Scenario", "Example", "Scenario Outline"]),
        steps=steps,
        examples=st.lists(examples(), max_size=2).map(tuple),
        **head,
    ),
    max_size=2,
).map(tuple)
backgrounds = st.none() | st.builds(Background, keyword=st.just("Background"), name=names, comments=comments, steps=steps)
rules = st.lists(st.builds(Rule, keyword=st.just("Rule"), background=backgrounds, scenarios=scenarios, **head), max_size=2).map(tuple)
features = st.builds(Feature, keyword=st.just("Feature"), background=backgrounds, scenarios=scenarios, rules=rules, **head)


@given(st.builds(Document, feature=features, comments=comments))
def test_every_document_comes_back_from_its_text(document):
    text = write(document)

    assert parse(text) == document
    assert write(parse(text)) == text


def test_write_keeps_what_was_written():
    assert write(parse(TEXT)).split() == TEXT.split()


def test_write_names_a_language_that_is_not_english():
    text = "# language: de\nFunktionalität: f\n\n  Szenario: s\n    Angenommen x\n"

    assert write(parse(text)) == text
