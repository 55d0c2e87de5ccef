"""Two edits of what both have read: it is written only where the item is still at that version. The twin without it tells a past that never was."""

import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connection

from activity.models import Event
from backlog.models import Item
from backlog.services import items
from backlog.services.items import edit_item
from tests.factories.accounts import organization_with
from tests.factories.backlog import make_item

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("patient")]


@pytest.fixture
def house():
    return organization_with("checkout")


def edit_together(house, monkeypatch) -> tuple[int, list[tuple[str, str]]]:
    """The item's versions and the events' sizes (before, after) of two edits, neither of which writes until both know what stands there."""
    barrier, check = threading.Barrier(2), items.check_changes
    first_look = threading.local()

    def check_together(item, changes):
        cleaned = check(item, changes)
        if not hasattr(first_look, "is_over"):
            first_look.is_over = True
            barrier.wait(10)
        return cleaned

    monkeypatch.setattr(items, "check_changes", check_together)
    item = make_item(house.team, job_size=Decimal(1))
    read = [Item.objects.for_organization(house.organization).select_related("team").get(pk=item.pk) for _ in range(2)]

    def edit(mine: Item, size: int) -> None:
        try:
            edit_item(item=mine, changes={"job_size": size}, by=None)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(edit, mine, size) for mine, size in zip(read, (3, 5), strict=True)]:
            done.result()
    told = Event.objects.filter(subject_kind="item", subject_id=item.pk, verb="item.edited").order_by("id")
    now = Item.objects.for_organization(house.organization).get(pk=item.pk)
    return now.version - item.version, [(event.before["job_size"], event.after["job_size"]) for event in told]


def test_the_second_edit_sees_the_first(house, monkeypatch):
    versions, [(first, second), (third, fourth)] = edit_together(house, monkeypatch)

    assert versions == 2
    assert (first, third) == ("1", second)
    assert {second, fourth} == {"3", "5"}


def test_without_the_version_both_say_that_they_changed_the_same(house, monkeypatch):
    save = items.save_item

    def save_anyhow(item, *fields, only_from=None):
        save(item, *fields)

    monkeypatch.setattr(items, "save_item", save_anyhow)

    versions, [(first, _), (third, _)] = edit_together(house, monkeypatch)

    assert (versions, first, third) == (1, "1", "1")
