"""The log: written with the change, named after its subject, and never changed, by anybody."""

from __future__ import annotations

import contextlib

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from activity.models import Event
from activity.services.acts import one_act
from activity.services.events import record
from config.database import owner_connection
from tests.factories.accounts import make_organization, make_team, make_user


@pytest.mark.django_db
def test_event_says_who_did_what_to_which():
    team, user = make_team(make_organization()), make_user()

    record(subject=team, verb="team.renamed", by=user, before={"name": "a"}, after={"name": "b"}, cause="test")

    event = Event.objects.get(organization=team.organization, verb="team.renamed")
    assert (event.organization_id, event.subject_kind, event.subject_id, event.actor) == (team.organization_id, "team", team.pk, user)
    assert (event.verb, event.before, event.after, event.cause) == ("team.renamed", {"name": "a"}, {"name": "b"}, "test")


@pytest.mark.django_db
@pytest.mark.parametrize("by", [None, AnonymousUser()])
def test_event_of_the_system_or_of_a_visitor_has_no_actor(by):
    record(subject=make_organization(), verb="x.y", by=by)

    assert Event.objects.get(verb="x.y").actor is None


@pytest.mark.django_db
def test_events_of_an_act_share_it_and_others_do_not():
    organization = make_organization()
    with one_act() as act:
        record(subject=organization, verb="a.a", by=None)
        with one_act():
            record(subject=organization, verb="a.b", by=None)
    record(subject=organization, verb="b.a", by=None)

    acts = dict(Event.objects.filter(verb__in=["a.a", "a.b", "b.a"]).values_list("verb", "act"))
    assert acts["a.a"] == acts["a.b"] == act.id != acts["b.a"]


@pytest.mark.django_db
def test_event_goes_back_with_its_change():
    organization = make_organization()
    with contextlib.suppress(ZeroDivisionError), one_act():
        record(subject=organization, verb="a.a", by=None)
        raise ZeroDivisionError

    assert not Event.objects.filter(verb="a.a").exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", ["UPDATE activity_event SET verb = 'x'", "DELETE FROM activity_event"])
def test_trigger_refuses_the_owner_too(change):
    """The application's role has not even the right (tests/config/test_database.py); the owner of the table meets the trigger."""
    record(subject=make_organization(), verb="a.a", by=None)

    with (
        owner_connection(),
        pytest.raises(ProgrammingError, match="Cannot update or delete"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change)
