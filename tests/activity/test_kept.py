"""Queries composed once return what the ORM returns, whatever they are asked next."""

import threading

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Team
from accounts.tenancy import UnscopedQueryError
from activity.kept import Kept
from backlog.models import Item
from tests.factories.accounts import make_organization, make_team

pytestmark = pytest.mark.django_db


def by_slug() -> Kept[Team]:
    return Kept(
        lambda organization, slug: Team.objects.filter(organization=organization, slug=slug).select_related("train__key_series"), int, str
    )


def test_objects_are_those_of_the_orm_with_their_relations():
    organization = make_organization()
    teams = [make_team(organization), make_team(organization)]
    kept = by_slug()

    for team in (*teams, teams[0]):
        expected = Team.objects.unscoped().select_related("train__key_series").get(pk=team.pk)
        with CaptureQueriesContext(connection) as queries:
            found = kept.first(organization.pk, team.slug)
            assert found is not None
            prefix = found.train.key_series.prefix
        assert len(queries) == 1
        assert (found, prefix) == (expected, expected.train.key_series.prefix)
        assert {name: value for name, value in vars(found).items() if name != "_state"} == {
            name: value for name, value in vars(expected).items() if name != "_state"
        }
    assert kept.first(organization.pk, "none") is None
    assert kept.all(0, teams[0].slug) == []


def test_what_one_thread_composed_another_may_ask():
    kept, shared = by_slug(), []
    thread = threading.Thread(target=lambda: shared.append(kept._composed.sql))
    thread.start()
    thread.join()
    team = make_team(make_organization())

    assert kept.first(team.organization_id, team.slug) == team
    assert shared == [kept._composed.sql]


def test_a_query_without_its_organization_is_refused():
    with pytest.raises(UnscopedQueryError):
        Kept(lambda slug: Item.objects.filter(key=slug), str).first("x")


def test_a_value_that_does_not_stand_in_the_statement_is_refused():
    with pytest.raises(AssertionError):
        Kept(lambda organization: Team.objects.filter(organization=organization + 1), int).first(1)
