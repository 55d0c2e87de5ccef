"""How often the API may be asked."""

import pytest

from accounts.roles import Role
from activity.models import Tally
from activity.services.limits import count_use, forget_tallies
from tests.factories.accounts import House, organization_with
from tests.factories.api import Caller, call_by_token, call_signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return organization_with("checkout", slug="acme", dev=Role.DEVELOPER, owner=Role.PRODUCT_OWNER)


@pytest.fixture(autouse=True)
def two_a_minute(settings):
    settings.API_REQUESTS_A_MINUTE = settings.API_REQUESTS_A_MINUTE_OF_STRANGERS = 2


def test_beyond_the_limit_is_429_with_the_seconds_to_wait(house):
    caller = call_by_token(house.people["dev"], house.organization)

    statuses = [caller.get("items/?team=checkout").status_code for _ in range(2)]
    refused = caller.post("items/", {"team": "checkout", "kind": "story", "title": "Too much"})

    assert statuses == [200, 200]
    assert refused.status_code == 429
    assert 1 <= int(refused["Retry-After"]) <= 60
    body = refused.json()
    assert (set(body), body["code"]) == ({"code", "message", "request_id"}, "too_many")
    assert f"try again in {refused['Retry-After']} second" in body["message"]


def test_each_token_and_each_person_counts_for_itself(house):
    spent, other = (call_by_token(house.people["dev"], house.organization) for _ in range(2))
    for _ in range(3):
        last = spent.get("items/?team=checkout")

    assert last.status_code == 429
    assert other.get("items/?team=checkout").status_code == 200
    assert call_signed_in(house.people["dev"], house.organization).get("items/?team=checkout").status_code == 200


def test_strangers_count_by_address():
    statuses = [Caller("acme").get("/api/v1/schema.json").status_code for _ in range(3)]

    assert statuses == [200, 200, 429]


def test_a_window_that_is_over_counts_anew_and_is_forgotten():
    assert count_use(name="a", limit=1, window=60) == 0
    assert 59 <= count_use(name="a", limit=1, window=60) <= 60
    count_use(name="b", limit=1, window=0)

    assert count_use(name="b", limit=1, window=0) == 0
    assert forget_tallies() == 1
    assert Tally.objects.get().name == "a"
