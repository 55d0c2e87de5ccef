"""The order of any past moment is read back from the recorded moves."""

import random
import uuid
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.http import Http404

from accounts.models import Organization
from accounts.permissions import Access
from accounts.roles import Role
from activity.errors import DomainError
from activity.models import Event
from activity.services.undo import undo
from backlog.models import Cut, CutMove, Item, Placement, RankCause, RankMove
from backlog.services.items import set_job_size
from backlog.services.statuses import set_status
from prioritization.selectors.replay import Home, home_column, order_at
from prioritization.services.manual_order import Spot, place_by_hand, rebalance_list, set_mode
from prioritization.services.nightly import forget_moves
from prioritization.services.ranking import rank_organization
from tests.factories.accounts import access_of, make_member, organization_with
from tests.factories.prioritization import make_scored
from tests.prioritization.services.test_incremental import Person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("patient")]

STEPS = 60
MOMENTS = 100


def clock() -> datetime:
    """The database's own."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def stored_order(home: Home) -> list[tuple[int, int, float, int, int]]:
    rows = Placement.objects.for_organization(home.organization_id).filter(**{home_column(home): home.pk})
    return list(
        rows.order_by("band", "falling", "component", "position").values_list("item_id", "band", "falling", "component", "position")
    )


def take_back(organization: Organization, access: Access, draw: random.Random) -> None:
    """Undo one of the last acts of anybody."""
    acts: list[uuid.UUID] = list(Event.objects.filter(organization=organization).order_by("-id").values_list("act", flat=True)[:10])
    with suppress(DomainError, Http404):
        undo(act=draw.choice(acts), organization_id=organization.pk, access=access, by=access.user)


def test_replay_equals_what_stood_at_a_hundred_random_moments():
    house = organization_with("checkout", "pricing", "catalogue")
    access = access_of(make_member(house.organization, Role.PRODUCT_OWNER), house.organization)
    draw = random.Random(3)
    person = Person(house, seed=3)
    homes: list[Home] = [*house.teams.values(), house.train]
    truth: list[tuple[datetime, list[list[tuple[int, int, float, int, int]]], datetime]] = []

    for step in range(STEPS):
        if step % 10 == 9:
            take_back(house.organization, access, draw)
        elif step % 20 == 15:
            rank_organization(organization_id=house.organization.pk, mode="full", refresh=True)
        else:
            person.act()
        began = clock()
        truth.append((began, [stored_order(home) for home in homes], clock()))

    for _ in range(MOMENTS):
        began, orders, ended = draw.choice(truth)
        moment = began + draw.random() * (ended - began)
        assert [order_at(home=home, moment=moment) for home in homes] == orders


def test_a_move_has_its_run_and_its_cause():
    house = organization_with("checkout")
    user = make_member(house.organization)
    item = make_scored(house.team, value=5)
    before = stored_order(house.team)[0]
    since = clock()

    set_job_size(item=item, job_size=2, by=user)

    (move,) = RankMove.objects.filter(item_id=item.pk, at__gt=since)
    assert move.run is not None
    assert move.value_before is not None
    (cause,) = RankCause.objects.filter(run=move.run, component=item.pk)
    assert (move.band_before, -move.value_before, move.component_before, move.position_before) == before[1:]
    assert move.component_after == cause.component
    assert move.value_after == 7 / 2
    assert (cause.item_id, cause.verb) == (item.pk, "item.edited job_size")
    assert cause.act is not None
    assert Event.objects.get(act=cause.act, verb="item.edited").actor == user


def test_entering_and_leaving_are_moves_too():
    house = organization_with("checkout")
    item = make_scored(house.team)

    set_status(item=item, status="done", by=None)

    first, *_, last = RankMove.objects.filter(item_id=item.pk).order_by("id")
    assert (first.band_before, first.run) == (None, None)
    assert (last.band_after, last.value_before, last.run) == (None, 7 / 5, None)
    assert order_at(home=house.team, moment=clock()) == []


def test_what_moves_nothing_records_nothing():
    house = organization_with("checkout")
    make_scored(house.team)
    moves = RankMove.objects.count()

    rank_organization(organization_id=house.organization.pk, mode="full")
    Placement.objects.for_organization(house.organization).update(reason="solid")

    assert RankMove.objects.count() == moves


def test_where_tiers_end_is_recorded():
    house = organization_with("checkout")
    first = make_scored(house.team, value=20, size=13)
    line = Cut.objects.get(team=house.team, tier="next")

    make_scored(house.team, value=1, size=13)

    second = Cut.objects.get(team=house.team, tier="next")
    last = CutMove.objects.filter(team_id=house.team.pk, tier="next").latest("id")
    assert line.component == first.pk
    assert (last.component_before, last.component_after) == (line.component, second.component)


def test_only_old_moves_are_forgotten():
    house = organization_with("checkout")
    item = make_scored(house.team)
    young = RankMove.objects.count()
    RankMove.objects.create(organization=house.organization, item_id=item.pk, team_id=house.team.pk, at=clock() - timedelta(days=181))

    assert forget_moves() == 1

    assert RankMove.objects.count() == young
    assert Item.objects.for_organization(house.organization).count() == 1


def test_a_list_ordered_by_hand_is_read_back_as_it_stood():
    house = organization_with("checkout")
    access = access_of(make_member(house.organization, Role.PRODUCT_OWNER), house.organization)
    items = [make_scored(house.team, value=value) for value in (13, 8, 5, 3, 2)]
    rank_organization(organization_id=house.organization.pk)
    draw = random.Random(4)
    truth: list[tuple[datetime, list[int]]] = [(clock(), [item.pk for item in items])]
    order = [item.pk for item in items]

    set_mode(home=house.team, mode="manual", by=access.user)
    for step in range(12):
        item, number = draw.choice(items), draw.randint(1, 5)
        place_by_hand(item=item, spot=Spot(number=number), by=access.user)
        order.remove(item.pk)
        order.insert(number - 1, item.pk)
        if step == 6:
            rebalance_list(house.team)
        truth.append((clock(), list(order)))
    set_mode(home=house.team, mode="computed", by=access.user)
    computed = [row[0] for row in stored_order(house.team)]

    assert [[stood.item for stood in order_at(home=house.team, moment=moment)] for moment, _ in truth] == [told for _, told in truth]
    assert [stood.item for stood in order_at(home=house.team, moment=clock())] == computed
    set_mode(home=house.team, mode="advise", by=access.user)
    assert [stood.item for stood in order_at(home=house.team, moment=clock())] == order
