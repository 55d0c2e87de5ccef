"""What is stale: an open item that no person touched for as long as its list says."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.roles import Role
from activity.errors import InvalidError
from activity.services.acts import one_act
from activity.services.undo import undo
from backlog.kinds import Kind
from backlog.models import Item, StaleItem
from backlog.models.item import Status
from backlog.selectors.stale_items import count_stale, list_stale_items, rules_of
from backlog.services.criteria import add_criterion
from backlog.services.items import edit_item
from backlog.services.stale_items import find_stale_items, set_stale_rules
from backlog.services.statuses import set_status
from backlog.services.verdicts import Ruling, decide_items
from backlog.stale import Rule, Verdict
from prioritization.services.manual_order import Spot, place_by_hand, set_mode
from prioritization.services.overrides import set_override
from prioritization.services.ranking import rank_organization
from tests.factories.accounts import organization_with
from tests.factories.backlog import make_item
from tests.factories.intake import import_text
from tests.factories.stale import make_old, make_stale

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return organization_with("checkout", "cart", owner=Role.PRODUCT_OWNER, dev=Role.DEVELOPER)


def waiting(house):
    return [row.key for row in list_stale_items(home=house.team).rows]


def test_open_items_untouched_for_long_are_found_oldest_first(house):
    with one_act():
        newer, older = make_old(house.team, days=300), make_old(house.team, days=500)
        make_old(house.team, days=100)
        make_old(house.team, status=Status.PLANNED)
        make_old(house.team, demand=10)
        make_old(house.teams["cart"])

    find_stale_items(home=house.team)
    find_stale_items(home=house.team)  # twice is harmless

    assert waiting(house) == [older.key, newer.key]


def test_how_long_depends_on_the_kind(house):
    debt, action = make_old(house.team, Kind.TECH_DEBT, days=220), make_old(house.team, Kind.RETRO_ACTION, days=120)

    find_stale_items(home=house.team)

    assert waiting(house) == [action.key]
    assert debt.key not in waiting(house)


TOUCHES = {
    "an edit": lambda house, item: edit_item(item=item, changes={"title": "New"}, by=house.people["dev"]),
    "a criterion": lambda house, item: add_criterion(item=item, text="It works.", by=house.people["dev"]),
    "a move to another status and back": lambda house, item: [
        set_status(item=item, status=status, by=house.people["dev"]) for status in (Status.PLANNED, Status.OPEN)
    ],
}
NO_TOUCHES = {
    "the system": lambda house, item: edit_item(item=item, changes={"title": "New"}, by=None),
    "a pin": lambda house, item: set_override(item=item, kind="pin", reason="A contract", by=house.people["owner"]),
    "a ranking run": lambda house, item: rank_organization(organization_id=house.organization.pk, refresh=True),
    "a file read again": lambda house, item: edit_item(
        item=item, changes={"title": "New"}, by=house.people["dev"], cause="import jira.csv"
    ),
}


def reorder(house, item):
    set_mode(home=house.team, mode="manual", by=house.people["owner"])
    place_by_hand(item=item, spot=Spot(below=make_item(house.team)), by=house.people["owner"])


NO_TOUCHES["a reorder"] = reorder


@pytest.mark.parametrize("touch", TOUCHES.values(), ids=TOUCHES)
def test_a_touch_is_seen_at_once_and_forgotten_at_night(house, touch):
    item = make_stale(house.team)

    touch(house, item)

    assert (waiting(house), count_stale(house.team)) == ([], 0)
    find_stale_items(home=house.team)
    assert not StaleItem.objects.filter(team=house.team).exists()


@pytest.mark.parametrize("happening", NO_TOUCHES.values(), ids=NO_TOUCHES)
def test_what_no_person_did_to_the_item_itself_is_no_touch(house, happening):
    item = make_stale(house.team)

    happening(house, item)

    assert waiting(house) == [item.key]
    find_stale_items(home=house.team)
    assert waiting(house) == [item.key]


def test_an_import_run_again_touches_nothing(house):
    csv = "Issue key,Summary,Created\nX-1,Lamp,2020-01-02\n"
    import_text(house.team, csv, by=house.people["owner"], name="jira.csv")
    Item.objects.filter(team=house.team).update(created_at=timezone.now() - timedelta(days=400))
    import_text(house.team, csv.replace("Lamp", "Lamps"), by=house.people["owner"], name="jira.csv")

    find_stale_items(home=house.team)

    assert len(waiting(house)) == 1


def test_rules_of_a_list_are_decided_and_taken_back(house):
    item = make_stale(house.team, days=100)
    assert waiting(house) == []

    with one_act() as act:
        set_stale_rules(home=house.team, rules={Kind.STORY: Rule(3, 5)}, by=house.people["owner"])

    assert waiting(house) == [item.key]
    assert rules_of(house.teams["cart"])[Kind.STORY] == Rule(6, 10)
    undo(act=act.id, organization_id=house.organization.pk, access=house.access("owner"), by=house.people["owner"])
    assert (waiting(house), rules_of(house.team)[Kind.STORY]) == ([], Rule(6, 10))


@pytest.mark.parametrize(("kind", "rule"), [(Kind.EPIC, Rule(6, 10)), (Kind.STORY, Rule(0, 10)), (Kind.STORY, Rule(6, 0))])
def test_rules_that_make_no_sense_are_refused(house, kind, rule):
    with pytest.raises(InvalidError):
        set_stale_rules(home=house.team, rules={kind: rule}, by=house.people["owner"])


def test_what_was_kept_is_asked_about_again_when_its_day_has_come(house):
    item = make_stale(house.team)
    today = timezone.now().date()
    decide_items(home=house.team, items=[item], ruling=Ruling(Verdict.KEEP, until=today + timedelta(days=5)), by=house.people["owner"])

    find_stale_items(home=house.team, at=timezone.now() + timedelta(days=4))
    assert waiting(house) == []

    find_stale_items(home=house.team, at=timezone.now() + timedelta(days=6))
    assert waiting(house) == [item.key]
    find_stale_items(home=house.team, at=timezone.now() + timedelta(days=7))
    assert waiting(house) == [item.key]


def test_what_was_kept_and_touched_since_is_not_asked_about(house):
    item = make_stale(house.team)
    decide_items(home=house.team, items=[item], ruling=Ruling(Verdict.KEEP), by=house.people["owner"])
    edit_item(item=item, changes={"title": "New"}, by=house.people["dev"])

    find_stale_items(home=house.team, at=timezone.now() + timedelta(days=400))

    assert not StaleItem.objects.filter(team=house.team, is_due=True).exists()
