"""Goals, what serves them, and how their weights reach the order."""

from datetime import date
from decimal import Decimal

import pytest

from accounts.roles import Role
from activity.errors import ConflictError, InvalidError, UnknownReferenceError
from activity.models import Event
from activity.services.undo import undo
from backlog.models import Goal, Item, StaleRank
from backlog.selectors.goals import list_goals
from backlog.services import goals
from backlog.services.goals import create_goal, edit_goal, remove_goal, set_goal
from prioritization.models import RankRun
from prioritization.services.ranking import rank_organization
from tests.factories.accounts import make_organization, organization_with
from tests.factories.backlog import make_item
from tests.factories.goals import make_goal
from tests.factories.prioritization import make_scored

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return organization_with("checkout", owner=Role.PRODUCT_OWNER, dev=Role.DEVELOPER)


def costs(organization):
    rank_organization(organization_id=organization.pk, mode="full")
    return {item.key: item.placement.cost_of_delay for item in Item.objects.for_organization(organization).select_related("placement")}


def test_goals_are_a_tree_in_order(house):
    growth = make_goal(house.organization, "Growth")
    trust = make_goal(house.organization, "Trust")
    make_goal(house.organization, "Fewer refunds", parent=trust)
    make_goal(house.organization, "More orders", parent=growth)
    assert [goal.name for goal in list_goals(house.organization.pk)] == ["Growth", "More orders", "Trust", "Fewer refunds"]
    assert [goal.number for goal in list_goals(house.organization.pk)] == [1, 4, 2, 3]


@pytest.mark.parametrize("weight", [0, -1, "5.001", "many", "NaN", "1.0001"])
def test_a_weight_it_does_not_take_is_refused(house, weight):
    with pytest.raises(InvalidError):
        create_goal(organization=house.organization, name="Growth", weight=weight, by=None)


def test_names_periods_and_circles_are_refused(house):
    top = make_goal(house.organization)
    below = make_goal(house.organization, parent=top)
    with pytest.raises(InvalidError):
        create_goal(organization=house.organization, name="  ", by=None)
    with pytest.raises(InvalidError):
        edit_goal(goal=top, changes={"starts_on": date(2026, 5, 1), "ends_on": date(2026, 4, 1)}, by=None)
    for parent in (top, below):
        with pytest.raises(InvalidError):
            edit_goal(goal=top, changes={"parent": parent}, by=None)
    with pytest.raises(UnknownReferenceError):
        edit_goal(goal=top, changes={"parent": make_goal(make_organization())}, by=None)
    with pytest.raises(ConflictError):
        remove_goal(goal=top, by=None)


def test_an_item_serves_no_goal_of_another_organization(house):
    with pytest.raises(UnknownReferenceError):
        set_goal(item=make_item(house.team), goal=make_goal(make_organization()), by=None)


def test_weights_multiply_up_the_tree_and_count_while_the_goal_does(house):
    trust = make_goal(house.organization, weight="1.5")
    refunds = make_goal(house.organization, weight=2, parent=trust)
    item, other = make_scored(house.team, value=8), make_scored(house.team, value=8)
    set_goal(item=item, goal=refunds, by=None)
    assert costs(house.organization) == {item.key: Decimal(30), other.key: Decimal(10)}

    edit_goal(goal=trust, changes={"is_active": False}, by=None)
    assert costs(house.organization)[item.key] == 20

    edit_goal(goal=refunds, changes={"ends_on": date(2020, 1, 1)}, by=None)
    assert costs(house.organization)[item.key] == 10


def test_what_lies_below_an_item_serves_its_goal(house):
    feature = make_scored(house.train, value=8)
    child = make_scored(house.team, value=3, parent=feature)
    set_goal(item=feature, goal=make_goal(house.organization, weight=2), by=None)
    assert costs(house.organization) == {feature.key: Decimal(20), child.key: Decimal(10)}


def test_a_changed_weight_ranks_what_serves_the_goal_or_one_below(house):
    top = make_goal(house.organization)
    item, other = make_item(house.team), make_item(house.team)
    set_goal(item=item, goal=make_goal(house.organization, parent=top), by=None)
    rank_organization(organization_id=house.organization.pk)
    edit_goal(goal=top, changes={"weight": "1.2"}, by=None)
    run = RankRun.objects.filter(organization=house.organization).latest("id")
    assert (run.causes, run.items) == ({"goal.edited": 1}, 1)
    assert not StaleRank.objects.filter(organization=house.organization, item_id=other.pk).exists()


def test_acts_are_taken_back(house):
    owner = house.people["owner"]
    goal = create_goal(organization=house.organization, name="Trust", weight=2, by=owner)
    item = make_item(house.team)
    set_goal(item=item, goal=goal, by=owner)
    edit_goal(goal=goal, changes={"weight": 3, "ends_on": date(2027, 1, 1)}, by=owner)
    for verb in ("goal.edited", "item.aimed", "goal.created"):
        act = Event.objects.filter(verb=verb).latest("id").act
        undone = undo(act=act, organization_id=house.organization.pk, access=house.access("owner"), by=owner)
        assert undone.left == []
    item.refresh_from_db()
    assert item.goal is None
    assert not Goal.objects.for_organization(house.organization).exists()


def test_a_goal_that_is_let_go_takes_its_items_along_and_brings_them_back(house):
    owner = house.people["owner"]
    goal = create_goal(organization=house.organization, name="Trust", weight=2, by=owner)
    item = make_scored(house.team, value=8)
    set_goal(item=item, goal=goal, by=owner)
    with pytest.raises(ConflictError, match="Something serves"):
        remove_goal(goal=goal, by=owner)
    assert remove_goal(goal=goal, is_let_go=True, by=owner) == 1
    assert costs(house.organization)[item.key] == 10
    assert create_goal(organization=house.organization, name="Other", by=owner).number == 2

    act = Event.objects.get(verb="goal.removed", organization=house.organization).act
    assert undo(act=act, organization_id=house.organization.pk, access=house.access("owner"), by=owner).left == []

    item.refresh_from_db()
    assert item.goal is not None
    assert (item.goal.name, item.goal.number, item.goal.weight) == ("Trust", 1, Decimal(2))
    assert costs(house.organization)[item.key] == 20


def test_a_goal_that_carries_others_or_much_stays(house, monkeypatch):
    goal = make_goal(house.organization, "Trust")
    below = make_goal(house.organization, "Refunds", parent=goal)
    with pytest.raises(ConflictError, match="Below “Trust” lies “Refunds”"):
        remove_goal(goal=goal, is_let_go=True, by=None)

    monkeypatch.setattr(goals, "MOST_LET_GO", 1)
    for _ in range(2):
        set_goal(item=make_item(house.team), goal=below, by=None)
    with pytest.raises(ConflictError, match="Retire it instead"):
        remove_goal(goal=below, is_let_go=True, by=None)
    assert below.items.count() == 2
