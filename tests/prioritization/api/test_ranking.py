"""The order, receipts and scores by the API."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from django.test import Client

from accounts.roles import Role
from activity.models import Event
from backlog.models import Item, Placement
from backlog.services.dependencies import link_dependency
from backlog.services.statuses import set_status
from prioritization.services.ranking import rank_organization
from prioritization.services.scores import score_item
from tests.factories.accounts import House, make_member, make_team, organization_with
from tests.factories.api import Caller, call_by_token
from tests.factories.backlog import make_item
from tests.factories.prioritization import make_scored

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return organization_with(
        "checkout", "returns", slug="acme", owner=Role.PRODUCT_OWNER, dev=Role.DEVELOPER, sponsor=Role.BUSINESS_OWNER, watcher=Role.OBSERVER
    )


@pytest.fixture
def owner(house: House) -> Caller:
    return call_by_token(house.people["owner"], house.organization)


def rank(house: House) -> None:
    rank_organization(organization_id=house.organization.pk)


# --- the order -----------------------------------------------------------------------------------


def test_ranking_counts_and_explains_each_place(owner, house):
    blocker = make_scored(house.teams["returns"], value=1, size=8)
    worthy, plain = make_scored(house.team, value=13, size=5, title="Worthy"), make_scored(house.team, value=2, size=5)
    unscored = make_item(house.team)
    link_dependency(blocker=blocker, blocked=worthy, by=None)
    rank(house)

    answer = owner.get("ranking/?team=checkout")

    assert answer.status_code == 200
    rows = answer.json()["ranking"]
    assert [(row["place"], row["key"]) for row in rows] == [(1, worthy.key), (2, plain.key), (3, unscored.key)]
    first = rows[0]
    placement = Placement.objects.get(organization=house.organization, item=worthy)
    assert first["ranked_at"] is not None
    assert first["value"] == placement.value
    assert (first["band"], first["job_size"], first["cost_of_delay"], first["title"]) == ("normal", "5", "15", "Worthy")
    assert first["reason"] == {"code": "waits_for", "words": f"waits for {blocker.key}", "item": blocker.key, "item_is_restricted": False}
    assert (rows[2]["band"], rows[2]["value"], rows[2]["reason"]["code"]) == ("unscored", None, "unscored")


def test_ranking_counts_on_over_its_pages(owner, house):
    made = [make_scored(house.team, value=value) for value in (13, 8, 5)]
    rank(house)

    first = owner.get("ranking/?team=checkout&page_size=2").json()
    rest = owner.get(f"ranking/?team=checkout&page_size=2&cursor={first['next_cursor']}").json()

    found = [*first["ranking"], *rest["ranking"]]
    assert [(row["place"], row["key"]) for row in found] == [(n, item.key) for n, item in enumerate(made, start=1)]
    assert rest["next_cursor"] is None


def test_ranking_masks_a_hidden_item(owner, house):
    secret = make_team(house.train, slug="secret", is_private=True)
    hidden, worthy = make_scored(secret, value=1, size=8, title="Nobody knows"), make_scored(house.team, value=13)
    link_dependency(blocker=hidden, blocked=worthy, by=None)
    rank(house)

    answer = owner.get("ranking/?team=checkout")

    reason = answer.json()["ranking"][0]["reason"]
    assert reason == {"code": "waits_for", "words": "waits for a restricted item", "item": None, "item_is_restricted": True}
    assert hidden.key not in answer.content.decode()
    assert owner.get("ranking/?team=secret").status_code == 404


@pytest.mark.parametrize("query", ["", "?team=checkout&train=x", "?team=checkout&q=x", "?team=checkout&cursor=1~A~2~inf~", "?train=%00"])
def test_ranking_refuses_what_it_does_not_know(owner, query):
    assert owner.get(f"ranking/{query}").status_code == 400


def test_ranking_costs_the_same_for_one_and_for_three(owner, house, django_assert_num_queries):
    make_scored(house.team)
    owner.get("ranking/?team=checkout")
    with django_assert_num_queries(5):
        owner.get("ranking/?team=checkout")
    for _ in range(2):
        link_dependency(blocker=make_scored(house.teams["returns"], value=1), blocked=make_scored(house.team, value=20), by=None)
    rank(house)

    with django_assert_num_queries(5):
        owner.get("ranking/?team=checkout")


# --- receipts ------------------------------------------------------------------------------------


def exact_sum(receipt) -> Fraction:
    return sum((Fraction(part["amount"]["exact"]) for part in receipt["parts"]), Fraction(0))


def test_receipt_adds_up_exactly(owner, house):
    feature = make_scored(house.train, value=20, size=21)
    child = make_scored(house.team, value=3, size=7, parent=feature)
    debt = make_item(house.team, "tech_debt", job_size=3)
    score_item(item=debt, factors={"interest": 2}, by=None)
    link_dependency(blocker=debt, blocked=child, by=None)
    rank(house)

    for item in (child, debt, feature):
        body = owner.get(f"items/{item.key}/receipt/").json()
        assert Fraction(body["value"]["exact"]) == exact_sum(body)
        assert abs(Fraction(body["value"]["decimal"]) - Fraction(body["value"]["exact"])) < Fraction(1, 10**6)
        assert float(Fraction(body["value"]["exact"])) == Placement.objects.get(organization=house.organization, item=item).value
        assert body["place"] >= 1

    own = {part["term"]: part["amount"]["exact"] for part in owner.get(f"items/{child.key}/receipt/").json()["parts"] if part["term"]}
    assert own == {"business_value": "3/7", "time_criticality": "1/7", "risk_reduction": "1/7"}
    assert {part["item"] for part in owner.get(f"items/{debt.key}/receipt/").json()["parts"] if not part["term"]} <= {
        child.key,
        feature.key,
    }


def test_receipt_says_what_was_assumed(owner, house):
    make_scored(house.team, value=8, size=3)
    item = make_item(house.team)
    score_item(item=item, factors={"business_value": 5}, by=None)
    rank(house)

    body = owner.get(f"items/{item.key}/receipt/").json()

    assert {entry["name"] for entry in body["assumed"]} == {"time_criticality", "risk_reduction", "job_size"}
    assert {part["term"] for part in body["parts"] if part["is_assumed"]} == {"time_criticality", "risk_reduction"}


def test_receipt_masks_hidden_items_and_still_adds_up(owner, house):
    secret = make_team(house.train, slug="secret", is_private=True)
    member = make_member(secret, Role.DEVELOPER)
    blocker = make_scored(house.team, value=1, size=3)
    hidden = [make_scored(secret, value=20, size=2, title="Nobody knows") for _ in range(2)]
    for item in hidden:
        link_dependency(blocker=blocker, blocked=item, by=None)
    rank(house)

    answer = owner.get(f"items/{blocker.key}/receipt/")
    body = answer.json()

    assert exact_sum(body) == Fraction(body["value"]["exact"])
    assert [part["item"] for part in body["parts"] if part["is_restricted"]] == [None]
    assert (body["reason"]["item"], body["reason"]["item_is_restricted"]) == (None, True)
    assert not any(item.key in answer.content.decode() or item.title in answer.content.decode() for item in hidden)
    seen = call_by_token(member, house.organization).get(f"items/{blocker.key}/receipt/").json()
    assert {part["item"] for part in seen["parts"] if not part["term"]} == {item.key for item in hidden}
    assert seen["value"] == body["value"]
    assert owner.get(f"items/{hidden[0].key}/receipt/").status_code == 404


def test_receipt_of_an_item_without_place_or_score(owner, house):
    unscored, done = make_item(house.team), make_scored(house.team)
    set_status(item=done, status="done", by=None)
    rank(house)

    first, second = (owner.get(f"items/{item.key}/receipt/").json() for item in (unscored, done))

    assert (first["place"], first["band"], first["value"], first["parts"]) == (1, "unscored", None, [])
    assert second == {
        "key": done.key,
        "place": None,
        "band": None,
        "value": None,
        "parts": [],
        "assumed": [],
        "reason": None,
        "counterfactuals": None,
    }


# --- scores --------------------------------------------------------------------------------------


def stands(answer) -> dict[str, str | None]:
    assert answer.status_code == 200, answer.content
    return {factor["name"]: factor["value"] for factor in answer.json()["factors"]}


def test_scores_are_read_with_who_gave_them(owner, house):
    item = make_item(house.team)
    score_item(item=item, factors={"business_value": "0.50"}, by=house.people["dev"], expires_on=date(2027, 1, 31))

    body = owner.get(f"items/{item.key}/scores/").json()

    value, time = body["factors"][0], body["factors"][1]
    assert value.pop("scored_at")
    assert value == {
        "name": "business_value",
        "label": "Business value",
        "value": "0.5",
        "least": "0",
        "most": "100",
        "scale": ["1", "2", "3", "5", "8", "13", "20"],
        "scored_by": "Dev",
        "expires_on": "2027-01-31",
        "good_until": "2027-01-31",
        "is_expired": False,
        "evidence": "",
        "assumed": None,
        "note": "Dev, today, good until 31 Jan 2027",
        "anchors": [],
    }
    assert (time["value"], time["scored_by"], time["scored_at"]) == (None, None, None)
    assert (time["assumed"], time["note"]) == ("5", "5 assumed, the middle of the scale")


def test_a_score_says_what_it_rests_on_and_is_given_again(owner, house):
    item = make_item(house.team)
    path = f"items/{item.key}/scores/"
    owner.put(path, {"factors": {"business_value": 5}, "evidence": " Survey  of May ", "expires_on": "2025-05-01"})

    value = owner.get(path).json()["factors"][0]
    assert (value["evidence"], value["is_expired"], value["good_until"]) == ("Survey of May", True, "2025-05-01")
    assert value["note"] == "Owner, today, in force, past its date of 1 May 2025"

    owner.put(path, {"factors": {"business_value": 5}, "again": True})
    value = owner.get(path).json()["factors"][0]
    assert (value["evidence"], value["is_expired"], value["expires_on"]) == ("Survey of May", False, None)
    assert owner.put(path, {"factors": {"business_value": 5}, "evidence": "x" * 501}).status_code == 422
    assert owner.put(path, {"factors": {"business_value": 5}, "evidence": "a\x00b"}).status_code == 422


def test_scoring_sets_what_is_sent_and_keeps_the_rest(owner, house):
    item = make_item(house.team)

    first = owner.put(f"items/{item.key}/scores/", {"factors": {"business_value": 8, "time_criticality": "2.5"}})
    second = owner.put(f"items/{item.key}/scores/", {"factors": {"business_value": None, "risk_reduction": 1}})
    owner.put(f"items/{item.key}/scores/", {"factors": {"business_value": None, "risk_reduction": 1}})

    assert stands(first) == {"business_value": "8", "time_criticality": "2.5", "risk_reduction": None, "confidence": None}
    assert stands(second) == {"business_value": None, "time_criticality": "2.5", "risk_reduction": "1", "confidence": None}
    assert Event.objects.filter(subject_ref=item.key, verb="item.scored", actor=house.people["owner"]).count() == 2


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"factors": []}, 422),
        ({"factors": {"business_value": -1}}, 422),
        ({"factors": {"business_value": 10**9}}, 422),
        ({"factors": {"business_value": "NaN"}}, 422),
        ({"factors": {"business_value": "much"}}, 422),
        ({"factors": {"business_value": True}}, 422),
        ({"factors": {"business_value": 5, "severity": 3}}, 422),
        ({"factors": {"a\x00b": 3}}, 422),
        ({"factors": {"business_value": 5}, "expires_on": "soon"}, 422),
        ({"factors": {"business_value": 5}, "item": "CHK-1"}, 400),
        ('{"factors": {"business_value": NaN}}', 400),
        ('{"factors": {"business_value": 1, "business_value": 2}}', 400),
    ],
)
def test_scoring_refuses(owner, house, body, status):
    item = make_item(house.team)

    assert owner.put(f"items/{item.key}/scores/", body).status_code == status
    assert set(stands(owner.get(f"items/{item.key}/scores/")).values()) == {None}


def test_scoring_a_closed_item_is_a_conflict(owner, house):
    item = make_item(house.team)
    set_status(item=item, status="done", by=None)

    assert owner.put(f"items/{item.key}/scores/", {"factors": {"business_value": 5}}).status_code == 409


def test_scores_cost_the_same_for_none_and_for_three(owner, house, django_assert_num_queries):
    item = make_item(house.team)
    owner.get(f"items/{item.key}/scores/")
    with django_assert_num_queries(8):
        owner.get(f"items/{item.key}/scores/")
    score_item(item=item, factors={"business_value": 5, "time_criticality": 5, "risk_reduction": 5}, by=house.people["dev"])

    with django_assert_num_queries(8):
        owner.get(f"items/{item.key}/scores/")


# --- who -----------------------------------------------------------------------------------------


def test_each_view_is_met_by_each(house):
    """A participant, a teammate, a member who only reads, another organization, and nobody."""
    item: Item = make_scored(house.team)
    stranger = organization_with("x", slug="other", who=Role.PRODUCT_OWNER)
    paths = [f"/api/v1/acme/items/{item.key}/receipt/", f"/api/v1/acme/items/{item.key}/scores/", "/api/v1/acme/ranking/?team=checkout"]

    for path in paths:
        assert {call_by_token(house.people[name], house.organization).get(path).status_code for name in house.people} == {200}
        assert call_by_token(stranger.people["who"], stranger.organization).get(path).status_code == 404
        assert Client().get(path).status_code == 401
    scored = {
        name: call_by_token(person, house.organization).put(paths[1], {"factors": {"business_value": 3}}).status_code
        for name, person in house.people.items()
    }
    assert scored == {"owner": 200, "dev": 200, "sponsor": 200, "watcher": 403}
    reader = call_by_token(house.people["owner"], house.organization, can_write=False)
    assert reader.put(paths[1], {"factors": {"business_value": 5}}).status_code == 403


def test_receipt_tells_who_gave_a_score_and_on_wish_what_would_move_it(owner, house):
    blocker, blocked, other = make_scored(house.team, value=1), make_scored(house.team, value=20), make_scored(house.team, value=8)
    score_item(item=blocker, factors={"business_value": 2}, by=house.people["owner"], expires_on=date(2031, 2, 2))
    link_dependency(blocker=blocker, blocked=blocked, by=None)
    rank(house)

    plain = owner.get(f"items/{blocker.key}/receipt/").json()
    full = owner.get(f"items/{blocker.key}/receipt/?counterfactuals=yes").json()

    given = next(part["given"] for part in plain["parts"] if part["term"] == "business_value")
    assert (given["value"], given["scored_by"], given["expires_on"]) == ("2", house.people["owner"].name, "2031-02-02")
    assert plain["counterfactuals"] is None
    assert full["counterfactuals"] == [
        {
            "change": "awaited_by",
            "factor": None,
            "value": None,
            "item": blocked.key,
            "item_is_restricted": False,
            "passes": None,
            "place": 3,
        }
    ]
    below = owner.get(f"items/{other.key}/receipt/?counterfactuals=yes").json()["counterfactuals"]
    assert {(one["change"], one["passes"]) for one in below} >= {("size", blocked.key)}
    assert owner.get(f"items/{blocker.key}/receipt/?counterfactuals=maybe").status_code == 400
