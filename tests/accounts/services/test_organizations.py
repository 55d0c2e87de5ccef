"""Setting up places and people; what two do at once."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from accounts.models import KeySeries, Membership
from accounts.roles import Role
from accounts.services import organizations
from accounts.services.organizations import add_member, create_organization, create_team, create_train, next_keys, remove_member
from activity.errors import ConflictError, InvalidError
from activity.models import Event
from activity.services.events import record
from tests.factories.accounts import make_member, make_organization, make_team, make_train, make_user, organization_with


@pytest.mark.django_db
def test_founder_administers():
    founder = make_user()

    organization = create_organization(name="Acme", slug="acme", by=founder)

    assert Membership.objects.for_organization(organization).get().role == Role.ADMINISTRATOR
    assert list(Event.objects.filter(organization=organization).order_by("id").values_list("verb", flat=True)) == [
        "organization.created",
        "member.added",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("slug", ["Acme", "a b", "-a", "a--b", "a_b", "", "accounts", "live", "sessions", "é"])
def test_short_name_that_paths_cannot_take_is_refused(slug):
    with pytest.raises(InvalidError):
        create_organization(name="Acme", slug=slug, by=None)


@pytest.mark.django_db
@pytest.mark.parametrize("prefix", ["chk", "C", "1CHK", "CHECKOUTTEAM", "CH-K", "", "CHK\n"])
def test_prefix_that_keys_cannot_take_is_refused(prefix):
    with pytest.raises(InvalidError):
        create_train(organization=make_organization(), name="T", slug="t", prefix=prefix, by=None)


@pytest.mark.django_db
def test_taken_names_are_refused_and_leave_nothing():
    organization = make_organization(slug="acme")
    train = make_train(organization, slug="store", prefix="ART")
    make_team(train, slug="checkout", prefix="CHK")
    series = KeySeries.objects.for_organization(organization).count()
    attempts: list[Callable[[], object]] = [
        lambda: create_organization(name="x", slug="acme", by=None),
        lambda: create_train(organization=organization, name="x", slug="store", prefix="X1", by=None),
        lambda: create_train(organization=organization, name="x", slug="fresh", prefix="CHK", by=None),
        lambda: create_team(train=train, name="x", slug="checkout", prefix="X2", by=None),
        lambda: create_team(train=train, name="x", slug="fresh", prefix="ART", by=None),
    ]

    for attempt in attempts:
        with pytest.raises(ConflictError, match="taken"):
            attempt()

    assert KeySeries.objects.for_organization(organization).count() == series


@pytest.mark.django_db
def test_role_given_twice_is_given_once():
    house = organization_with(dev=Role.DEVELOPER)

    add_member(organization=house.organization, user=house.people["dev"], role=Role.DEVELOPER, team=house.team, by=None)

    assert Membership.objects.for_organization(house.organization).count() == 1


@pytest.mark.django_db
def test_last_administrator_stays():
    house = organization_with(admin=Role.ADMINISTRATOR)

    with pytest.raises(ConflictError, match="last administrator"):
        remove_member(membership=house.membership("admin"), by=house.people["admin"])

    assert house.membership("admin").role == Role.ADMINISTRATOR


@pytest.mark.django_db
def test_role_taken_away_twice_is_recorded_once():
    house = organization_with(admin=Role.ADMINISTRATOR, dev=Role.DEVELOPER)
    membership = house.membership("dev")

    remove_member(membership=membership, by=house.people["admin"])
    remove_member(membership=membership, by=house.people["admin"])

    assert Event.objects.filter(verb="member.removed").count() == 1


def at_once(*works: Callable[[], object]) -> list[Exception]:
    """Run each on a connection of its own; return what they raised."""
    raised: list[Exception] = []

    def run(work: Callable[[], object]) -> None:
        try:
            work()
        except Exception as error:  # told to the test
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_guarded", [True, False], ids=["guarded", "guard off"])
def test_two_administrators_remove_each_other(is_guarded, monkeypatch):
    house = organization_with(admin=Role.ADMINISTRATOR)
    second = make_member(house.organization, Role.ADMINISTRATOR)
    memberships = list(Membership.objects.for_organization(house.organization).filter(role=Role.ADMINISTRATOR))
    meeting = threading.Barrier(2, timeout=10)
    lock = organizations.lock_organization
    if is_guarded:

        def both_arrive_then_lock(organization_id: int) -> None:
            meeting.wait()
            lock(organization_id)

        monkeypatch.setattr(organizations, "lock_organization", both_arrive_then_lock)
    else:

        def both_have_looked(**event: object) -> None:
            meeting.wait()
            record(**event)  # type: ignore[arg-type]  # passed through

        monkeypatch.setattr(organizations, "lock_organization", lambda organization_id: None)
        monkeypatch.setattr(organizations, "record", both_have_looked)

    raised = at_once(*(lambda membership=membership: remove_member(membership=membership, by=second) for membership in memberships))

    left = Membership.objects.for_organization(house.organization).filter(role=Role.ADMINISTRATOR).count()
    assert (left, [type(error) for error in raised]) == ((1, [ConflictError]) if is_guarded else (0, []))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_guarded", [True, False], ids=["guarded", "guard off"])
def test_keys_taken_at_once(is_guarded):
    series = make_team(make_organization(), prefix="CHK").key_series
    meeting, taken = threading.Barrier(2, timeout=10), []

    def take() -> None:
        mine = KeySeries.objects.for_organization(series.organization_id).get(pk=series.pk)
        with transaction.atomic():
            meeting.wait()
            taken.extend(next_keys(series=mine, count=3) if is_guarded else _read_then_write(mine, meeting))

    def _read_then_write(mine: KeySeries, meeting: threading.Barrier) -> list[str]:
        last = KeySeries.objects.for_organization(mine.organization_id).values_list("last_number", flat=True).get(pk=mine.pk)
        meeting.wait()
        KeySeries.objects.for_organization(mine.organization_id).filter(pk=mine.pk).update(last_number=last + 3)
        return [f"{mine.prefix}-{number}" for number in range(last + 1, last + 4)]

    assert at_once(take, take) == []

    assert len(set(taken)) == (6 if is_guarded else 3)
