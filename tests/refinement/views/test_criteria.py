"""Criteria added in a running session, met by who takes part, by who may not edit, by other teams and by other organizations."""

import pytest

from accounts.roles import Role
from backlog.models import Criterion
from backlog.services.criteria import add_criterion
from backlog.services.statuses import set_status
from refinement.services.agenda import go_to_entry
from refinement.services.sessions import end_session
from tests.factories.accounts import make_member, make_team
from tests.factories.backlog import make_item
from tests.factories.refinement import Meeting, meet
from tests.refinement.views.test_pages import HTMX, client_of, path_of, stamp_of
from tests.refinement.views.test_questions import text_of

pytestmark = pytest.mark.django_db

SCENARIO = "Given a voucher\nWhen I remove it\nThen the total is 40.00"


def criteria_path(meeting: Meeting, *parts: str) -> str:
    return path_of(meeting, meeting.items[0].key, "criteria", *parts)


def test_a_criterion_is_added_without_leaving_the_session_and_everybody_sees_it():
    meeting = meet()
    ben, shown = client_of(meeting.user("ben")), stamp_of(meeting)

    form = text_of(ben.get(criteria_path(meeting), {"add": "1"}, headers=HTMX))
    added = text_of(ben.post(criteria_path(meeting, "add"), {"text": "Totals <b>equal</b> the invoice.", "form": "plain"}, headers=HTMX))
    update = client_of(meeting.user("watcher")).get(path_of(meeting, "board"), {"shown": shown}, headers=HTMX).content.decode()

    assert f'action="{criteria_path(meeting, "add")}"' in form
    assert 'id="stage"' not in form
    assert 'id="talk" aria-label="Ask" hx-sync="this:queue last" hidden' in added
    assert "/undo/" in added
    assert added.count(" data-focus") == 1  # on what opened the form
    assert "Totals &lt;b&gt;equal&lt;/b&gt; the invoice." in update
    assert "Read it: 1 criterion" in update
    assert 'id="talk"' not in update


def test_a_scenario_that_does_not_read_is_told_at_its_line_with_what_was_typed():
    meeting = meet()
    ben = client_of(meeting.user("ben"))
    broken = {"text": SCENARIO.replace("Then", "Than"), "form": "gherkin"}

    wrong = ben.post(criteria_path(meeting, "add"), broken, headers=HTMX)
    page = ben.post(criteria_path(meeting, "add"), broken)
    right = ben.post(criteria_path(meeting, "add"), {"text": SCENARIO, "form": "gherkin"}, headers=HTMX)

    for refused in (wrong, page):
        assert refused.status_code == 422
        assert '<option value="gherkin" selected>' in text_of(refused)
        assert f"{broken['text']}</textarea>" in text_of(refused)
        assert "<b>Line 3</b>" in text_of(refused)
    assert right.status_code == 200
    assert Criterion.objects.unscoped().get().form == Criterion.Form.GHERKIN


@pytest.mark.parametrize("typed", [{"text": "  "}, {"text": "a\0b"}, {"text": "a", "form": "poem"}, {"text": "x" * 100_001}])
def test_what_cannot_be_a_criterion_is_refused(typed):
    meeting = meet()

    answer = client_of(meeting.user("ben")).post(criteria_path(meeting, "add"), typed, headers=HTMX)

    assert (answer.status_code, 'role="alert"' in text_of(answer)) == (422, True)
    assert not Criterion.objects.unscoped().exists()


def test_an_item_that_was_removed_meanwhile_takes_none_and_the_words_are_kept():
    meeting = meet()
    ben = client_of(meeting.user("ben"))
    set_status(item=meeting.items[0], status="removed", reason="Settled.", by=None)

    late = ben.post(criteria_path(meeting, "add"), {"text": "So."}, headers=HTMX)

    assert (late.status_code, "So.</textarea>" in text_of(late)) == (409, True)
    assert 'id="session-criterion"' not in text_of(ben.get(path_of(meeting)))


def test_words_for_an_item_reach_it_once_and_after_the_session_went_on():
    meeting = meet()
    ben = client_of(meeting.user("ben"))
    go_to_entry(entry=meeting.entries[1], by=meeting.user("lead"))

    for _ in range(2):
        sent = ben.post(criteria_path(meeting, "add"), {"text": "Still."}, headers={**HTMX, "Idempotency-Key": "k"})
        assert f"<h1>{meeting.items[1].title}</h1>" in text_of(sent)

    assert Criterion.objects.unscoped().get().item == meeting.items[0]


def test_without_script_the_form_stands_on_the_page_and_leads_back_to_it():
    meeting = meet()
    client = client_of(meeting.user("ben"))

    page = text_of(client.get(criteria_path(meeting), {"add": "1"}))

    assert "Criterion of" in page
    assert 'id="panel"' in page
    assert client.post(criteria_path(meeting, "add"), {"text": "So."})["Location"] == path_of(meeting)
    assert client.get(criteria_path(meeting), {"add": "2"}).status_code == 400


def test_who_takes_part_or_reads_without_editing_sees_them_without_a_form():
    meeting = meet()
    add_criterion(item=meeting.items[0], text="It says so.", by=None)

    for reader in (meeting.user("watcher"), meeting.user("outsider"), make_member(make_team(meeting.house.train))):
        client = client_of(reader)
        page = text_of(client.get(path_of(meeting)))
        assert ("It says so." in page, 'id="session-criterion"' in page) == (True, False)
        assert client.get(criteria_path(meeting), {"add": "1"}, headers=HTMX).status_code == 403
        assert client.post(criteria_path(meeting, "add"), {"text": "So."}, headers=HTMX).status_code == 403
    assert Criterion.objects.unscoped().count() == 1


def test_others_find_neither_the_session_nor_what_is_not_on_its_agenda():
    meeting, other = meet(), meet()
    house = meeting.house
    apart, ben = make_item(house.team), client_of(meeting.user("ben"))

    for key in (apart.key, "CHK-99999"):
        assert ben.get(path_of(meeting, key, "criteria"), {"add": "1"}).status_code == 404
        assert ben.post(path_of(meeting, key, "criteria", "add"), {"text": "So."}).status_code == 404
    house.team.is_private = True
    house.team.save(update_fields=["is_private"])
    for stranger in (other.user("lead"), make_member(make_team(house.train), Role.PRODUCT_OWNER)):
        client = client_of(stranger)
        assert client.get(criteria_path(meeting), {"add": "1"}).status_code == 404
        assert client.post(criteria_path(meeting, "add"), {"text": "So."}).status_code == 404
    assert not Criterion.objects.unscoped().exists()


def test_words_sent_as_the_session_ended_arrive_and_the_page_loads_again():
    meeting = meet()
    client = client_of(meeting.user("ben"))
    end_session(session=meeting.session, by=meeting.user("lead"))

    wrong = client.post(criteria_path(meeting, "add"), {"text": ""}, headers=HTMX)
    sent = client.post(criteria_path(meeting, "add"), {"text": "So."}, headers=HTMX)

    assert wrong.status_code == 422
    assert sent.headers["HX-Refresh"] == "true"
    assert Criterion.objects.unscoped().get().text == "So."
