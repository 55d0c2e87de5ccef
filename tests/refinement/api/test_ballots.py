"""Ballots on stale items by the API."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.roles import Role
from refinement.models import Ballot, BallotVote
from refinement.services.ballots import close_ballot
from tests.factories.accounts import make_member, make_team, organization_with
from tests.factories.api import call_by_token
from tests.factories.backlog import make_item
from tests.factories.ballots import make_ballot, vote_all
from tests.factories.stale import make_stale

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return organization_with(
        "checkout", slug="acme", owner=Role.PRODUCT_OWNER, dev=Role.DEVELOPER, ben=Role.DEVELOPER, watcher=Role.OBSERVER
    )


@pytest.fixture
def call(house):
    return lambda person="owner": call_by_token(house.people.get(person, person), house.organization)


def test_a_ballot_is_opened_voted_on_blind_and_closed(house, call):
    items = [make_stale(house.team, days=500), make_stale(house.team)]
    body = {"keys": [item.key for item in items], "closes_on": (timezone.now().date() + timedelta(days=9)).isoformat()}

    first, again = (call().post("ballots/?team=checkout", body, idempotency_key="k") for _ in range(2))
    votes = {name: call(name).put(f"ballots/checkout/1/{items[0].key}/", {"value": "remove"}) for name in ("dev", "ben")}
    blind = call("dev").get("ballots/checkout/1/").json()
    closed = call().post("ballots/checkout/1/close/", None).json()

    assert (first.status_code, again.status_code, again.json()) == (201, 200, first.json())
    assert votes["dev"].json() == {"key": items[0].key, "value": "remove"}
    assert (blind["is_open"], blind["voters"], blind["items"]) == (True, 2, 2)
    assert [(line["vote"], line["counts"], line["agreement"]) for line in blind["lines"]] == [("remove", None, None), (None, None, None)]
    assert [line["vote"] for line in call("watcher").get("ballots/checkout/1/").json()["lines"]] == [None, None]
    assert (closed["is_open"], closed["lines"][0]["counts"]) == (False, {"keep": 0, "remove": 2, "either": 0})
    assert closed["lines"][0]["agreement"] == "remove"
    assert [(one["number"], one["is_open"], one["items"]) for one in call("dev").get("ballots/?team=checkout").json()["ballots"]] == [
        (1, False, 2)
    ]


def test_without_keys_it_asks_about_the_longest_untouched(house, call):
    older, newer = make_stale(house.team, days=600), make_stale(house.team, days=500)

    lines = call().post("ballots/?team=checkout", {}).json()["lines"]

    assert [line["key"] for line in lines] == [older.key, newer.key]


def test_a_vote_is_changed_and_counts_no_more_once_it_is_closed(house, call):
    ballot = make_ballot(house, items=1)
    path = f"ballots/checkout/1/{ballot.entries.get().item.key}/"
    dev = call("dev")

    statuses = [dev.put(path, {"value": value}).status_code for value in ("keep", "remove", "remove")]
    close_ballot(ballot=ballot, by=house.people["owner"])
    late = dev.put(path, {"value": "keep"})

    assert (statuses, late.status_code) == ([200, 200, 200], 409)
    assert BallotVote.objects.unscoped().get().value == "remove"


def test_one_key_of_elsewhere_opens_nothing(house, call):
    item = make_stale(house.team)
    for other in (make_stale(organization_with("other").team), make_stale(make_team(house.train))):
        assert call().post("ballots/?team=checkout", {"keys": [item.key, other.key]}).status_code == 404

    assert not Ballot.objects.unscoped().exists()


@pytest.mark.parametrize(
    ("query", "body", "status"),
    [
        ("", {}, 400),
        ("train=main", {}, 400),
        ("team=nowhere", {}, 404),
        ("team=checkout", {"keys": ["{fresh}"]}, 422),
        ("team=checkout", {"keys": []}, 422),
        ("team=checkout", {"closes_on": "soon"}, 422),
        ("team=checkout", {"closes_on": "2020-01-01"}, 422),
        ("team=checkout", {"number": 7}, 400),
    ],
)
def test_a_ballot_that_cannot_be_is_refused(house, call, query, body, status):
    make_stale(house.team)
    fresh = make_item(house.team).key
    body = {name: [key.format(fresh=fresh) for key in value] if isinstance(value, list) else value for name, value in body.items()}

    assert call().post(f"ballots/?{query}", body).status_code == status
    assert not Ballot.objects.unscoped().exists()


def test_who_only_reads_and_who_is_elsewhere_change_nothing(house, call):
    key = make_ballot(house, items=1).entries.get().item.key
    neighbour = make_member(make_team(house.train))

    for person in ("watcher", neighbour):
        assert call(person).get("ballots/checkout/1/").status_code == 200
        assert call(person).put(f"ballots/checkout/1/{key}/", {"value": "keep"}).status_code == 403
    for person in ("watcher", neighbour, "dev"):
        assert call(person).post("ballots/checkout/1/close/", None).status_code == 403
        assert call(person).post("ballots/?team=checkout", {}).status_code == 403
    assert call("dev").put(f"ballots/checkout/1/{key}/", {"value": "explode"}).status_code == 422
    assert call("dev").put(f"ballots/checkout/1/{make_item(house.team).key}/", {"value": "keep"}).status_code == 404
    assert not BallotVote.objects.unscoped().exists()
    house.team.is_private = True
    house.team.save(update_fields=["is_private"])
    for path in ("ballots/?team=checkout", "ballots/checkout/1/"):
        assert call(neighbour).get(path).status_code == 404


def test_as_many_queries_for_many_items_and_votes_as_for_few(house, call):
    counts = []
    for items in (1, 4):
        ballot = make_ballot(house, items=items)
        vote_all(ballot, {"dev": "keep", "ben": "remove"} if items > 1 else {"dev": "keep"}, house.people)
        caller = call("dev")
        with CaptureQueriesContext(connection) as queries:
            caller.get(f"ballots/checkout/{ballot.number}/")
        counts.append(len(queries))
        close_ballot(ballot=ballot, by=house.people["owner"])

    assert counts[0] == counts[1]
