"""One change for many items: foreseen item by item, done as one act."""

from decimal import Decimal

import pytest

from accounts.permissions import find_access
from accounts.roles import Role
from activity.errors import InvalidError
from activity.models import Event
from activity.services.acts import one_act
from activity.services.undo import undo
from backlog.models import Item
from backlog.models.item import Status
from backlog.services.bulk_edits import MOST, BulkChange, What, change_items, foresee_change
from backlog.services.statuses import set_status
from tests.factories.accounts import organization_with
from tests.factories.backlog import make_item, make_iteration

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return organization_with("checkout", slug="acme", owner=Role.PRODUCT_OWNER, dev=Role.DEVELOPER)


def access_of(house, who):
    return find_access(user=house.people[who], slug="acme")


def change(house, items, asked, *, who="owner"):
    """The act and what it did to each."""
    with one_act() as act:
        effects = change_items(items=items, change=asked, access=access_of(house, who), by=house.people[who])
    return act.id, effects


def told(effects):
    return [(effect.item.key, effect.before, effect.after, effect.refused) for effect in effects]


def test_two_hundred_items_are_changed_by_one_act_and_taken_back_by_one_undo(house):
    with one_act():  # ranked once
        items = [make_item(house.team, job_size=number % 3 + 1) for number in range(200)]
    before = dict(Item.objects.for_organization(house.organization).values_list("key", "job_size"))

    act, effects = change(house, items, BulkChange(What.SIZE, "5"))

    assert sum(effect.is_change for effect in effects) == 200
    assert set(Item.objects.for_organization(house.organization).values_list("job_size", flat=True)) == {Decimal(5)}
    assert Event.objects.filter(act=act, verb="item.edited").count() == 200

    undo(act=act, organization_id=house.organization.pk, access=access_of(house, "owner"), by=house.people["owner"])

    assert dict(Item.objects.for_organization(house.organization).values_list("key", "job_size")) == before


def test_what_is_foreseen_is_what_happens(house):
    sprint = make_iteration(house.team)
    epic = make_item(house.train, "epic")
    done, story, below = make_item(house.team), make_item(house.team, job_size=5), make_item(house.team, parent=epic)
    set_status(item=done, status=Status.DONE, by=None)
    asked = [
        BulkChange(What.STATUS, Status.PLANNED),
        BulkChange(What.SIZE, "5"),
        BulkChange(What.KIND, "bug"),
        BulkChange(What.PARENT, epic),
        BulkChange(What.PARENT, story),
        BulkChange(What.SPRINT, sprint),
        BulkChange(What.PARENT, None),
        BulkChange(What.STATUS, Status.REMOVED, "nobody asks for it"),
    ]

    for one in asked:
        items = list(
            Item.objects.for_organization(house.organization).filter(team=house.team).select_related("parent", "iteration").order_by("id")
        )
        foreseen = foresee_change(items=items, change=one, access=access_of(house, "owner"))

        assert told(change(house, items, one)[1]) == told(foreseen), one

    assert {item.pk: item.status for item in Item.objects.for_organization(house.organization).filter(team=house.team)} == {
        done.pk: "done",
        story.pk: "removed",
        below.pk: "removed",
    }


def test_one_that_cannot_be_changed_is_named_and_the_others_are(house):
    done, open_ = make_item(house.team), make_item(house.team)
    set_status(item=done, status=Status.DONE, by=None)
    done.refresh_from_db()

    _, effects = change(house, [done, open_], BulkChange(What.STATUS, Status.PLANNED))

    assert told(effects) == [
        (done.key, "Done", "Planned", f"{done.key} is done and cannot become planned from there."),
        (open_.key, "Open", "Planned", ""),
    ]


def test_a_role_that_may_not_plan_changes_nothing(house):
    item = make_item(house.team)

    act, effects = change(house, [item], BulkChange(What.STATUS, Status.PLANNED), who="dev")

    assert [effect.refused for effect in effects] == ["Your role does not move it there."]
    assert not Event.objects.filter(act=act).exists()


@pytest.mark.parametrize(
    "asked",
    [
        BulkChange(What.SIZE, "-1"),
        BulkChange(What.SIZE, "1e9"),
        BulkChange(What.SIZE, "NaN"),
        BulkChange(What.STATUS, "lost"),
        BulkChange(What.STATUS, Status.REMOVED, " "),
        BulkChange(What.KIND, "wish"),
        BulkChange(What.KIND, None),
    ],
)
def test_a_value_that_no_item_takes_is_refused_as_a_whole(house, asked):
    with pytest.raises(InvalidError):
        change(house, [make_item(house.team)], asked)


def test_more_than_the_most_are_refused(house):
    with pytest.raises(InvalidError, match="at most"):
        change(house, [make_item(house.team)] * (MOST + 1), BulkChange(What.SIZE, "1"))
