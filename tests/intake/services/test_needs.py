"""Asking requesters whether they still need it; their answer is evidence, and goes along in a merge."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.roles import Role
from activity.errors import ConflictError, GoneError, InvalidError
from activity.services.acts import one_act
from activity.services.undo import undo
from backlog.models import Item
from backlog.models.item import Status
from backlog.selectors.stale_items import find_stale_item
from backlog.services.stale_items import find_stale_items
from backlog.services.statuses import set_status
from backlog.services.verdicts import Ruling, decide_items
from backlog.stale import Verdict
from intake.models import NeedQuestion
from intake.services.needs import answer_need, ask_requesters
from intake.services.requests import accept_request
from tests.factories.accounts import organization_with
from tests.factories.backlog import make_item
from tests.factories.intake import make_request

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return organization_with("checkout", owner=Role.PRODUCT_OWNER)


@pytest.fixture
def asked(house):
    """A request whose item nobody has touched for long, and whose sender is asked."""
    request = accept_request(request=make_request(house.team), by=house.people["owner"])
    Item.objects.filter(team=house.team).update(created_at="2020-01-02T00:00Z", demand=2)
    assert request.item is not None
    ask_requesters(item=request.item, by=house.people["owner"])
    return request


def look(house):
    """As in a year: the acceptance was a touch too."""
    find_stale_items(home=house.team, at=timezone.now() + timedelta(days=400))


@pytest.mark.parametrize(("answer", "is_stale"), [("yes", False), ("no", True)])
def test_the_answer_is_evidence_and_a_yes_is_a_touch(house, asked, answer, is_stale):
    look(house)
    assert find_stale_item(home=house.team, key=asked.item.key)

    answer_need(request=asked, answer=answer, words="Every day.")

    found = find_stale_item(home=house.team, key=asked.item.key)
    assert (found is not None) == is_stale
    assert found is None or (found.refused_at is not None and found.losses == ["1 requester"])


def test_it_is_answered_once(house, asked):
    answer_need(request=asked, answer="no")

    with pytest.raises(GoneError, match="You answered this on"):
        answer_need(request=asked, answer="yes")


@pytest.mark.parametrize(("answer", "words"), [("maybe", ""), ("", ""), ("yes", "\x00"), ("no", "x" * 1001)])
def test_what_cannot_be_kept_is_refused(asked, answer, words):
    with pytest.raises(InvalidError):
        answer_need(request=asked, answer=answer, words=words)


def test_of_a_closed_item_nobody_is_asked_and_nothing_is_taken(house, asked):
    set_status(item=asked.item, status=Status.REMOVED, reason="Gone.", by=None)
    asked.item.refresh_from_db()

    with pytest.raises(GoneError):
        answer_need(request=asked, answer="yes")
    with pytest.raises(ConflictError):
        ask_requesters(item=asked.item, by=None)


def test_nobody_is_asked_twice_at_once_and_one_undo_asks_no_longer(house):
    item = accept_request(request=make_request(house.team), by=house.people["owner"]).item
    assert item is not None
    with one_act() as act:
        ask_requesters(item=item, by=house.people["owner"])
    with pytest.raises(ConflictError):
        ask_requesters(item=item, by=house.people["owner"])

    undo(act=act.id, organization_id=house.organization.pk, access=house.access("owner"), by=house.people["owner"])

    assert not NeedQuestion.objects.filter(organization=house.organization).exists()


def test_requesters_go_along_in_a_merge_and_come_back(house, asked):
    look(house)
    item, target = asked.item, make_item(house.team, demand=1)
    with one_act() as act:
        decide_items(home=house.team, items=[item], ruling=Ruling(Verdict.MERGE, target=target), by=house.people["owner"])

    asked.refresh_from_db()
    target.refresh_from_db()
    assert (asked.item_id, target.demand) == (target.pk, 3)
    undone = undo(act=act.id, organization_id=house.organization.pk, access=house.access("owner"), by=house.people["owner"])
    asked.refresh_from_db()
    target.refresh_from_db()
    assert (undone.text, asked.item_id, target.demand) == ("Undone.", item.pk, 1)
