"""Overrides as people set them: what they do to the order, what they refuse, and how they end."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.roles import Role
from activity.errors import ConflictError, InvalidError, UnknownReferenceError
from activity.models import Event
from activity.services.acts import one_act
from activity.services.undo import undo
from backlog.models import Band, Item, Placement
from backlog.reasons import Reason
from backlog.services.dependencies import link_dependency
from backlog.services.items import edit_item
from backlog.services.statuses import set_status
from prioritization.models import Override
from prioritization.selectors.explained import explain
from prioritization.services.checking import check_organization
from prioritization.services.overrides import (
    ContradictionError,
    end_due_overrides,
    end_overrides_of_closed,
    lift_override,
    set_override,
)
from prioritization.services.ranking import rank_organization
from tests.factories.accounts import House, organization_with
from tests.factories.prioritization import make_scored

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return organization_with("checkout", "pricing", owner=Role.PRODUCT_OWNER, manager=Role.PRODUCT_MANAGER)


def override(item: Item, kind: str, **fields) -> Override:
    return set_override(item=item, kind=kind, reason="The fair opens.", by=None, **fields)


def ranked(house: House) -> list[str]:
    """The order of the first team, computed, and equal to a full computation."""
    rank_organization(organization_id=house.organization.pk)
    assert check_organization(organization_id=house.organization.pk).differing == []
    rows = Placement.objects.filter(organization=house.organization, team=house.team).order_by("band", "falling", "component", "position")
    return list(rows.values_list("item__key", flat=True))


def place_of(item: Item) -> Placement:
    return Placement.objects.select_related("reason_item").get(organization=item.organization_id, item=item)


def scored(house: House, *values: int) -> list[Item]:
    return [make_scored(house.team, value=value) for value in values]


def test_a_pin_comes_first_and_taking_it_back_restores_the_order(house):
    high, middle, low = scored(house, 20, 8, 1)
    before = ranked(house)

    with one_act() as act:
        override(low, "pin")
    pinned = ranked(house)
    undo(act=act.id, organization_id=house.organization.pk, access=house.access("owner"), by=house.people["owner"])

    assert before == [high.key, middle.key, low.key]
    assert pinned == [low.key, high.key, middle.key]
    assert ranked(house) == before
    assert place_of(low).band == Band.NORMAL


def test_lifting_can_be_taken_back(house):
    _, low = scored(house, 20, 1)
    pin = override(low, "pin")

    with one_act() as act:
        lift_override(override=pin, by=None)
    undo(act=act.id, organization_id=house.organization.pk, access=house.access("owner"), by=house.people["owner"])

    assert ranked(house)[0] == low.key
    assert Override.objects.get(organization=house.organization, ended_at=None).reason == "The fair opens."


def test_a_pin_takes_its_prerequisites_along_and_gives_notice_elsewhere(house):
    high, low, base = scored(house, 20, 2, 1)
    elsewhere = make_scored(house.teams["pricing"], value=1)
    link_dependency(blocker=base, blocked=low, by=None)
    link_dependency(blocker=elsewhere, blocked=low, by=None)

    override(low, "pin")

    assert ranked(house) == [base.key, low.key, high.key]
    assert (place_of(base).reason, place_of(base).reason_item) == (Reason.GOES_WITH, low)
    assert (place_of(elsewhere).reason, place_of(elsewhere).reason_item, place_of(elsewhere).band) == (Reason.AWAITED, low, Band.NORMAL)
    assert Event.objects.get(organization=house.organization, verb="item.awaited").subject_ref == elsewhere.key


def test_a_pin_on_the_level_of_the_train_reaches_every_list(house):
    (low,) = scored(house, 2)
    elsewhere = make_scored(house.teams["pricing"], value=1)
    link_dependency(blocker=elsewhere, blocked=low, by=None)

    override(low, "pin", home=house.train)
    ranked(house)

    assert place_of(elsewhere).band == Band.EXPEDITE
    with pytest.raises(ContradictionError, match="on the level of the train"):
        set_override(item=low, kind="pin", reason="Mine.", by=None)


def test_keep_above(house):
    high, low = scored(house, 20, 1)

    until = override(low, "keep_above", anchor=high).expires_on

    assert ranked(house) == [low.key, high.key]
    assert (place_of(low).reason, place_of(low).reason_item) == (f"{Reason.KEPT_ABOVE}:{until}", high)
    assert (place_of(high).reason, place_of(high).reason_item) == (Reason.KEPT_BELOW, low)


def test_keep_above_is_refused_with_the_chain_that_forbids_it(house):
    first, between, last = scored(house, 5, 5, 5)
    link_dependency(blocker=first, blocked=between, by=None)
    override(between, "keep_above", anchor=last)

    with pytest.raises(ContradictionError, match=f"{first.key} → {between.key} → {last.key}") as refused:
        override(last, "keep_above", anchor=first)

    assert refused.value.chain == [first.key, between.key, last.key]


def test_a_dependency_made_later_wins_and_its_end_brings_the_override_back(house):
    high, low = scored(house, 20, 1)
    override(low, "keep_above", anchor=high)
    link_dependency(blocker=high, blocked=low, by=None)

    assert ranked(house) == [high.key, low.key]


@pytest.mark.parametrize(
    ("first", "then"),
    [("pin", "not_before"), ("not_before", "pin"), ("freeze", "pin"), ("keep_above", "not_before"), ("not_before", "freeze")],
)
def test_opposites_are_refused(house, first, then):
    item, other = scored(house, 5, 8)
    ranked(house)
    soon = timezone.localdate() + timedelta(days=9)

    def put(kind):
        override(item, kind, expires_on=soon, **({"anchor": other} if kind == "keep_above" else {}))

    put(first)
    with pytest.raises(ContradictionError, match="says the opposite"):
        put(then)


def test_not_before_leaves_the_order_until_its_day(house):
    high, low = scored(house, 20, 1)
    day = timezone.localdate() + timedelta(days=9)
    hold = override(high, "not_before", expires_on=day)

    assert ranked(house) == [low.key, high.key]
    assert (place_of(high).band, place_of(high).reason) == (Band.ON_HOLD, f"not_before:{day}")

    assert end_due_overrides() == 0
    Override.objects.filter(organization=house.organization, pk=hold.pk).update(expires_on=timezone.localdate())
    assert end_due_overrides() == 1
    assert ranked(house) == [high.key, low.key]
    hold.refresh_from_db()
    assert hold.ended_how == Override.End.EXPIRED
    assert Event.objects.filter(organization=house.organization, verb="item.override_ended", subject_id=high.pk).exists()
    assert end_due_overrides() == 0


def test_freeze_keeps_the_value(house):
    high, low = scored(house, 8, 5)
    ranked(house)
    value = place_of(low).value
    until = override(low, "freeze").expires_on
    edit_item(item=low, changes={"job_size": 1}, by=None)

    assert ranked(house) == [high.key, low.key]
    assert place_of(low).value == value
    assert place_of(low).reason == f"{Reason.FROZEN}:{until}"


def test_another_end_is_written_down_where_lists_read_it(house):
    scored(house, 20)
    (low,) = scored(house, 2)
    first, then = (timezone.localdate() + timedelta(days=days) for days in (20, 30))

    override(low, "pin", expires_on=first)
    ranked(house)
    before = place_of(low).reason
    override(low, "pin", expires_on=then)
    ranked(house)

    assert (before, place_of(low).reason) == (f"pinned:{first}", f"pinned:{then}")


def test_a_boost_is_a_part_of_the_receipt(house):
    (item,) = scored(house, 8)
    override(item, "boost", multiplier="1.5")
    ranked(house)

    explained = explain(item)

    assert explained is not None
    assert dict(explained.receipt.own)["boost"] == 1
    assert explained.receipt.total == explained.receipt.value == 3
    assert place_of(item).cost_of_delay == 15


@pytest.mark.parametrize("multiplier", ["0", "4.01", "1", "x", "NaN", None, "1.001"])
def test_a_boost_is_bounded(house, multiplier):
    (item,) = scored(house, 8)

    with pytest.raises(InvalidError):
        override(item, "boost", multiplier=multiplier)


def test_what_is_refused(house):
    item, planned = scored(house, 8, 8)
    other = make_scored(house.teams["pricing"], value=1)
    set_status(item=planned, status="planned", by=None)

    for kind, fields, error in (
        ("pin", {"reason": " "}, InvalidError),
        ("shove", {}, InvalidError),
        ("pin", {"expires_on": timezone.localdate()}, InvalidError),
        ("pin", {"expires_on": timezone.localdate() + timedelta(days=999)}, InvalidError),
        ("not_before", {}, InvalidError),
        ("keep_above", {"anchor": item}, InvalidError),
        ("keep_above", {"anchor": other}, UnknownReferenceError),
        ("keep_above", {"anchor": planned}, ConflictError),
        ("pin", {"home": house.teams["pricing"]}, UnknownReferenceError),
    ):
        with pytest.raises(error):
            set_override(item=item, kind=kind, by=None, **{"reason": "So.", **fields})
    with pytest.raises(ConflictError, match="keeps its place"):
        override(planned, "pin")


def test_setting_it_again_replaces_it_and_the_same_again_writes_nothing(house):
    (item,) = scored(house, 8)
    first = override(item, "boost", multiplier=2)

    same = override(item, "boost", multiplier=2)
    other = override(item, "boost", multiplier=3)
    first.refresh_from_db()

    assert same.pk == first.pk
    assert (first.ended_how, other.multiplier) == (Override.End.REPLACED, Decimal(3))
    assert Override.objects.filter(organization=house.organization, ended_at=None).count() == 1


def test_overrides_of_closed_items_end_by_night(house):
    item, other = scored(house, 8, 2)
    kept = override(other, "keep_above", anchor=item)
    set_status(item=item, status="done", by=None)

    assert end_overrides_of_closed() == 0
    Item.objects.filter(organization=house.organization, pk=item.pk).update(closed_at=timezone.now() - timedelta(days=2))
    assert end_overrides_of_closed() == 1

    kept.refresh_from_db()
    assert kept.ended_how == Override.End.CLOSED
