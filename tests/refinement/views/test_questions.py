"""Questions in a running session, met by who takes part, by who only reads, by other teams and by other organizations."""

from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from backlog.models import Question
from backlog.services.questions import answer_question, ask_question
from refinement.services.agenda import go_to_entry
from refinement.services.sessions import end_session
from tests.factories.accounts import make_member, make_team
from tests.factories.backlog import make_item
from tests.factories.refinement import Meeting, meet
from tests.refinement.views.test_pages import HTMX, client_of, path_of, stamp_of

pytestmark = pytest.mark.django_db


def questions_path(meeting: Meeting, *parts: str) -> str:
    return path_of(meeting, meeting.items[0].key, "questions", *parts)


def text_of(response) -> str:
    return unescape(response.content.decode())


def test_the_stage_shows_what_is_open_and_what_was_answered_since_the_session_began():
    meeting = meet(is_started=False)
    item, ben = meeting.items[0], meeting.user("ben")
    answer_question(question=ask_question(item=item, text="Long settled?", by=ben), answer="Yes.", by=ben)
    client_of(meeting.user("lead")).post(path_of(meeting, "start"))
    meeting.session.refresh_from_db()
    ask_question(item=item, text="Who <b>tells</b> finance?", owner=meeting.user("chidi"), by=ben)
    answer_question(question=ask_question(item=item, text="Gift cards too?", by=ben), answer="Only vouchers.", by=ben)

    page = client_of(meeting.user("chidi")).get(path_of(meeting)).content.decode()

    assert "Who &lt;b&gt;tells&lt;/b&gt; finance?" in page
    assert "Only vouchers." in page
    assert "1 open" in page
    assert "Long settled?" not in page
    assert page.count(">Answer</a>") == 1


def test_a_question_is_asked_and_answered_without_leaving_the_session():
    meeting = meet()
    ben = client_of(meeting.user("ben"))

    form = text_of(ben.get(questions_path(meeting), {"ask": "1"}, headers=HTMX))
    asked = text_of(ben.post(questions_path(meeting, "ask"), {"text": "Who tells finance?", "owner": "chidi"}, headers=HTMX))
    part = text_of(client_of(meeting.user("chidi")).get(questions_path(meeting), {"answer": "1"}, headers=HTMX))
    answered = text_of(client_of(meeting.user("chidi")).post(questions_path(meeting, "1"), {"answer": "Jon does."}, headers=HTMX))

    assert f'action="{questions_path(meeting, "ask")}"' in form
    assert 'id="stage"' not in form
    for words in (
        "Who tells finance?",
        "Chidi",
        "1 open",
        "/undo/",
        'id="stage" hx-swap-oob="true"',
        'aria-label="Ask" hx-sync="this:queue last" hidden',
    ):
        assert words in asked
    assert 'aria-label="Answer to: Who tells finance?"' in part
    assert "Jon does." in answered
    assert "none open" in answered
    assert Question.objects.unscoped().get().answered_by == meeting.user("chidi")


def test_nothing_but_its_own_answers_replaces_the_form():
    meeting = meet()
    client = client_of(meeting.user("ben"))
    client_of(meeting.user("chidi")).post(questions_path(meeting, "ask"), {"text": "Why?"}, headers=HTMX)

    update = text_of(client.get(path_of(meeting, "board"), {"shown": stamp_of(meeting)}, headers=HTMX))

    assert ('id="stage"' in update, 'id="talk"' in update) == (True, False)


def test_words_for_an_item_reach_it_after_the_session_went_on():
    meeting = meet()
    go_to_entry(entry=meeting.entries[1], by=meeting.user("lead"))

    answer = text_of(client_of(meeting.user("ben")).post(questions_path(meeting, "ask"), {"text": "Still?"}, headers=HTMX))

    assert Question.objects.unscoped().get().item == meeting.items[0]
    assert f"<h1>{meeting.items[1].title}</h1>" in answer


def test_without_script_the_form_stands_on_the_page_and_leads_back_to_it():
    meeting = meet()
    client = client_of(meeting.user("ben"))

    page = text_of(client.get(questions_path(meeting), {"ask": "1"}))
    wrong = text_of(client.post(questions_path(meeting, "ask"), {"text": "Why?", "owner": "nobody"}))

    for shown in (page, wrong):
        assert '<textarea name="text"' in shown
        assert 'id="panel"' in shown
    assert "Why?</textarea>" in wrong
    assert client.post(questions_path(meeting, "ask"), {"text": "Why?"})["Location"] == path_of(meeting)
    assert client.post(questions_path(meeting, "1"), {"answer": "So."})["Location"] == path_of(meeting)


def test_a_refused_form_keeps_what_was_typed():
    meeting = meet()
    client = client_of(meeting.user("ben"))
    question = ask_question(item=meeting.items[0], text="Who?", by=None)
    answer_question(question=question, answer="Jon.", by=None)

    wrong_owner = client.post(questions_path(meeting, "ask"), {"text": "Why <now>?", "owner": "nobody"}, headers=HTMX)
    nul = client.post(questions_path(meeting, "ask"), {"text": "Why\x00?"}, headers=HTMX)
    late = client.post(questions_path(meeting, "1"), {"answer": "Ada."}, headers=HTMX)

    assert [answer.status_code for answer in (wrong_owner, nul, late)] == [422, 422, 409]
    assert "Why &lt;now&gt;?</textarea>" in wrong_owner.content.decode()
    assert "Ada.</textarea>" in text_of(late)
    assert 'role="alert"' in text_of(late)


def test_the_same_form_twice_asks_once():
    meeting = meet()
    client = client_of(meeting.user("ben"))

    for _ in range(2):
        sent = client.post(questions_path(meeting, "ask"), {"text": "Why?"}, headers={**HTMX, "Idempotency-Key": "k"})
        assert sent.status_code == 200

    assert Question.objects.unscoped().count() == 1


def test_who_only_reads_sees_the_questions_without_a_form():
    meeting = meet()
    ask_question(item=meeting.items[0], text="Who tells finance?", by=None)

    for reader in (meeting.user("outsider"), make_member(make_team(meeting.house.train))):
        client = client_of(reader)
        page = text_of(client.get(path_of(meeting)))
        assert ("Who tells finance?" in page, 'id="session-ask"' in page, ">Answer</a>" in page) == (True, False, False)
        assert client.get(questions_path(meeting), {"ask": "1"}, headers=HTMX).status_code == 403
        assert client.get(questions_path(meeting), {"answer": "1"}, headers=HTMX).status_code == 403
        assert client.post(questions_path(meeting, "ask"), {"text": "Why?"}, headers=HTMX).status_code == 403
        assert client.post(questions_path(meeting, "1"), {"answer": "So."}, headers=HTMX).status_code == 403
    assert Question.objects.unscoped().get().is_open


def test_who_was_asked_answers_wherever_their_team_is():
    meeting = meet()
    neighbour = make_member(make_team(meeting.house.train))
    ask_question(item=meeting.items[0], text="Who tells finance?", owner=neighbour, by=None)

    assert client_of(neighbour).post(questions_path(meeting, "1"), {"answer": "I do."}, headers=HTMX).status_code == 200


def test_others_find_neither_the_session_nor_what_is_not_on_its_agenda():
    meeting, other = meet(), meet()
    house = meeting.house
    ask_question(item=meeting.items[0], text="Why?", by=None)
    apart = make_item(house.team)
    ben = client_of(meeting.user("ben"))
    private = make_team(house.train, slug="secret", is_private=True)
    hidden = make_item(private)

    for key in (apart.key, hidden.key, other.items[0].key, "CHK-99999"):
        if key != meeting.items[0].key:
            assert ben.get(path_of(meeting, key, "questions")).status_code == 404
            assert ben.post(path_of(meeting, key, "questions", "ask"), {"text": "Why?"}).status_code == 404
    assert ben.post(questions_path(meeting, "9"), {"answer": "So."}).status_code == 404
    house.team.is_private = True
    house.team.save(update_fields=["is_private"])
    for stranger in (other.user("lead"), make_member(make_team(house.train), Role.PRODUCT_OWNER)):
        client = client_of(stranger)
        assert client.get(questions_path(meeting)).status_code == 404
        assert client.post(questions_path(meeting, "ask"), {"text": "Why?"}).status_code == 404
        assert client.post(questions_path(meeting, "1"), {"answer": "So."}).status_code == 404


@pytest.mark.parametrize("query", ["ask=x", "what=1", "ask=1&answer=1", "answer=99999999"])
def test_a_part_that_does_not_exist_is_refused(query):
    meeting = meet()

    assert client_of(meeting.user("ben")).get(f"{questions_path(meeting)}?{query}").status_code == 400


def test_words_sent_as_the_session_ended_arrive_and_the_page_loads_again():
    meeting = meet()
    client = client_of(meeting.user("ben"))
    end_session(session=meeting.session, by=meeting.user("lead"))

    wrong = client.post(questions_path(meeting, "ask"), {"text": ""}, headers=HTMX)
    sent = client.post(questions_path(meeting, "ask"), {"text": "Why?"}, headers=HTMX)

    assert wrong.status_code == 422
    assert sent.headers["HX-Refresh"] == "true"
    assert Question.objects.unscoped().get().text == "Why?"


def test_the_board_asks_the_same_of_the_database_for_one_question_and_for_many():
    meeting = meet()
    client = client_of(meeting.user("ben"))
    counts = []
    for number in range(2):
        for _ in range(1 + 5 * number):
            ask_question(item=meeting.items[0], text="Why?", owner=make_member(meeting.house.team), by=make_member(meeting.house.team))
        with CaptureQueriesContext(connection) as queries:
            client.get(path_of(meeting, "board"), headers=HTMX)
        counts.append(len(queries))

    assert counts[0] == counts[1]
