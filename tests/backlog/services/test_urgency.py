"""Urgency of an item: profiles with their dates, and one expedited item at a time."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from accounts.roles import Role
from activity.errors import ConflictError, InvalidError
from activity.models import Event
from activity.services.undo import undo
from backlog.models import Item
from backlog.services.statuses import set_status
from backlog.services.urgency import set_urgency
from tests.factories.accounts import organization_with
from tests.factories.backlog import make_item

pytestmark = pytest.mark.django_db
SOON = date(2027, 1, 12)


@pytest.fixture
def house():
    return organization_with("checkout", "cart", owner=Role.PRODUCT_OWNER)


def of(item):
    item.refresh_from_db()
    return item.urgency, item.due_on, item.urgency_days


def test_a_profile_keeps_its_date_and_drops_what_it_has_no_use_for(house):
    item = make_item(house.team)
    set_urgency(item=item, urgency="fixed_date", due_on=SOON, days=7, by=None)
    assert of(item) == ("fixed_date", SOON, 7)
    set_urgency(item=item, urgency="standard", due_on=SOON, days=7, by=None)
    assert of(item) == ("standard", None, None)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"urgency": "tomorrow"}, "urgency"),
        ({"urgency": "fixed_date"}, "due_on"),
        ({"urgency": "short_life"}, "due_on"),
        ({"urgency": "intangible"}, "due_on"),
        ({"urgency": "fixed_date", "due_on": date(1999, 1, 1)}, "due_on"),
        ({"urgency": "fixed_date", "due_on": SOON, "days": 0}, "days"),
        ({"urgency": "fixed_date", "due_on": SOON, "days": 731}, "days"),
    ],
)
def test_what_is_no_profile_is_refused(house, fields, field):
    item = make_item(house.team)
    with pytest.raises(InvalidError) as refused:
        set_urgency(item=item, by=None, **fields)
    assert refused.value.field == field
    assert of(item) == ("standard", None, None)


def test_a_date_in_the_past_is_taken(house):
    item = make_item(house.team)
    set_urgency(item=item, urgency="fixed_date", due_on=date(2020, 1, 1), by=None)
    assert of(item)[0] == "fixed_date"


def test_one_item_of_a_list_is_expedited_at_a_time(house):
    first, second = make_item(house.team), make_item(house.team)
    elsewhere = make_item(house.teams["cart"])
    set_urgency(item=first, urgency="expedite", by=None)
    set_urgency(item=elsewhere, urgency="expedite", by=None)
    with pytest.raises(ConflictError, match=first.key):
        set_urgency(item=second, urgency="expedite", by=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Item.objects.filter(organization=house.organization, pk=second.pk).update(urgency="expedite")

    set_status(item=first, status="done", by=None)
    set_urgency(item=second, urgency="expedite", by=None)
    set_status(item=first, status="open", by=None)
    assert (of(first)[0], of(second)[0]) == ("standard", "expedite")
    with pytest.raises(ConflictError):
        set_urgency(item=make_item(house.team, status="proposed"), urgency="expedite", by=None)


def test_it_is_taken_back(house):
    owner, item = house.people["owner"], make_item(house.team)
    set_urgency(item=item, urgency="fixed_date", due_on=SOON, by=owner)
    set_urgency(item=item, urgency="expedite", by=owner)
    for expected in (("fixed_date", SOON, None), ("standard", None, None)):
        act = Event.objects.filter(verb="item.hurried", cause="").latest("id").act
        if expected[0] == "standard":
            act = Event.objects.filter(verb="item.hurried", cause="").earliest("id").act
        undo(act=act, organization_id=house.organization.pk, access=house.access("owner"), by=owner)
        assert of(item) == expected
