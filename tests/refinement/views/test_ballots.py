"""The pages of a ballot."""

import pytest
from django.test import Client

from accounts.roles import Role
from backlog.models import Item
from backlog.models.item import Status
from refinement.models import Ballot, BallotVote
from refinement.services.ballots import close_ballot
from tests.factories.accounts import organization_with
from tests.factories.backlog import make_item
from tests.factories.ballots import make_ballot, vote_all
from tests.factories.stale import make_stale

pytestmark = pytest.mark.django_db

PATH = "/acme/checkout/ballots/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def house():
    return organization_with(
        "checkout", slug="acme", owner=Role.PRODUCT_OWNER, ben=Role.DEVELOPER, chidi=Role.DEVELOPER, watcher=Role.OBSERVER
    )


@pytest.fixture
def browse(house):
    def of(person):
        client = Client()
        client.force_login(house.people[person] if isinstance(person, str) else person)
        return client

    return of


def text_of(response):
    return response.content.decode()


def test_the_product_owner_opens_it_from_the_ticked_items_once(house, browse):
    stale, other = make_stale(house.team), make_stale(house.team)
    client, form = browse("owner"), {"key": stale.key, "idempotency_key": "once"}

    dialog = text_of(client.get(f"{PATH}new/", {"key": stale.key}, headers=HTMX))
    all_of_them = text_of(client.get(f"{PATH}new/"))
    first, second = (client.post(f"{PATH}new/", form) for _ in range(2))

    assert (stale.key in dialog, other.key in dialog, other.key in all_of_them) == (True, False, True)
    assert first.headers["Location"] == second.headers["Location"] == f"{PATH}1/"
    assert Ballot.objects.filter(team=house.team).count() == 1
    assert f'href="{PATH}1/"' in text_of(client.get(PATH))


def test_a_vote_is_answered_with_the_next_card(house, browse):
    ballot = make_ballot(house)
    first, second = (entry.item for entry in ballot.entries.select_related("item").order_by("position"))
    client = browse("ben")

    page = text_of(client.get(f"{PATH}1/"))
    voted = text_of(client.post(f"{PATH}1/{first.key}/", {"value": "remove"}, headers=HTMX))
    plain = client.post(f"{PATH}1/{second.key}/", {"value": "either"})
    again = text_of(client.get(f"{PATH}1/", {"item": first.key}))

    assert f'action="{PATH}1/{first.key}/"' in page
    assert f'action="{PATH}1/{second.key}/"' in voted
    assert "you voted on 1 of 2" in voted
    assert plain.status_code == 302
    assert 'value="remove" data-key="2" data-key-label="Remove" aria-pressed="true"' in again


def test_no_byte_of_an_open_ballot_tells_how_another_voted(house, browse):
    ballot = make_ballot(house)
    before = text_of(browse("ben").get(f"{PATH}1/", headers=HTMX))
    vote_all(ballot, {"chidi": "remove"}, house.people)
    removed = text_of(browse("ben").get(f"{PATH}1/", headers=HTMX))
    BallotVote.objects.filter(organization=house.organization).update(value="keep")
    kept = text_of(browse("ben").get(f"{PATH}1/", headers=HTMX))

    strip = lambda text: "".join(line for line in text.splitlines() if "data-version" not in line and "csrf" not in line)  # noqa: E731
    assert strip(removed) == strip(kept)
    assert "1 person has begun" in removed
    assert "0 people have begun" in before


def test_a_closed_ballot_offers_what_all_agree_on_in_one_sweep(house, browse):
    ballot = make_ballot(house)
    vote_all(ballot, {"ben": "remove", "chidi": "remove"}, house.people)
    client = browse("owner")

    page = text_of(client.post(f"{PATH}1/close/", headers=HTMX))
    keys = list(Item.objects.filter(team=house.team).values_list("key", flat=True))
    sweep = {"key": keys, "verdict": "remove", "reason": "Ballot 1: nobody keeps it."}
    done = client.post("/acme/checkout/backlog/stale/verdict/", sweep, headers=HTMX)

    assert "Remove the 2 that nobody keeps" in page
    assert "reason=Ballot+1" in page
    assert "2 items removed." in text_of(done)
    assert Item.objects.filter(team=house.team, status=Status.REMOVED).count() == 2
    assert "Remove the 2" not in text_of(browse("ben").get(f"{PATH}1/"))


def test_the_team_finds_an_open_ballot_where_it_refines(house, browse):
    ballot = make_ballot(house)
    vote_all(ballot, {"chidi": "keep"}, house.people)

    ben, chidi, watcher = (text_of(browse(name).get("/acme/checkout/sessions/")) for name in ("ben", "chidi", "watcher"))
    close_ballot(ballot=ballot, by=house.people["owner"])

    assert ("You voted on 0." in ben, ">Vote</a>" in ben) == (True, True)
    assert ("You voted on 2." in chidi, ">Vote</a>" in chidi) == (True, False)
    assert ("2 stale items" in watcher, "You voted" in watcher) == (True, False)
    assert "Ballot 1" not in text_of(browse("ben").get("/acme/checkout/sessions/"))


def test_a_late_vote_is_told(house, browse):
    ballot = make_ballot(house, items=1)
    key = ballot.entries.get().item.key
    close_ballot(ballot=ballot, by=house.people["owner"])

    answer = browse("ben").post(f"{PATH}1/{key}/", {"value": "keep"}, headers=HTMX)

    assert answer.status_code == 409
    assert "Your vote was not counted" in text_of(answer)


def test_readers_do_not_vote_developers_do_not_open_or_close_and_others_find_nothing(house, browse):
    ballot = make_ballot(house, items=1)
    key = ballot.entries.get().item.key
    other = organization_with("other", who=Role.PRODUCT_OWNER).people["who"]

    assert browse("watcher").get(f"{PATH}1/").status_code == 200
    assert browse("watcher").post(f"{PATH}1/{key}/", {"value": "keep"}).status_code == 403
    assert browse("ben").post(f"{PATH}1/close/").status_code == 403
    assert browse("ben").get(f"{PATH}new/").status_code == 403
    assert browse(other).get(f"{PATH}1/").status_code == 404
    assert browse("ben").post(f"{PATH}1/{make_item(house.team).key}/", {"value": "keep"}).status_code == 404
    assert browse("ben").post(f"{PATH}1/{key}/", {"value": "drop table"}, headers=HTMX).status_code == 422
    assert browse("ben").get(f"{PATH}2/").status_code == 404


def test_the_board_asks_the_database_as_often_for_one_as_for_many(house, browse, django_assert_max_num_queries):
    ballot = make_ballot(house, items=1)
    client = browse("ben")
    client.get(f"{PATH}1/")
    with django_assert_max_num_queries(30) as first:
        client.get(f"{PATH}1/")
    close_ballot(ballot=ballot, by=house.people["owner"])
    ballot = make_ballot(house, items=5)
    vote_all(ballot, {"ben": "keep", "chidi": "remove"}, house.people)

    with django_assert_max_num_queries(len(first)):
        client.get(f"{PATH}2/")
