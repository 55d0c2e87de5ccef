"""Links between items: what stands, what is refused, and what is told."""

from itertools import pairwise

import pytest

from accounts.roles import Role
from activity.errors import InvalidError, UnknownReferenceError
from activity.models import Event, Topic
from activity.services.acts import one_act
from activity.services.undo import undo
from backlog.models import Dependency, StaleRank
from backlog.services.dependencies import DependencyCycleError, link_dependency, unlink_between, unlink_dependency
from backlog.services.items import edit_item
from backlog.services.statuses import set_status
from tests.factories.accounts import access_of, make_member, make_organization, make_team, organization_with
from tests.factories.backlog import make_item

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return organization_with("checkout", "cart", dev=Role.DEVELOPER)


@pytest.fixture
def chain(house):
    """Three items, each waiting for the one before."""
    first, second, third = (make_item(house.team) for _ in range(3))
    link_dependency(blocker=first, blocked=second, by=None)
    link_dependency(blocker=second, blocked=third, by=None)
    return first, second, third


@pytest.mark.usefixtures("ranked_later")
def test_link_dependency_is_told_to_both_items_lists_and_ranks(house):
    blocker, blocked = make_item(house.teams["checkout"]), make_item(house.teams["cart"])
    StaleRank.objects.all().delete()
    versions = dict(Topic.objects.values_list("key", "version"))

    link_dependency(blocker=blocker, blocked=blocked, by=house.people["dev"])

    told = Event.objects.filter(verb="item.linked").values_list("subject_ref", "after", "actor__name")
    assert set(map(str, told)) == {
        str((blocker.key, {"unblocks": blocked.key}, "Dev")),
        str((blocked.key, {"waits_for": blocker.key}, "Dev")),
    }
    assert set(StaleRank.objects.values_list("item_id", flat=True)) == {blocker.pk, blocked.pk}
    blocker.refresh_from_db()
    assert blocker.version == 2
    now = dict(Topic.objects.values_list("key", "version"))
    assert {key for key in now if now[key] > versions[key]} == {"team:checkout", "team:cart"}


def test_link_dependency_twice_is_one_link(chain):
    first, second, _ = chain

    link_dependency(blocker=first, blocked=second, by=None)

    assert Dependency.objects.filter(organization=first.organization_id).count() == 2
    assert Event.objects.filter(verb="item.linked").count() == 4


def test_link_dependency_prints_the_cycle(chain):
    first, second, third = chain

    with pytest.raises(DependencyCycleError) as refused:
        link_dependency(blocker=third, blocked=first, by=None)

    assert refused.value.cycle == [first.key, second.key, third.key, first.key]
    assert f"{first.key} → {second.key} → {third.key} → {first.key}" in refused.value.message
    assert refused.value.status == 409


def test_link_dependency_counts_closed_items_because_they_may_be_reopened(chain):
    first, second, third = chain
    set_status(item=second, status="done", by=None)

    with pytest.raises(DependencyCycleError):
        link_dependency(blocker=third, blocked=first, by=None)


def test_link_dependency_does_not_name_what_the_reader_may_not_see():
    organization = make_organization()
    hidden, seen = make_team(organization, is_private=True), make_team(organization)
    reader = access_of(make_member(seen), organization)
    a, b, secret = make_item(seen), make_item(seen), make_item(hidden)
    link_dependency(blocker=a, blocked=secret, by=None)
    link_dependency(blocker=secret, blocked=b, by=None)

    with pytest.raises(DependencyCycleError) as refused:
        link_dependency(blocker=b, blocked=a, by=None, access=reader)

    assert refused.value.cycle == [a.key, "a restricted item", b.key, a.key]


def test_softer_links_may_go_around(chain):
    first, _, third = chain

    link_dependency(blocker=third, blocked=first, by=None, kind="relates")

    assert Dependency.objects.filter(organization=first.organization_id, kind="relates").exists()


@pytest.mark.parametrize(("kind", "links"), [("relates", 1), ("conflicts", 1), ("helps", 2)])
def test_what_says_the_same_both_ways_is_one_link_and_undone_one_again(house, kind, links):
    one, other = make_item(house.team), make_item(house.team)
    link_dependency(blocker=one, blocked=other, kind=kind, by=None)
    link_dependency(blocker=other, blocked=one, kind=kind, by=None)
    assert Dependency.objects.for_organization(house.organization).count() == links

    with one_act() as act:
        unlink_between(item=one, other=other, relation=kind, by=None)
    undo(act=act.id, organization_id=house.organization.pk, access=house.access("dev"), by=house.people["dev"])

    assert Dependency.objects.for_organization(house.organization).count() == links


def test_a_link_on_a_parent_holds_for_its_children(house):
    epic, other = make_item(house.train, "epic"), make_item(house.team)
    child = make_item(house.team, parent=epic)
    link_dependency(blocker=other, blocked=epic, by=None)

    with pytest.raises(DependencyCycleError) as refused:
        link_dependency(blocker=child, blocked=other, by=None)

    assert refused.value.cycle == [other.key, epic.key, child.key, other.key]


def test_a_link_from_a_parent_waits_for_its_last_child(house):
    epic, other = make_item(house.train, "epic"), make_item(house.team)
    child = make_item(house.team, parent=epic)
    link_dependency(blocker=epic, blocked=other, by=None)

    with pytest.raises(DependencyCycleError):
        link_dependency(blocker=other, blocked=child, by=None)


@pytest.mark.parametrize("turned", [False, True])
def test_a_child_and_its_parent_cannot_wait_for_each_other(house, turned):
    epic = make_item(house.train, "epic")
    child = make_item(house.team, parent=epic)
    blocker, blocked = (child, epic) if turned else (epic, child)

    with pytest.raises(DependencyCycleError):
        link_dependency(blocker=blocker, blocked=blocked, by=None)


def test_two_families_may_be_linked_both_ways_by_their_children(house):
    ours, theirs = make_item(house.train, "epic"), make_item(house.train, "epic")
    a, b = (make_item(house.team, parent=ours) for _ in range(2))
    c, d = (make_item(house.team, parent=theirs) for _ in range(2))

    link_dependency(blocker=a, blocked=c, by=None)
    link_dependency(blocker=d, blocked=b, by=None)

    assert Dependency.objects.filter(organization=ours.organization_id).count() == 2


def test_a_parent_cannot_be_set_against_a_link(house):
    epic, story = make_item(house.train, "epic"), make_item(house.team)
    link_dependency(blocker=epic, blocked=story, by=None)

    with pytest.raises(InvalidError) as refused:
        edit_item(item=story, changes={"parent": epic}, by=None)

    assert refused.value.field == "parent"


def test_link_dependency_refuses_an_item_on_itself_and_a_foreign_one(house):
    item, foreign = make_item(house.team), make_item(make_team(make_organization()))

    with pytest.raises(InvalidError):
        link_dependency(blocker=item, blocked=item, by=None)
    with pytest.raises(UnknownReferenceError):
        link_dependency(blocker=foreign, blocked=item, by=None)
    with pytest.raises(InvalidError):
        link_dependency(blocker=item, blocked=make_item(house.team), by=None, kind="fears")


@pytest.mark.usefixtures("ranked_later")
def test_unlink_dependency_marks_both_ends_and_is_told(chain):
    first, second, _ = chain
    StaleRank.objects.all().delete()

    assert unlink_dependency(blocker=first, blocked=second, by=None)

    assert set(StaleRank.objects.values_list("item_id", flat=True)) == {first.pk, second.pk}
    assert Event.objects.filter(verb="item.unlinked", subject_id=second.pk).get().before == {"waits_for": first.key}
    assert not unlink_dependency(blocker=first, blocked=second, by=None)


def test_a_chain_of_a_thousand_is_walked_at_once(house, django_assert_max_num_queries):
    with one_act():  # ranked once, not a thousand times
        items = [make_item(house.team) for _ in range(1000)]
    Dependency.objects.bulk_create(Dependency(organization_id=a.organization_id, blocker=a, blocked=b) for a, b in pairwise(items))

    with django_assert_max_num_queries(8), pytest.raises(DependencyCycleError) as refused:
        link_dependency(blocker=items[-1], blocked=items[0], by=None)

    assert len(refused.value.cycle) == 1001
