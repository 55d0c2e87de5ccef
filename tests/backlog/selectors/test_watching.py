"""What waits for a person, also for one who follows and changes much."""

import pytest

from accounts.roles import Role
from backlog.selectors import watching
from backlog.services.items import edit_item
from backlog.services.watching import set_watching
from tests.factories.accounts import organization_with
from tests.factories.backlog import make_item

pytestmark = pytest.mark.django_db


def test_what_others_changed_is_found_behind_all_that_the_person_changed(monkeypatch):
    monkeypatch.setattr(watching, "NEAR", 2)
    house = organization_with(owner=Role.PRODUCT_OWNER, dev=Role.DEVELOPER)
    owner, items = house.people["owner"], [make_item(house.team) for _ in range(4)]
    for item in items:
        set_watching(item=item, is_watching=True, person=owner)
    for item, person in zip(items, ("dev", "owner", "owner", "owner"), strict=True):
        edit_item(item=item, changes={"title": f"By {person}"}, by=house.people[person])

    assert [changed.item.pk for changed in watching.list_waiting(house.access("owner")).changed] == [items[0].pk]
    assert watching.count_waiting(house.access("owner")) == 1
