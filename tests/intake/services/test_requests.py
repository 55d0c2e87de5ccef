"""Requests of people without account: kept once, answered once, told honestly."""

import pytest

from accounts.roles import Role
from activity.errors import ConflictError, GoneError, IdempotencyMismatchError, InvalidError, NotAllowedError
from activity.models import Event, Topic
from activity.services.acts import one_act
from activity.services.undo import undo
from backlog.models import Item
from backlog.services.statuses import set_status
from intake.models import Request
from intake.selectors import find_standing, ladder_of
from intake.services.requests import accept_request, close_form, decline_request, digest_of_token, open_form, send_request, status_token
from prioritization.services.ranking import rank_organization
from tests.factories.accounts import organization_with
from tests.factories.intake import make_form, make_request

pytestmark = pytest.mark.django_db

WORDS = {"problem": "The code comes late. We wait.", "affects": "customers", "importance": 3, "workaround": "", "contact_email": ""}


def test_a_request_gets_its_number_and_a_link_that_the_database_does_not_hold():
    house = organization_with("checkout")
    form = make_form(house.team)

    first, second = send_request(form=form, words=WORDS), send_request(form=form, words=WORDS)

    assert (first.number, second.number) == (1, 2)
    assert first.headline == "The code comes late"
    assert first.status_digest == digest_of_token(status_token(first))
    assert status_token(first) != status_token(second)
    assert not Item.objects.for_organization(house.organization).exists()
    assert Topic.objects.get(organization=house.organization, key="inbox:checkout").version > 1


def test_a_double_click_makes_one_request_and_other_words_under_the_key_are_refused():
    house = organization_with("checkout")
    form = make_form(house.team)

    first, second = send_request(form=form, words=WORDS, key="k"), send_request(form=form, words=WORDS, key="k")

    assert first.pk == second.pk
    with pytest.raises(IdempotencyMismatchError):
        send_request(form=form, words={**WORDS, "problem": "Another"}, key="k")


@pytest.mark.parametrize(
    "words",
    [{"problem": " "}, {"problem": "a\x00b"}, {"problem": "x" * 5001}, {"affects": "everybody"}, {"importance": 4}, {"importance": -1}],
)
def test_words_that_cannot_be_kept_are_refused(words):
    house = organization_with("checkout")

    with pytest.raises(InvalidError):
        send_request(form=make_form(house.team), words={**WORDS, **words})


def test_a_closed_form_takes_nothing_and_may_open_again():
    house = organization_with("checkout")
    form = close_form(form=make_form(house.team), by=None)

    with pytest.raises(GoneError):
        send_request(form=form, words=WORDS)
    assert open_form(team=house.team, by=None).token == form.token
    assert send_request(form=form, words=WORDS).number == 1


def test_accepted_it_becomes_an_item_of_the_stakeholder_channel():
    house = organization_with("checkout", owner=Role.PRODUCT_OWNER)

    request = accept_request(request=make_request(house.team, **WORDS), by=house.people["owner"], sentence="Thank you.")

    item = request.item
    assert item is not None
    assert (item.kind, item.channel, item.source_kind, item.source_ref, item.demand) == ("user_request", "stakeholder", "request", "1", 3)
    assert item.details == {"problem": WORDS["problem"]}
    assert request.status == Request.Status.ACCEPTED
    assert Event.objects.filter(verb="request.accepted", actor=house.people["owner"]).exists()


def test_it_may_be_accepted_as_a_bug_with_its_words_as_description():
    house = organization_with("checkout", owner=Role.PRODUCT_OWNER)

    request = accept_request(request=make_request(house.team, **WORDS), by=house.people["owner"], kind="bug", title="Late code")

    assert request.item is not None
    assert (request.item.kind, request.item.title) == ("bug", "Late code")
    assert request.item.description.startswith(str(WORDS["problem"]))


def test_a_request_is_answered_once():
    house = organization_with("checkout", owner=Role.PRODUCT_OWNER)
    request = make_request(house.team)
    decline_request(request=request, by=house.people["owner"], sentence="We cannot.")

    with pytest.raises(ConflictError, match="Owner already answered"):
        accept_request(request=request, by=house.people["owner"])
    assert not Item.objects.for_organization(house.organization).exists()


@pytest.mark.parametrize("sentence", ["", "  "])
def test_a_decline_needs_a_sentence(sentence):
    house = organization_with("checkout", owner=Role.PRODUCT_OWNER)

    with pytest.raises(InvalidError):
        decline_request(request=make_request(house.team), by=house.people["owner"], sentence=sentence)


def states(request):
    request = Request.objects.for_organization(request.organization_id).select_related("item").get(pk=request.pk)
    return [(step.title, step.state) for step in ladder_of(request)]


def test_the_ladder_tells_how_far_it_came():
    house = organization_with("checkout", owner=Role.PRODUCT_OWNER)
    owner = house.people["owner"]
    request = make_request(house.team)
    assert states(request)[:2] == [("Received", "done"), ("Being read", "here")]

    item = accept_request(request=request, by=owner).item
    assert item is not None
    assert states(request)[2:4] == [("Waiting for its turn", "here"), ("Planned", "ahead")]

    set_status(item=item, status="in_progress", by=owner)
    assert ("Planned", "done") not in states(request)  # it was never planned
    assert ("In progress", "here") in states(request)

    set_status(item=item, status="done", by=owner)
    assert states(request)[-1] == ("Done", "done")


@pytest.mark.usefixtures("ranked_later")
def test_an_accepted_request_has_its_place_once_it_is_ranked():
    house = organization_with("checkout", owner=Role.PRODUCT_OWNER)

    request = accept_request(request=make_request(house.team), by=house.people["owner"])
    assert request.item is not None
    assert find_standing(request.item) is None
    rank_organization(organization_id=house.organization.pk)

    standing = find_standing(request.item)
    assert standing is not None
    assert (standing.place, standing.of) == (1, 1)


def test_an_acceptance_is_taken_back_with_its_item_and_given_again():
    house = organization_with("checkout", owner=Role.PRODUCT_OWNER, dev=Role.DEVELOPER)
    request, owner = make_request(house.team), house.people["owner"]
    with one_act() as act:
        accepted = accept_request(request=request, by=owner, sentence="We will look.")
    item = accepted.item

    undone = undo(act=act.id, organization_id=house.organization.pk, access=house.access("owner"), by=owner)

    request, item = fresh(request), item_of(item)
    assert (undone.text, request.status, request.item, request.sentence, request.verdict_at) == ("Undone.", "new", None, "", None)
    assert (item.status, item.removed_reason) == ("removed", "Its creation was undone.")
    assert [step.title for step in ladder_of(request)][:2] == ["Received", "Being read"]

    redone = undo(act=undone.act, organization_id=house.organization.pk, access=house.access("owner"), by=owner)

    request = fresh(request)
    assert (redone.text, request.status, request.item, request.sentence) == ("Undone.", "accepted", item, "We will look.")
    assert item_of(item).status == "open"


def test_an_acceptance_is_not_taken_back_twice_nor_by_who_may_not_answer():
    house = organization_with("checkout", owner=Role.PRODUCT_OWNER, observer=Role.OBSERVER)
    owner = house.people["owner"]
    with one_act() as act:
        accept_request(request=make_request(house.team), by=owner)

    with pytest.raises(NotAllowedError):
        undo(act=act.id, organization_id=house.organization.pk, access=house.access("observer"), by=house.people["observer"])
    undo(act=act.id, organization_id=house.organization.pk, access=house.access("owner"), by=owner)
    with pytest.raises(ConflictError):
        undo(act=act.id, organization_id=house.organization.pk, access=house.access("owner"), by=owner)


def fresh(request):
    return Request.objects.for_organization(request.organization_id).select_related("item").get(pk=request.pk)


def item_of(item):
    return Item.objects.for_organization(item.organization_id).get(pk=item.pk)
