"""Scores and receipts over HTTP, by everybody who might ask."""

import re
from datetime import date

import pytest
from django.urls import reverse

from accounts.roles import Role
from activity.models import Event
from activity.services.undo import undo
from backlog.services.dependencies import link_dependency
from prioritization.models import Factor
from prioritization.services.choices import choose_scoring
from prioritization.services.ranking import rank_organization
from prioritization.services.scores import score_item
from tests.factories.accounts import make_member, make_team, organization_with
from tests.factories.backlog import make_item
from tests.factories.prioritization import make_scored

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def house():
    return organization_with("checkout", owner=Role.PRODUCT_OWNER, dev=Role.DEVELOPER, stakeholder=Role.STAKEHOLDER, observer=Role.OBSERVER)


def path_of(name, item):
    return reverse(f"prioritization:item-{name}", kwargs={"organization": item.organization.slug, "key": item.key})


def scores_of(item):
    return {factor.name: factor.value for factor in Factor.objects.filter(item=item)}


@pytest.mark.parametrize("name", ["receipt", "scores"])
def test_members_read(client, house, name):
    item = make_scored(house.team)
    rank_organization(organization_id=house.organization.pk)
    for person in ("owner", "dev", "stakeholder", "observer"):
        client.force_login(house.people[person])
        page, fragment = client.get(path_of(name, item)), client.get(path_of(name, item), **HTMX)
        assert (page.status_code, fragment.status_code) == (200, 200)
        assert b"<html" in page.content
        assert b"<html" not in fragment.content


@pytest.mark.parametrize("name", ["receipt", "scores"])
def test_others_find_nothing(client, house, name):
    item = make_scored(house.team)
    secret = make_scored(make_team(house.train, is_private=True))
    client.force_login(make_member(make_team(organization_with("other").organization)))
    assert client.get(path_of(name, item)).status_code == 404
    client.force_login(house.people["dev"])
    assert client.get(path_of(name, secret)).status_code == 404
    client.logout()
    assert client.get(path_of(name, item)).status_code == 302
    assert client.get(path_of(name, item), **HTMX).status_code == 204


def test_scores_are_saved_and_the_form_comes_back(client, house):
    item = make_item(house.team)
    client.force_login(house.people["owner"])

    response = client.post(
        path_of("scores", item), {"business_value": "8", "time_criticality": "", "time_criticality_other": "4.5"}, **HTMX
    )

    assert response.status_code == 200
    assert {name: float(value) for name, value in scores_of(item).items()} == {"business_value": 8, "time_criticality": 4.5}
    assert b"Saved." in response.content
    event = Event.objects.get(verb="item.scored", subject_id=item.pk)
    assert (event.before, event.after) == (
        {"business_value": None, "time_criticality": None},
        {"business_value": "8", "time_criticality": "4.5"},
    )


def seen(html, name):
    return re.findall(rf'name="{name}_seen" value="([^"]*)"', html)[0]


def test_what_a_score_rests_on_is_kept_shown_and_taken_back(client, house):
    item = make_item(house.team)
    client.force_login(house.people["owner"])
    path = path_of("scores", item)
    client.post(
        path, {"business_value": "8", "business_value_evidence": "https://example.org/survey", "business_value_until": "2199-05-03"}
    )

    html = client.get(path, **HTMX).content.decode()

    assert 'href="https://example.org/survey" rel="noopener noreferrer nofollow"' in html
    assert "Owner, today, good until 3 May 2199" in html
    sent = {"business_value": "8", "business_value_seen": seen(html, "business_value"), "business_value_until": "2199-05-03"}
    client.post(path, {**sent, "business_value_evidence": "https://example.org/survey"})
    assert Event.objects.filter(verb="item.scored", subject_id=item.pk).count() == 1  # nothing changed
    client.post(path, {**sent, "business_value_evidence": "javascript:alert(1)"})
    assert 'href="javascript' not in client.get(path, **HTMX).content.decode()
    event = Event.objects.filter(verb="item.scored", subject_id=item.pk).latest("id")
    assert set(event.after) == {"backing"}
    undo(act=event.act, organization_id=house.organization.pk, access=house.access("owner"), by=house.people["owner"])
    assert item.factors.get().evidence == "https://example.org/survey"
    history = client.get(f"/{house.organization.slug}/{item.key}/history/").content.decode()
    assert "said what the score rests on of business value" in history


def test_an_expired_score_stays_in_force_until_it_is_given_again(client, house):
    item = make_scored(house.team)
    score_item(item=item, factors={"business_value": 3}, by=None, expires_on=date(2026, 1, 31), evidence="a guess")
    client.force_login(house.people["owner"])
    path = path_of("scores", item)
    html = client.get(path, **HTMX).content.decode()
    assert "in force, past its date of 31 Jan 2026" in html

    form = {"business_value": "3", "business_value_seen": seen(html, "business_value"), "business_value_evidence": "a guess"}
    client.post(path, {**form, "business_value_until": "2026-01-31", "business_value_again": "on"})

    factor = item.factors.get(name="business_value")
    assert (factor.expires_on, factor.evidence, factor.scored_by) == (None, "a guess", house.people["owner"])
    assert "past its date" not in client.get(path, **HTMX).content.decode()


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"business_value_until": "31 May"}, "written as in 2027-01-31"),
        ({"business_value_until": "1999-01-01"}, "between 2000 and 2199"),
        ({"business_value_evidence": "x" * 501}, "longer than 500"),
        ({"business_value_evidence": "a\x00b"}, "cannot be stored"),
        ({"business_value": "", "business_value_evidence": "A talk"}, "Give a score of Business value"),
    ],
)
def test_what_no_score_can_rest_on_is_refused_with_what_was_typed(client, house, typed, told):
    item = make_item(house.team)
    client.force_login(house.people["owner"])
    response = client.post(path_of("scores", item), {"business_value": "8", "business_value_evidence": "", **typed}, **HTMX)

    html = response.content.decode()
    assert response.status_code == 422
    assert told in html
    assert all(f'value="{value}"' in html for value in typed.values() if value.isprintable())
    assert scores_of(item) == {}


def test_a_score_changed_by_somebody_else_is_left_alone_where_the_form_changed_nothing(client, house):
    item = make_scored(house.team)
    client.force_login(house.people["owner"])
    path = path_of("scores", item)
    html = client.get(path, **HTMX).content.decode()
    score_item(item=item, factors={"business_value": 13}, by=house.people["dev"])

    untouched = {"business_value": "5", "business_value_seen": seen(html, "business_value"), "business_value_evidence": ""}
    client.post(path, {**untouched, "business_value_until": "", "risk_reduction": "8"})

    assert scores_of(item) == {"business_value": 13, "time_criticality": 1, "risk_reduction": 8}


def test_kano_says_how_many_were_asked(client, house):
    item = make_item(house.team)
    choose_scoring(home=house.team, kind="story", model="kano", by=None)
    score_item(item=item, factors={"kano": 2}, by=house.people["owner"])
    client.force_login(house.people["owner"])
    assert "n unknown" in client.get(path_of("scores", item), **HTMX).content.decode()
    score_item(item=item, factors={"asked": 40}, by=house.people["owner"])
    assert "n = 40" in client.get(path_of("scores", item), **HTMX).content.decode()


def test_a_button_wins_over_an_old_number_and_a_new_number_over_a_button(client, house):
    item = make_item(house.team)
    client.force_login(house.people["owner"])
    client.post(path_of("scores", item), {"business_value": "", "business_value_other": "4", "business_value_was": ""})
    assert scores_of(item) == {"business_value": 4}

    client.post(path_of("scores", item), {"business_value": "5", "business_value_other": "4", "business_value_was": "4"})
    assert scores_of(item) == {"business_value": 5}

    client.post(path_of("scores", item), {"business_value": "5", "business_value_other": "6", "business_value_was": ""})
    assert scores_of(item) == {"business_value": 6}

    client.post(path_of("scores", item), {"business_value_other": "6", "business_value_was": "6"})  # no button: it stands
    assert scores_of(item) == {"business_value": 6}

    client.post(path_of("scores", item), {"business_value": "", "business_value_other": "6", "business_value_was": "6"})
    assert scores_of(item) == {}


@pytest.mark.parametrize("value", ["-1", "101", "many", "NaN", "1e9", "1.2345", "9" * 4000, "\x00"])
def test_a_value_it_does_not_take_is_refused_with_what_was_typed(client, house, value):
    item = make_item(house.team)
    client.force_login(house.people["owner"])

    response = client.post(path_of("scores", item), {"business_value": "", "business_value_other": value, "risk_reduction": "3"}, **HTMX)

    assert response.status_code == 422
    assert b'role="alert"' in response.content
    if value.isprintable():
        assert f'value="{value}"'.encode() in response.content
    assert scores_of(item) == {}


def test_who_may_not_score(client, house):
    item = make_item(house.team)
    for person, status in (("stakeholder", 200), ("dev", 200), ("observer", 403)):
        client.force_login(house.people[person])
        assert client.post(path_of("scores", item), {"business_value": "3"}, **HTMX).status_code == status
    other = make_item(make_team(house.train))
    client.force_login(house.people["dev"])
    assert client.post(path_of("scores", other), {"business_value": "3"}).status_code == 403
    client.force_login(make_member(make_team(organization_with("other").organization), Role.PRODUCT_OWNER))
    assert client.post(path_of("scores", item), {"business_value": "20"}).status_code == 404
    assert scores_of(item) == {"business_value": 3}


def test_factors_of_another_kind_are_left_alone(client, house):
    bug = make_item(house.team, "bug")
    client.force_login(house.people["owner"])
    client.post(path_of("scores", bug), {"severity": "8", "business_value": "20"})
    assert scores_of(bug) == {"severity": 8}


def test_a_cell_is_edited_in_its_row(client, house):
    item = make_item(house.team)
    client.force_login(house.people["owner"])

    form = client.get(path_of("scores", item) + "?as=cell", **HTMX)
    refused = client.post(path_of("scores", item) + "?as=cell", {"business_value": "-3"}, **HTMX)
    saved = client.post(
        path_of("scores", item) + "?as=cell", {"business_value": "8", "time_criticality": "2", "risk_reduction": "1"}, **HTMX
    )

    assert b"<form" in form.content
    assert (refused.status_code, saved.status_code) == (422, 200)
    assert b"<form" not in saved.content
    assert len(scores_of(item)) == 3


def test_a_plain_post_leads_back_to_the_item(client, house):
    item = make_item(house.team)
    client.force_login(house.people["owner"])
    response = client.post(path_of("scores", item), {"business_value": "8"})
    assert (response.status_code, response.url) == (302, f"/{house.organization.slug}/{item.key}/")


@pytest.mark.parametrize("linked", [1, 3])
def test_a_receipt_costs_the_same_queries_however_many_items_it_names(client, house, linked, django_assert_max_num_queries):
    blocker = make_scored(house.team, value=1)
    for _ in range(linked):
        link_dependency(blocker=blocker, blocked=make_scored(house.team, value=13), by=None)
    rank_organization(organization_id=house.organization.pk)
    client.force_login(house.people["dev"])
    with django_assert_max_num_queries(16):
        client.get(path_of("receipt", blocker), **HTMX)


def test_history_says_why_it_moved_and_names_no_hidden_item(client, house):
    secret = make_team(house.train, slug="secret", is_private=True)
    blocker, hidden = make_scored(house.team, value=1), make_scored(secret, value=5)
    link_dependency(blocker=blocker, blocked=hidden, by=None)
    rank_organization(organization_id=house.organization.pk)
    score_item(item=hidden, factors={"business_value": 20}, by=None)
    rank_organization(organization_id=house.organization.pk)
    client.force_login(house.people["dev"])

    page = client.get(f"/{house.organization.slug}/{blocker.key}/history/").content.decode()

    assert "ranked it anew" in page
    assert "a restricted item" in page
    assert hidden.key not in page
