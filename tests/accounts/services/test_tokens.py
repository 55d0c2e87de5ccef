"""Tokens: shown once, kept as a digest, ended at once."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import ApiToken
from accounts.roles import Role
from accounts.services.tokens import create_token, revoke_token
from activity.errors import InvalidError, NotAllowedError
from activity.models import Event
from tests.factories.accounts import make_user, organization_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return organization_with(slug="acme", dev=Role.DEVELOPER)


def test_secret_is_nowhere_but_with_its_owner(house):
    token, secret = create_token(organization=house.organization, user=house.people["dev"], name="CI", by=house.people["dev"])

    row = ApiToken.objects.for_organization(house.organization).values().get()
    assert row["digest"] == hashlib.sha256(secret.encode()).hexdigest() == token.digest
    assert secret not in str(row)
    assert secret not in str(list(Event.objects.values()))
    assert len(secret) >= 43


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, "a\x00b"])
def test_name_that_cannot_be_is_refused(house, name):
    with pytest.raises(InvalidError):
        create_token(organization=house.organization, user=house.people["dev"], name=name, by=None)


def test_end_in_the_past_is_refused(house):
    with pytest.raises(InvalidError):
        create_token(organization=house.organization, user=house.people["dev"], name="CI", by=None, expires_at=timezone.now())


def test_stranger_gets_none(house):
    with pytest.raises(NotAllowedError):
        create_token(organization=house.organization, user=make_user(), name="CI", by=None)


def test_revoked_twice_is_revoked_once(house):
    token, _ = create_token(
        organization=house.organization, user=house.people["dev"], name="CI", by=None, expires_at=timezone.now() + timedelta(days=1)
    )

    first = revoke_token(token=token, by=None)
    second = revoke_token(token=token, by=None)

    assert first.revoked_at == second.revoked_at
    assert Event.objects.filter(verb="token.revoked").count() == 1
