"""Views of a list that people keep, share and forget."""

import pytest
from django.http import Http404

from accounts.roles import Role
from activity.errors import InvalidError
from activity.services.acts import one_act
from activity.services.undo import undo
from backlog.models import SavedView
from backlog.selectors.saved_views import get_own_view, list_saved_views
from backlog.services.saved_views import MOST, remove_view, save_view
from tests.factories.accounts import organization_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return organization_with("checkout", "cart", slug="acme", owner=Role.PRODUCT_OWNER, dev=Role.DEVELOPER)


def names(house, who, home=None):
    return [view.name for view in list_saved_views(home=home or house.team, reader=house.people[who])]


def take_back(house, act, who):
    return undo(act=act.id, organization_id=house.organization.pk, access=house.access(who), by=house.people[who])


def test_own_views_come_first_and_only_shared_ones_of_others(house):
    owner, dev = house.people["owner"], house.people["dev"]
    save_view(home=house.team, name="Bugs", query="?kind=bug", by=owner, is_shared=True)
    save_view(home=house.team, name="Secret", query="?q=secret", by=owner)
    save_view(home=house.team, name="Mine", query="?needs=size", by=dev)

    assert names(house, "dev") == ["Mine", "Bugs"]
    assert names(house, "owner") == ["Bugs", "Secret"]
    assert names(house, "dev", house.teams["cart"]) == []


def test_a_name_is_replaced_not_doubled_and_each_act_is_taken_back(house):
    owner = house.people["owner"]
    view = save_view(home=house.team, name="Bugs", query="?kind=bug", by=owner)
    with one_act() as act:
        save_view(home=house.team, name="Bugs", query="?kind=spike", by=owner, is_shared=True)

    take_back(house, act, "owner")

    view.refresh_from_db()
    assert (view.query, view.is_shared, SavedView.objects.for_organization(house.organization).count()) == ("?kind=bug", False, 1)

    with one_act() as act:
        remove_view(view=view, by=owner)
    take_back(house, act, "owner")

    assert names(house, "owner") == ["Bugs"]


def test_a_new_view_is_forgotten_by_its_undo_and_nobody_else_knows_of_it(house):
    with one_act() as act:
        view = save_view(home=house.train, name="Epics", query="?kind=epic", by=house.people["owner"])

    with pytest.raises(Http404):
        take_back(house, act, "dev")
    with pytest.raises(Http404):
        get_own_view(home=house.train, ref=view.ref, owner=house.people["dev"])
    take_back(house, act, "owner")

    assert names(house, "owner", house.train) == []


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "a\x00b"])
def test_a_name_that_cannot_be_kept_is_refused(house, name):
    with pytest.raises(InvalidError):
        save_view(home=house.team, name=name, query="", by=house.people["owner"])


def test_no_more_than_the_most_are_kept(house):
    for number in range(MOST):
        save_view(home=house.team, name=f"View {number}", query="", by=house.people["owner"])

    with pytest.raises(InvalidError, match="already"):
        save_view(home=house.team, name="One more", query="", by=house.people["owner"])
