"""What would move an item: every place told is the one that making it so gives."""

import random

import pytest

from accounts.roles import Role
from backlog.models import Dependency
from backlog.services.dependencies import link_dependency, unlink_dependency
from backlog.services.items import edit_item, set_job_size
from backlog.services.statuses import set_status
from prioritization.models import RankRun
from prioritization.selectors.comparisons import would_move
from prioritization.selectors.counterfactuals import MOST_LINKS, Lever, without_ties
from prioritization.selectors.places import find_rank
from prioritization.services.ranking import rank_organization
from prioritization.services.scores import score_item
from tests.factories.accounts import make_team, organization_with
from tests.factories.prioritization import make_scored

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return organization_with("checkout", "delivery", owner=Role.PRODUCT_OWNER)


def rank(house):
    rank_organization(organization_id=house.organization.pk, mode=RankRun.Mode.FULL, refresh=True)


def rank_what_changed(house):
    rank_organization(organization_id=house.organization.pk)


def told(house, item):
    return without_ties(item=item, access=house.access("owner"))


def make_so(item, one, by_key):
    if one.lever is Lever.SIZE:
        set_job_size(item=item, job_size=one.value, by=None)
    elif one.lever is Lever.SCORE:
        score_item(item=item, factors={one.factor: one.value}, by=None)
    elif one.lever is Lever.PART_OF:
        edit_item(item=item, changes={"parent": None}, by=None)
    else:
        other = by_key[one.other]
        blocker, blocked = (other, item) if one.lever is Lever.WAITS_FOR else (item, other)
        unlink_dependency(blocker=blocker, blocked=blocked, kind=Dependency.Kind.BLOCKS, by=None)


def test_a_blocker_would_fall_without_what_it_unblocks(house):
    low, high = make_scored(house.team, value=1, size=2), make_scored(house.team, value=20)
    between = [make_scored(house.team, value=value) for value in (8, 5, 3)]
    link_dependency(blocker=low, blocked=high, by=None)
    rank(house)

    found = told(house, low)

    assert (found.nth, [(one.label, one.nth) for one in found.found]) == ("1st", [(f"Without {high.key}, which waits for it", "3rd")])
    assert [(one.label, one.place) for one in told(house, high).found] == [(f"Without waiting for {low.key}", 1)]
    assert told(house, between[0]).found == ()


@pytest.mark.parametrize("seed", range(5))
def test_making_it_so_gives_the_place_that_was_told(house, seed):
    rng = random.Random(seed)
    epic = make_scored(house.train, "feature", value=rng.choice((5, 13)), size=21)
    made = [
        make_scored(
            team, value=rng.choice((1, 2, 3, 5, 8, 13, 20)), size=rng.choice((1, 2, 3, 5, 8)), parent=rng.choice((None, None, epic))
        )
        for team in (house.teams["checkout"], house.teams["delivery"])
        for _ in range(8)
    ]
    for _ in range(10):
        here, there = sorted(rng.sample(range(len(made)), 2))
        link_dependency(blocker=made[here], blocked=made[there], by=None)
    rank(house)
    by_key = {item.key: item for item in (epic, *made)}
    item, one = rng.choice([(item, one) for item in made for one, _ in would_move(item=item, access=house.access("owner"))])

    make_so(item, one, by_key)
    rank_what_changed(house)

    assert find_rank(item) == one.place


def test_a_hidden_item_is_not_named_and_what_is_under_way_stays(house):
    secret = make_team(house.train, is_private=True)
    hidden, waiting = make_scored(secret, value=1, size=13), make_scored(house.team, value=20)
    for value in (13, 8):
        make_scored(house.team, value=value)
    link_dependency(blocker=hidden, blocked=waiting, by=None)
    rank(house)

    (one,) = told(house, waiting).found
    assert (one.is_restricted, one.label) == (True, "Without waiting for a restricted item")

    set_status(item=waiting, status="in_progress", by=None)
    assert told(house, waiting).found == ()


def test_the_cost_is_the_same_for_one_tie_and_for_many(house, django_assert_max_num_queries):
    hub = make_scored(house.team, value=1)
    for value in range(1, 10):
        link_dependency(blocker=hub, blocked=make_scored(house.team, value=2 * value), by=None)
    rank(house)
    access = house.access("owner")

    with django_assert_max_num_queries(7):
        found = without_ties(item=hub, access=access)
    assert len(found.found) <= MOST_LINKS
