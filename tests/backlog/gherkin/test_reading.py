"""Gherkin to documents, and what is said where it cannot be read."""

from typing import Any

import pytest

from backlog.gherkin import MAX_CHARACTERS, GherkinError, Problem, decode, parse, parse_scenario

TEXT = """\
# the money team's
@money
Feature: Refunds
  What a buyer gets back.

  Background:
    Given a shop

  @id:1 @slow
  Scenario Outline: A refund
    When <who> returns "a \\"lamp\\""
      | what | why\\|how |
    # in euro
    Then <who> gets <sum>

    Examples: small sums
      | who | sum |
      | Ada | 10  |

  Rule: Vouchers stay vouchers
    @id:2
    Example: paid by voucher
      Given a voucher
        \"\"\"json
        {"sum": 10}
        \"\"\"
# the end
"""


def problems_of(text, read=parse):
    with pytest.raises(GherkinError) as caught:
        read(text)
    return list(caught.value.problems)


def test_parse_gives_every_part_with_its_line_and_comments():
    document = parse(TEXT)

    feature: Any = document.feature
    outline: Any
    by_voucher: Any
    outline, by_voucher = document.scenarios()
    assert (feature.name, feature.tags, feature.description, feature.comments, feature.line) == (
        "Refunds",
        ("@money",),
        "  What a buyer gets back.",
        ("# the money team's",),
        3,
    )
    assert [step.text for step in feature.background.steps] == ["a shop"]
    assert (outline.id, outline.is_outline, outline.tags, outline.line) == ("1", True, ("@id:1", "@slow"), 10)
    assert [(step.keyword, step.kind, step.line, step.comments) for step in outline.steps] == [
        ("When ", "Action", 11, ()),
        ("Then ", "Outcome", 14, ("# in euro",)),
    ]
    assert outline.steps[0].table[0].cells == ("what", "why|how")
    assert (outline.examples[0].header.cells, [row.cells for row in outline.examples[0].rows]) == (("who", "sum"), [("Ada", "10")])
    assert (feature.rules[0].name, by_voucher.id, by_voucher.is_outline) == ("Vouchers stay vouchers", "2", False)
    assert (by_voucher.steps[0].doc_string.content, by_voucher.steps[0].doc_string.media_type) == ('{"sum": 10}', "json")
    assert document.comments == ("# the end",)


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        (
            "Feature: f\nScenario: s\n  Given x\nbla\n",
            4,
            1,
            (
                '“bla” has no place here. Here may stand a row of a table (| … |), a text between """, '
                "a step (Given, When, Then, And, But), a tag (@…), “Examples:”, “Scenario:” or “Rule:”."
            ),
        ),
        (
            "Feature: f\nScenario: s\nGiven x\n  |a|b|\n  # c\n  |a|\n",
            6,
            3,
            "This row has 1 cell, the first row of its table has 2. Give each row as many.",
        ),
        ("Feature: f\nScenario: s\nGiven x\n|a|b|\n|a|b\n", 5, 1, "A row of a table ends with |, after its last cell."),
        ("Feature: f\n@tag\n", 3, 1, "The text ends too early. Here a tag (@…) or “Rule:” has to follow."),
        (
            'Feature: f\nScenario: s\nGiven x\n"""\nbla\n',
            6,
            1,
            'The text below a step is still open. Close it with """ (or ```) on a line of its own.',
        ),
        (
            "# language: xx\nFeature: f",
            1,
            1,
            "No such language. Write its code, such as “# language: de”, or leave the line out for English.",
        ),
        ("@a b\nFeature: f", 1, 1, "A tag has no spaces: write each as @one-word, with a space between two."),
    ],
)
def test_parse_says_what_is_wrong_where(text, line, column, message):
    assert problems_of(text) == [Problem(line, column, message)]


def test_parse_tells_several_problems_in_the_order_of_the_lines():
    assert [problem.line for problem in problems_of("bla\nFeature: f\nScenario: s\nGiven x\n|a|\n|a|b|\n\nblu\n")] == [1, 6, 8]


def test_parse_refuses_an_id_that_stands_twice_or_beside_another():
    twice = "Feature: f\n@id:7\nScenario: a\n@id:7\nScenario: b\n"

    assert problems_of(twice) == [Problem(5, 1, "The id @id:7 stands at line 3 already. Remove it from the copy.")]
    assert [problem.line for problem in problems_of("@id:1 @id:2\nFeature: f")] == [2]


def test_parse_refuses_what_is_too_long_to_read():
    assert [problem.line for problem in problems_of("#" * (MAX_CHARACTERS + 1))] == [1]
    assert [problem.line for problem in problems_of("\n" * 60_000)] == [1]


def test_parse_reads_ten_thousand_lines_and_a_cell_of_blanks():
    steps = "".join(f"  Scenario: {number}\n    Given a\n    When b\n    Then c\n" for number in range(2500))

    assert len(list(parse(f"Feature: f\n{steps}").scenarios())) == 2500
    assert parse(f"Feature: f\nScenario: s\nGiven x\n|a{' ' * 60_000}b|\n").feature is not None


@pytest.mark.parametrize("text", ["", "\ufeff", "# only a comment\n", "\n\n"])
def test_parse_reads_a_file_without_a_feature(text):
    assert parse(text).feature is None


@pytest.mark.parametrize(
    "text",
    [
        "Given a shop\nWhen it closes\nThen it is dark",
        "Scenario: s\n  Given a shop\n  When it closes\n  Then it is dark",
        "# why\n\n@slow\nScenario: s\n  Given a shop\n  When it closes\n  Then it is dark",
        "Feature: f\n  Rule: r\n    Background:\n      Given a shop\n    Example: s\n      When it closes\n      Then it is dark",
        "# language: de\nAngenommen ein Laden\nWenn er schließt\nDann ist es dunkel",
    ],
)
def test_parse_scenario_needs_no_feature_above(text):
    document = parse_scenario(text)

    (scenario,) = document.scenarios()
    assert [step.kind for step in scenario.steps][-2:] == ["Action", "Outcome"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Given a\nThen b\nbla", 3),
        ("# language: de\nAngenommen a\nbla", 3),
        ("bla", 1),
        ("", 1),
        ("Scenario: a\n  Given x\nScenario: b\n  Given y", 3),
        ("Feature: f\nScenario: a\n  Given x\nbla", 4),
    ],
)
def test_parse_scenario_counts_the_lines_that_were_written(text, line):
    assert [problem.line for problem in problems_of(text, parse_scenario)] == [line]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"\xef\xbb\xbfFeature: \xc3\xa9", "Feature: é"),
        (b"# encoding: iso-8859-2\nFeature: \xb1", "# encoding: iso-8859-2\nFeature: ą"),
        (b"# encoding: none-such\nFeature: \xe9", "# encoding: none-such\nFeature: é"),
        (b"Feature: \xe9", "Feature: é"),
    ],
)
def test_decode_reads_what_the_file_names_and_latin_1_else(content, text):
    assert decode(content) == text
