"""Every page and act, met by who takes part, by teammates who only read, by other teams and by other organizations."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from backlog.services.statuses import set_status
from refinement.models import Round, Session, Vote
from refinement.services.rounds import reveal_votes
from refinement.services.sessions import end_session
from tests.factories.accounts import make_member, make_team, make_user, organization_with
from tests.factories.backlog import make_item, place
from tests.factories.refinement import Meeting, meet

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def path_of(meeting: Meeting, *parts: str) -> str:
    return "/".join(["", meeting.house.organization.slug, "sessions", str(meeting.session.number), *parts, ""])


def round_path(meeting: Meeting, act: str) -> str:
    round_ = meeting.round
    return path_of(meeting, round_.entry.item.key, "rounds", str(round_.number), act)


def stamp_of(meeting: Meeting) -> str:
    return f"{meeting.session.revision}-{meeting.items[0].version}"


def list_path(meeting: Meeting) -> str:
    return f"/{meeting.house.organization.slug}/{meeting.house.team.slug}/sessions/"


def words_of(response) -> str:
    return str(response.content.decode())


# --- who sees ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["lead", "ben", "watcher", "outsider"])
def test_members_of_the_organization_read_the_session(name):
    meeting = meet()
    client = client_of(meeting.user(name))

    for path in (path_of(meeting), path_of(meeting, "board"), list_path(meeting)):
        assert client.get(path).status_code == 200


def test_another_organization_finds_nothing():
    meeting, other = meet(), meet()
    client = client_of(other.user("lead"))

    for path in (path_of(meeting), path_of(meeting, "board"), list_path(meeting)):
        assert client.get(path).status_code == 404
    for path in (round_path(meeting, "vote"), path_of(meeting, "end"), path_of(meeting, "presence")):
        assert client.post(path).status_code == 404
    borrowed = round_path(meeting, "vote").replace(meeting.house.organization.slug, other.house.organization.slug)
    assert client.post(borrowed, {"value": "5"}).status_code == 404


def test_a_private_teams_session_is_hidden_from_other_teams():
    meeting = meet()
    team = meeting.house.team
    team.is_private = True
    team.save(update_fields=["is_private"])
    client = client_of(make_member(make_team(meeting.house.train), Role.PRODUCT_OWNER))

    assert client.get(path_of(meeting)).status_code == 404
    assert client.get(list_path(meeting)).status_code == 404
    assert client.post(round_path(meeting, "vote"), {"value": "5"}).status_code == 404


def test_who_is_not_signed_in_is_asked_to():
    meeting = meet()

    assert Client().get(path_of(meeting)).status_code == 302
    answer = Client().get(path_of(meeting, "board"), headers=HTMX)
    assert (answer.status_code, "HX-Redirect" in answer.headers) == (204, True)


@pytest.mark.parametrize("path", ["99", "0", "99999999999999999999"])
def test_a_number_that_does_not_exist_is_404(path):
    meeting = meet()

    assert client_of(meeting.user("lead")).get(f"/{meeting.house.organization.slug}/sessions/{path}/").status_code == 404


# --- who acts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["watcher", "outsider"])
def test_who_only_reads_gets_no_cards_and_may_not_vote(name):
    meeting = meet()
    client = client_of(meeting.user(name))

    assert 'class="card-vote' not in words_of(client.get(path_of(meeting)))
    for act in ("vote", "withdraw", "reveal", "again", "agree"):
        assert client.post(round_path(meeting, act), {"value": "5", "points": "5"}, headers=HTMX).status_code == 403
    assert not Vote.objects.filter(round=meeting.round).exists()


def test_another_teams_developer_may_not_vote():
    meeting = meet()
    client = client_of(make_member(make_team(meeting.house.train)))

    assert client.post(round_path(meeting, "vote"), {"value": "5"}, headers=HTMX).status_code == 403


def test_only_who_leads_reveals_moves_and_ends():
    meeting = meet()
    meeting.vote({"ben": "5"})
    client = client_of(meeting.user("ben"))
    key = meeting.items[1].key

    for path in (round_path(meeting, "reveal"), path_of(meeting, key, "go"), path_of(meeting, key, "skip"), path_of(meeting, "end")):
        assert client.post(path, headers=HTMX).status_code == 403
    meeting.session.refresh_from_db()
    assert (meeting.session.state, meeting.round.state) == (Session.State.LIVE, Round.State.VOTING)


# --- voting -----------------------------------------------------------------------------------------


def test_a_vote_is_saved_and_shown_to_its_voter():
    meeting = meet()

    answer = client_of(meeting.user("ben")).post(round_path(meeting, "vote"), {"value": "3"}, headers=HTMX)

    assert answer.status_code == 200
    assert "Your vote, 3, is saved." in words_of(answer)
    assert Vote.objects.get(round=meeting.round).value == "3"


def test_a_vote_works_as_a_plain_form():
    meeting = meet()

    answer = client_of(meeting.user("ben")).post(round_path(meeting, "vote"), {"value": "3"}, follow=True)

    assert answer.redirect_chain == [(path_of(meeting), 302)]
    assert "Your vote, 3, is saved." in words_of(answer)


def test_a_double_click_stores_one_vote():
    meeting = meet()
    client = client_of(meeting.user("ben"))

    answers = [client.post(round_path(meeting, "vote"), {"value": "3"}, headers=HTMX).status_code for _ in range(2)]

    assert answers == [200, 200]
    assert Vote.objects.filter(round=meeting.round).count() == 1


@pytest.mark.parametrize("value", ["", "4", "-1", "5\x00", "9" * 4000, "NaN"])
def test_a_vote_beside_the_cards_is_refused_beside_the_cards(value):
    meeting = meet()

    answer = client_of(meeting.user("ben")).post(round_path(meeting, "vote"), {"value": value}, headers=HTMX)

    assert answer.status_code == 422
    assert 'role="alert"' in words_of(answer)
    assert 'class="card-vote"' in words_of(answer)


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_a_vote_after_the_reveal_says_that_it_was_not_counted(headers):
    meeting = meet()
    path = round_path(meeting, "vote")
    round_ = reveal_votes(round_=meeting.vote({"ben": "5"}), by=meeting.user("lead"))

    answer = client_of(meeting.user("chidi")).post(path, {"value": "3"}, headers=headers)

    assert answer.status_code == 409
    at = f'<time datetime="{round_.closed_at:%Y-%m-%dT%H:%M:%SZ}" data-local="clock">{round_.closed_at:%H:%M:%S}</time>'
    assert f"Voting closed at {at}. Your vote was not counted." in words_of(answer)
    assert [vote.value for vote in round_.votes.all()] == ["5"]


def test_a_withdrawn_vote_is_gone():
    meeting = meet()
    meeting.vote({"ben": "5"})

    answer = client_of(meeting.user("ben")).post(round_path(meeting, "withdraw"), headers=HTMX)

    assert answer.status_code == 200
    assert not Vote.objects.filter(round=meeting.round).exists()


# --- leading ----------------------------------------------------------------------------------------


def test_reveal_shows_the_spread_to_everybody():
    meeting = meet()
    meeting.vote({"ben": "2", "chidi": "8"})

    client_of(meeting.user("lead")).post(round_path(meeting, "reveal"), headers=HTMX)

    page = words_of(client_of(meeting.user("watcher")).get(path_of(meeting)))
    assert 'aria-label="Two votes: one 2, one 8. Median 8."' in page
    assert "<strong>Three steps apart.</strong> Hear Ben (2) and Chidi (8), then vote again." in page


@pytest.mark.parametrize("points", ["", "4", "-1", "1000000000", "NaN", "5\x00"])
def test_agreeing_on_what_is_not_on_the_scale_is_refused(points):
    meeting = meet()
    reveal_votes(round_=meeting.vote({"ben": "5"}), by=meeting.user("lead"))

    answer = client_of(meeting.user("lead")).post(round_path(meeting, "agree"), {"points": points}, headers=HTMX)

    assert answer.status_code == 422
    meeting.items[0].refresh_from_db()
    assert meeting.items[0].job_size is None


def test_agree_then_next_then_end_is_summed_up():
    meeting = meet()
    client = client_of(meeting.user("lead"))
    reveal_votes(round_=meeting.vote({"ben": "20"}), by=meeting.user("lead"))

    agreed = words_of(client.post(round_path(meeting, "agree"), {"points": "20"}, headers=HTMX))
    assert "Agreed on 20." in agreed
    assert f'Next: <span class="clip">{meeting.items[1].key}</span>' in agreed

    moved = words_of(client.post(path_of(meeting, meeting.items[1].key, "go"), {"shown": "1"}, headers=HTMX))
    assert f"<h1>{meeting.items[1].title}</h1>" in moved

    assert client.post(path_of(meeting, "end"), headers=HTMX).headers["HX-Refresh"] == "true"
    page = words_of(client.get(path_of(meeting)))
    assert "agreed on 20" in page
    assert "not reached" in page


def test_a_removed_item_is_said_to_be_gone():
    meeting = meet()
    set_status(item=meeting.items[0], status="removed", reason="Two of a kind.", by=None)

    page = words_of(client_of(meeting.user("lead")).get(path_of(meeting)))

    assert f"{meeting.items[0].key} was removed at" in page
    assert 'class="card-vote' not in page


def test_the_lead_is_handed_to_a_seat_and_taken():
    meeting = meet()
    meeting.vote({"ben": "5", "chidi": "5"})

    client_of(meeting.user("lead")).post(path_of(meeting, "lead"), {"seat": "2"}, headers=HTMX)
    meeting.session.refresh_from_db()
    assert meeting.session.facilitator == meeting.user("ben")

    client_of(meeting.user("chidi")).post(path_of(meeting, "lead"), headers=HTMX)
    meeting.session.refresh_from_db()
    assert meeting.session.facilitator == meeting.user("chidi")


@pytest.mark.parametrize(("seat", "status"), [("9", 404), ("0", 422), ("x", 422), ("9" * 30, 422)])
def test_a_seat_that_nobody_has_is_refused(seat, status):
    meeting = meet()

    assert client_of(meeting.user("lead")).post(path_of(meeting, "lead"), {"seat": seat}, headers=HTMX).status_code == status


def test_an_item_is_added_by_its_key():
    meeting, other = meet(), meet()
    client = client_of(meeting.user("lead"))
    item = make_item(meeting.house.team)

    assert client.post(path_of(meeting, "agenda"), {"key": item.key.lower()}, headers=HTMX).status_code == 200
    assert meeting.entries[-1].item == item
    for key in (other.items[0].key, "CHK-99999", "nonsense", ""):
        assert client.post(path_of(meeting, "agenda"), {"key": key}, headers=HTMX).status_code == 422


# --- being there ------------------------------------------------------------------------------------


def test_an_open_page_takes_a_seat():
    meeting = meet()

    answer = client_of(meeting.user("ben")).post(path_of(meeting, "presence"), headers=HTMX)

    assert "2 here" in words_of(answer)
    assert "Ben is thinking" in words_of(answer)


def test_a_reader_is_counted_but_has_no_seat_among_the_voters():
    meeting = meet()

    answer = words_of(client_of(meeting.user("watcher")).post(path_of(meeting, "presence"), headers=HTMX))

    assert "2 here" in answer
    assert "0 of 1 voted" in answer


def test_a_page_of_another_state_is_told_to_load_again():
    meeting = meet()
    client = client_of(meeting.user("ben"))
    assert "HX-Refresh" not in client.get(path_of(meeting, "board") + "?state=live", headers=HTMX).headers

    end_session(session=meeting.session, by=meeting.user("lead"))

    assert client.get(path_of(meeting, "board") + "?state=live", headers=HTMX).headers["HX-Refresh"] == "true"


def test_only_a_page_that_shows_an_older_stamp_gets_the_whole_board():
    meeting = meet()
    client = client_of(meeting.user("ben"))

    fresh = words_of(client.get(path_of(meeting, "board"), {"shown": stamp_of(meeting)}, headers=HTMX))
    older = words_of(client.get(path_of(meeting, "board"), {"shown": "0"}, headers=HTMX))

    assert ('id="stage"' in fresh, 'id="stage"' in older) == (False, True)


# --- the list ---------------------------------------------------------------------------------------


def test_the_list_proposes_unsized_items_near_the_top():
    house = organization_with(dev=Role.DEVELOPER)
    sized, second, first = (make_item(house.team, job_size=size) for size in (3, None, None))
    for item, value in ((sized, 9.0), (first, 8.0), (second, 7.0)):
        place(item, value=value)

    page = words_of(client_of(house.people["dev"]).get(f"/{house.organization.slug}/{house.team.slug}/sessions/"))

    places = [page.index(f'value="{item.key}"') for item in (first, second, sized)]
    assert places == sorted(places)
    assert page.count(" checked>") == 2
    assert "no size yet, place 2" in page


def test_a_session_starts_from_the_list_once_for_a_double_click():
    house = organization_with(dev=Role.DEVELOPER)
    item = make_item(house.team)
    client = client_of(house.people["dev"])
    body = {"items": [item.key], "begin": "1", "idempotency_key": "one-act"}
    path = f"/{house.organization.slug}/{house.team.slug}/sessions/"

    answers = [client.post(path, body) for _ in range(2)]

    assert [answer.headers["Location"] for answer in answers] == [f"/{house.organization.slug}/sessions/1/"] * 2
    assert Session.objects.get(organization=house.organization).state == Session.State.LIVE


def test_a_planned_session_starts_from_its_page():
    meeting = meet(is_started=False)
    client = client_of(meeting.user("ben"))
    assert "Start now" in words_of(client.get(path_of(meeting)))

    client.post(path_of(meeting, "start"))

    meeting.session.refresh_from_db()
    assert (meeting.session.state, meeting.session.facilitator) == (Session.State.LIVE, meeting.user("ben"))


def test_a_list_refuses_foreign_items_and_an_empty_choice():
    meeting, other = meet(), meet()
    client = client_of(meeting.user("lead"))

    for items in ([other.items[0].key], []):
        answer = client.post(list_path(meeting), {"items": items})
        assert (answer.status_code, 'role="alert"' in words_of(answer)) == (422, True)
    assert client_of(meeting.user("watcher")).post(list_path(meeting), {"items": [meeting.items[0].key]}).status_code == 403


def test_past_sessions_come_in_pages():
    meeting = meet()
    for _ in range(21):
        Session.objects.create(
            organization=meeting.house.organization,
            team=meeting.house.team,
            number=Session.objects.filter(organization=meeting.house.organization).count() + 1,
            facilitator=meeting.user("lead"),
            created_by=meeting.user("lead"),
            state="ended",
            ended_at="2026-01-05T10:00Z",
        )
    client = client_of(meeting.user("lead"))

    first, second = client.get(list_path(meeting)), client.get(list_path(meeting), {"before": 3})

    assert (words_of(first).count(" sized</span>"), "?before=3" in words_of(first)) == (21, True)
    assert "Weekly refinement 2<" in words_of(second)
    assert client.get(list_path(meeting), {"before": "x"}).status_code == 404


# --- how much it asks of the database ---------------------------------------------------------------


def test_the_board_asks_the_same_of_the_database_for_few_and_for_many():
    few, many = meet(items=1), meet(items=12)
    few.vote({"ben": "3"})
    for name in ("lead", "ben", "chidi"):
        many.vote({name: "3"})
    for _ in range(8):
        person = make_member(many.house.team, Role.DEVELOPER, make_user())
        many.house.people[person.name] = person
        many.vote({person.name: "5"})

    counts = []
    for meeting in (few, many):
        client = client_of(meeting.user("chidi"))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(path_of(meeting))
        counts.append(len(queries))

    assert counts[0] == counts[1]
