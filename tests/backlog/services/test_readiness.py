"""What a list asks of its items, and what people say of single ones."""

import pytest

from accounts.roles import Role
from activity.errors import InvalidError
from activity.services.acts import one_act
from activity.services.undo import undo
from backlog.models.readiness import ReadyMark, ReadyRule
from backlog.selectors.readiness import readiness_of, ready_cover
from backlog.services.criteria import add_criterion
from backlog.services.definitions import ask_line, define_line, drop_line
from backlog.services.dependencies import link_dependency
from backlog.services.readiness import mark_ready
from backlog.services.statuses import set_status
from tests.factories.accounts import organization_with
from tests.factories.backlog import make_item, place

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return organization_with("checkout", "cart", slug="acme", owner=Role.PRODUCT_OWNER, dev=Role.DEVELOPER, watcher=Role.OBSERVER)


def missing(house, item, home=None):
    lines = readiness_of(home=home or house.team, keys=[item.key])[item.key]
    return [line.code for line in lines if not line.is_met and not line.is_waived]


def take_back(house, act, who="dev"):
    return undo(act=act.id, organization_id=house.organization.pk, access=house.access(who), by=house.people[who])


def define(house, **given):
    return define_line(by=house.people["dev"], **{"asking": house.team, **given})


def test_readiness_follows_what_is_known_of_the_item(house):
    blocker, item = make_item(house.team), make_item(house.team)
    link_dependency(blocker=blocker, blocked=item, by=None)
    assert missing(house, item) == ["value", "size", "criteria", "waits"]

    add_criterion(item=item, text="Given a voucher", form="plain", by=None)
    set_status(item=blocker, status="done", by=None)
    place(item, value=2)

    assert missing(house, item) == ["size"]


def test_two_statements_for_any_number_of_items(house, django_assert_num_queries):
    keys = [make_item(house.team).key for _ in range(12)]

    for some in (keys[:1], keys):
        with django_assert_num_queries(2):
            assert set(readiness_of(home=house.team, keys=some)) == set(some)


def test_a_line_of_words_is_asked_ticked_and_taken_back(house):
    item = make_item(house.team, job_size=3)
    with one_act() as asked:
        rule = define(house, text="Design is agreed", kind="story")
    assert rule.code in missing(house, item)

    with one_act() as ticked:
        mark_ready(item=item, code=rule.code, state="ticked", by=house.people["dev"])
    assert rule.code not in missing(house, item)
    take_back(house, ticked)
    assert rule.code in missing(house, item)

    take_back(house, asked)
    assert rule.code not in missing(house, item)
    assert not ReadyRule.objects.for_organization(house.organization).exists()


def test_a_waiver_says_who_and_why_and_is_taken_back(house):
    item = make_item(house.team)
    with one_act() as act:
        mark_ready(item=item, code="criteria", state="waived", reason="We know it well", by=house.people["dev"])

    line = next(line for line in readiness_of(home=house.team, keys=[item.key])[item.key] if line.code == "criteria")
    assert (line.is_waived, line.note) == (True, "We know it well (Dev)")

    take_back(house, act)
    assert not ReadyMark.objects.for_organization(house.organization).exists()


def test_the_organization_asks_of_all_and_a_list_decides_for_itself(house):
    item, other = make_item(house.team), make_item(house.teams["cart"])
    define(house, asking=house.organization, code="criteria", is_asked=False)
    define(house, code="criteria")

    assert "criteria" in missing(house, item)
    assert "criteria" not in missing(house, other, house.teams["cart"])


def test_asking_for_what_holds_anyway_decides_nothing(house):
    for asked in (False, True):
        with one_act() as act:
            ask_line(asking=house.team, kind="story", code="criteria", is_asked=asked, by=house.people["dev"])
    assert not ReadyRule.objects.for_organization(house.organization).exists()

    take_back(house, act)
    assert "criteria" not in missing(house, make_item(house.team))


def test_a_dropped_line_comes_back_with_all_that_was_decided_of_it(house):
    rule = define(house, text="Design is agreed")
    ask_line(asking=house.team, kind="bug", code=rule.code, is_asked=False, by=None)
    with one_act() as act:
        drop_line(asking=house.team, code=rule.code, by=house.people["dev"])
    assert not ReadyRule.objects.for_organization(house.organization).exists()

    take_back(house, act)

    assert rule.code in missing(house, make_item(house.team))
    assert rule.code not in missing(house, make_item(house.team, "bug"))


def test_a_changed_limit_is_taken_back(house):
    item = make_item(house.team, job_size=13)
    define(house, code="size", ceiling="13")
    assert "size" not in missing(house, item)
    with one_act() as act:
        define(house, code="size", ceiling="5")
    assert "size" in missing(house, item)

    take_back(house, act)

    assert "size" not in missing(house, item)


def test_cover_counts_ready_items_in_iterations(house):
    item = make_item(house.team, job_size=8)
    place(item, value=1)
    assert ready_cover(house.team) == 0
    add_criterion(item=item, text="Given", form="plain", by=None)

    assert ready_cover(house.team) == pytest.approx(8 / house.team.points_per_iteration)


@pytest.mark.parametrize(
    "given",
    [
        {"code": "criteria", "state": "ticked"},
        {"code": "criteria", "state": "waived", "reason": "  "},
        {"code": "nobody", "state": "ticked"},
        {"code": "criteria", "state": "lost"},
        {"code": "criteria", "state": "waived", "reason": "a\x00b"},
    ],
)
def test_what_cannot_be_said_of_a_line_is_refused(house, given):
    with pytest.raises(InvalidError):
        mark_ready(item=make_item(house.team), by=None, **given)


@pytest.mark.parametrize(
    "given", [{"text": " "}, {"text": "x" * 121}, {"code": "nobody"}, {"text": "Fine", "kind": "wish"}, {"code": "size", "ceiling": "-1"}]
)
def test_a_line_that_cannot_be_asked_is_refused(house, given):
    with pytest.raises(InvalidError):
        define(house, **given)
