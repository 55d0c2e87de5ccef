"""Role, want and benefit of a story."""

import pytest

from backlog.quality import Story, parse_story


def parts_of(text):
    story = parse_story(text)
    return story.role, story.want, story.benefit


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("As a buyer, I want to pay by card, so that I am done.", ("buyer", "to pay by card", "I am done")),
        ("As an HR clerk I need a list in order to file it", ("HR clerk", "a list", "to file it")),
        ("#G02# As the owner, we'd like to export so we can print.", ("owner", "to export", "we can print")),
        ("**As a** buyer\n**I want** to pay\n**So that** I am done", ("buyer", "to pay", "I am done")),
        ("As a clerk, working with data, I want charts.", ("clerk", "charts", "")),
        ("As a member who left, I don't want mail.", ("member", "mail", "")),
        ("As developer, would like the ability to import", ("developer", "the ability to import", "")),
        ("As a camper, I'm able to report it, so that so we know.", ("camper", "to report it", "we know")),
        ("I want to export everything", ("", "to export everything", "")),
        ("Pay by card\n\nAs a buyer, I want to pay by card.\n\nDetails: I want it in blue.", ("buyer", "to pay by card", "")),
        ("Pay by card", ("", "", "")),
        ("As agreed, the shop stays closed.", ("", "", "")),
        ("", ("", "", "")),
    ],
)
def test_parse_story_finds_the_three_parts(text, parts):
    assert parts_of(text) == parts


def test_parse_story_says_where_each_part_stands():
    text = "Card\n\nAs a buyer, I want to pay, so that I am done."

    story = parse_story(text)

    assert [text[slice(*span)] for span in (story.role_span, story.want_span, story.benefit_span, story.span)] == [
        "buyer",
        "to pay",
        "I am done",
        "As a buyer, I want to pay, so that I am done",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "As a " * 20_000,
        "As a user, " + "I " * 40_000,
        "As x\n" * 20_000,
        "As a u, I want " + "so " * 30_000,
        "*_ " * 30_000,
        "\n" * 60_000,
        "*\n_\n" * 9_000,
    ],
)
def test_parse_story_reads_no_more_than_a_storys_length_of_a_long_text(text):
    assert isinstance(parse_story(text), Story)
