"""The sandbox over HTTP: by script and without, by those whom it is for and by others."""

import pytest
from django.urls import reverse

from accounts.roles import Role
from activity.models import Event, Job
from activity.services.acts import one_act
from backlog.services.dependencies import link_dependency
from backlog.services.items import edit_item
from prioritization.models import RankRun, WhatIf
from prioritization.selectors.choices import choice_in
from prioritization.services.ranking import rank_organization
from prioritization.tasks import work_out
from prioritization.views import what_ifs
from tests.factories.accounts import make_member, make_team, organization_with
from tests.factories.goals import make_goal
from tests.factories.prioritization import make_scored

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def house():
    return organization_with("checkout", owner=Role.PRODUCT_OWNER, dev=Role.DEVELOPER, observer=Role.OBSERVER)


@pytest.fixture
def items(house):
    with one_act():  # ranked once
        made = [make_scored(house.team, value=20 - 3 * number, title=f"Lamp {number}") for number in range(6)]
        link_dependency(blocker=made[5], blocked=made[1], by=None)
    rank_organization(organization_id=house.organization.pk, mode=RankRun.Mode.FULL, refresh=True)
    return made


def path(house, name="what-if"):
    return reverse(f"prioritization:{name}", kwargs={"organization": house.organization.slug, "team": house.team.slug})


def values_of(item, **other):
    return {"item": item.key, "business_value": "20", "time_criticality": "1", "risk_reduction": "1", "size": "5", **other}


def drafts(house):
    return WhatIf.objects.for_organization(house.organization)


def test_try_see_and_apply_with_script(client, house, items):
    client.force_login(house.people["owner"])

    tried = client.post(path(house, "what-if-change"), values_of(items[0], size="20"), **HTMX).content.decode()
    assert "<html" not in tried
    assert "Size 20 instead of 5" in tried
    assert "Items that move" in tried
    assert items[0].key in tried

    applied = client.post(path(house, "what-if-apply"), **HTMX).content.decode()
    assert "Undo" in applied
    items[0].refresh_from_db()
    assert items[0].job_size == 20
    event = Event.objects.filter(subject_id=items[0].pk, verb="item.edited").latest("pk")
    assert event.cause == "what if"
    client.post(reverse("accounts:undo", kwargs={"organization": house.organization.slug, "act": event.act}), **HTMX)
    items[0].refresh_from_db()
    assert items[0].job_size == 5


def test_everything_works_without_script(client, house, items):
    client.force_login(house.people["owner"])

    assert client.post(path(house, "what-if-change"), values_of(items[1], business_value="17", unlink=items[5].key)).status_code == 302
    page = client.get(path(house)).content.decode()
    assert f"no longer waits for {items[5].key}" in page
    assert client.post(path(house, "what-if-out"), {"number": "1"}).status_code == 302
    assert drafts(house).count() == 0
    client.post(path(house, "what-if-change"), values_of(items[0], size="8"))
    assert client.post(path(house, "what-if-drop")).status_code == 302
    assert drafts(house).count() == 0
    items[0].refresh_from_db()
    assert items[0].job_size == 5


def test_items_are_found_by_key_and_by_words(client, house, items):
    client.force_login(house.people["owner"])

    by_key = client.get(path(house), {"find": items[3].key.lower()}).content.decode()
    assert f'name="item" value="{items[3].key}"' in by_key
    by_words = client.get(path(house), {"find": "lamp"}).content.decode()
    assert by_words.count("?item=") >= 6
    assert "No open item fits" in client.get(path(house), {"find": "nothing of the kind"}).content.decode()
    assert client.get(path(house), {"item": items[1].key}).content.decode().count('name="unlink"') == 1
    assert client.get(path(house), {"item": "no-such"}).status_code == 200


@pytest.mark.parametrize("size", ["0", "-1", "many", "1e9", "\x00"])
def test_a_refusal_keeps_what_was_typed(client, house, items, size):
    client.force_login(house.people["owner"])

    response = client.post(path(house, "what-if-change"), values_of(items[0], size=size, business_value="13"), **HTMX)

    assert response.status_code == 422
    assert b'role="alert"' in response.content
    assert b'name="business_value" value="13"' in response.content
    assert drafts(house).count() == 0


def test_foreign_and_unknown_items_are_refused_alike(client, house, items):
    foreign = make_scored(make_team(organization_with("other").organization))
    client.force_login(house.people["owner"])
    answers = {
        client.post(path(house, "what-if-change"), {**values_of(foreign), "item": key}).status_code
        for key in (foreign.key, "ZZZ-1", "", "\x00")
    }
    assert answers == {422}
    assert foreign.title not in client.get(path(house), {"item": foreign.key}).content.decode()


def test_apply_over_a_backlog_that_changed_is_refused_with_what_changed(client, house, items):
    client.force_login(house.people["owner"])
    client.post(path(house, "what-if-change"), values_of(items[0], size="8"))
    edit_item(item=items[0], changes={"job_size": "3"}, by=None)

    response = client.post(path(house, "what-if-apply"), **HTMX)

    assert response.status_code == 409
    assert "size is 3 by now" in response.content.decode()
    assert client.post(path(house, "what-if-renew")).status_code == 302
    assert client.post(path(house, "what-if-apply"), **HTMX).status_code == 200
    items[0].refresh_from_db()
    assert items[0].job_size == 8


def test_who_may_what(client, house, items):
    client.force_login(house.people["observer"])
    assert client.post(path(house, "what-if-change"), values_of(items[0], size="8")).status_code == 302
    assert client.post(path(house, "what-if-apply"), **HTMX).status_code == 403
    client.force_login(house.people["owner"])
    assert "Nothing is tried yet" in client.get(path(house)).content.decode()
    client.force_login(make_member(make_team(organization_with("other").organization), Role.PRODUCT_OWNER))
    for name in ("change", "out", "renew", "drop", "apply"):
        assert client.post(path(house, f"what-if-{name}")).status_code == 404


def test_a_large_draft_is_worked_out_in_the_background(client, house, items, monkeypatch):
    monkeypatch.setattr(what_ifs, "IN_REQUEST", 0)
    client.force_login(house.people["owner"])
    client.post(path(house, "what-if-change"), values_of(items[0], size="20"))

    waiting = client.get(path(house)).content.decode()
    assert "<progress" in waiting
    (job,) = Job.objects.filter(name="prioritization.work_out")
    work_out(job.pk)

    assert "Items that move" in client.get(path(house)).content.decode()


def test_queries_do_not_grow_with_the_list(client, house, items, django_assert_max_num_queries):
    client.force_login(house.people["owner"])
    client.post(path(house, "what-if-change"), values_of(items[0], size="20"))
    for number in range(12):
        make_scored(house.team, value=number)
    with django_assert_max_num_queries(20):
        client.get(path(house))


def test_a_rule_is_opened_tried_and_refused_with_what_was_typed(client, house, items):
    make_goal(house.organization, "Fewer returns")
    client.force_login(house.people["owner"])

    assert "Fewer returns" in client.get(path(house), {"rule": "goals"}, **HTMX).content.decode()
    assert "How stories are scored" in client.get(path(house), {"rule": "story"}, **HTMX).content.decode()
    assert "is scored" not in client.get(path(house), {"rule": "epic"}, **HTMX).content.decode()
    wrong = client.post(path(house, "what-if-change"), {"rule": "story", "model": "wsjf", "business_value": "lots"}, **HTMX)
    assert wrong.status_code == 422
    assert 'value="lots"' in wrong.content.decode()
    tried = client.post(path(house, "what-if-change"), {"rule": "story", "model": "rice", "business_value": "1"}, **HTMX).content.decode()
    assert "Stories scored by RICE instead of WSJF" in tried
    assert 'value="rice" selected' in tried
    weighed = client.post(path(house, "what-if-change"), {"rule": "story", "model": "wsjf", "business_value": "1"}, **HTMX).content.decode()
    assert "scored by RICE" not in weighed
    asked = {"rule": "story", "model": "wsjf", "business_value": "1", "rate": "2"}
    assert "one point is worth 2 instead of 1" in client.post(path(house, "what-if-change"), asked, **HTMX).content.decode()
    wrong = client.post(path(house, "what-if-change"), {**asked, "rate": "0"}, **HTMX)
    assert (wrong.status_code, 'name="rate" value="0"' in wrong.content.decode()) == (422, True)
    client.post(path(house, "what-if-change"), {"rule": "story", "model": "value_effort"}, **HTMX)
    opened = client.get(path(house), {"rule": "story"}, **HTMX).content.decode()
    assert "Rank by value alone" in opened
    alone = {"rule": "story", "model": "value_effort", "rate": "0.333", "whole-sent": "1", "whole": "on"}
    client.post(path(house, "what-if-change"), alone, **HTMX)
    assert 'name="whole" checked' in client.get(path(house), {"rule": "story"}, **HTMX).content.decode()
    client.post(path(house, "what-if-apply"), **HTMX)
    choice = choice_in(house.team, "story")
    assert (choice.model, choice.weights.is_whole) == ("value_effort", True)
    assert client.post(path(house, "what-if-change"), {"rule": "nonsense"}, **HTMX).status_code == 422
    other = organization_with("other")
    make_goal(other.organization, "Not yours")
    assert "Not yours" not in client.get(path(house), {"rule": "goals"}, **HTMX).content.decode()
