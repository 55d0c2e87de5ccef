"""An item's place over the last weeks."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Organization, Team
from accounts.roles import Role
from backlog.models import Item
from operations.demo.build import build_demo
from prioritization.selectors.replay import order_at
from prioritization.selectors.trails import DAYS, EVERY, Stay, Trail, trail_of
from prioritization.services.manual_order import Spot, place_by_hand, set_mode
from tests.factories.accounts import organization_with
from tests.factories.prioritization import make_scored

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)


def test_places_are_those_of_the_orders_read_back():
    organization: Organization = build_demo(items=300, slug="fable").organization
    home = Team.objects.filter(organization=organization).earliest("id")
    now, draw = datetime.now(tz=UTC), random.Random(2)
    moments = [now - EVERY * number for number in range(round(timedelta(days=DAYS) / EVERY), -1, -1)]
    orders = [[stood.item for stood in order_at(home=home, moment=moment)] for moment in moments]

    for item in draw.sample(list(Item.objects.for_organization(organization).ranked().filter(team=home)), 12):
        trail = trail_of(item=item, home=home, now=now)
        assert trail is not None
        assert trail.stays == [
            Stay(moment, order.index(item.pk) + 1) for moment, order in zip(moments, orders, strict=True) if item.pk in order
        ]


def test_a_list_ordered_by_hand_counts_by_hand():
    house = organization_with("checkout", owner=Role.PRODUCT_OWNER)
    first, last = make_scored(house.team, value=8), make_scored(house.team, value=2)
    set_mode(home=house.team, mode="manual", by=None)
    place_by_hand(item=last, spot=Spot(above=first), by=None)

    trail = trail_of(item=last, home=house.team, now=datetime.now(tz=UTC))

    assert trail is not None
    assert (trail.stays[-1].place, trail.words) == (1, "1st today, new in the list")


def test_what_has_no_place_has_no_trail():
    house = organization_with("checkout")
    done = make_scored(house.team)
    Item.objects.for_organization(house.organization).filter(pk=done.pk).update(status="done")
    done.placement.delete()

    assert trail_of(item=done, home=house.team, now=datetime.now(tz=UTC)) is None


@pytest.mark.parametrize(
    ("places", "words"),
    [
        ([50, 40, 31, 20, 14], "14th today, 31st four weeks ago"),
        ([14], "14th today, new in the list"),
        ([14, 14, 14, 14, 14], "14th today, as four weeks ago"),
        ([3, 1], "1st today, 3rd 14 days ago"),
    ],
)
def test_words_tell_today_and_four_weeks_ago(places, words):
    days = [42, 35, 28, 14, 0][-len(places) :] if len(places) != 2 else [14, 0]
    told = Trail([Stay(NOW - timedelta(days=day), place) for day, place in zip(days, places, strict=True)], NOW).words

    assert told == words.replace("14 days ago", "two weeks ago")


def test_two_queries_whatever_moved():
    house = organization_with("checkout")
    counts = []
    for _ in range(2):
        items = [make_scored(house.team) for _ in range(3)]
        with CaptureQueriesContext(connection) as queries:
            trail_of(item=items[0], home=house.team, now=datetime.now(tz=UTC))
        counts.append(len(queries))

    assert counts == [2, 2]
