"""The page of a ranked list: tiers, blocks, values, and how many queries it takes."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from backlog.models import Band, Cut
from backlog.selectors.filters import ItemFilters
from backlog.selectors.ranked import count_items, list_ranked_items
from tests.factories.accounts import organization_with
from tests.factories.backlog import make_item, make_iteration, place

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return organization_with("checkout", dev=Role.DEVELOPER)


@pytest.fixture
def rows(house):
    return lambda **filters: list_ranked_items(home=house.team, access=house.access("dev"), filters=ItemFilters(**filters)).rows


def test_tiers_stand_before_their_first_row(house, rows):
    values = {"now": 1, "first": 9, "last": 8, "later": 7, "unscored": 0, "dormant": 5}
    bands = {"now": Band.NOW, "unscored": Band.UNSCORED, "dormant": Band.DORMANT}
    items = {name: make_item(house.team, title=name) for name in values}
    placed = {name: place(item, value=values[name], band=bands.get(name, Band.NORMAL)) for name, item in items.items()}
    end = placed["last"]
    Cut.objects.create(
        organization=house.organization,
        team=house.team,
        tier="next",
        band=end.band,
        falling=-8,
        component=end.component,
        position=0,
        points=13,
    )
    Cut.objects.create(organization=house.organization, team=house.team, tier="now", band=0, falling=0, component=0, position=0, points=18)
    make_iteration(house.team, name="Sprint 14", state="active")

    told = [row.get("tier") or row["title"] for row in rows()]

    assert told == ["Now", "now", "Next", "first", "last", "Later", "later", "Unscored", "unscored", "Dormant", "dormant"]
    now, following = rows()[0], rows()[2]
    assert (now["words"], now["load"]) == ("Sprint 14, frozen", "18 of 20 points")
    assert following["load"] == "13 points"


def test_items_ordered_as_one_piece_are_tied(house, rows):
    alone, *three = [make_item(house.team) for _ in range(4)]
    place(alone, value=5)
    for position, item in enumerate(three):
        place(item, value=5, component=three[0].pk, position=position)

    assert [row["block"] for row in rows() if "key" in row] == ["", "first", "mid", "last"]


@pytest.mark.usefixtures("ranked_later")
def test_values_are_short_and_unknown_ones_a_dash(house, rows):
    make_item(house.team, job_size="0.125")
    place(make_item(house.team, job_size="13"), value=6.549, cost_of_delay=21.5, reason="assumed_size")

    scored, fresh = (row for row in rows() if "key" in row)

    assert (scored["size"], scored["cost"], scored["value"], scored["reason"]) == ("13", "21.5", "6.5", "assumed size")
    assert (fresh["size"], fresh["cost"], fresh["value"], fresh["reason"]) == ("0.125", "—", "—", "being ranked")


def test_a_filtered_row_keeps_its_place_in_the_whole_list(house, rows):
    for number in range(5):
        place(make_item(house.team, "bug" if number == 3 else "story"), value=10 - number)

    (row,) = [row for row in rows(kind="bug") if "key" in row]

    assert row["rank"] == "4"


def test_ten_thousand_items_take_no_query_more_than_ten(house):
    access = house.access("dev")

    def queries(**filters):
        with CaptureQueriesContext(connection) as counted:
            list_ranked_items(home=house.team, access=access, filters=ItemFilters(**filters))
            count_items(home=house.team, filters=ItemFilters(**filters))
        return len(counted)

    asked = [{}, {"kind": "story"}, {"q": "item"}, {"status": "done"}]
    _fill(house.team, 10)
    at_ten = [queries(**filters) for filters in asked]
    _fill(house.team, 10_000)

    assert [queries(**filters) for filters in asked] == at_ten == [2, 3, 4, 2]


def _fill(team, count):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO backlog_item (organization_id, key, kind, title, description, team_id, channel, source_kind, source_ref, status,"
            " removed_reason, demand, is_dormant, details, version)"
            " SELECT %s, 'B' || %s || '-' || n, 'story', 'Item ' || n, '', %s, 'team', '', '', 'open', '', 0, false, '{}', 1"
            " FROM generate_series(1, %s) n RETURNING id",
            [team.organization_id, count, team.pk, count],
        )
        ids = [pk for (pk,) in cursor.fetchall()]
        cursor.execute(
            "INSERT INTO backlog_placement (organization_id, item_id, team_id, band, value, component, position, is_assumed, is_size_assumed, reason)"
            " SELECT %s, n, %s, 2, n %% 97, n, 0, false, false, 'solid' FROM unnest(%s::bigint[]) n",
            [team.organization_id, team.pk, ids],
        )
