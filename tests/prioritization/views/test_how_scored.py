"""The page of how a backlog is scored: its figures, a look before choosing, and refusals that keep what was typed."""

import re

import pytest
from django.urls import reverse

from accounts.roles import Role
from activity.models import Job
from backlog.models import StaleRank
from prioritization.models import Factor, RankRun, ScoringPreview
from prioritization.selectors import how_scored
from prioritization.selectors.choices import choice_in
from prioritization.selectors.how_scored import count_inputs, list_kinds, measure_musts
from prioritization.selectors.outcomes import work_out
from prioritization.services import previews
from prioritization.services.choices import choose_scoring
from prioritization.services.ranking import rank_organization
from prioritization.services.scores import score_item
from prioritization.tasks import preview as preview_task
from tests.factories.accounts import make_member, make_team, organization_with
from tests.factories.backlog import make_item
from tests.factories.prioritization import make_scored

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return organization_with("checkout", owner=Role.PRODUCT_OWNER, dev=Role.DEVELOPER, observer=Role.OBSERVER)


@pytest.fixture
def stories(house):
    made = [make_scored(house.team, value=20 - 2 * number) for number in range(4)]
    score_item(item=make_item(house.team, job_size=3), factors={"business_value": 2}, by=None)
    make_item(house.team)
    rank_organization(organization_id=house.organization.pk, mode=RankRun.Mode.FULL, refresh=True)
    return made


def named(house, **more):
    return {"organization": house.organization.slug, "team": house.team.slug, **more}


def path(house, kind=""):
    if kind:
        return reverse("prioritization:how-scored-kind", kwargs=named(house, kind=kind))
    return reverse("prioritization:how-scored", kwargs=named(house))


def signed_in(client, house, person="owner"):
    client.force_login(house.people[person])
    return client


def words(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def plainly(text):
    return text.replace("\N{MULTIPLICATION SIGN}", "x")


def test_each_kind_says_its_model_and_what_it_has(client, house, stories):
    make_item(house.team, "user_request", demand=4)
    kinds = {each.kind.value: each for each in list_kinds(house.team)}
    assert kinds["story"].counts == (6, 4, 1, 1)
    assert kinds["story"].counts.unscored == 1
    assert kinds["user_request"].counts == (1, 1, 0, 1)
    assert (kinds["story"].words, plainly(kinds["bug"].words)) == (
        "Business value + time criticality + risk or opportunity, over job size",
        "Severity x reach x frequency, less workaround, over job size",
    )

    html = words(signed_in(client, house, "observer").get(path(house)).content.decode())

    assert "4 scored in full, 1 assumed in part , 1 not scored, 1 without size" in html
    assert "being computed" not in html


@pytest.mark.parametrize(
    ("model", "more", "expected"),
    [
        ("rice", {}, "Reach x impact x confidence, over effort"),
        ("ice", {}, "Impact x confidence, over 11 less ease"),
        ("kano", {}, "Business value x Kano category, over job size"),
        ("moscow", {"is_whole": True}, "Needed, whatever the size"),
        ("wsjf", {"weights": {"business_value": 2, "risk_reduction": 0}}, "2 x business value + time criticality, over job size"),
    ],
)
def test_a_model_is_told_in_words(house, model, more, expected):
    choose_scoring(home=house.team, kind="story", model=model, by=None, **more)
    assert plainly(next(each.words for each in list_kinds(house.team) if each.kind == "story")) == expected


def test_a_look_comes_before_the_choice_and_writes_nothing(client, house, stories):
    html = words(signed_in(client, house).get(path(house, "story"), {"model": "rice"}).content.decode())

    assert "5 items would lose their value" in html
    assert "Not scored 6 now 1" in html
    assert choice_in(house.team, "story").model == "wsjf"


def test_choosing_tells_leads_back_and_offers_the_undo(client, house, stories):
    signed_in(client, house)
    page = client.get(path(house, "story"), {"model": "rice"}).content.decode()
    sent = {name: value.replace("&quot;", '"') for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page)}

    done = client.post(path(house, "story"), sent, headers={"HX-Request": "true"})

    assert done.status_code == 200
    assert "Stories are scored by RICE from now on." in done.content.decode()
    assert "/undo/" in done.content.decode()
    assert choice_in(house.team, "story").model == "rice"
    assert Factor.objects.filter(organization=house.organization, name="business_value").count() == 5
    late = client.post(path(house, "story"), {**sent, "model": "ice"})
    assert (late.status_code, choice_in(house.team, "story").model) == (409, "rice")
    assert "Nothing was changed; look again" in late.content.decode()
    assert client.post(path(house, "story"), {**sent, "was": '{"model": []}'}).status_code in (409, 422)
    assert client.post(path(house, "story"), {"model": "wsjf"}).status_code == 302


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"wsjf-business_value": "-3"}, "goes from 0 to 1000"),
        ({"wsjf-business_value": "much"}, "is a number"),
        ({"wsjf-business_value": "1\x00"}, "is a number"),
        (dict.fromkeys(("wsjf-business_value", "wsjf-time_criticality", "wsjf-risk_reduction"), "0"), "sum to nothing"),
        ({"wsjf-rate": "0"}, "from 0.001"),
    ],
)
def test_refused_weights_stay_as_typed(client, house, typed, told):
    signed_in(client, house)
    for answer in (
        client.get(path(house, "story"), {"model": "wsjf", **typed}),
        client.post(path(house, "story"), {"model": "wsjf", **typed}),
    ):
        html = answer.content.decode()
        assert answer.status_code == 422
        assert told in html
        name, value = next(iter(typed.items()))
        assert "\x00" in value or f'name="{name}" value="{value}"' in html
    assert choice_in(house.team, "story").weights.of == ()


def test_only_who_orders_the_list_chooses_and_others_find_nothing(client, house, stories):
    for person, status in (("dev", 403), ("observer", 403)):
        html = signed_in(client, house, person).get(path(house, "story"), {"model": "rice"})
        assert html.status_code == 200
        assert "Score stories so" not in html.content.decode()
        assert client.post(path(house, "story"), {"model": "rice"}).status_code == status
    assert signed_in(client, house).get(path(house, "epic")).status_code == 404
    assert client.get(path(house, "story"), {"model": "bug"}).status_code == 404
    client.force_login(make_member(make_team(organization_with("other").organization)))
    for url in (path(house), path(house, "story")):
        assert client.get(url).status_code == 404
    assert client.post(path(house, "story"), {"model": "rice"}).status_code == 404
    assert choice_in(house.team, "story").model == "wsjf"


def test_what_waits_for_its_place_is_told_until_it_has_it(client, house, stories, ranked_later):
    choose_scoring(home=house.team, kind="story", model="rice", by=None)
    signed_in(client, house)

    html = client.get(path(house)).content.decode()
    assert "The order is being computed: 6 items take their places anew" in html
    assert "load delay:1s" in html
    rank_organization(organization_id=house.organization.pk)
    assert "being computed" not in client.get(path(house)).content.decode()
    assert not StaleRank.objects.exists()


def test_too_many_musts_are_flagged(client, house):
    choose_scoring(home=house.team, kind="story", model="moscow", by=None)
    assert measure_musts(house.team) == (0, 0)
    for needed, size in ((8, 6), (3, 2), (1, 2), (0, 50)):
        score_item(item=make_item(house.team, job_size=size), factors={"moscow": needed}, by=None)
    musts = measure_musts(house.team)
    assert musts is not None
    assert (musts, musts.percent, musts.is_over) == ((6000, 10_000), 60, False)
    assert "60 % of the effort is musts, of at most 60 %" in signed_in(client, house).get(path(house)).content.decode()

    score_item(item=make_item(house.team, job_size=1), factors={"moscow": 8}, by=None)

    assert "64 % of the effort is musts. Above 60 %" in client.get(path(house)).content.decode()
    flag = client.get(f"{path(house)}flag/", headers={"HX-Request": "true"}).content.decode()
    assert f'href="{path(house)}"' in flag
    assert "64 % musts, of at most 60 %" in words(flag)
    choose_scoring(home=house.team, kind="story", model="wsjf", by=None)
    assert client.get(f"{path(house)}flag/", headers={"HX-Request": "true"}).content.strip() == b""
    assert f'hx-get="{path(house)}flag/"' in client.get(reverse("backlog:item-list", kwargs=named(house))).content.decode()


def test_queries_do_not_grow(client, house, stories, django_assert_max_num_queries):
    signed_in(client, house)
    client.get(path(house))
    with django_assert_max_num_queries(14):
        client.get(path(house))
    with django_assert_max_num_queries(18):
        client.get(path(house, "story"), {"model": "rice"})
    assert set(count_inputs(house.team, {})) == set()


def test_a_large_look_is_worked_out_in_the_background_with_its_progress(client, house, stories, monkeypatch):
    monkeypatch.setattr(how_scored, "IN_REQUEST", 3)
    signed_in(client, house)
    asked = {"model": "moscow"}

    waiting = client.get(path(house, "story"), asked).content.decode()
    assert client.get(path(house, "story"), asked).status_code == 200
    assert '<progress class="bar bar-8" max="4" value="0">' in waiting
    assert 'hx-trigger="load delay:1s"' in waiting
    assert "Score stories so" in waiting
    (job,) = Job.objects.filter(name="prioritization.preview")
    preview_task(job.pk)

    done = client.get(path(house, "story"), asked).content.decode()
    assert "Worked out from the backlog of" in done
    assert "load delay:1s" not in done
    assert words(done).count("Items that move") == 1
    monkeypatch.setattr(how_scored, "IN_REQUEST", 3_000)
    at_once = client.get(path(house, "story"), asked).content.decode()
    assert (
        words(at_once).split("Items that move")[1].split("Score stories so")[0]
        == words(done).split("Items that move")[1].split("Score stories so")[0]
    )
    assert words(at_once).split("for 30 days.")[1] == words(done).split("Work it out anew")[1]


def test_a_look_that_another_replaced_keeps_nothing_and_one_that_failed_says_so(client, house, stories, monkeypatch):
    monkeypatch.setattr(how_scored, "IN_REQUEST", 3)
    signed_in(client, house)
    client.get(path(house, "story"), {"model": "rice"})
    (job,) = Job.objects.filter(name="prioritization.preview")

    def meanwhile(**asked):
        client.get(path(house, "story"), {"model": "ice"})
        return work_out(**asked)

    monkeypatch.setattr(previews, "work_out", meanwhile)
    preview_task(job.pk)
    assert ScoringPreview.objects.get(organization=house.organization).outcome is None
    assert "<progress" in client.get(path(house, "story"), {"model": "ice"}).content.decode()

    Job.objects.filter(name="prioritization.preview").update(state=Job.State.DEAD)
    dead = client.get(path(house, "story"), {"model": "ice"}).content.decode()
    assert "could not be worked out. Nothing was changed." in dead
    assert "<progress" not in dead
    again = client.get(path(house, "story"), {"model": "ice", "again": "1"})
    assert (again.status_code, again.url) == (302, f"{path(house, 'story')}?model=ice")
    assert "<progress" in client.get(again.url).content.decode()
