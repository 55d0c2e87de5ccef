"""What serves a goal, and how goals are named."""

import pytest

from accounts.roles import Role
from backlog.selectors.counting import count_items
from backlog.selectors.filters import ItemFilters
from backlog.selectors.goals import MOST_IN_A_MENU, NO_GOAL, find_goal_above, find_goal_by_words, list_goal_choices, list_serving
from backlog.selectors.listing import list_items
from backlog.selectors.ranked import list_ranked_items
from backlog.services.goals import edit_goal, set_goal
from backlog.services.statuses import set_status
from tests.factories.accounts import make_organization, organization_with
from tests.factories.backlog import make_item
from tests.factories.goals import make_goal

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return organization_with("checkout", dev=Role.DEVELOPER)


@pytest.fixture
def trust(house):
    return make_goal(house.organization, "Trust")


@pytest.fixture
def family(house, trust):
    """A feature that serves the goal, a story below it, one below that with its own goal, and one alone."""
    feature = set_goal(item=make_item(house.train), goal=trust, by=None)
    story = make_item(house.team, parent=feature)
    own = set_goal(item=make_item(house.team, parent=feature), goal=make_goal(house.organization, "Speed"), by=None)
    return feature, story, own, make_item(house.team)


def test_an_item_serves_its_own_goal_else_that_of_what_is_above(house, trust, family):
    feature, story, own, alone = family

    assert list_serving(home=house.team, goal=trust.number_text) == [story.pk]
    assert list_serving(home=house.team, goal="2") == [own.pk]
    assert list_serving(home=house.team, goal=NO_GOAL) == [alone.pk]
    assert list_serving(home=house.train, goal=trust.number_text) == [feature.pk]
    assert [find_goal_above(item) for item in (feature, story, own, alone)] == [None, trust, None, None]


def test_a_closed_parent_passes_no_goal_on(house, trust, family):
    feature, story, _, alone = family

    set_status(item=feature, status="done", by=None)

    assert list_serving(home=house.team, goal=trust.number_text) == []
    assert set(list_serving(home=house.team, goal=NO_GOAL)) == {story.pk, alone.pk}
    assert find_goal_above(story) is None


def test_lists_narrow_to_a_goal(house, trust, family):
    _, story, own, alone = family
    set_status(item=own, status="done", by=None)

    def keys(**filters):
        page = list_ranked_items(home=house.team, access=house.access("dev"), filters=ItemFilters(**filters))
        listed = [item.key for item in list_items(home=house.team, filters=ItemFilters(**filters)).items]
        shown = [row["key"] for row in page.rows if "key" in row]
        assert shown == listed
        assert len(shown) == count_items(home=house.team, filters=ItemFilters(**filters))
        return shown

    assert keys(goal=trust.number_text) == [story.key]
    assert keys(goal=NO_GOAL) == [alone.key]
    assert keys(goal="2", status="done") == [own.key]
    assert keys(goal=trust.number_text, q="nothing") == []
    assert keys(goal="999999999") == []


def test_goals_are_found_by_number_name_or_the_only_beginning(house, trust):
    again, speed = make_goal(house.organization, "trust"), make_goal(house.organization, "Speed of delivery")

    def found(words):
        return find_goal_by_words(organization_id=house.organization.pk, words=words)

    assert [found(words) for words in ("1", "Trust #2", "speed", " Speed  of delivery ")] == [trust, again, speed, speed]
    assert [found(words) for words in ("trust", "9", "nothing", "4" * 40)] == [None] * 4
    assert find_goal_by_words(organization_id=make_organization().pk, words="1") is None


def test_few_goals_are_a_menu_and_many_are_typed(house, trust):
    edit_goal(goal=make_goal(house.organization, "Gone"), changes={"is_active": False}, by=None)
    assert list_goal_choices(organization_id=house.organization.pk, current=None).pairs == [("1", "Trust")]

    for _ in range(MOST_IN_A_MENU):
        make_goal(house.organization, "Same")
    choices = list_goal_choices(organization_id=house.organization.pk, current=trust)
    assert not choices.is_menu
    assert choices.pairs[:2] == [("Trust", "Trust"), ("Same #3", "Same")]
    assert choices.value_of(trust) == "Trust #1"
