"""The question on the status page, and who asked for an item."""

import pytest
from django.test import Client

from accounts.roles import Role
from intake.models import NeedQuestion
from intake.services.needs import ask_requesters
from intake.services.requests import accept_request, status_token
from tests.factories.accounts import make_member, organization_with
from tests.factories.backlog import make_item
from tests.factories.intake import make_request

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def text_of(response):
    return response.content.decode()


@pytest.fixture
def house():
    return organization_with("checkout", slug="acme", owner=Role.PRODUCT_OWNER, dev=Role.DEVELOPER)


@pytest.fixture
def sent(house):
    return accept_request(request=make_request(house.team, contact_email="kim@example.org"), by=house.people["owner"])


def browser(person):
    client = Client()
    client.force_login(person)
    return client


def test_the_status_page_asks_and_only_a_sent_form_answers(house, sent):
    ask_requesters(item=sent.item, by=house.people["owner"])
    path, client = f"/r/status/{status_token(sent)}/", Client()

    page = text_of(client.get(path))
    looked = client.get(f"{path}need/", {"answer": "no"})
    refused = client.post(f"{path}need/", {"answer": "maybe", "words": "Kept <b>words</b>"})
    answered = client.post(f"{path}need/", {"answer": "yes", "words": "Every day."})
    again = client.post(f"{path}need/", {"answer": "no"})

    assert "Do you still need this?" in page
    assert looked.status_code == 405
    assert (refused.status_code, "Kept &lt;b&gt;words&lt;/b&gt;" in text_of(refused), "Say yes or no." in text_of(refused)) == (
        422,
        True,
        True,
    )
    assert (answered.status_code, again.status_code) == (302, 410)
    assert "that you still need it" in text_of(client.get(path))
    assert NeedQuestion.objects.get(request=sent).answer == "yes"


def test_nobody_answers_what_was_not_asked_or_by_another_link(house, sent):
    other = make_request(house.team)

    assert Client().post(f"/r/status/{status_token(sent)}/need/", {"answer": "yes"}).status_code == 410
    assert Client().post(f"/r/status/{status_token(other)}/need/", {"answer": "yes"}).status_code == 410
    assert Client().post("/r/status/nothing/need/", {"answer": "yes"}).status_code == 404


def test_the_product_owner_asks_and_others_read_without_names(house, sent):
    path = f"/acme/{sent.item.key}/requesters/"

    asked = browser(house.people["owner"]).post(f"{path}ask/", headers=HTMX)
    again = browser(house.people["owner"]).post(f"{path}ask/", headers=HTMX)
    read = text_of(browser(house.people["dev"]).get(path, headers=HTMX))

    assert ("1 person is asked" in text_of(asked), "/undo/" in text_of(asked), again.status_code) == (True, True, 409)
    assert "no answer yet" in read
    assert "kim@example.org" not in read
    assert browser(house.people["dev"]).post(f"{path}ask/").status_code == 403
    assert browser(make_member(organization_with("other", who=Role.DEVELOPER).team)).get(path).status_code == 404


def test_an_item_that_nobody_asked_for_says_so(house):
    item = make_item(house.team)

    assert "No request led to it." in text_of(browser(house.people["dev"]).get(f"/acme/{item.key}/requesters/"))
