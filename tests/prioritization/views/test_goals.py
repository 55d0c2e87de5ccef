"""The page of goals: who sees it, who shapes them, and what happens to what was typed."""

import json
import re
from decimal import Decimal

import pytest
from django.test import Client

from accounts.roles import Role
from activity.models import Event, Topic
from backlog.models import Goal
from backlog.services.goals import edit_goal, set_goal
from prioritization.services.ranking import rank_organization
from tests.factories.accounts import make_organization, make_team, make_user, organization_with
from tests.factories.goals import make_goal
from tests.factories.prioritization import make_scored

pytestmark = pytest.mark.django_db

PATH = "/acme/checkout/goals/"
HTMX = {"HX-Request": "true"}
FORM = {"name": "Fewer returns", "description": "Each costs us 9.", "weight": "1,5", "starts_on": "2026-12-01", "ends_on": "2027-01-31"}


@pytest.fixture
def house():
    return organization_with("checkout", slug="acme", owner=Role.PRODUCT_OWNER, dev=Role.DEVELOPER, watcher=Role.OBSERVER)


@pytest.fixture
def browse(house):
    def of(person):
        client = Client()
        client.force_login(house.people[person] if isinstance(person, str) else person)
        return client

    return of


def goals(house):
    return Goal.objects.for_organization(house.organization).order_by("number")


def text_of(response):
    return response.content.decode()


def test_goals_are_seen_by_members_and_shaped_by_whoever_orders(house, browse):
    goal = make_goal(house.organization, "Trust")
    acts = [("", FORM), (f"{goal.number}/", FORM), (f"{goal.number}/retire/", {}), (f"{goal.number}/remove/", {})]

    for person, shapes in (("owner", True), ("dev", False), ("watcher", False)):
        page = text_of(browse(person).get(PATH))
        assert ("Trust" in page, "Retire" in page, "Add a goal" in page) == (True, shapes, shapes)
    for path, form in acts:
        assert [browse(person).post(PATH + path, form).status_code for person in ("dev", "watcher", make_user())] == [403, 403, 404]
    assert browse("dev").get(f"{PATH}?edit=new").status_code == 403
    assert browse("dev").get(f"/acme/trains/{house.train.slug}/goals/").status_code == 200
    assert [goal.name for goal in goals(house)] == ["Trust"]


def test_goals_of_another_organization_and_pages_of_hidden_teams_are_not_there(house, browse):
    make_goal(make_organization(), "Theirs")
    hidden = make_team(house.train, is_private=True)

    assert "Theirs" not in text_of(browse("owner").get(PATH))
    assert [browse("owner").post(f"{PATH}1/{end}", FORM).status_code for end in ("", "retire/", "remove/")] == [404, 404, 404]
    assert browse("owner").get(f"{PATH}?edit=1").status_code == 404
    assert browse("dev").get(f"/acme/{hidden.slug}/goals/").status_code == 404
    assert [browse("owner").get(f"{PATH}?{query}").status_code for query in ("edit=x", "show=all")] == [400, 400]


def test_a_goal_is_added_once_and_taken_back(house, browse):
    owner = browse("owner")
    for _ in range(2):
        assert owner.post(PATH, {**FORM, "idempotency_key": "k1"}).status_code == 302

    (goal,) = goals(house)
    assert (goal.name, str(goal.weight), str(goal.starts_on), str(goal.ends_on), goal.description) == (
        "Fewer returns",
        "1.500",
        "2026-12-01",
        "2027-01-31",
        "Each costs us 9.",
    )
    answer = text_of(owner.post(PATH, {**FORM, "name": "Trust", "parent": "1"}, headers=HTMX))
    assert goals(house).get(number=2).parent == goal
    undo = re.search(r"/acme/undo/[0-9a-f-]+/", answer) or re.search(r'action="([^"]*undo[^"]*)"', answer)
    assert undo is not None
    owner.post(undo.group(1) if undo.groups() else undo.group(0))
    assert [goal.name for goal in goals(house)] == ["Fewer returns"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": "  "}, "required"),
        ({"name": "x" * 201}, "at most 200"),
        ({"name": "Nul\x00"}, "Null characters"),
        ({"weight": "6"}, "at most 5"),
        ({"weight": "NaN"}, "at most 5"),
        ({"weight": "a lot"}, "a number"),
        ({"ends_on": "2027-02-31"}, "valid date"),
        ({"starts_on": "2027-02-01"}, "ends before it starts"),
        ({"parent": "9"}, "valid choice"),
    ],
)
def test_what_was_typed_stays_where_it_is_refused(house, browse, wrong, said):
    make_goal(house.organization, "Above")

    answer = browse("owner").post(PATH, {**FORM, **wrong}, headers=HTMX)

    assert answer.status_code == 422
    assert said in text_of(answer)
    assert "Each costs us 9." in text_of(answer)
    assert goals(house).count() == 1


def test_a_changed_weight_ranks_what_serves_it_and_tells_the_page(house, browse):
    goal = make_goal(house.organization, "Trust")
    low, high = make_scored(house.team, value=2, size=20), make_scored(house.team, value=5, size=20)
    set_goal(item=low, goal=goal, by=None)
    rank_organization(organization_id=house.organization.pk)
    before = Topic.objects.get(organization=house.organization, key="team:checkout").version
    assert "<strong>50 %</strong>" in text_of(browse("owner").get(PATH))

    answer = browse("owner").post(f"{PATH}1/", {"name": "Trust", "weight": "5", "was": json.dumps({"weight": "1"})}, headers=HTMX)

    assert answer.status_code == 200
    rank_organization(organization_id=house.organization.pk)  # where the request had no time for it
    page = text_of(browse("owner").get(PATH))
    version = Topic.objects.get(organization=house.organization, key="team:checkout").version
    assert version > before
    assert f'data-topic="team:checkout" data-version="{version}"' in page
    low.refresh_from_db()
    assert low.placement.value > high.placement.value
    assert Event.objects.filter(verb="ranking.updated", subject_id=low.pk, cause="goal.edited").exists()


def test_two_who_change_the_same_field_see_both(house, browse):
    goal = make_goal(house.organization, "Trust")
    was = json.dumps({"name": "Trust", "weight": "1", "description": "", "ends_on": None})
    edit_goal(goal=goal, changes={"weight": 3}, by=None)

    conflict = browse("owner").post(f"{PATH}1/", {"name": "Trust", "weight": "2", "was": was}, headers=HTMX)
    other_field = browse("owner").post(f"{PATH}1/", {"name": "Confidence", "weight": "1", "was": was}, headers=HTMX)

    assert (conflict.status_code, other_field.status_code) == (409, 200)
    assert "It reads now: Trust, weight 3" in text_of(conflict)
    assert 'value="2"' in text_of(conflict)
    goal.refresh_from_db()
    assert (goal.name, goal.weight) == ("Confidence", Decimal(3))
    assert browse("owner").post(f"{PATH}1/", {"name": "T", "weight": "1", "was": "{"}).status_code == 400


def test_a_goal_is_retired_and_brought_back(house, browse):
    make_goal(house.organization, "Trust", weight=2)

    assert "is retired" in text_of(browse("owner").post(f"{PATH}1/retire/", headers=HTMX))
    assert not goals(house).get().is_active
    assert "Bring back" in text_of(browse("owner").get(PATH))
    assert browse("owner").post(f"{PATH}1/retire/", {"back": "yes"}).status_code == 302
    assert goals(house).get().is_active


def test_items_without_a_goal_have_their_row_and_link(house, browse):
    make_scored(house.team, size=5)
    set_goal(item=make_scored(house.team, size=5), goal=make_goal(house.organization, "Trust"), by=None)

    page = text_of(browse("dev").get(PATH))

    assert '<a href="/acme/checkout/backlog/?goal=none">1 open item</a>' in page
    assert '<a href="/acme/checkout/backlog/?goal=1">1 open item</a>' in page


def test_a_goal_is_removed_with_its_undo_or_stays_with_the_reason(house, browse):
    trust = make_goal(house.organization, "Trust")
    make_goal(house.organization, "Refunds", parent=trust)
    set_goal(item=make_scored(house.team), goal=goals(house).get(number=2), by=None)

    refused = browse("owner").post(f"{PATH}1/remove/", headers=HTMX)
    assert (refused.status_code, goals(house).count()) == (409, 2)
    assert "Below “Trust” lies “Refunds”. Move that elsewhere first. Nothing was changed." in text_of(refused)
    assert browse("owner").post(f"{PATH}1/remove/").status_code == 302

    done = text_of(browse("owner").post(f"{PATH}2/remove/", headers=HTMX))
    assert "“Refunds” is removed. 1 item serves none now." in done
    assert [goal.name for goal in goals(house)] == ["Trust"]
    undo = re.search(r"/acme/undo/[0-9a-f-]+/", done)
    assert undo is not None
    browse("owner").post(undo.group(0))
    assert goals(house).get(number=2).items.count() == 1
