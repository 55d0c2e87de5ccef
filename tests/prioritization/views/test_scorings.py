"""Value scoring over HTTP: blind on the wire, by script and without, by everybody who might ask."""

import pytest
from django.urls import reverse

from accounts.roles import Role
from activity.models import Topic
from prioritization.models import BlindScore, Factor, ValueScoring
from prioritization.selectors.scorings import list_entries
from prioritization.services.scorings import give_scores, open_scoring, reveal_scores
from tests.factories.accounts import make_member, make_team, organization_with
from tests.factories.backlog import make_item

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}
VALUE = "business_value"
RARE = "17.375"  # nobody's number by chance


@pytest.fixture
def house():
    return organization_with(
        "checkout", po=Role.PRODUCT_OWNER, ada=Role.STAKEHOLDER, ben=Role.STAKEHOLDER, dev=Role.DEVELOPER, observer=Role.OBSERVER
    )


@pytest.fixture
def scoring(house):
    items = [make_item(house.team) for _ in range(2)]
    return open_scoring(
        home=house.team, items=items, factors=[VALUE], people=[house.people["ada"], house.people["ben"]], by=house.people["po"]
    )


def path(house, name, scoring=None, key=None):
    kwargs = {"organization": house.organization.slug, "team": house.team.slug}
    if scoring is not None:
        kwargs["number"] = scoring.number
    if key is not None:
        kwargs["key"] = key
    return reverse(f"prioritization:scoring-{name}", kwargs=kwargs)


def key_of(scoring, at=0):
    return list_entries(scoring)[at].item.key


def score(client, house, scoring, person, value, **headers):
    client.force_login(house.people[person])
    return client.post(path(house, "give", scoring, key_of(scoring)), {VALUE: value}, **headers)


def test_no_byte_of_anothers_value_leaves_the_server_before_the_reveal(client, house, scoring):
    answer = score(client, house, scoring, "ada", RARE, **HTMX)
    assert (answer.status_code, b"Saved" in answer.content) == (200, True)
    history = reverse("backlog:item-history", kwargs={"organization": house.organization.slug, "key": key_of(scoring)})
    places = [path(house, "list"), path(house, "detail", scoring), f"{path(house, 'progress', scoring)}?state=open", history]
    for person in ("po", "ben", "dev", "observer"):
        client.force_login(house.people[person])
        for url in places:
            for headers in ({}, HTMX):
                response = client.get(url, **headers)
                assert RARE.encode() not in response.content, (person, url)
                assert RARE not in str(response.headers)
        assert RARE.encode() not in score(client, house, scoring, person, "3", **HTMX).content
    client.force_login(house.people["po"])
    assert RARE.encode() in client.post(path(house, "reveal", scoring), **HTMX).content


def test_their_own_value_comes_back(client, house, scoring):
    score(client, house, scoring, "ada", RARE)
    assert f'value="{RARE}" checked' in client.get(path(house, "detail", scoring)).content.decode()


def test_a_page_that_shows_another_state_loads_itself_again(client, house, scoring):
    score(client, house, scoring, "ada", "3")
    fragment = client.get(f"{path(house, 'progress', scoring)}?state=open", **HTMX)
    assert "0 of 2" in fragment.content.decode()
    version = Topic.objects.get(organization=house.organization, key=scoring.topic).version
    assert f'data-topic="scoring:1" data-version="{version}"' in fragment.content.decode()
    reveal_scores(scoring=scoring, by=house.people["po"])
    assert client.get(f"{path(house, 'progress', scoring)}?state=open", **HTMX)["HX-Refresh"] == "true"


def test_open_reveal_and_decide_without_script(client, house):
    items = [make_item(house.team) for _ in range(2)]
    client.force_login(house.people["po"])
    form = {"items": [item.key for item in items], "factors": [VALUE], "people": [house.people["ada"].email], "idempotency_key": "one"}

    first, again = client.post(path(house, "list"), form), client.post(path(house, "list"), form)

    assert first.status_code == again.status_code == 302
    assert first.url == again.url
    scoring = ValueScoring.objects.for_organization(house.organization).get()
    assert client.post(path(house, "reveal", scoring)).status_code == 409
    assert score(client, house, scoring, "ada", "8").status_code == 302
    client.force_login(house.people["po"])
    assert client.post(path(house, "reveal", scoring)).status_code == 302
    assert client.post(path(house, "decide", scoring, items[0].key), {VALUE: "5"}).status_code == 302
    assert Factor.objects.get(item=items[0]).value == 5
    answer = client.post(path(house, "decide", scoring, items[1].key), {VALUE: "many"}, **HTMX)
    assert (answer.status_code, b'role="alert"' in answer.content) == (422, True)
    assert "Undo" in client.post(path(house, "decide", scoring, items[1].key), {VALUE: "3"}, **HTMX).content.decode()


def test_who_may_what(client, house, scoring):
    for person, status in (("dev", 403), ("observer", 403), ("po", 403), ("ben", 200)):
        assert score(client, house, scoring, person, "3", **HTMX).status_code == status
    for person in ("ada", "dev", "observer"):
        client.force_login(house.people[person])
        assert client.post(path(house, "list"), {}).status_code == 403
        for name in ("reveal", "drop"):
            assert client.post(path(house, name, scoring)).status_code == 403
        assert client.post(path(house, "decide", scoring, key_of(scoring)), {VALUE: "3"}).status_code == 403
    assert BlindScore.objects.for_organization(house.organization).count() == 1


def test_others_find_nothing(client, house, scoring):
    client.force_login(make_member(make_team(organization_with("other").organization), Role.PRODUCT_OWNER))
    assert client.get(path(house, "detail", scoring)).status_code == 404
    client.force_login(house.people["ada"])
    elsewhere = make_item(house.team)
    assert client.post(path(house, "give", scoring, elsewhere.key), {VALUE: "3"}).status_code == 404
    assert client.get(path(house, "detail", scoring).replace("/1/", "/2/")).status_code == 404


def test_a_refused_form_keeps_what_was_chosen(client, house):
    item = make_item(house.team)
    client.force_login(house.people["po"])
    response = client.post(path(house, "list"), {"items": [item.key], "factors": [VALUE]})
    assert response.status_code == 422
    assert f'value="{item.key}" checked' in response.content.decode()


def test_queries_do_not_grow_with_people_and_items(client, house, django_assert_max_num_queries):
    people = [make_member(house.team, Role.STAKEHOLDER) for _ in range(6)]
    items = [make_item(house.team) for _ in range(6)]
    scoring = open_scoring(home=house.team, items=items, factors=[VALUE], people=people, by=house.people["po"])
    for entry in list_entries(scoring):
        for person in people:
            give_scores(entry=entry, values={VALUE: "3"}, by=person)
    reveal_scores(scoring=scoring, by=house.people["po"])
    client.force_login(house.people["po"])
    with django_assert_max_num_queries(22):
        client.get(path(house, "detail", scoring))
