"""Questions: asked, answered, opened again, and what each of it does to readiness, lists and the past."""

from datetime import date

import pytest
from django.db import IntegrityError

from accounts.roles import Role
from activity.errors import InvalidError, UnknownReferenceError
from activity.services.acts import one_act
from activity.services.undo import undo
from backlog.models import Question
from backlog.selectors.counting import count_items
from backlog.selectors.filters import ItemFilters, Need
from backlog.selectors.history import list_history
from backlog.selectors.listing import list_items
from backlog.selectors.questions import list_questions
from backlog.selectors.ranked import list_ranked_items
from backlog.selectors.readiness import readiness_of
from backlog.services.items import StaleVersionError
from backlog.services.questions import (
    MOST,
    QuestionGoneError,
    QuestionStateError,
    answer_question,
    ask_question,
    edit_question,
    remove_question,
    reopen_question,
)
from tests.factories.accounts import make_member, make_team, organization_with
from tests.factories.backlog import make_item

pytestmark = pytest.mark.django_db
DAY = date(2026, 12, 4)


@pytest.fixture
def house():
    return organization_with("checkout", "cart", slug="acme", owner=Role.PRODUCT_OWNER, dev=Role.DEVELOPER, voice=Role.STAKEHOLDER)


@pytest.fixture
def item(house):
    return make_item(house.team)


def ask(item, text="Who tells finance?", **given):
    return ask_question(item=item, text=text, **{"by": None, **given})


def undone(house, act, who="dev"):
    return undo(act=act.id, organization_id=house.organization.pk, access=house.access(who), by=house.people[who])


def is_ready(house, item):
    lines = readiness_of(home=house.team, keys=[item.key])[item.key]
    return next(line.is_met for line in lines if line.code == "questions")


def asking(house, access="dev"):
    """The keys of what has an open question, as the list, the counter and the API find it."""
    filters = ItemFilters(needs=Need.ANSWER)
    page = list_ranked_items(home=house.team, access=house.access(access), filters=filters)
    keys = {row["key"] for row in page.rows if "key" in row}
    listed = {item.key for item in list_items(home=house.team, filters=filters).items}
    assert (count_items(home=house.team, filters=filters), listed) == (len(keys), keys)
    return keys


def test_an_open_question_is_missing_until_it_is_answered(house, item):
    make_item(house.team)
    assert is_ready(house, item)

    question = ask(item, "  Who   tells finance? ", owner=house.people["dev"], due_on=DAY)
    assert (question.text, question.number, is_ready(house, item), asking(house)) == ("Who tells finance?", 1, False, {item.key})

    answer_question(question=question, answer="Jon\r\ndoes.", by=house.people["dev"])
    question.refresh_from_db()
    assert (question.answer, is_ready(house, item), asking(house)) == ("Jon\ndoes.", True, set())
    item.refresh_from_db()
    assert item.version == 3

    reopen_question(question=question, by=None)
    assert asking(house) == {item.key}


def test_each_act_is_taken_back(house, item):
    dev, owner = house.people["dev"], house.people["owner"]
    question = ask(item, owner=dev, due_on=DAY)
    with one_act() as edited:
        edit_question(question=question, changes={"text": "Who?", "owner": owner, "due_on": None}, by=dev)
    undone(house, edited)
    with one_act() as answered:
        answer_question(question=question, answer="Jon", by=dev)
    undone(house, answered)
    answer_question(question=question, answer="Jon", by=dev)
    with one_act() as reopened:
        reopen_question(question=question, by=dev)
    undone(house, reopened)
    with one_act() as removed:
        remove_question(question=question, by=dev)
    undone(house, removed)

    (back,) = list_questions(item)
    assert (back.text, back.owner, back.due_on, back.answer) == ("Who tells finance?", dev, DAY, "Jon")

    with one_act() as asked:
        ask(item, "And the shop?", by=dev)
    undone(house, asked)
    assert len(list_questions(item)) == 1


def test_what_changed_since_stays(house, item):
    dev = house.people["dev"]
    question = ask(item, owner=dev)
    with one_act() as edited:
        edit_question(question=question, changes={"text": "Who?", "owner": None}, by=dev)
    edit_question(question=question, changes={"owner": house.people["owner"]}, by=None)

    assert undone(house, edited).text == "Undone, except: The owner was changed since."

    question.refresh_from_db()
    assert (question.text, question.owner) == ("Who tells finance?", house.people["owner"])


def test_who_asked_takes_it_back_without_editing_the_item(house, item):
    with one_act() as act:
        ask(item, by=house.people["voice"])

    undone(house, act, "voice")

    assert list_questions(item) == []


def test_history_names_the_owner_in_five_queries_at_most(house, item, django_assert_max_num_queries):
    question = ask(item, owner=house.people["dev"], by=house.people["owner"])
    edit_question(question=question, changes={"owner": house.people["owner"]}, by=house.people["dev"])
    access = house.access("dev")

    with django_assert_max_num_queries(5):
        lines = list_history(item=item, access=access).lines

    assert [(line.who, line.what, line.changes) for line in lines[:2]] == [
        ("Dev", "changed a question", [("owner", "Dev", "Owner")]),
        ("Owner", "asked", [("owner", "", "Dev"), ("question", "", "Who tells finance?")]),
    ]


def test_nobody_is_asked_who_does_not_see_the_item(house, item):
    private = make_team(house.train, is_private=True)
    inside, stranger = make_member(private), make_member(organization_with("other").team)
    gone = make_member(house.team)
    gone.is_active = False
    gone.save()

    for person in (stranger, gone):
        with pytest.raises(UnknownReferenceError):
            ask(item, owner=person)
    with pytest.raises(UnknownReferenceError):
        ask(make_item(private), owner=house.people["dev"])
    assert ask(make_item(private), owner=inside).owner == inside


@pytest.mark.parametrize(
    "given", [{"text": " \n "}, {"text": "a\x00"}, {"text": "x" * 2001}, {"text": "\ud800"}, {"due_on": date(1, 1, 1)}]
)
def test_what_cannot_be_asked_is_refused(item, given):
    with pytest.raises(InvalidError):
        ask(item, **given)


@pytest.mark.parametrize("answer", [" ", "a\x00", "x" * 10_001])
def test_what_is_no_answer_is_refused(item, answer):
    with pytest.raises(InvalidError):
        answer_question(question=ask(item), answer=answer, by=None)


def test_an_item_has_so_many_questions_at_most(item):
    Question.objects.bulk_create(Question(organization_id=item.organization_id, item=item, number=n, text="?") for n in range(1, MOST + 1))

    with pytest.raises(InvalidError):
        ask(item)


def test_two_people_at_one_question(item):
    question = ask(item)
    answer_question(question=question, answer="Jon", by=None)
    answer_question(question=question, answer="Jon", by=None)
    with pytest.raises(QuestionStateError):
        answer_question(question=question, answer="Ada", by=None)
    edit_question(question=question, changes={"text": "Who?"}, by=None)
    with pytest.raises(StaleVersionError):
        edit_question(question=question, changes={"text": "Why?"}, was="Who tells finance?", by=None)
    remove_question(question=question, by=None)
    with pytest.raises(QuestionGoneError):
        answer_question(question=question, answer="Ada", by=None)


def test_the_database_keeps_an_answer_and_its_time_together(item):
    question = ask(item)
    question.answer = "Jon"

    with pytest.raises(IntegrityError):
        question.save()
