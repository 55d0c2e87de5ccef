"""What a run in the request reads, by one statement and by several."""

import pytest
from psycopg._queries import MAX_CACHED_STATEMENT_LENGTH

from backlog.models import Placement
from backlog.services.dependencies import link_dependency
from prioritization.selectors import at_once
from prioritization.selectors.basis import read_basis
from prioritization.selectors.ends import read_ends
from prioritization.selectors.rows import TooManyError, load_tied
from prioritization.services.ranking import rank_organization
from tests.factories.accounts import organization_with
from tests.factories.prioritization import make_scored

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return organization_with("checkout", "pricing")


@pytest.fixture
def tied(house):
    """Two items of two teams, one waiting for the other, and two more."""
    items = [
        make_scored(house.teams[team], value=value) for team, value in (("checkout", 3), ("pricing", 20), ("checkout", 8), ("pricing", 1))
    ]
    link_dependency(blocker=items[0], blocked=items[1], by=None)
    rank_organization(organization_id=house.organization.pk, mode="full")
    return items


def test_one_statement_reads_what_several_would(house, tied):
    organization, teams = house.organization.pk, {item.team_id for item in tied[:2]}

    found = at_once.read_at_once(organization, [tied[0].pk], at_most=10)

    assert found is not None
    assert found.loaded == load_tied(organization, [tied[0].pk])
    assert found.standing == read_basis(organization, teams)
    assert found.ends == read_ends(teams=teams, trains=[])


def test_what_leads_out_of_the_stored_component_is_read_by_further_statements(house, tied):
    Placement.objects.for_organization(house.organization).filter(item=tied[1]).update(component=tied[1].pk)

    found = at_once.read_at_once(house.organization.pk, [tied[0].pk], at_most=10)

    assert found is not None
    assert [row.id for row in found.loaded.rows] == [item.pk for item in tied[:2]]
    assert (found.standing, found.ends) == (None, None)


def test_more_than_can_be_ranked_is_refused(house, tied):
    with pytest.raises(TooManyError):
        at_once.read_at_once(house.organization.pk, [tied[0].pk], at_most=1)


def test_the_driver_keeps_the_statement():
    assert len(at_once._SELECT) <= MAX_CACHED_STATEMENT_LENGTH
