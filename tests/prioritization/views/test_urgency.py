"""Urgency on an item's page and over the API: a look at what a profile does, changing it, taking it back."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.roles import Role
from activity.models import Event
from backlog.services.urgency import set_urgency
from prioritization.curves import Profile, draw_curve, tell
from tests.factories.accounts import make_member, make_team, organization_with
from tests.factories.api import call_by_token
from tests.factories.backlog import make_item

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def house():
    return organization_with("checkout", slug="acme", owner=Role.PRODUCT_OWNER, dev=Role.DEVELOPER, observer=Role.OBSERVER)


@pytest.fixture
def item(house):
    return make_item(house.team, job_size=5)


def path(item):
    return reverse("prioritization:item-urgency", kwargs={"organization": "acme", "key": item.key})


def stands(item):
    item.refresh_from_db()
    return item.urgency, item.due_on, item.urgency_days


def words(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.mark.parametrize(
    ("profile", "told"),
    [
        (Profile("standard", 100), "A week of waiting costs the same, whenever it comes."),
        (Profile("expedite", 100), "It comes before everything that is not under way. One item of a list at a time."),
        (Profile("fixed_date", 100), "It needs a day."),
        (Profile("fixed_date", 100, 160), "Today it counts next to nothing, on 10 Jun 1970 1.2 times. Afterwards it asks what now."),
        (Profile("fixed_date", 161, 160), "Its day, 10 Jun 1970, has passed. It counts as it was scored until somebody decides."),
        (Profile("short_life", 100, 110, 30), "It counts in full until 21 Apr 1970, and half as much on 12 May 1970."),
        (Profile("short_life", 140, 110, 30), "It fades since 21 Apr 1970: today it counts 0.4 times, and half as much on 12 May 1970."),
        (
            Profile("intangible", 120, 110, 20),
            "It counts 0.2 times until 21 Apr 1970, then more each day, in full from 11 May 1970 on. Today 0.6 times.",
        ),
    ],
)
def test_a_profile_is_told_in_a_sentence(profile, told):
    assert tell(profile) == told


@pytest.mark.parametrize("name", ["fixed_date", "short_life", "intangible"])
@pytest.mark.parametrize("due", [-36_000, 0, 100, 47_000])
def test_a_drawing_stays_inside_whatever_the_days(name, due):
    curve = draw_curve(Profile(name, 100, due, 730))

    assert curve is not None
    points = [tuple(map(int, point.split())) for point in curve.path[1:].split("L")]
    assert points == sorted(points, key=lambda point: point[0])
    assert all(0 <= x <= 320 and 24 <= y <= 84 for x, y in points)
    assert {curve.today.anchor, curve.due.anchor} <= {"start", "middle", "end"}


def test_a_look_writes_nothing_and_a_change_offers_its_undo(client, house, item):
    client.force_login(house.people["owner"])
    soon = timezone.localdate() + timedelta(days=7)
    asked = {"urgency": "fixed_date", "due_on": soon.isoformat(), "days": ""}

    look = client.get(path(item), asked, headers=HTMX)
    assert "Afterwards it asks what now." in words(look)
    assert "<form" not in look.content.decode()
    assert client.get(path(item), {"urgency": "fixed_date"}, headers=HTMX).status_code == 200
    assert client.get(path(item), {"urgency": "soon"}, headers=HTMX).status_code == 422
    assert stands(item) == ("standard", None, None)

    done = client.post(path(item), asked, headers=HTMX)

    assert stands(item) == ("fixed_date", soon, None)
    act = Event.objects.get(verb="item.hurried").act
    assert f"/undo/{act}/" in done.content.decode()
    client.post(f"/acme/undo/{act}/")
    assert stands(item) == ("standard", None, None)
    assert client.post(path(item), asked).status_code == 302


def test_a_passed_day_asks_for_a_verdict(client, house, item):
    set_urgency(item=item, urgency="fixed_date", due_on=timezone.localdate() - timedelta(days=1), by=None)
    client.force_login(house.people["owner"])
    assert "has passed. It counts as it was scored until somebody decides." in words(client.get(path(item)))


@pytest.mark.parametrize(
    ("typed", "status", "told"),
    [
        ({"urgency": "fixed_date"}, 422, "Fixed date needs a date."),
        ({"urgency": "fixed_date", "due_on": "1999-01-01"}, 422, "between 2000 and 2199"),
        ({"urgency": "fixed_date", "due_on": "soon"}, 422, "valid date"),
        ({"urgency": "short_life", "due_on": "2027-01-01", "days": "0"}, 422, "greater than or equal to 1"),
        ({"urgency": "short_life", "due_on": "2027-01-01", "days": "9999"}, 422, "less than or equal to 730"),
        ({"urgency": "a\x00b"}, 422, "not one of the available choices"),
        ({}, 422, "required"),
        ({"urgency": "expedite"}, 409, "is expedited already"),
    ],
)
def test_what_is_refused_stays_as_typed(client, house, item, typed, status, told):
    set_urgency(item=make_item(house.team), urgency="expedite", by=None)
    client.force_login(house.people["owner"])

    response = client.post(path(item), typed, headers=HTMX)

    assert response.status_code == status
    assert told in words(response)
    assert all(f'value="{typed[name]}"' in response.content.decode() for name in ("due_on", "days") if name in typed)
    assert stands(item) == ("standard", None, None)


def test_who_sees_and_who_may(client, house, item):
    for person in ("dev", "observer"):
        client.force_login(house.people[person])
        assert "Save the urgency" not in client.get(path(item)).content.decode()
        assert client.post(path(item), {"urgency": "expedite"}).status_code == 403
        caller = call_by_token(house.people[person], house.organization)
        assert caller.get(f"items/{item.key}/urgency/").status_code == 200
        assert caller.put(f"items/{item.key}/urgency/", {"urgency": "expedite"}).status_code == 403
    client.force_login(make_member(make_team(organization_with("other").organization), Role.PRODUCT_OWNER))
    assert client.get(path(item)).status_code == 404
    assert client.post(path(item), {"urgency": "expedite"}).status_code == 404
    assert stands(item) == ("standard", None, None)


def test_the_api_reads_what_it_set(house, item):
    owner, address = call_by_token(house.people["owner"], house.organization), f"items/{item.key}/urgency/"
    today = timezone.localdate()

    answer = owner.put(address, {"urgency": "intangible", "due_on": today.isoformat(), "days": 10})

    assert answer.json() == owner.get(address).json()
    assert {name: answer.json()[name] for name in ("urgency", "due_on", "days", "counts", "asks_for_verdict")} == {
        "urgency": "intangible",
        "due_on": today.isoformat(),
        "days": 10,
        "counts": "0.2",
        "asks_for_verdict": False,
    }
    for body, status in (
        ({"urgency": "fixed_date"}, 422),
        ({"urgency": "soon"}, 422),
        ({"urgency": "short_life", "due_on": "soon"}, 422),
        ({"urgency": "short_life", "due_on": "2027-01-01", "days": 731}, 422),
        ({"urgency": "standard", "status": "done"}, 400),
        ({}, 422),
    ):
        assert owner.put(address, body).status_code == status
    set_urgency(item=make_item(house.team), urgency="expedite", by=None)
    assert owner.put(address, {"urgency": "expedite"}).status_code == 409
