"""Statements composed once return what the ORM returns."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership, Team
from activity.reading import Reading
from tests.factories.accounts import make_organization, make_team

pytestmark = pytest.mark.django_db


def test_objects_are_those_of_the_orm_with_their_relation():
    team = make_team(make_organization())
    expected = Team.objects.unscoped().select_related("train").get(pk=team.pk)

    with CaptureQueriesContext(connection) as queries:
        found = Reading(Team, "t.id = %s", joined="train").first([team.pk])
        assert found is not None
        train = found.train.name

    assert len(queries) == 1
    assert found == expected
    assert {name: value for name, value in vars(found).items() if name != "_state"} == {
        name: value for name, value in vars(expected).items() if name != "_state"
    }
    assert train == expected.train.name
    assert not found._state.adding


def test_none_where_nothing_matches():
    assert Reading(Membership, "t.id = %s", joined="organization").first([0]) is None
