"""The Definition of Ready as a pure function."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlog.kinds import Kind
from backlog.readiness import (
    COMPUTED,
    DONE,
    ORGANIZATION,
    TEAM,
    TELLS,
    TRAIN,
    Asked,
    Facts,
    Rule,
    computed_of,
    definition_of,
    is_material,
    judge,
    keep_lines,
    read_lines,
    usual_checks,
)

NOTHING = Facts("story", None, False, 0, 2, False, 1)
ALL = Facts("story", Decimal(5), True, 1, 0, False)


def told(facts, marks=None, rules=()):
    return {line.code: line for line in judge(definition_of(facts.kind, tuple(rules)), facts, tuple((marks or {}).items()))}


def test_each_missing_line_says_what_would_meet_it():
    lines = told(NOTHING)

    assert {code: (line.is_met, line.note) for code, line in lines.items()} == {
        "value": (False, "Score it: the value is assumed or unknown."),
        "size": (False, "Estimate it."),
        "criteria": (False, "Write how you will know that it is done."),
        "waits": (False, "2 open items come first."),
        "questions": (False, "1 open question: find the answer."),
    }
    assert all(line.is_met and not line.note for line in told(ALL).values())


def test_an_item_above_the_ceiling_is_to_be_split():
    big = ALL._replace(size=Decimal("8.5"))

    assert told(big)["size"].note == "8.5 points: split it."
    assert told(big, rules=[Rule(1, "", "size", True, "", Decimal(13))])["size"].is_met


@pytest.mark.parametrize("kind", TELLS)
def test_each_kind_that_has_to_tell_something_asks_for_its_own_field(kind):
    asked = Facts(kind, Decimal(1), True, 1, 0, False)

    assert not told(asked)["told"].is_met
    assert told(asked._replace(is_told=True))["told"].is_met


def test_the_nearer_rule_wins_and_then_the_one_for_the_kind_alone():
    rules = [
        Rule(TEAM, "story", "criteria", True, "", None),
        Rule(TEAM, "", "criteria", False, "", None),
        Rule(ORGANIZATION, "", "abc", False, "Design is agreed", None),
        Rule(TRAIN, "", "abc", True, "Design is agreed", None),
        Rule(TEAM, "bug", "abc", False, "Design is agreed", None),
    ]

    assert [line.code for line in definition_of("story", tuple(rules))] == [
        "value",
        "size",
        "criteria",
        "gherkin",
        "waits",
        "questions",
        "abc",
    ]
    assert [line.code for line in definition_of("bug", tuple(rules))] == ["value", "size", "gherkin", "waits", "questions", "told"]


def test_each_line_knows_who_asks_for_it():
    rules = (
        Rule(ORGANIZATION, "", "abc", True, "Design is agreed", None),
        Rule(TRAIN, "", "waits", True, "", None),
        Rule(TEAM, "", "xyz", True, "Told", None),
    )

    assert {line.code: line.by for line in definition_of("spike", rules)} == {
        **dict.fromkeys(("value", "size", "questions", "told")),
        "abc": ORGANIZATION,
        "waits": TRAIN,
        "xyz": TEAM,
    }


def test_a_limit_holds_for_whoever_is_asked_for_a_size_and_asks_nobody():
    rules = (
        Rule(ORGANIZATION, "", "size", True, "", Decimal(5)),
        Rule(TRAIN, "spike", "size", False, "", None),
        Rule(TRAIN, "feature", "size", True, "", None),
        Rule(TEAM, "", "size", True, "", Decimal(3)),
    )

    def ceiling(kind, level):
        definition = definition_of(kind, tuple(rule for rule in rules if rule.nearness <= level))
        return [line.ceiling for line in definition if line.code == "size"]

    assert [ceiling(kind, TEAM) for kind in ("story", "feature", "spike", "epic")] == [[Decimal(3)], [Decimal(3)], [], []]
    assert [ceiling(kind, TRAIN) for kind in ("story", "feature")] == [[Decimal(5)], [Decimal(5)]]


def test_a_line_of_words_is_ticked_and_any_may_be_waived():
    rules = [Rule(1, "", "abc", True, "Design is agreed", None)]

    lines = told(NOTHING, {"abc": None, "size": "Known well (Ada)"}, rules)

    assert (lines["abc"].is_met, lines["abc"].is_waived) == (True, False)
    assert (lines["size"].is_met, lines["size"].is_waived, lines["size"].note) == (False, True, "Known well (Ada)")
    assert told(ALL, {"size": "Known well"})["size"].is_waived is False  # it holds now: the waiver rests


def test_a_scenario_that_cannot_be_read_is_told_and_none_is_no_line():
    assert "gherkin" not in told(ALL)
    assert told(ALL._replace(scenarios=2))["gherkin"].is_met
    assert told(ALL._replace(scenarios=2, broken=1))["gherkin"].note == "1 scenario cannot be read: mend the words."


def test_done_asks_for_what_is_still_open():
    facts = ALL._replace(open_tasks=1, open_below=2)
    lines = judge(definition_of("story", (), DONE), facts, ())

    assert [(line.code, line.note) for line in lines] == [("tasks", "1 task still open."), ("below", "2 open items below it.")]
    assert all(line.is_met for line in judge(definition_of("story", (), DONE), ALL, ()))


def test_what_a_snapshot_keeps_reads_as_it_was():
    definition = definition_of("story", (Rule(1, "", "size", True, "", Decimal(13)), Rule(0, "", "abc", True, "Agreed, “really”", None)))

    assert read_lines(json.dumps(keep_lines(definition))) == definition
    assert read_lines('[["abc", "Agreed", ""]]') == (Asked("abc", "Agreed"),)  # of before there were levels


@pytest.mark.parametrize(
    ("before", "after", "says_else"),
    [
        ("Return label by e-mail", "return label, by e-mail!", False),
        ("A  list\n\n- one", "A list:\n* one", False),
        ("Return label by e-mail", "Return label by post", True),
        ("Pay, then ship", "Ship, then pay", True),
        ("", "Something", True),
    ],
)
def test_a_text_says_something_else_with_other_words(before, after, says_else):
    assert is_material(before, after) is says_else


RULES = st.builds(
    Rule,
    st.integers(0, 2),
    st.sampled_from(["", *Kind.values]),
    st.sampled_from([*computed_of("ready"), "abc"]),
    st.booleans(),
    st.just("").flatmap(lambda _: st.just("Agreed")),
    st.none(),
)


@given(st.sampled_from(Kind), st.lists(RULES, max_size=6))
def test_a_definition_names_each_line_once_in_one_order(kind, rules):
    codes = [line.code for line in definition_of(kind, tuple(rules))]

    assert len(codes) == len(set(codes))
    assert [code for code in codes if code in COMPUTED] == [code for code in COMPUTED if code in codes]
    assert [line.code for line in definition_of(kind, ())] == [code for code in COMPUTED if code in usual_checks(kind)]
