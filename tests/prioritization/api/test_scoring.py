"""How a backlog is scored, over the API."""

import pytest

from accounts.roles import Role
from activity.models import Job
from prioritization.selectors import how_scored
from prioritization.selectors.choices import choice_in
from prioritization.services.ranking import rank_organization
from prioritization.services.scores import score_item
from prioritization.tasks import preview
from tests.factories.accounts import organization_with
from tests.factories.api import call_by_token
from tests.factories.prioritization import make_scored

pytestmark = pytest.mark.django_db
PATH = "scoring/story/?team=checkout"


@pytest.fixture
def house():
    return organization_with("checkout", slug="acme", owner=Role.PRODUCT_OWNER, dev=Role.DEVELOPER, watcher=Role.OBSERVER)


@pytest.fixture
def owner(house):
    return call_by_token(house.people["owner"], house.organization)


def of_stories(answer):
    return next(each for each in answer.json()["scoring"] if each["kind"] == "story")


def test_reading_says_model_weights_and_what_is_there(owner, house):
    make_scored(house.team)

    body = of_stories(owner.get("scoring/?team=checkout"))

    assert body["words"] == "Business value + time criticality + risk or opportunity, over job size"
    assert body["weights"] == {"business_value": "1", "time_criticality": "1", "risk_reduction": "1"}
    assert (body["model"], body["rate"], body["is_whole"], body["models"][:2]) == ("wsjf", "1", False, ["wsjf", "cd3"])
    assert body["items"] == {"total": 1, "whole": 1, "assumed": 0, "unscored": 0, "unsized": 0}
    assert body["factors"][-1] == {"name": "confidence", "label": "Confidence", "is_optional": True}
    assert [each["kind"] for each in owner.get(f"scoring/?train={house.train.slug}").json()["scoring"]] == ["epic", "feature"]


def test_choosing_is_read_again(owner, house):
    answer = owner.put(PATH, {"model": "wsjf", "weights": {"business_value": 2, "risk_reduction": "0"}})

    assert answer.status_code == 200
    assert answer.json() == of_stories(owner.get("scoring/?team=checkout"))
    assert answer.json()["weights"] == {"business_value": "2", "time_criticality": "1", "risk_reduction": "0"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"model": "nonsense"}, 422),
        ({"model": "a\x00b"}, 422),
        ({"model": "wsjf", "weights": {"reach": 1}}, 422),
        ({"model": "wsjf", "weights": {"business_value": -1}}, 422),
        ({"model": "wsjf", "weights": {"business_value": "NaN"}}, 422),
        ({"model": "wsjf", "weights": {"business_value": True}}, 422),
        ({"model": "wsjf", "weights": {"business_value": 0, "time_criticality": 0, "risk_reduction": 0}}, 422),
        ({"model": "wsjf", "rate": 0}, 422),
        ({"model": "wsjf", "is_whole": True}, 422),
        ({"model": "rice", "kind": "bug"}, 400),
        ('{"model": "rice", "model": "ice"}', 400),
    ],
)
def test_choosing_refuses(owner, house, body, status):
    assert owner.put(PATH, body).status_code == status
    assert choice_in(house.team, "story").model == "wsjf"


def test_each_is_met_by_each(house, owner):
    stranger = organization_with("x", slug="other", who=Role.PRODUCT_OWNER)
    outside = call_by_token(stranger.people["who"], stranger.organization)
    assert outside.get("/api/v1/acme/scoring/?team=checkout").status_code == 404
    assert outside.put(f"/api/v1/acme/{PATH}", {"model": "rice"}).status_code == 404
    assert outside.put("scoring/story/?team=checkout", {"model": "rice"}).status_code == 404
    for name in ("dev", "watcher"):
        caller = call_by_token(house.people[name], house.organization)
        assert (caller.get("scoring/?team=checkout").status_code, caller.put(PATH, {"model": "rice"}).status_code) == (200, 403)
    assert owner.put("scoring/epic/?team=checkout", {"model": "rice"}).status_code == 404
    assert owner.put("scoring/story/", {"model": "rice"}).status_code == 400
    assert choice_in(house.team, "story").model == "wsjf"


def test_a_look_says_who_would_move_and_changes_nothing(house, owner):
    first, last = make_scored(house.team, value=13), make_scored(house.team, value=2)
    score_item(item=first, factors={"time_criticality": 1}, by=None)
    score_item(item=last, factors={"time_criticality": 20}, by=None)
    rank_organization(organization_id=house.organization.pk)
    body = {"model": "wsjf", "weights": {"business_value": 10}}

    answer = owner.post("scoring/story/preview/?team=checkout", body)

    assert answer.status_code == 200
    told = answer.json()
    assert (told["steps"], told["of"], told["worked_out_at"]) == (4, 4, None)
    assert told["items_then"] == {"total": 2, "whole": 2, "assumed": 0, "unscored": 0, "unsized": 0}
    assert (told["outcome"]["total"], told["outcome"]["moving"]) == (2, 2)
    assert {each["key"]: (each["before"], each["after"]) for each in told["outcome"]["top"]} == {last.key: (1, 2), first.key: (2, 1)}
    assert choice_in(house.team, "story").weights.of == ()


def test_a_large_look_is_accepted_and_answered_when_it_is_done(house, owner, monkeypatch):
    monkeypatch.setattr(how_scored, "IN_REQUEST", 0)
    make_scored(house.team)
    body = {"model": "rice"}

    accepted = owner.post("scoring/story/preview/?team=checkout", body)
    assert (accepted.status_code, accepted.json()["steps"], accepted.json()["outcome"]) == (202, 0, None)
    (job,) = Job.objects.filter(name="prioritization.preview")
    preview(job.pk)

    done = owner.post("scoring/story/preview/?team=checkout", body)
    assert (done.status_code, done.json()["outcome"]["total"]) == (200, 1)
    assert done.json()["worked_out_at"]


def test_looks_are_for_whoever_reads_the_list(house, owner):
    stranger = organization_with("x", slug="other", who=Role.PRODUCT_OWNER)
    outside = call_by_token(stranger.people["who"], stranger.organization)
    assert outside.post("/api/v1/acme/scoring/story/preview/?team=checkout", {"model": "rice"}).status_code == 404
    watcher = call_by_token(house.people["watcher"], house.organization)
    assert watcher.post("scoring/story/preview/?team=checkout", {"model": "rice"}).status_code == 200
    assert owner.post("scoring/epic/preview/?team=checkout", {"model": "rice"}).status_code == 404
    assert owner.post("scoring/story/preview/?team=checkout", {"model": "wsjf", "weights": {"reach": 1}}).status_code == 422
