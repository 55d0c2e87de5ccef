"""The work list of inputs: what wants a look, in the order of what depends on it."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.roles import Role
from backlog.services.urgency import set_urgency
from prioritization.models import Factor, RankRun
from prioritization.selectors.inputs import Want, list_inputs
from prioritization.services.choices import choose_scoring
from prioritization.services.ranking import rank_organization
from prioritization.services.scores import score_item
from tests.factories.accounts import make_member, make_team, organization_with
from tests.factories.backlog import make_item
from tests.factories.prioritization import make_scored

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return organization_with("checkout", owner=Role.PRODUCT_OWNER, observer=Role.OBSERVER)


def rank(house):
    rank_organization(organization_id=house.organization.pk, mode=RankRun.Mode.FULL, refresh=True)


def inputs(house, only=None):
    return list_inputs(home=house.team, today=timezone.localdate(), only=only)


def path(house):
    return reverse("prioritization:inputs", kwargs={"organization": house.organization.slug, "team": house.team.slug})


def test_what_is_missing_assumed_and_expired_is_told(house):
    make_scored(house.team)
    unsized = make_scored(house.team, size=None, value=9)
    unscored = make_item(house.team, job_size=2)
    partly = score_item(item=make_item(house.team, job_size=5), factors={"business_value": 8}, by=None)
    old = make_scored(house.team, value=2)
    score_item(item=old, factors={"business_value": 3}, by=None, expires_on=timezone.localdate() - timedelta(days=1))
    rank(house)

    found = {row["key"]: row["reason"] for row in inputs(house).rows}

    assert found == {
        unsized.key: "Size assumed",
        unscored.key: "Nobody scored it",
        partly.key: "Value assumed in part",
        old.key: "Business value expired",
    }
    assert inputs(house).counts == {"scores": 1, "size": 1, "value": 1, "expired": 1, "verdict": 0}
    assert [row["key"] for row in inputs(house, Want.SIZE).rows] == [unsized.key]


def test_a_score_without_a_date_expires_as_usual_for_its_factor_and_one_that_rests_never(house):
    item = make_scored(house.team)
    score_item(item=item, factors={"confidence": 1}, by=None)
    long_ago = timezone.now() - timedelta(days=100)
    Factor.objects.filter(organization=house.organization, item=item).update(scored_at=long_ago)
    rank(house)
    assert [row["reason"] for row in inputs(house).rows] == ["Time criticality expired"]

    choose_scoring(home=house.team, kind="story", model="wsjf", weights={"time_criticality": 0}, by=None)

    assert inputs(house).rows == []


def test_a_passed_date_asks_for_a_verdict(house):
    passed, today, fading = make_scored(house.team), make_scored(house.team), make_scored(house.team)
    day = timezone.localdate()
    for item, profile, due in ((passed, "fixed_date", day - timedelta(days=1)), (today, "fixed_date", day), (fading, "short_life", day)):
        set_urgency(item=item, urgency=profile, due_on=due, by=None)
    rank(house)

    found = inputs(house, Want.VERDICT)

    assert [row["key"] for row in found.rows] == [passed.key]
    assert found.rows[0]["reason"] == f"Its day was {day - timedelta(days=1):%-d %b %Y}: done, moved, or let go?"


def test_what_most_depends_on_comes_first(house):
    small = make_scored(house.team, value=20, size=1)
    score_item(item=small, factors={"risk_reduction": None}, by=None)
    large = make_scored(house.team, value=20, size=None)
    score_item(item=large, factors={"time_criticality": 20}, by=None)
    rank(house)

    assert [row["key"] for row in inputs(house).rows] == [large.key, small.key]


def test_a_backlog_without_gaps_says_so(client, house):
    make_scored(house.team)
    rank(house)
    client.force_login(house.people["observer"])

    assert "Every input was given" in client.get(path(house)).content.decode()


def test_the_page_narrows_and_lets_people_score_in_place(client, house):
    item = make_scored(house.team, size=None)
    rank(house)
    client.force_login(house.people["owner"])

    html = client.get(path(house)).content.decode()
    assert re.search(rf'id="item-{item.key}".*data-edit="size"', html)
    assert item.key not in client.get(path(house), {"show": "expired"}).content.decode()
    assert client.get(path(house), {"show": "nonsense"}).status_code == 400
    client.force_login(house.people["observer"])
    assert "data-edit=" not in client.get(path(house)).content.decode()
    client.force_login(make_member(make_team(organization_with("other").organization)))
    assert client.get(path(house)).status_code == 404


def test_queries_do_not_grow_with_the_list(client, house, django_assert_max_num_queries):
    for _ in range(8):
        make_item(house.team)
    rank(house)
    client.force_login(house.people["owner"])
    with django_assert_max_num_queries(16):
        client.get(path(house))
