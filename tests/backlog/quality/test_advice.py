"""What is said about one story, and about several."""

import pytest

from backlog.quality import LABELS, Criterion, advise, advise_together, same_want

GOOD = "As a clerk, I want to export the list, so that I can file it."


def said(text):
    return [(note.criterion, note.message) for note in advise(text)]


def test_advise_has_nothing_to_say_about_a_good_story_or_an_empty_text():
    assert said(GOOD) == []
    assert said("") == []
    assert set(LABELS) == set(Criterion)


@pytest.mark.parametrize(
    ("text", "criterion", "message"),
    [
        ("Export", "well_formed", "It does not say who wants what. Try: As a …, I want …, so that …."),
        ("I want to export, so that I can file it", "well_formed", "Nobody is named who wants this. Begin with “As a …”."),
        ("As a clerk, I want to export the list.", "well_formed", "It does not say what it is good for. End with “so that …”."),
        (
            "As a clerk, I want to export the list and print labels, so that I can file it.",
            "atomic",
            "Two wants in one story: “export” and “print”. Split it, or say why they go together.",
        ),
        (
            "As a clerk, I want a clear and printable list, so that I can file it.",
            "atomic",
            "Two things in one want: “clear” and “printable”. Split it, or say why they go together.",
        ),
        (
            "As a clerk, I want to export the list (only on weekdays), so that I can file it.",
            "minimal",
            "A remark in brackets: “(only on weekdays)”. Move it to the criteria or a comment.",
        ),
        (
            "As a clerk, I want to export lists, e.g. the one of May, so that I can file it.",
            "minimal",
            "An example inside the story, from “e.g.” on. Make it a criterion.",
        ),
        (
            "As a clerk, I want to export the list, so that I can file it. Talk to Ada first.",
            "minimal",
            "More follows after the story: “Talk to Ada first”. Move it below the story or to the criteria.",
        ),
        (
            "As a clerk, I want to export lists etc., so that I can file it.",
            "estimable",
            "“etc” leaves open how much this is. Name what belongs to it.",
        ),
        (
            "As a clerk, I want a user-friendly export, so that I can file it.",
            "estimable",
            "“user-friendly” cannot be measured. Say how it is told: a time, a number, a comparison.",
        ),
        (
            f"As a clerk, I want {'very ' * 40}long lists, so that I can file it.",
            "estimable",
            "The want has 42 words. Say in a sentence what is new, and the rest as criteria.",
        ),
    ],
)
def test_advise_names_what_it_saw_and_what_to_do(text, criterion, message):
    assert said(text) == [(criterion, message)]


@pytest.mark.parametrize(
    "want",
    [
        "to tell the difference between orders and returns",
        "to export the list to save time and money",
        "a list, saving me time and money",
        "to search using names and dates",
        "to get a list of names and dates",
        "tools such as lists and charts that I can combine",
    ],
)
def test_advise_takes_no_purpose_means_or_complement_for_a_second_want(want):
    assert "atomic" not in [note.criterion for note in advise(f"As a clerk, I want {want}, so that I can file it.")]


def test_a_note_points_at_its_words():
    text = "As a clerk, I want to export the list and print labels, so that I can file it."

    (note,) = advise(text)

    assert text[slice(*note.span)] == "export the list and print"
    assert note.why and note.label == "One want"


def test_advise_together_finds_the_same_want_in_other_words():
    texts = {
        "CHK-1": GOOD,
        "CHK-2": "As an owner, I want to be able to export lists so that I see them.",
        "CHK-3": "As a clerk, I want to print the list.",
    }

    notes = advise_together(texts)

    assert {key: [note.message for note in found] for key, found in notes.items()} == {
        "CHK-1": ["CHK-2 asks for the same, for “owner”. Merge them, or say in the want how they differ."],
        "CHK-2": ["CHK-1 asks for the same, for “clerk”. Merge them, or say in the want how they differ."],
    }
    assert same_want("to export the lists") == same_want("export list")


def test_advise_together_tells_who_writes_differently_where_there_is_a_custom():
    texts = {number: f"As a clerk, I want thing {number}, so that I can go on." for number in range(6)}
    texts[6] = "As a clerk, I would like thing 6 in order to go on."

    notes = advise_together(texts)

    assert {key: [note.message for note in found] for key, found in notes.items()} == {
        6: [
            "6 of 7 stories read “As a …, I want …”, this one “As a …, I would like …”.",
            "6 of 7 stories read “…, so that …”, this one “…, in order …”.",
        ]
    }
    assert advise_together({key: texts[key] for key in (0, 1, 6)}) == {}


def test_advise_together_finds_nearly_the_same_want():
    texts = {
        "CHK-1": "As a clerk, I want to export the monthly sales list of my shop.",
        "CHK-2": "As an owner, I want to export a monthly sales list of the shop quickly.",
        "CHK-3": "As a clerk, I want to print the daily stock list of my shop.",
        "CHK-4": "As a clerk, I want to print labels.",
    }

    notes = advise_together(texts)

    assert {key: [note.message.partition(":")[0] for note in found] for key, found in notes.items()} == {
        "CHK-1": ["CHK-2 asks for nearly the same"],
        "CHK-2": ["CHK-1 asks for nearly the same"],
    }
