"""What each goal gets of the next iterations."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from backlog.models import ListMode
from backlog.services.goals import edit_goal, set_goal
from backlog.services.statuses import set_status
from prioritization.selectors.goal_shares import list_shares
from prioritization.services.manual_order import Spot, place_by_hand, set_mode
from prioritization.services.ranking import rank_organization
from tests.factories.accounts import organization_with
from tests.factories.goals import make_goal
from tests.factories.prioritization import make_scored

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return organization_with("checkout", owner=Role.PRODUCT_OWNER)


def today() -> date:
    return datetime.now(tz=UTC).date()


def told(home):
    rank_organization(organization_id=home.organization_id)  # where an edit had no time for it
    shares = list_shares(home, today=today())
    return {share.name: (share.open, *share.got, round(share.suggested, 3)) for share in shares.all}


def test_points_of_the_next_iterations_are_divided_by_what_they_serve(house):
    """A team of 20 points: 10 + 10 in the next one; 5 items of 10 fit three."""
    trust, speed = make_goal(house.organization, "Trust", weight=2), make_goal(house.organization, "Speed")
    for value in (13, 8, 5, 3, 1):
        item = make_scored(house.team, value=value, size=10)
        if value in (13, 3):
            set_goal(item=item, goal=trust, by=None)
        elif value == 8:
            set_goal(item=item, goal=speed, by=None)

    assert told(house.team) == {"Trust": (2, 0.5, 0.4, 0.5), "Speed": (1, 0.5, 0.2, 0.25), "Without a goal": (2, 0, 0.4, 0.25)}


def test_what_is_under_way_or_closed_is_not_ahead(house):
    goal = make_goal(house.organization, "Trust")
    under_way, done, ahead = (make_scored(house.team, value=value, size=10) for value in (20, 13, 1))
    for item in (under_way, done):
        set_goal(item=item, goal=goal, by=None)
    set_status(item=under_way, status="in_progress", by=None)
    set_status(item=done, status="done", by=None)
    rank_organization(organization_id=house.organization.pk)

    assert told(house.team) == {"Trust": (1, 0, 0, 0.5), "Without a goal": (1, 1, 1, 0.5)}
    assert ahead.is_ranked


def test_a_feature_passes_its_goal_on_and_a_train_counts_its_own_items(house):
    goal = make_goal(house.organization, "Trust")
    feature = set_goal(item=make_scored(house.train, value=8, size=40), goal=goal, by=None)
    make_scored(house.team, value=5, size=40, parent=feature)

    assert told(house.team)["Trust"] == (1, 1, 1, 1)
    assert told(house.train)["Trust"] == (1, 1, 1, 1)


def test_a_goal_that_does_not_count_today_is_suggested_no_more_than_its_items_have(house):
    top = make_goal(house.organization, "Trust", weight=2)
    under = make_goal(house.organization, "Labels", weight=2, parent=top)
    for goal in (top, under):
        set_goal(item=make_scored(house.team, size=5), goal=goal, by=None)

    edit_goal(goal=under, changes={"ends_on": today() - timedelta(days=1)}, by=None)
    rank_organization(organization_id=house.organization.pk, mode="full", refresh=True)

    shares = list_shares(house.team, today=today())
    assert [(share.name, share.depth, share.weight, share.counts) for share in shares.goals] == [
        ("Trust", 0, Decimal(2), True),
        ("Labels", 1, Decimal(2), False),
    ]
    assert [share.suggested for share in shares.goals] == [0.5, 0.5]


def test_a_list_ordered_by_hand_is_taken_as_it_stands(house):
    first, last = make_scored(house.team, value=13, size=20), make_scored(house.team, value=1, size=20)
    set_goal(item=last, goal=make_goal(house.organization, "Trust"), by=None)
    assert told(house.team)["Trust"][1] == 0

    set_mode(home=house.team, mode=ListMode.Mode.MANUAL, by=None)
    place_by_hand(item=last, spot=Spot(above=first), by=None)

    assert told(house.team)["Trust"][1] == 1


def test_an_empty_list_has_no_shares(house):
    make_goal(house.organization, "Trust")

    assert told(house.team) == {"Trust": (0, 0, 0, 0), "Without a goal": (0, 0, 0, 0)}


def test_queries_do_not_grow_with_goals_and_items(house):
    counts = []
    for _ in range(2):
        for _ in range(3):
            set_goal(item=make_scored(house.team), goal=make_goal(house.organization), by=None)
        with CaptureQueriesContext(connection) as queries:
            list_shares(house.train, today=today())
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 6
