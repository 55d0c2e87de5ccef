"""Tokens: made once, shown once, in force until they end."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import ApiToken, Membership
from accounts.roles import Role
from accounts.services.tokens import create_token, revoke_token
from activity.models import Event
from tests.factories.accounts import House, organization_with
from tests.factories.api import Caller, call_by_token, call_signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return organization_with("checkout", slug="acme", dev=Role.DEVELOPER, mate=Role.DEVELOPER)


@pytest.fixture
def browser(house: House) -> Caller:
    return call_signed_in(house.people["dev"], house.organization)


def test_token_is_shown_once_and_kept_as_a_digest(house, browser):
    made = browser.post("tokens/", {"name": " nightly  export ", "scope": "write", "expires_in_days": 30})

    token = ApiToken.objects.for_organization(house.organization).get()
    body = made.json()
    secret = body.pop("secret")
    assert made.status_code == 201
    assert (body["name"], body["scope"], body["id"]) == ("nightly export", "write", str(token.public_id))
    assert len(secret) == len("wnw_") + 43
    assert (token.digest, secret in str(token.__dict__)) == (ApiToken.digest_of(secret), False)
    assert browser.get("tokens/").json() == {"tokens": [body]}
    assert Event.objects.filter(verb="token.created", actor=house.people["dev"]).count() == 1


def test_token_out_of_force_is_refused(house):
    expired, first = create_token(organization=house.organization, user=house.people["dev"], name="x", by=house.people["dev"])
    ApiToken.objects.filter(organization=house.organization, pk=expired.pk).update(expires_at=timezone.now())
    revoked, second = create_token(organization=house.organization, user=house.people["dev"], name="y", by=house.people["dev"])
    revoke_token(token=revoked, by=house.people["dev"])
    _, third = create_token(organization=house.organization, user=house.people["mate"], name="z", by=house.people["mate"])
    house.people["mate"].is_active = False
    house.people["mate"].save()

    for secret in [first, second, third, "wnw_" + "x" * 43, "", "\x7f"]:
        answer = Caller("acme", {"Authorization": f"Bearer {secret}"}).get("tokens/")
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in"), secret
        assert answer["WWW-Authenticate"] == 'Bearer realm="winnow"'


def test_wrong_token_is_refused_beside_a_session(house, browser):
    assert browser.get("tokens/", authorization="Bearer wnw_nothing").status_code == 401


def test_token_in_the_address_is_ignored(house):
    _, secret = create_token(organization=house.organization, user=house.people["dev"], name="x", by=house.people["dev"])

    for name in ("token", "access_token", "api_key", "authorization"):
        assert Client().get(f"/api/v1/acme/tokens/?{name}={secret}").status_code == 401


def test_token_opens_its_own_organization_alone(house):
    other = organization_with("x", slug="other")
    Membership.objects.create(organization=other.organization, user=house.people["dev"], role=Role.ADMINISTRATOR)
    caller = call_by_token(house.people["dev"], house.organization)

    assert call_signed_in(house.people["dev"], other.organization).get("tokens/").status_code == 200
    assert caller.get("/api/v1/other/tokens/").status_code == 404
    assert caller.get("/api/v1/nowhere/tokens/").status_code == 404


def test_token_makes_no_token(house):
    answer = call_by_token(house.people["dev"], house.organization).post("tokens/", {"name": "another"})

    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


def test_reading_token_changes_nothing(house):
    caller = call_by_token(house.people["dev"], house.organization, can_write=False)
    token = ApiToken.objects.for_organization(house.organization).get()

    assert caller.send("DELETE", f"tokens/{token.public_id}/").status_code == 403
    assert caller.get("tokens/").status_code == 200


def test_tokens_are_seen_and_revoked_by_their_person_alone(house, browser):
    mine, _ = create_token(organization=house.organization, user=house.people["dev"], name="mine", by=house.people["dev"])
    theirs, _ = create_token(organization=house.organization, user=house.people["mate"], name="theirs", by=house.people["mate"])

    answers = [browser.send("DELETE", f"tokens/{name}/") for name in (theirs.public_id, uuid4(), mine.pk, mine.public_id, mine.public_id)]

    assert [answer.status_code for answer in answers] == [404, 404, 404, 204, 404]
    assert browser.get("tokens/").json() == {"tokens": []}
    assert Event.objects.filter(verb="token.revoked").count() == 1
    theirs.refresh_from_db()
    assert theirs.revoked_at is None


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"name": ""}, 422),
        ({"name": "a\x00b"}, 422),
        ({"name": "x" * 81}, 422),
        ({"name": "x", "scope": "admin"}, 422),
        ({"name": "x", "expires_in_days": 0}, 422),
        ({"name": "x", "expires_in_days": 10**9}, 422),
        ({"name": "x", "expires_in_days": None}, 422),
        ({"name": "x", "user": 1}, 400),
        ([], 400),
    ],
)
def test_token_that_cannot_be_made(browser, body, status):
    assert browser.post("tokens/", body).status_code == status


def test_session_needs_its_csrf_token(house):
    browser = call_signed_in(house.people["dev"], house.organization, enforce_csrf_checks=True)
    browser.client.cookies["csrftoken"] = "a" * 32

    assert browser.get("tokens/").status_code == 200
    assert browser.post("tokens/", {"name": "x"}).status_code == 403
    assert browser.post("tokens/", {"name": "x"}, x_csrftoken="a" * 32).status_code == 201


def test_list_of_tokens_costs_the_same_for_one_and_for_three(house, browser, django_assert_num_queries):
    create_token(organization=house.organization, user=house.people["dev"], name="x", by=house.people["dev"])
    with django_assert_num_queries(5) as counted:
        browser.get("tokens/")
    for _ in range(2):
        create_token(organization=house.organization, user=house.people["dev"], name="x", by=house.people["dev"])

    with django_assert_num_queries(len(counted)):
        browser.get("tokens/")
