"""The path decides the organization: who gets in, who is sent to sign in, and what it costs."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from tests.factories.accounts import House, organization_with
from tests.meetings import meet

pytestmark = pytest.mark.django_db

BACKLOG = "/acme/checkout/backlog/"
READERS = {"visitor": 302, "stranger": 404, "other organization": 404, "observer": 200, "neighbour": 200, "owner": 200}


@pytest.fixture
def house() -> House:
    return organization_with("checkout", slug="acme", dev=Role.DEVELOPER)


def test_backlog_is_met_by_everybody(house):
    assert meet(house, BACKLOG) == READERS


def test_private_backlog_is_met_by_its_own(house):
    house.team.is_private = True
    house.team.save()

    assert meet(house, BACKLOG) == {**READERS, "observer": 404, "neighbour": 404}


def test_fragment_sends_a_visitor_to_the_sign_in_without_a_page_inside(house):
    response = Client().get(BACKLOG, headers={"HX-Request": "true", "HX-Current-URL": f"http://testserver{BACKLOG}?q=a b"})

    assert (response.status_code, response.content) == (204, b"")
    assert response["HX-Redirect"] == "/accounts/login/?next=%2Facme%2Fcheckout%2Fbacklog%2F%3Fq%3Da+b"


def test_page_sends_a_visitor_to_the_sign_in_and_back(house):
    assert Client().get(f"{BACKLOG}?q=a")["Location"] == "/accounts/login/?next=/acme/checkout/backlog/%3Fq%3Da"


def test_foreign_organization_answers_as_one_that_does_not_exist(house):
    client = Client()
    client.force_login(organization_with(slug="other", dev=Role.DEVELOPER).people["dev"])

    foreign, missing = client.get(BACKLOG), client.get("/nowhere/checkout/backlog/")

    assert (foreign.status_code, foreign.content.replace(b"acme", b"nowhere")) == (404, missing.content)


def test_removed_member_is_out_with_the_next_request(house):
    client = Client()
    client.force_login(house.people["dev"])
    assert client.get(BACKLOG).status_code == 200

    house.membership("dev").delete()

    assert client.get(BACKLOG).status_code == 404


def test_sign_in_and_frame_cost_four_queries(house):
    """Session, person, roles with their organization, and the place; the second visit, since the first is remembered."""
    client = Client()
    client.force_login(house.people["dev"])
    client.get(BACKLOG)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get(BACKLOG)

    of_the_frame = [query["sql"] for query in queries if "backlog_" not in query["sql"] and "activity_" not in query["sql"]]
    assert len(of_the_frame) <= 4, of_the_frame
