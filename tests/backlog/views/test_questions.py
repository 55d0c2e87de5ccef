"""Questions on an item's page, met by those who may and those who may not."""

from html import unescape

import pytest
from django.test import Client

from accounts.roles import Role
from backlog.models import Question
from backlog.services.questions import answer_question, ask_question
from tests.backlog.views.conftest import HTMX
from tests.factories.accounts import make_member, make_team, organization_with
from tests.factories.backlog import make_item

pytestmark = pytest.mark.django_db


@pytest.fixture
def item(house):
    return make_item(house.team, title="Gift cards")


@pytest.fixture
def path(item):
    return f"/acme/{item.key}/questions/"


def text_of(response):
    return unescape(response.content.decode())


def test_a_question_is_asked_answered_and_opened_again(house, browse, item, path):
    dev = browse("dev")

    asked = dev.post(f"{path}ask/", {"text": "Who <b>tells</b> finance?", "owner": "owner", "due": "2020-12-04"}, headers=HTMX)
    answered = dev.post(f"{path}1/answer/", {"answer": "Jon\ndoes"}, headers=HTMX)
    again = dev.post(f"{path}1/reopen/", headers=HTMX)

    assert "&lt;b&gt;tells" in asked.content.decode()
    for words in ("1 open", "Owner, ", "by 4 Dec 2020, overdue", "asked by Dev", "/undo/"):
        assert words in text_of(asked)
    assert "Jon<br>does" in text_of(answered)
    assert "1 open" not in text_of(answered)
    assert "1 open" in text_of(again)
    assert f'hx-get="/acme/{item.key}/questions/"' in text_of(dev.get(f"/acme/{item.key}/"))
    assert "1 open" in text_of(dev.get(f"/acme/{item.key}/peek/", headers=HTMX))


def test_without_script_each_act_leads_back_to_the_page(browse, path):
    dev = browse("dev")

    assert dev.post(f"{path}ask/", {"text": "Who?"})["Location"] == path
    assert "<html" in text_of(dev.get(f"{path}?answer=1"))
    assert dev.post(f"{path}1/answer/", {"answer": "Jon"})["Location"] == path


def test_a_refused_form_keeps_what_was_typed(browse, path):
    dev = browse("dev")
    dev.post(f"{path}ask/", {"text": "Who?"})

    wrong_owner = dev.post(f"{path}ask/", {"text": "Why now?", "owner": "Nobody <i>"}, headers=HTMX)
    wrong_day = dev.post(f"{path}1/", {"text": "What else?", "due": "soon"}, headers=HTMX)
    stale = dev.post(f"{path}1/", {"text": "Mine", "was_text": "Older"}, headers=HTMX)
    empty = dev.post(f"{path}1/answer/", {"answer": " "}, headers=HTMX)

    assert [answer.status_code for answer in (wrong_owner, wrong_day, stale, empty)] == [422, 422, 409, 422]
    assert "Why now?</textarea>" in text_of(wrong_owner)
    assert "Nobody &lt;i&gt;" in wrong_owner.content.decode()
    assert "What else?</textarea>" in text_of(wrong_day)
    assert "Mine</textarea>" in text_of(stale)
    assert "It reads now: Who?" in text_of(stale)
    assert Question.objects.unscoped().get().text == "Who?"


def test_the_same_form_twice_asks_once(browse, path):
    dev = browse("dev")
    for _ in range(2):
        assert dev.post(f"{path}ask/", {"text": "Who?"}, headers={**HTMX, "Idempotency-Key": "k"}).status_code == 200

    assert Question.objects.unscoped().count() == 1


ACTS = [("ask/", {"text": "Who?"}), ("1/", {"text": "Who?"}), ("1/answer/", {"answer": "Jon"}), ("1/reopen/", {}), ("1/remove/", {})]


@pytest.mark.parametrize(("act", "form"), ACTS)
def test_no_act_is_open_to_a_reader_a_neighbour_or_an_outsider(house, browse, item, path, act, form):
    ask_question(item=item, text="Why?", by=None)
    outsider = organization_with("other", who=Role.PRODUCT_OWNER).people["who"]
    hidden = make_item(make_team(house.train, slug="secret", is_private=True))
    ask_question(item=hidden, text="Why?", by=None)

    assert browse("watcher").post(path + act, form).status_code == 403
    assert browse(make_member(house.teams["cart"])).post(path + act, form).status_code == 403
    assert browse(outsider).post(path + act, form).status_code == 404
    assert browse("dev").post(f"/acme/{hidden.key}/questions/{act}", form).status_code == 404
    assert Client().post(path + act, form).status_code == 302
    if act != "ask/":
        assert browse("dev").post(path + act.replace("1", "9"), form).status_code == 404
    item.refresh_from_db()
    assert item.version == 2


def test_who_was_asked_answers_wherever_their_team_is(house, browse, item, path):
    neighbour = make_member(house.teams["cart"])
    ask_question(item=item, text="Why?", owner=neighbour, by=None)

    page = text_of(browse(neighbour).get(path))
    answered = browse(neighbour).post(f"{path}1/answer/", {"answer": "So"}, headers=HTMX)

    assert ("Answer: Why?" in page, "Edit: Why?" in page) == (True, False)
    assert answered.status_code == 200


def test_a_stakeholder_rewords_their_own_question_alone(house, browse, item, path):
    voice = make_member(house.team, Role.STAKEHOLDER)
    ask_question(item=item, text="Mine?", by=voice)
    ask_question(item=item, text="Theirs?", by=house.people["dev"])
    client = browse(voice)

    assert client.post(f"{path}1/", {"text": "My own?"}, headers=HTMX).status_code == 200
    assert client.post(f"{path}2/", {"text": "Stolen?"}, headers=HTMX).status_code == 403
    assert client.get(f"{path}?edit=2").status_code == 403


@pytest.mark.parametrize("query", ["edit=x", "what=1", "ask=1&answer=1", "answer=99999999"])
def test_a_part_that_does_not_exist_is_refused(browse, path, query):
    assert browse("dev").get(f"{path}?{query}").status_code == 400


def test_as_many_queries_for_many_questions_as_for_one(house, browse, item, path, django_assert_num_queries):
    client = browse("dev")
    ask_question(item=item, text="Why?", owner=house.people["dev"], by=house.people["owner"])
    client.get(path, headers=HTMX)

    for _ in range(2):
        with django_assert_num_queries(5):
            client.get(path, headers=HTMX)
        for number in range(3):
            question = ask_question(item=item, text=f"And {number}?", owner=make_member(house.team), by=make_member(house.team))
            answer_question(question=question, answer="So", by=make_member(house.team))
