"""A list ordered by hand: where items go, how modes change, and what can be taken back."""

import pytest

from accounts.roles import Role
from activity.errors import ConflictError, InvalidError
from activity.models import Event, Job
from activity.services.acts import one_act
from activity.services.undo import undo
from backlog.models import Item, Placement
from backlog.services.statuses import set_status
from prioritization.engine import fractional
from prioritization.services import manual_order
from prioritization.services.checking import check_organization
from prioritization.services.manual_order import (
    REBALANCE_JOB,
    Spot,
    mode_of,
    place_by_hand,
    place_together,
    rebalance_list,
    set_mode,
)
from prioritization.services.moves import Move, StaleOrderError, move_item
from prioritization.services.ranking import rank_organization
from prioritization.tasks import rebalance
from tests.factories.accounts import House, organization_with
from tests.factories.prioritization import make_scored

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return organization_with("checkout", owner=Role.PRODUCT_OWNER)


@pytest.fixture
def items(house) -> list[Item]:
    """Four items in falling value, ordered by hand from now on."""
    made = [make_scored(house.team, value=value) for value in (20, 13, 8, 5)]
    rank_organization(organization_id=house.organization.pk)
    set_mode(home=house.team, mode="manual", by=None)
    return made


def order(house: House, items: list[Item]) -> str:
    """The places of the items as letters: `abcd` is how they began."""
    rows = Placement.objects.filter(organization=house.organization, team=house.team, manual_key__isnull=False).order_by("manual_key")
    names = {item.pk: "abcdefgh"[at] for at, item in enumerate(items)}
    return "".join(names[pk] for pk in rows.values_list("item_id", flat=True))


def take_back(house, act):
    return undo(act=act.id, organization_id=house.organization.pk, access=house.access("owner"), by=house.people["owner"])


def test_it_begins_as_the_computed_order(house, items):
    assert order(house, items) == "abcd"


def test_every_spot(house, items):
    a, b, c, d = items
    for item, spot, result in (
        (d, Spot(above=b), "adbc"),
        (a, Spot(below=c), "dbca"),
        (c, Spot(), "cdba"),
        (c, Spot(number=3), "dbca"),
        (d, Spot(number=4), "bcad"),
        (b, Spot(number=99), "cadb"),
        (a, Spot(above=d), "cadb"),
    ):
        place_by_hand(item=item, spot=spot, by=None)
        assert order(house, items) == result


def test_a_move_is_taken_back_unless_it_moved_since(house, items):
    with one_act() as first:
        place_by_hand(item=items[3], spot=Spot(), by=None)
    take_back(house, first)
    assert order(house, items) == "abcd"

    with one_act() as second:
        place_by_hand(item=items[3], spot=Spot(), by=None)
    place_by_hand(item=items[3], spot=Spot(above=items[1]), by=None)
    with pytest.raises(ConflictError, match="moved since"):
        take_back(house, second)


def test_a_mode_is_taken_back_and_its_keys_are_kept(house, items):
    place_by_hand(item=items[3], spot=Spot(), by=None)
    with one_act() as act:
        set_mode(home=house.team, mode="computed", by=house.people["owner"])
    assert mode_of(house.team) == "computed"

    take_back(house, act)

    assert mode_of(house.team) == "manual"
    assert order(house, items) == "dabc"


def test_what_came_since_waits_until_something_goes_beside_it(house, items):
    new = make_scored(house.team, value=20)
    place_by_hand(item=items[0], spot=Spot(below=items[1]), by=None)
    assert order(house, [*items, new]) == "bacd"

    place_by_hand(item=items[0], spot=Spot(below=new), by=None)

    assert order(house, [*items, new]) == "bcdea"


def test_several_move_as_one_act_in_the_order_they_stand(house, items):
    a, b, c, d = items
    for moving, spot, result in (
        ([d, b], Spot(), "bdac"),
        ([c, b], Spot(number=2), "dbca"),
        ([b, d], Spot(below=a), "cadb"),
        ([b, c], Spot(above=d), "acbd"),
        ([d, a], Spot(number=3), "cbad"),
        ([c, b], Spot(number=99), "adcb"),
        ([a, d, c, b], Spot(number=2), "adcb"),
    ):
        with one_act() as act:
            place_together(items=moving, spot=spot, by=house.people["owner"])
        assert order(house, items) == result
    assert Event.objects.filter(act=act.id, verb="item.reordered").count() == 4

    take_back(house, act)
    assert order(house, items) == "adcb"
    with pytest.raises(InvalidError, match="beside itself"):
        place_together(items=[a, b], spot=Spot(above=b), by=None)


def test_the_computed_order_lives_on(house, items):
    place_by_hand(item=items[3], spot=Spot(), by=None)

    rank_organization(organization_id=house.organization.pk)

    assert check_organization(organization_id=house.organization.pk).differing == []


def test_long_keys_are_shortened_in_the_background(house, items, monkeypatch):
    monkeypatch.setattr(manual_order, "LONG", 0)
    place_by_hand(item=items[3], spot=Spot(above=items[1]), by=None)
    job = Job.objects.get(name=REBALANCE_JOB)

    rebalance(job.pk)

    assert order(house, items) == "adbc"
    assert rebalance_list(house.team) == 4
    keys = Placement.objects.filter(organization=house.organization).values_list("manual_key", flat=True)
    assert max(len(key or "") for key in keys) < fractional.LONG


def test_a_taken_key_is_tried_again(house, items, monkeypatch):
    taken = Placement.objects.get(organization=house.organization, item=items[2]).manual_key
    given = iter([taken, taken])
    real = fractional.key_between
    monkeypatch.setattr(manual_order, "key_between", lambda low, high: next(given, None) or real(low, high))

    place_by_hand(item=items[3], spot=Spot(above=items[1]), by=None)

    assert order(house, items) == "adbc"


def test_what_is_refused(house, items):
    a, b, *_ = items
    set_status(item=b, status="done", by=None)

    with pytest.raises(ConflictError, match="not in this list"):
        place_by_hand(item=a, spot=Spot(above=b), by=None)
    with pytest.raises(InvalidError):
        set_mode(home=house.team, mode="best", by=None)
    with pytest.raises(InvalidError, match="manual order"):
        move_item(item=a, move=Move(to="boost", times="2"), by=house.people["owner"])
    set_mode(home=house.team, mode="computed", by=None)
    with pytest.raises(ConflictError, match="by computation"):
        place_by_hand(item=a, spot=Spot(), by=None)


def test_moving_where_the_list_is_computed_sets_overrides(house):
    high, middle, low = (make_scored(house.team, value=value) for value in (20, 8, 1))
    rank_organization(organization_id=house.organization.pk)
    owner = house.people["owner"]

    said = [
        move_item(item=low, move=Move(to="position", number=1, reason="First."), by=owner),
        move_item(item=high, move=Move(to="below", other=middle, reason="Later."), by=owner),
    ]

    assert [text.partition(" until")[0] for text in said] == [
        f"{low.key} is kept above {high.key}",
        f"{middle.key} is kept above {high.key}",
    ]
    for move in (
        Move(to="position", number=99, reason="So."),
        Move(to="above", reason="So."),
        Move(to="up"),
        Move(to="position", reason="So."),
    ):
        with pytest.raises(InvalidError):
            move_item(item=low, move=move, by=owner)


def test_a_list_that_changed_since_is_not_moved_in(house, items):
    with pytest.raises(StaleOrderError):
        move_item(item=items[0], move=Move(to="position", number=2, version=1), by=house.people["owner"])

    assert not Event.objects.filter(organization=house.organization, verb="item.reordered").exists()
