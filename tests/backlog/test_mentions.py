"""Calling people by name in a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlog.mentions import MOST, called, find_calls

PEOPLE = [(1, "Ada Kim"), (2, "Ada"), (3, "Jon O'Hara"), (4, "Ada Kim"), (5, ""), (6, "Łukasz Żak")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@Ada Kim, look", [1, 4]),
        ("@ada kim and @ADA", [1, 4, 2]),
        ("(@Ada)", [2]),
        ("@Adam @Ada_x @Ada Kimmel", [2]),
        ("mail ada@Ada.org, @@Ada, /@Ada", []),
        ("@Jon O'Hara. @Jon", [3]),
        ("@łukasz żak", [6]),
        ("@ Ada and @nobody", []),
    ],
)
def test_a_call_is_a_full_name_behind_an_at(text, expected):
    assert called(text, PEOPLE) == expected


def test_a_text_calls_so_many_at_most():
    people = [(number, f"P{number}x") for number in range(MOST + 5)]

    assert len(called(" ".join(f"@{name}" for _, name in people), people)) == MOST


@given(st.text(alphabet="@AdaKim '_", max_size=60))
def test_calls_are_in_order_and_read_as_names(text):
    names = {name.lower() for _, name in PEOPLE}
    end = 0
    for call in find_calls(text, PEOPLE):
        assert call.start >= end
        assert text[call.start] == "@"
        assert text[call.start + 1 : call.end].lower() in names
        end = call.end
