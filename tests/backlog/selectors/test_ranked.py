"""The page of a ranked list: tiers, blocks, values, and how many queries it takes."""

from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from backlog.models import Band, Cut, StaleRank
from backlog.selectors.confidence import Standing, coin_flips
from backlog.selectors.counting import count_items
from backlog.selectors.filters import ItemFilters
from backlog.selectors.ranked import list_ranked_items
from backlog.selectors.waiting import MOST_MARKS, Waiting
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
        cursor.execute("DISCARD PLANS")  # of checking keys: made for ten rows, they would read ten thousand for each


def test_neighbours_of_nearly_one_value_are_a_coin_flip_and_clear_ones_are_solid(house, rows):
    values = [20, 10, 9.5, 5, 4.9, 4.9, 1]
    items = [make_item(house.team) for _ in values]
    for item, value in zip(items, values, strict=True):
        place(item, value=value, reason="solid")
    place(make_item(house.team), value=20.5, reason="pinned", band=Band.EXPEDITE)

    told = [row["reason"] for row in rows() if "key" in row]

    assert told == [
        "pinned",
        "solid",
        "coin flip with 4th",
        "coin flip with 3rd",
        "coin flip with 6th",
        "coin flip with 7th",
        "coin flip with 6th",
        "solid",
    ]


def test_a_narrowed_list_tells_the_same_coin_flips(house, rows):
    for number, value in enumerate([20, 10, 9.5, 5, 4.9, 4.9, 1]):
        place(make_item(house.team, kind="bug" if number % 2 else "story"), value=value, reason="solid")
    told = {row["key"]: (row["rank"], row["reason"]) for row in rows() if "key" in row}

    for kind in ("bug", "story"):
        narrowed = {row["key"]: (row["rank"], row["reason"]) for row in rows(kind=kind) if "key" in row}
        assert narrowed == {key: told[key] for key in narrowed}
        assert len(narrowed) == (3 if kind == "bug" else 4)


def test_items_tied_together_are_no_coin_flip(house, rows):
    first, then = make_item(house.team), make_item(house.team)
    place(first, value=5, reason="solid")
    place(then, value=5, component=first.pk, position=1, reason="solid")

    assert [row["reason"] for row in rows() if "key" in row] == ["solid", "solid"]


def test_an_assumed_part_widens_what_is_even():
    given, assumed = Standing(Band.NORMAL, 5.0, 1, 0), Standing(Band.NORMAL, 4.0, 2, 1)

    assert coin_flips([given, assumed._replace(assumed=0)]) == {}
    assert coin_flips([given, assumed._replace(assumed=2)]) == {0: 1, 1: -1}


def test_the_list_says_what_is_not_ranked_yet(house):
    item = make_item(house.team)
    page = partial(list_ranked_items, home=house.team, access=house.access("dev"), filters=ItemFilters())
    StaleRank.objects.filter(organization=house.organization).delete()

    assert page().waiting is None

    mark = StaleRank.objects.create(organization=house.organization, item_id=item.pk, cause="item.scored")
    StaleRank.objects.create(organization=house.organization, item_id=item.pk, cause="item.sized")
    mark.refresh_from_db()
    assert page().waiting == Waiting(mark.at, "1 item changed")

    StaleRank.objects.bulk_create(StaleRank(organization=house.organization, item_id=0, cause="item.imported") for _ in range(MOST_MARKS))
    StaleRank.objects.filter(item_id=item.pk).delete()
    assert page().waiting is None
    StaleRank.objects.create(organization=house.organization, item_id=0, cause="item.imported")
    waiting = page().waiting
    assert waiting
    assert waiting.changed == ""
