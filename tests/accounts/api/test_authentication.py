"""Programs sign in by header, in one organization, with their scope."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.http import Http404
from django.utils import timezone
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from accounts.api.authentication import TokenAuthentication
from accounts.api.permissions import IsMember, TokenMayWrite
from accounts.models import ApiToken
from accounts.roles import Role
from accounts.services.tokens import create_token, revoke_token
from tests.factories.accounts import House, make_member, organization_with

pytestmark = pytest.mark.django_db


class Here(APIView):
    authentication_classes = [TokenAuthentication]
    permission_classes = [IsMember, TokenMayWrite]

    def get(self, request: Request, organization: str) -> Response:
        return Response({"organization": request.organization.slug, "person": request.access.user.name})  # type: ignore[attr-defined]  # by IsMember

    post = get


def call(secret: str = "", *, organization: str = "acme", method: str = "get", scheme: str = "Bearer", query: str = "") -> Response:
    headers = {"Authorization": f"{scheme} {secret}"} if secret else {}
    request = APIRequestFactory().generic(method.upper(), f"/api/v1/{organization}/{query}", headers=headers)
    try:
        return Here.as_view()(request, organization=organization)
    except (Http404, APIException) as error:  # pragma: no cover - the view's own handler answers
        raise AssertionError from error


@pytest.fixture
def house() -> House:
    return organization_with(slug="acme", dev=Role.DEVELOPER)


@pytest.fixture
def token(house) -> tuple[ApiToken, str]:
    return create_token(organization=house.organization, user=house.people["dev"], name="CI", by=None)


def test_token_acts_for_its_person(token):
    response = call(token[1])

    assert (response.status_code, response.data) == (200, {"organization": "acme", "person": "Dev"})


@pytest.mark.parametrize("secret", ["wnw_" + "a" * 43, "", "x", "é", "wnw_\x00"])
def test_unknown_token_is_401(house, secret):
    response = call(secret)

    assert (response.status_code, response["WWW-Authenticate"]) == (401, 'Bearer realm="winnow"')


def test_token_in_the_address_is_ignored(token):
    assert call(query=f"?token={token[1]}&access_token={token[1]}").status_code == 401


def test_other_scheme_is_401(token):
    assert call(token[1], scheme="Basic").status_code == 401


def test_ended_token_is_401(token, house):
    ApiToken.objects.for_organization(house.organization).update(expires_at=timezone.now() - timedelta(seconds=1))

    assert call(token[1]).status_code == 401


def test_revoked_token_is_401(token):
    revoke_token(token=token[0], by=None)

    assert call(token[1]).status_code == 401


def test_token_of_a_person_who_may_not_sign_in_is_401(token, house):
    person = house.people["dev"]
    person.is_active = False
    person.save()

    assert call(token[1]).status_code == 401


def test_token_of_a_removed_member_finds_nothing(token, house):
    house.membership("dev").delete()

    assert call(token[1]).status_code == 404


def test_token_holds_in_its_own_organization_only(token, house):
    other = organization_with(slug="other")
    make_member(other.organization, Role.ADMINISTRATOR, house.people["dev"])

    assert call(token[1], organization="other").status_code == 404
    assert call(token[1], organization="nowhere").status_code == 404


def test_token_reads_unless_it_may_write(token, house):
    _, writing = create_token(organization=house.organization, user=house.people["dev"], name="Writer", by=None, can_write=True)

    assert (call(token[1], method="post").status_code, call(writing, method="post").status_code) == (403, 200)


def test_use_is_noted_once_a_minute(token, django_assert_num_queries):
    with django_assert_num_queries(4):  # token, note, access, count
        call(token[1])
    with django_assert_num_queries(3):
        call(token[1])
