"""Evidence and verdicts by the API."""

import pytest

from accounts.roles import Role
from backlog.models import Item, StaleItem
from tests.factories.accounts import make_team, organization_with
from tests.factories.api import call_by_token
from tests.factories.backlog import make_item
from tests.factories.stale import make_stale

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return organization_with("checkout", owner=Role.PRODUCT_OWNER, dev=Role.DEVELOPER)


@pytest.fixture
def call(house):
    return lambda person="owner": call_by_token(house.people[person], house.organization)


def test_stale_items_are_listed_with_their_evidence(house, call):
    first, second = make_stale(house.team, days=500), make_stale(house.team, "bug", demand=3)

    answer = call("dev").get("stale/?team=checkout").json()
    bugs = call("dev").get("stale/?team=checkout&kind=bug&only=year").json()

    assert [item["key"] for item in answer["items"]] == [first.key, second.key]
    assert answer["items"][1]["summary"] == "Untouched for 13 months · demand 3 · serves no goal"
    assert [item["key"] for item in bugs["items"]] == [second.key]
    assert call("dev").get(f"items/{first.key}/stale/").json()["touched_by"] == ""


@pytest.mark.parametrize(
    "query", ["", "team=checkout&kind=epic", "team=checkout&only=x", "team=checkout&cursor=x", "team=checkout&order=1"]
)
def test_a_list_that_no_address_offers_is_refused(call, query):
    assert call().get(f"stale/?{query}").status_code == 400


def test_a_verdict_is_given_once_and_the_item_is_restored(house, call):
    item, body = make_stale(house.team), {"verdict": "remove", "reason": "Nobody asks."}
    owner = call()

    first, again = (owner.post(f"items/{item.key}/stale/", body, idempotency_key="one") for _ in range(2))
    late = owner.post(f"items/{item.key}/stale/", {"verdict": "keep"})
    restored = owner.post(f"items/{item.key}/restore/", None)

    assert (first.json(), first.json()["text"]) == (again.json(), f"{item.key}: removed.")
    assert (late.status_code, restored.json()) == (409, {"key": item.key, "left": []})
    item.refresh_from_db()
    assert item.status == Item.Status.OPEN
    assert owner.get(f"items/{make_item(house.team).key}/stale/").status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"verdict": "remove"}, "reason"),
        ({"verdict": "snooze", "reason": "Later"}, "until"),
        ({"verdict": "merge", "into": "NO-1"}, "into"),
        ({"verdict": "merge"}, "into"),
        ({"verdict": "explode"}, "verdict"),
        ({"verdict": "keep", "until": "soon"}, "until"),
        ({"verdict": "merge", "into": "NO-1", "take": ["votes"]}, "take.0"),
    ],
)
def test_a_verdict_that_cannot_be_is_refused(house, call, body, field):
    item = make_stale(house.team)

    answer = call().post(f"items/{item.key}/stale/", body)

    assert (answer.status_code, list(answer.json()["fields"])) == (422, [field])
    assert not StaleItem.objects.filter(team=house.team).exclude(verdict="").exists()


def test_a_field_that_is_none_is_refused_and_a_developer_reads(house, call):
    item = make_stale(house.team)

    assert call().post(f"items/{item.key}/stale/", {"verdict": "keep", "decided_by": 1}).status_code == 400
    assert call("dev").post(f"items/{item.key}/stale/", {"verdict": "keep"}).status_code == 403
    assert call("dev").post(f"items/{item.key}/restore/", None).status_code == 403


# --- several at once --------------------------------------------------------------------------------


def test_several_are_looked_at_decided_once_and_taken_back_by_one_undo(house, call):
    items, other = [make_stale(house.team) for _ in range(2)], make_item(house.team)
    owner, body = call(), {"keys": [*(item.key for item in items), other.key], "verdict": "remove", "reason": "Nobody asks."}

    foreseen = owner.post("stale/?team=checkout", {**body, "preview": True}).json()
    untouched = StaleItem.objects.filter(team=house.team, verdict="").count()
    first, again = (owner.post("stale/?team=checkout", body, idempotency_key="k") for _ in range(2))
    another = owner.post("stale/?team=checkout", {**body, "reason": "Old."}, idempotency_key="k")

    outcomes = [(each["item"], each["outcome"], each["after"]) for each in first.json()["items"]]
    assert (foreseen["act"], foreseen["changed"], untouched) == (None, 2, 2)
    assert outcomes == [(item.key, "changed", "removed") for item in items] + [(other.key, "refused", "removed")]
    assert (first.status_code, again.json(), first.json()["changed"]) == (200, first.json(), 2)
    assert (another.status_code, another.json()["code"]) == (422, "idempotency_mismatch")
    assert owner.post(f"undo/{first.json()['act']}/", None).status_code == 200
    assert set(Item.objects.filter(team=house.team).values_list("status", flat=True)) == {Item.Status.OPEN}


def test_one_key_of_elsewhere_refuses_the_whole_call(house, call):
    item, foreign = make_stale(house.team), organization_with("other")
    elsewhere = [make_stale(foreign.team).key, make_stale(make_team(house.train)).key, "CHK-99999"]

    for key in elsewhere:
        for preview in (True, False):
            body = {"keys": [item.key, key], "verdict": "keep", "preview": preview}
            assert call().post("stale/?team=checkout", body).status_code == 404

    assert not StaleItem.objects.filter(team=house.team).exclude(verdict="").exists()


@pytest.mark.parametrize(
    ("query", "body", "status"),
    [
        ("team=checkout", {"verdict": "merge", "into": "{key}"}, 422),
        ("team=checkout", {"verdict": "merge", "into": "{key}", "preview": True}, 422),
        ("team=checkout", {"verdict": "remove"}, 422),
        ("team=checkout", {"verdict": "keep", "keys": []}, 422),
        ("team=checkout", {"verdict": "keep", "keys": ["A-1"] * 1001}, 422),
        ("team=checkout", {"verdict": "keep", "all": True}, 400),
        ("team=checkout&only=year", {"verdict": "keep"}, 400),
        ("", {"verdict": "keep"}, 400),
        ("team=nowhere", {"verdict": "keep"}, 404),
    ],
)
def test_several_that_cannot_be_are_refused(house, call, query, body, status):
    keys = [make_stale(house.team).key for _ in range(2)]
    body = {name: value.format(key=make_item(house.team).key) if isinstance(value, str) else value for name, value in body.items()}

    assert call().post(f"stale/?{query}", {"keys": keys, **body}).status_code == status
    assert not StaleItem.objects.filter(team=house.team).exclude(verdict="").exists()


def test_a_developer_decides_about_none(house, call):
    item = make_stale(house.team)

    assert call("dev").post("stale/?team=checkout", {"keys": [item.key], "verdict": "keep"}).status_code == 403
