"""Value scorings: each alone, one row a person, item and factor, revealed once, decided with a record."""

from decimal import Decimal

import pytest

from accounts.roles import Role
from activity.errors import ConflictError, InvalidError, NotAllowedError, UnknownReferenceError
from activity.models import Event, Topic
from activity.services.acts import one_act
from activity.services.undo import undo
from backlog.services.statuses import set_status
from prioritization.engine.agreement import kendalls_w
from prioritization.models import BlindScore, Factor, ValueScoring
from prioritization.selectors.scores import scores_of
from prioritization.selectors.scorings import get_board, list_entries, list_possible_scorers
from prioritization.services.scores import score_item
from prioritization.services.scorings import ScoringClosedError, decide, drop_scoring, give_scores, open_scoring, reveal_scores
from tests.factories.accounts import make_member, make_team, organization_with
from tests.factories.backlog import make_item

pytestmark = pytest.mark.django_db
VALUE = "business_value"


@pytest.fixture
def house():
    return organization_with(
        "checkout",
        "delivery",
        po=Role.PRODUCT_OWNER,
        ada=Role.STAKEHOLDER,
        ben=Role.STAKEHOLDER,
        eve=Role.BUSINESS_OWNER,
        dev=Role.DEVELOPER,
    )


@pytest.fixture
def scoring(house):
    items = [make_item(house.team) for _ in range(3)]
    return opened(house, items)


def opened(house, items, factors=(VALUE,), people=("ada", "ben", "eve")):
    return open_scoring(
        home=house.team, items=items, factors=factors, people=[house.people[name] for name in people], by=house.people["po"]
    )


def give(house, scoring, person, *values, factor=VALUE):
    for entry, value in zip(list_entries(scoring), values, strict=False):
        give_scores(entry=entry, values={factor: value}, by=house.people[person])


def board(house, scoring, person):
    return get_board(scoring=ValueScoring.objects.for_organization(house.organization).get(pk=scoring.pk), access=house.access(person))


def test_who_may_be_asked(house):
    assert {person.name for person in list_possible_scorers(house.team)} == {"Po", "Ada", "Ben", "Eve"}


def test_a_score_is_one_row_that_changes(house, scoring):
    give(house, scoring, "ada", "3")
    give(house, scoring, "ada", "3")
    give(house, scoring, "ada", "8", None)

    assert [score.value for score in BlindScore.objects.for_organization(house.organization).order_by("pk")] == [8, None]
    assert Event.objects.filter(verb="scoring.scored").count() == 3
    assert all(event.after == {} == event.before for event in Event.objects.filter(verb="scoring.scored"))


def test_nobody_sees_anothers_value_before_the_reveal(house, scoring):
    give(house, scoring, "ada", "13", "13", "13")
    give(house, scoring, "ben", "2", "2", None)

    for person in ("po", "ben", "eve", "dev"):
        found = board(house, scoring, person)
        assert "13" not in [question.mine for each in found.asked for question in each.questions]
        assert all(question.steps == () and question.suggested == "" for each in found.asked for question in each.questions)
        assert (found.done, len(found.seats)) == (2, 3)
    topic = Topic.objects.get(organization=house.organization, key=scoring.topic)
    assert topic.note == "2/3"


def test_reveal_shows_distribution_spread_and_agreement(house, scoring):
    give(house, scoring, "ada", "1", "5", "20")
    give(house, scoring, "ben", "2", "5", "13")
    give(house, scoring, "eve", "3", "5", None)
    reveal_scores(scoring=scoring, by=house.people["po"])
    reveal_scores(scoring=scoring, by=house.people["po"])

    found = board(house, scoring, "dev")

    first, second, third = (each.questions[0] for each in found.asked)
    assert [(step.value, step.count, step.names) for step in first.steps] == [("1", 1, "Ada"), ("2", 1, "Ben"), ("3", 1, "Eve")]
    assert (first.suggested, first.spread) == ("2", "2 steps apart")
    assert (second.suggested, second.spread) == ("5", "All alike")
    assert (third.silent, third.suggested) == (1, "13")
    assert [(each.label, each.w, each.words) for each in found.agreements] == [
        ("Business value", "1.00", "2 people agree well on the order")
    ]
    with pytest.raises(ScoringClosedError):
        give(house, scoring, "ada", "3")


def test_a_decision_becomes_the_factor_and_can_be_taken_back(house, scoring):
    give(house, scoring, "ada", "8")
    entry = list_entries(scoring)[0]
    with pytest.raises(ConflictError):
        decide(entry=entry, values={VALUE: "8"}, by=house.people["po"])
    reveal_scores(scoring=scoring, by=house.people["po"])

    with one_act() as act:
        decide(entry=entry, values={VALUE: "5"}, by=house.people["po"])

    factor = Factor.objects.get(item=entry.item, name=VALUE)
    assert (factor.value, factor.evidence) == (Decimal(5), f"value scoring {scoring.number}")
    assert scores_of(entry.item).stands[VALUE].evidence == factor.evidence
    assert Event.objects.get(verb="item.scored", act=act.id).cause == f"value scoring {scoring.number}"
    assert list_entries(scoring)[0].decision == {VALUE: "5"}
    undone = undo(act=act.id, organization_id=house.organization.pk, access=house.access("po"), by=house.people["po"])
    assert undone.left == []
    assert not Factor.objects.filter(item=entry.item).exists()
    assert list_entries(scoring)[0].decision is None
    undo(act=undone.act, organization_id=house.organization.pk, access=house.access("po"), by=house.people["po"])
    assert list_entries(scoring)[0].decision == {VALUE: "5"}


def test_a_decision_that_no_longer_stands_is_told(house, scoring):
    give(house, scoring, "ada", "8")
    reveal_scores(scoring=scoring, by=house.people["po"])
    entry = list_entries(scoring)[0]
    decide(entry=entry, values={VALUE: "5"}, by=house.people["po"])
    score_item(item=entry.item, factors={VALUE: 3}, by=None)

    question = board(house, scoring, "po").asked[0].questions[0]

    assert (question.decided, question.stands) == ("5", "3")


def test_a_dropped_scoring_stays_blind(house, scoring):
    give(house, scoring, "ada", "8")
    drop_scoring(scoring=scoring, by=house.people["po"])
    drop_scoring(scoring=scoring, by=house.people["po"])

    with pytest.raises(ScoringClosedError):
        reveal_scores(scoring=scoring, by=house.people["po"])
    assert board(house, scoring, "po").asked[0].questions[0].steps == ()


def test_nobody_reveals_nothing_or_drops_what_is_revealed(house, scoring):
    with pytest.raises(ConflictError, match="Nobody"):
        reveal_scores(scoring=scoring, by=house.people["po"])
    give(house, scoring, "ada", None)
    with pytest.raises(ConflictError, match="Nobody"):
        reveal_scores(scoring=scoring, by=house.people["po"])
    give(house, scoring, "ada", "3")
    reveal_scores(scoring=scoring, by=house.people["po"])
    with pytest.raises(ScoringClosedError):
        drop_scoring(scoring=scoring, by=house.people["po"])


def test_only_who_was_asked_scores(house, scoring):
    with pytest.raises(NotAllowedError):
        give(house, scoring, "po", "3")


@pytest.mark.parametrize("value", ["-1", "101", "many", "NaN", "1.2345", "\x00"])
def test_values_out_of_range_are_refused(house, scoring, value):
    with pytest.raises(InvalidError):
        give(house, scoring, "ada", value)
    with pytest.raises(InvalidError):
        give(house, scoring, "ada", "3", factor="severity")


def test_an_item_that_closed_meanwhile_takes_no_scores(house, scoring):
    set_status(item=list_entries(scoring)[0].item, status="done", by=None)
    with pytest.raises(ScoringClosedError, match="closed"):
        give(house, scoring, "ada", "3")


def test_what_cannot_be_opened(house):
    item = make_item(house.team)
    foreign = make_item(make_team(organization_with("other").organization))
    for bad in ([], [foreign], [make_item(house.teams["delivery"])], [set_status(item=make_item(house.team), status="done", by=None)]):
        with pytest.raises(InvalidError):
            opened(house, bad)
    with pytest.raises(InvalidError):
        opened(house, [item], factors=("severity",))
    with pytest.raises(InvalidError):
        opened(house, [item, make_item(house.team, "tech_debt")])
    with pytest.raises(UnknownReferenceError):
        opened(house, [item], people=("dev",))
    with pytest.raises(UnknownReferenceError):
        open_scoring(
            home=house.team, items=[item], factors=[VALUE], people=[make_member(make_team(foreign.organization))], by=house.people["po"]
        )
    assert not ValueScoring.objects.for_organization(house.organization).exists()


def test_numbers_follow_each_other(house):
    item = make_item(house.team)
    assert [opened(house, [item]).number for _ in range(3)] == [1, 2, 3]


@pytest.mark.parametrize(
    ("scores", "w"),
    [
        ([[1, 2, 3], [1, 2, 3]], 1.0),
        ([[1, 2, 3], [3, 2, 1]], 0.0),
        ([[5, 5, 5], [5, 5, 5]], None),
        ([[1, 2, 3]], None),
        ([[1], [2]], None),
        ([], None),
        ([[1, 2, 2, 4], [1, 2, 2, 4], [1, 2, 2, 4]], 1.0),
        # Siegel and Castellan 1988: three interviewers, six applicants.
        ([[1, 6, 3, 2, 5, 4], [1, 5, 6, 4, 2, 3], [6, 3, 2, 5, 4, 1]], 0.162),
    ],
)
def test_kendalls_w(scores, w):
    found = kendalls_w(scores)
    assert found == pytest.approx(w, abs=0.001) if w is not None else found is None
