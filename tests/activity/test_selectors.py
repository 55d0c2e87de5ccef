"""The history of one thing, newest first, page by page."""

from __future__ import annotations

import pytest
from django.db import connection

from activity.models import Event
from activity.selectors import MalformedCursorError, list_events
from activity.services.events import record
from tests.factories.accounts import make_organization, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def subject():
    organization = make_organization()
    for number in range(6):
        record(subject=organization, verb="organization.renamed", by=make_user(), after={"name": number})
    return organization


def numbers(events: list[Event]) -> list[int | None]:
    return [event.after.get("name") if event.verb == "organization.renamed" else None for event in events]


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_pages_hold_each_event_once(subject, size):
    seen, cursor = [], ""
    while True:
        page = list_events(subject, before=cursor, size=size)
        seen += numbers(page.events)
        cursor = page.older
        if not cursor:
            break

    assert seen == [5, 4, 3, 2, 1, 0, None]


def test_events_of_one_moment_are_paged_too(subject):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO activity_event (organization_id, subject_kind, subject_id, subject_ref, verb, at, before, after, cause, act) "
            "SELECT %s, 'organization', %s, '', 'x', '2020-01-01', '{}', '{}', '', gen_random_uuid() FROM generate_series(1, 5)",
            [subject.pk, subject.pk],
        )
    seen, older = [], ""
    while True:
        page = list_events(subject, before=older, size=2)
        seen += [event.pk for event in page.events]
        older = page.older
        if not older:
            break

    assert len(seen) == len(set(seen)) == 12


def test_history_is_of_one_subject_and_costs_one_query(subject, django_assert_num_queries):
    record(subject=make_organization(), verb="organization.renamed", by=None)

    with django_assert_num_queries(1):
        events = list_events(subject).events
        assert len({str(event.actor) for event in events}) == 7


@pytest.mark.parametrize("cursor", ["x", "1", "-1", "1-x", "²-1", "9" * 30 + "-1", "1-" + "9" * 30])
def test_cursor_of_no_page_is_refused(subject, cursor):
    with pytest.raises(MalformedCursorError):
        list_events(subject, before=cursor)
