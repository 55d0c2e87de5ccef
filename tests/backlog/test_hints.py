"""What texts say about other items, on the words that people write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlog.hints import MOST_HINTS, STRENGTH, find_hints


def said(text):
    return [(hint.relation, hint.key) for hint in find_hints(text)]


@pytest.mark.parametrize(
    ("text", "relation"),
    [
        ("This depends on CHK-231.", "waits_for"),
        ("Depends on: CHK-231", "waits_for"),
        ("Blocked by CHK-231 (new label service)", "waits_for"),
        ("- [ ] waits for the label service of CHK-231", "waits_for"),
        ("We can only start after CHK-231 is live.", "waits_for"),
        ("Once chk-231 has landed, we switch over", "waits_for"),
        ("Needs the address check from CHK-231", "waits_for"),
        ("CHK-231 has to be done first.", "waits_for"),
        ("As agreed with Mira, CHK-231 blocks this.", "waits_for"),
        ("CHK-231 is a prerequisite", "waits_for"),
        ("Builds on CHK-231", "waits_for"),
        ("Must ship before CHK-231", "unblocks"),
        ("This blocks CHK-231 and nobody noticed", "unblocks"),
        ("Is needed by CHK-231 in the next interval", "unblocks"),
        ("CHK-231 waits for this.", "unblocks"),
        ("Conflicts with CHK-231: both rename the field", "conflicts"),
        ("It helps CHK-231, no more", "helps"),
        ("See also CHK-231", "relates"),
        ("The total was wrong already in CHK-231.", "relates"),
        ("https://shop.example/browse/CHK-231", "relates"),
    ],
)
def test_a_key_with_the_words_around_it(text, relation):
    assert said(text) == [(relation, "CHK-231")]


@pytest.mark.parametrize(
    "text",
    [
        "This does not depend on CHK-231 any more.",
        "No longer blocked by CHK-231",
        "It doesn't need CHK-231",
        "A UTF-8x file, v1.2-3 and GPT-4o-mini",
        "Wait for the customer to answer the mail",
        "After that the total is right",
        "",
    ],
)
def test_what_denies_or_names_nothing_gives_no_key(text):
    assert [hint for hint in find_hints(text) if hint.key] == []


def test_keys_in_a_row_share_what_was_said_of_the_first():
    assert said("Depends on CHK-1, CHK-2 and DEL-3, see CHK-4") == [
        ("waits_for", "CHK-1"),
        ("waits_for", "CHK-2"),
        ("waits_for", "DEL-3"),
        ("relates", "CHK-4"),
    ]


def test_each_sentence_speaks_for_itself_and_is_the_evidence():
    text = "Return labels come by e-mail.\n\n* Depends on CHK-7, says Jon.\n* Like RET-2. Ship it before DEL-9!"

    assert find_hints(text) == [
        ("waits_for", "CHK-7", (), "Depends on CHK-7, says Jon."),
        ("relates", "RET-2", (), "Like RET-2."),
        ("unblocks", "DEL-9", (), "Ship it before DEL-9!"),
    ]


def test_a_phrase_may_be_followed_by_a_title():
    quoted = find_hints("It waits for “Split the pricing service”, as Ana says.")
    bare = find_hints("Depends on the split pricing service")

    assert quoted == [("waits_for", "", ("Split the pricing service",), "It waits for “Split the pricing service”, as Ana says.")]
    assert bare[0].titles == ("split pricing service", "split pricing")


def test_a_long_list_is_cut_and_so_is_a_long_sentence():
    hints = find_hints("\n".join(f"see CHK-{number}" for number in range(1, 200)))

    assert len(hints) == MOST_HINTS
    assert len(find_hints(f"CHK-1 {'very ' * 500}")[0].sentence) <= 241


@given(st.lists(st.sampled_from([*"aA1-.\n “”'", "CHK-1", " depends on ", " blocks ", " first "]), max_size=60))
def test_any_text_is_read(pieces):
    for hint in find_hints("".join(pieces)):
        assert hint.relation in STRENGTH
        assert bool(hint.key) != bool(hint.titles)
