"""Triage on its page, met by everybody."""

import re

import pytest

from accounts.roles import Role
from backlog.models import Item
from intake.models import Request, RequestForm
from intake.services.requests import decline_request, status_token
from prioritization.services.ranking import rank_organization
from tests.factories.accounts import make_team, organization_with
from tests.factories.intake import make_form, make_request

pytestmark = pytest.mark.django_db

ACCEPT = {"title": "Late code", "kind": "bug", "sentence": ""}


@pytest.fixture
def house():
    return organization_with("checkout", slug="acme", owner=Role.PRODUCT_OWNER, dev=Role.DEVELOPER, observer=Role.OBSERVER)


def stored(request):
    return Request.objects.for_organization(request.organization_id).select_related("item").get(pk=request.pk)


def test_the_product_owner_reads_accepts_and_sees_where_it_landed(client, house):
    request = make_request(house.team, contact_email="visitor@example.com")
    client.force_login(house.people["owner"])
    page = client.get("/acme/checkout/inbox/").content.decode()
    assert "visitor@example.com" in page
    assert "Accept into backlog" in page

    response = client.post("/acme/checkout/inbox/1/accept/", ACCEPT)
    rank_organization(organization_id=house.organization.pk)

    item = stored(request).item
    assert response.status_code == 302
    page = client.get(response["Location"]).content.decode()
    assert f"{item.key}</a>, place 1 of 1" in page


def test_htmx_gets_the_triage_alone(client, house):
    make_request(house.team)
    client.force_login(house.people["owner"])

    response = client.post("/acme/checkout/inbox/1/accept/", ACCEPT, headers={"HX-Request": "true", "HX-Target": "triage"})

    page = response.content.decode()
    assert response.status_code == 200
    assert page.lstrip().startswith('<div class="triage')


def test_an_accept_offers_its_undo_after_which_the_status_page_says_that_it_waits(client, house):
    request = make_request(house.team)
    client.force_login(house.people["owner"])
    page = client.post("/acme/checkout/inbox/1/accept/", ACCEPT, headers={"HX-Request": "true"}).content.decode()
    [undo_path] = re.findall(r'hx-post="(/acme/undo/[^"]+)"', page)
    assert "It is in the backlog." in client.get(f"/r/status/{status_token(request)}/").content.decode()

    response = client.post(undo_path, headers={"HX-Request": "true"})

    assert response["HX-Trigger"] == "changed"
    assert stored(request).status == "new"
    assert "We have it and will read it." in client.get(f"/r/status/{status_token(request)}/").content.decode()
    assert "Accept into backlog" in client.get("/acme/checkout/inbox/1/").content.decode()


def test_a_decline_without_a_sentence_is_422_and_with_one_is_kept(client, house):
    request = make_request(house.team)
    client.force_login(house.people["owner"])

    assert client.post("/acme/checkout/inbox/1/decline/", {"sentence": ""}).status_code == 422
    assert client.post("/acme/checkout/inbox/1/decline/", {"sentence": "a\x00"}).status_code == 422
    assert stored(request).status == "new"
    assert client.post("/acme/checkout/inbox/1/decline/", {"sentence": "Not now."}).status_code == 302
    assert stored(request).sentence == "Not now."


def test_an_answer_after_an_answer_is_409(client, house):
    request = make_request(house.team)
    decline_request(request=request, by=house.people["owner"], sentence="No.")
    client.force_login(house.people["owner"])

    response = client.post("/acme/checkout/inbox/1/accept/", ACCEPT)

    assert response.status_code == 409
    assert "already answered" in response.content.decode()
    assert not Item.objects.for_organization(house.organization).exists()


@pytest.mark.parametrize("person", ["dev", "observer"])
def test_others_of_the_organization_read_without_the_contact_and_may_not_answer(client, house, person):
    make_request(house.team, contact_email="visitor@example.com")
    client.force_login(house.people[person])

    page = client.get("/acme/checkout/inbox/1/").content.decode()

    assert "visitor@example.com" not in page
    assert "Accept into backlog" not in page
    assert client.post("/acme/checkout/inbox/1/accept/", ACCEPT).status_code == 403
    assert client.post("/acme/checkout/inbox/1/decline/", {"sentence": "No."}).status_code == 403
    assert client.get("/acme/checkout/inbox/form/").status_code == 403


def test_a_visitor_is_asked_to_sign_in_and_another_organization_finds_nothing(client, house):
    make_request(house.team)
    assert client.get("/acme/checkout/inbox/").status_code == 302

    other = organization_with("elsewhere", slug="other", owner=Role.PRODUCT_OWNER)
    client.force_login(other.people["owner"])

    assert client.get("/acme/checkout/inbox/").status_code == 404
    assert client.post("/acme/checkout/inbox/1/accept/", ACCEPT).status_code == 404
    assert client.post("/other/elsewhere/inbox/1/accept/", ACCEPT).status_code == 404


def test_a_private_team_is_404_for_others_and_numbers_are_of_one_team(client, house):
    hidden = make_team(house.train, slug="hidden", is_private=True)
    make_request(hidden)
    client.force_login(house.people["owner"])

    assert client.get("/acme/hidden/inbox/").status_code == 404
    assert client.get("/acme/hidden/inbox/1/").status_code == 404
    assert client.get("/acme/checkout/inbox/1/").status_code == 404


def test_an_empty_inbox_says_what_to_do(client, house):
    client.force_login(house.people["owner"])
    assert "Set up the form" in client.get("/acme/checkout/inbox/").content.decode()

    make_form(house.team)
    page = client.get("/acme/checkout/inbox/").content.decode()
    assert "No requests wait" in page
    assert "/r/" in page


def test_the_form_is_opened_worded_and_closed(client, house):
    client.force_login(house.people["owner"])
    path = "/acme/checkout/inbox/form/"

    client.post(path, {"act": "open"})
    assert client.post(path, {"act": "words", "title": "", "intro": ""}).status_code == 422
    client.post(path, {"act": "words", "title": "Ask us", "intro": "We listen."})
    client.post(path, {"act": "close"})

    form = RequestForm.objects.for_organization(house.organization).get()
    assert (form.title, form.intro, form.is_open) == ("Ask us", "We listen.", False)
    assert form.token in client.get(path).content.decode()


def test_the_list_costs_the_same_at_one_and_at_thirty_requests(client, house, django_assert_max_num_queries):
    make_request(house.team)
    client.force_login(house.people["owner"])
    client.get("/acme/checkout/inbox/")
    with django_assert_max_num_queries(60) as few:
        client.get("/acme/checkout/inbox/")
    for _ in range(29):
        make_request(house.team)
    with django_assert_max_num_queries(len(few.captured_queries)):
        client.get("/acme/checkout/inbox/")
