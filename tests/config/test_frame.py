"""The frame leads to what exists and to what its reader may see."""

from __future__ import annotations

import pytest

from accounts.roles import Role
from config.frame import Entry, Person, Shell
from config.templatetags.winnow import kept
from tests.factories.accounts import make_member, make_organization, make_team, make_train
from tests.factories.backlog import make_item

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme():
    organization = make_organization("Acme", "acme")
    train = make_train(organization, "Storefront", "storefront", "ART")
    return organization, train, make_team(train, "Checkout", "checkout", "CHK")


def test_backlog_page_shows_where_it_is_and_who_reads(client, acme):
    _, _, team = acme
    client.force_login(make_member(team, Role.PRODUCT_OWNER))

    html = client.get("/acme/checkout/backlog/").content.decode()

    assert 'href="/acme/checkout/backlog/" aria-current="page"' in html
    assert "Switch from </span>Checkout" in html
    assert 'href="/acme/trains/storefront/backlog/"' in html


def test_find_names_items_backlogs_and_pages_that_the_reader_sees(client, acme):
    _, train, team = acme
    secret = make_team(train, "Card secrets", "secrets", "SEC", is_private=True)
    make_team(train, "Card issuing", "issuing", "CRD")
    seen, hidden = make_item(team, title="Gift card by post"), make_item(secret, title="Card nobody knows")
    client.force_login(make_member(team, Role.PRODUCT_OWNER))

    html = client.get("/acme/find/?q=card", headers={"HX-Request": "true"}).content.decode()

    assert (seen.key in html, hidden.key in html) == (True, False)
    assert ("Card issuing" in html, "Card secrets" in html) == (True, False)
    assert "<html" not in html
    assert "Overrides" in client.get("/acme/find/?q=overr&here=/acme/checkout/backlog/").content.decode()
    assert "Overrides" not in client.get("/acme/find/?q=overr&here=/acme/secrets/backlog/").content.decode()
    assert "Nothing fits" in client.get("/acme/find/?q=%00&here=//evil").content.decode()
    assert client.get(f"/acme/find/?q={seen.key.lower()}").content.decode().count(seen.key) >= 1


def test_find_is_not_there_for_strangers(client, acme, django_user_model):
    assert client.get("/acme/find/?q=card").status_code == 302
    client.force_login(django_user_model.objects.create_user("new@example.org"))
    assert client.get("/acme/find/?q=card").status_code == 404


def test_places_lists_trains_and_teams(client, acme):
    _, train, team = acme
    make_team(train, "Finding", "finding", "FND")
    client.force_login(make_member(team))

    html = client.get("/acme/").content.decode()

    assert html.index("Storefront</a>") < html.index(">Checkout</a>") < html.index(">Finding</a>")


def test_places_names_no_private_team_to_others(client, acme):
    _, train, team = acme
    make_team(train, "Secret", "secret", "SEC", is_private=True)
    client.force_login(make_member(team))

    assert "Secret" not in client.get("/acme/").content.decode()


def test_places_answers_htmx_with_the_menu_alone(client, acme):
    client.force_login(make_member(acme[2]))

    html = client.get("/acme/?here=/acme/checkout/backlog/", headers={"HX-Request": "true"}).content.decode()

    assert "<html" not in html
    assert 'href="/acme/checkout/backlog/" aria-current="true"' in html


def test_places_of_another_organization_are_not_found(client, acme):
    client.force_login(make_member(make_organization()))

    assert client.get("/acme/").status_code == 404


def test_start_sends_a_stranger_to_sign_in(client, db):
    assert client.get("/").headers["Location"] == "/accounts/login/?next=/"


def test_start_leads_to_the_first_backlog(client, acme):
    client.force_login(make_member(acme[2]))

    assert client.get("/").headers["Location"] == "/acme/checkout/backlog/"


def test_start_leads_to_the_place_visited_last(client, acme):
    client.force_login(make_member(acme[2]))
    client.get("/acme/trains/storefront/backlog/")

    assert client.get("/").headers["Location"] == "/acme/trains/storefront/backlog/"


@pytest.mark.parametrize(
    "place", ["/acme/gone/backlog/", "/acme/secret/backlog/", "/nowhere/checkout/backlog/", "//evil.example", "/acme/", ""]
)
def test_start_leads_past_a_place_that_is_gone(client, acme, place):
    _, train, team = acme
    make_team(train, "Secret", "secret", "SEC", is_private=True)
    person = make_member(team)
    person.last_place = place
    person.save()
    client.force_login(person)

    assert client.get("/").headers["Location"] == "/acme/checkout/backlog/"


def test_start_leads_a_removed_member_to_what_is_left(client, acme):
    person = make_member(acme[2])
    client.force_login(person)
    client.get("/acme/checkout/backlog/")
    person.memberships.all().unscoped().delete()

    assert "Ask the person who runs" in client.get("/").content.decode()


def test_start_tells_a_person_without_organization_what_to_do(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("new@example.org"))

    assert "Ask the person who runs" in client.get("/").content.decode()


def test_a_kept_template_is_rendered_by_its_values():
    person = Person("Ada", "ada@example.org", "A")
    shell = Shell("Acme", "Checkout", "/acme/", "", "", "", "", (), person, None)
    entry = Entry("/acme/checkout/backlog/", "Backlog", "list-ordered", "backlog")

    first = kept("components/rail.html", navigation=(entry,), shell=shell)
    again = kept("components/rail.html", navigation=(entry,), shell=shell)
    other = kept("components/rail.html", navigation=(entry,), shell=shell._replace(place="Returns <b>"))
    unkeepable = kept("components/rail.html", navigation=[entry], shell={"place": "Checkout", "places_url": "/acme/"})

    assert again is first
    assert "Returns &lt;b&gt;" in other
    assert unkeepable == first


def test_every_page_of_an_item_lies_in_the_backlog(client, acme):
    item = make_item(acme[2])
    client.force_login(make_member(acme[2], Role.DEVELOPER))

    for page in ("", "receipt/", "why/"):
        html = client.get(f"/acme/{item.key}/{page}").content.decode()
        assert 'href="/acme/checkout/backlog/" aria-current="page"' in html
