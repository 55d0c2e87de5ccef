"""Pages of people without account."""

import re

import pytest
from django.test import Client

from accounts.roles import Role
from intake.http import LIMIT
from intake.models import Request
from intake.services.requests import accept_request, decline_request, status_token
from prioritization.services.ranking import rank_organization
from tests.factories.accounts import organization_with
from tests.factories.intake import make_form, make_request

pytestmark = pytest.mark.django_db

WORDS = {"problem": "The code comes late. We wait.", "affects": "customers", "importance": "3", "idempotency_key": "one"}


@pytest.fixture
def house():
    return organization_with("checkout", owner=Role.PRODUCT_OWNER)


def path_of(house, **options):
    return f"/r/{make_form(house.team, **options).token}/"


def test_the_form_asks_at_most_five_questions(client, house):
    page = client.get(path_of(house)).content.decode()

    assert len(re.findall(r'<div class="field">|<fieldset class="field"', page)) == 5
    assert page.index("What happens") < page.index("What do you do instead")


def test_sent_it_leads_to_a_confirmation_with_number_and_link(client, house):
    response = client.post(path_of(house), WORDS, follow=True)

    page = response.content.decode()
    token = status_token(Request.objects.for_organization(house.organization).get())
    assert response.status_code == 200
    assert f"/r/status/{token}/" in page
    assert "has the number" in page
    assert client.get(f"/r/status/{token}/").status_code == 200


def test_a_double_click_makes_one_request(client, house):
    path = path_of(house)

    first, second = client.post(path, WORDS), client.post(path, WORDS)

    assert first["Location"] == second["Location"]
    assert Request.objects.for_organization(house.organization).count() == 1


def test_missing_answers_are_listed_first_and_what_was_typed_is_kept(client, house):
    response = client.post(path_of(house), {"problem": "It is slow", "contact_email": "nobody@"})

    page = response.content.decode()
    assert response.status_code == 422
    assert 'role="alert"' in page
    assert "Say who it affects." in page
    assert "It is slow</textarea>" in page
    assert 'value="nobody@"' in page


@pytest.mark.parametrize(
    "words",
    [{}, {"problem": "a\x00b"}, {"problem": "x" * 5001}, {"affects": "all"}, {"importance": "9"}, {"importance": "-1"}, {"website": "x"}],
)
def test_what_cannot_be_kept_is_422(client, house, words):
    response = client.post(path_of(house), {**WORDS, **words} if words else {})

    assert response.status_code == 422
    assert not Request.objects.for_organization(house.organization).exists()


def test_a_closed_form_is_410_and_gives_the_words_back(client, house):
    path = path_of(house, is_open=False)

    assert client.get(path).status_code == 410
    response = client.post(path, WORDS)
    assert response.status_code == 410
    assert "The code comes late" in response.content.decode()


@pytest.mark.parametrize(
    "path", ["/r/nothing/", "/r/status/nothing/", "/r/status/nothing/sent/", "/r/%00/", f"/r/{'x' * 500}/", "/r/%E2%80%AE/"]
)
def test_unknown_links_are_404(client, house, path):
    assert client.get(path).status_code == 404


def test_a_flood_from_one_address_is_429_and_others_still_get_through(client, house):
    path = path_of(house)
    for number in range(LIMIT):
        assert client.post(path, {**WORDS, "idempotency_key": str(number)}).status_code == 302

    response = client.post(path, {**WORDS, "idempotency_key": "more"})

    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0
    assert "The code comes late" in response.content.decode()
    assert client.post(path, {**WORDS, "idempotency_key": "other"}, REMOTE_ADDR="192.0.2.7").status_code == 302


def test_an_ipv6_network_counts_as_one_and_forged_headers_do_not_count(client, house):
    path = path_of(house)
    for number in range(LIMIT):
        headers = {"X-Forwarded-For": f"203.0.113.{number}"}
        client.post(path, {**WORDS, "idempotency_key": str(number)}, REMOTE_ADDR=f"2001:db8:1:2::{number}", headers=headers)

    assert client.post(path, WORDS, REMOTE_ADDR="2001:db8:1:2:ffff::1").status_code == 429
    assert client.post(path, WORDS, REMOTE_ADDR="2001:db8:1:3::1").status_code == 302


def test_the_form_asks_for_the_token_against_forgery(house):
    assert Client(enforce_csrf_checks=True).post(path_of(house), WORDS).status_code == 403


@pytest.mark.usefixtures("ranked_later")
def test_the_status_page_tells_the_place_and_the_sentence(client, house):
    request = make_request(house.team)
    accept_request(request=request, by=house.people["owner"], sentence="Ten a week is a lot.")
    assert "is being computed" in client.get(f"/r/status/{status_token(request)}/").content.decode()
    rank_organization(organization_id=house.organization.pk)

    page = client.get(f"/r/status/{status_token(request)}/").content.decode()

    assert "It is in the backlog." in page
    assert re.search(r'Place <span class="tab">1</span> of <span class="tab">1</span>', page)
    assert "Ten a week is a lot." in page
    assert 'aria-current="step"' in page


def test_a_declined_request_shows_why(client, house):
    request = make_request(house.team)
    decline_request(request=request, by=house.people["owner"], sentence="We are not <b>allowed</b> to.")

    page = client.get(f"/r/status/{status_token(request)}/").content.decode()

    assert "decided not to" in page
    assert "We are not &lt;b&gt;allowed&lt;/b&gt; to." in page
