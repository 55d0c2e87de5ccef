"""Who may open a stream, and for which topics."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.roles import Role
from tests.factories.accounts import House, make_member, make_user, organization_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return organization_with("checkout", slug="acme", dev=Role.DEVELOPER)


@pytest.fixture
def browser(house: House) -> Client:
    client = Client()
    client.force_login(house.people["dev"])
    return client


MALFORMED = ["", "?t=", "?t=team:checkout", "?t=team:checkout=x", "?t=team:checkout=-1", "?t=team:=1", "?t=nothing:x=1"]


@pytest.mark.parametrize("query", [*MALFORMED, "?" + "&".join(f"t=team:t{n}=1" for n in range(21)), f"?t=team:checkout={'9' * 4000}"])
def test_malformed_topics_are_refused(house, browser, query):
    assert browser.get(f"/acme/live/{query}").status_code == 400


def test_hidden_topic_answers_as_one_that_does_not_exist(house, browser):
    other = organization_with("secret", slug="other")
    house.team.is_private = True
    house.team.save()
    outsider = Client()
    outsider.force_login(organization_with("x", who=Role.DEVELOPER).people["who"])

    answers = [
        browser.get("/acme/live/?t=team:secret=0").status_code,
        browser.get("/acme/live/?t=team:nowhere=0").status_code,
        browser.get(f"/acme/live/?t=team:checkout=0&t=train:{other.train.slug}=0").status_code,
        outsider.get("/acme/live/?t=team:checkout=0").status_code,
        outsider.get("/nowhere/live/?t=team:checkout=0").status_code,
    ]

    assert answers == [404] * 5


def test_private_team_is_heard_by_its_members_only(house, browser):
    house.team.is_private = True
    house.team.save()
    observer = Client()
    observer.force_login(make_member(house.organization, Role.OBSERVER))

    assert browser.get("/acme/live/?t=team:checkout=0").status_code == 200
    assert observer.get("/acme/live/?t=team:checkout=0").status_code == 404


def test_visitor_is_sent_to_the_sign_in(house):
    assert Client().get("/acme/live/?t=team:checkout=0").status_code == 302


def test_person_of_no_organization_hears_nothing(house):
    client = Client()
    client.force_login(make_user())

    assert client.get("/acme/live/?t=team:checkout=0").status_code == 404
