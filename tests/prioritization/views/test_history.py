"""What moved, and the order of an earlier moment, as pages show them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from backlog.services.dependencies import link_dependency
from backlog.services.goals import edit_goal, set_goal
from backlog.services.items import set_job_size
from backlog.services.statuses import set_status
from prioritization.models import Look
from prioritization.selectors.movers import PAGE, list_movers, list_top, read_after
from prioritization.services.looks import keep_look
from prioritization.services.manual_order import Spot, place_by_hand, set_mode
from prioritization.services.ranking import rank_organization
from tests.factories.accounts import access_of, make_member, make_team, make_user, organization_with
from tests.factories.goals import make_goal
from tests.factories.prioritization import make_scored

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("patient")]


def now() -> datetime:
    return datetime.now(tz=UTC)


@pytest.fixture
def house():
    return organization_with("checkout")


@pytest.fixture
def owner(house):
    return make_member(house.organization, Role.PRODUCT_OWNER)


def test_the_digest_names_the_edit_as_cause_and_nothing_else_moved(house, owner):
    items = [make_scored(house.team, value=value, size=13) for value in (20, 13, 8, 5, 3, 2, 1)]
    since = now()

    set_job_size(item=items[6], job_size=1, by=owner)

    found = list_movers(home=house.team, moment=since, access=access_of(owner, house.organization))
    first, *others = found.movers
    assert (first.key, first.before, first.after, first.words) == (items[6].key, 7, 1, "later to next")
    (cause,) = first.causes
    assert (cause.key, cause.who, cause.what) == (items[6].key, str(owner), "changed size 13 to 1")
    assert [mover.causes for mover in others] == [[]] * len(others)  # they were passed, none has another value


def test_a_neighbour_moves_because_of_the_item_that_was_edited(house, owner):
    _, blocker, blocked = (make_scored(house.team, value=value) for value in (5, 1, 5))
    link_dependency(blocker=blocker, blocked=blocked, by=None)
    since = now()

    set_job_size(item=blocked, job_size=1, by=owner)

    movers = {mover.key: mover for mover in list_movers(home=house.team, moment=since, access=access_of(owner, house.organization)).movers}
    assert [cause.key for cause in movers[blocker.key].causes] == [blocked.key]


def test_a_hidden_item_is_no_cause_by_name(house, client):
    private = make_team(house.organization, is_private=True)
    reader = make_member(house.team, Role.DEVELOPER)
    here, hidden = make_scored(house.team, value=1), make_scored(private, value=5)
    make_scored(house.team, value=5)
    link_dependency(blocker=here, blocked=hidden, by=None)
    since = now()

    set_job_size(item=hidden, job_size=1, by=None)

    (mover,) = list_movers(home=house.team, moment=since, access=access_of(reader, house.organization)).movers
    (cause,) = mover.causes
    assert cause.is_restricted
    assert hidden.key not in str(cause)
    client.force_login(reader)
    path = f"/{house.organization.slug}/{house.team.slug}/moved/"
    client.post(f"{path}seen/", {"until": since.isoformat()})
    assert "<span>A restricted item was changed</span>" in client.get(path).content.decode()


def test_who_closed_an_item_is_told(house, owner):
    item = make_scored(house.team)
    since = now()

    set_status(item=item, status="done", by=owner)

    (mover,) = list_movers(home=house.team, moment=since, access=access_of(owner, house.organization)).movers
    assert (mover.before, mover.after, mover.words) == (1, 0, "left the list: done")
    assert [cause.who for cause in mover.causes] == [str(owner)]


def test_pages_follow_each_other_without_gap(house, owner):
    since = now()
    keys = {make_scored(house.team, value=1 + number % 20).key for number in range(PAGE + 5)}
    access = access_of(owner, house.organization)

    first = list_movers(home=house.team, moment=since, access=access)
    second = list_movers(home=house.team, moment=since, access=access, after=read_after(first.next))

    assert (len(first.movers), second.next) == (PAGE, "")
    assert {mover.key for mover in (*first.movers, *second.movers)} == keys


def test_history_shows_then_and_now(house, owner):
    low, high = make_scored(house.team, value=2), make_scored(house.team, value=8)
    then = now()
    set_job_size(item=low, job_size=1, by=owner)

    places = [
        (item.key, item.before, item.after)
        for item in list_top(home=house.team, moment=then, access=access_of(owner, house.organization), rows=30)
    ]

    assert places == [(low.key, 2, 1), (high.key, 1, 2)]


@pytest.mark.parametrize(
    "page", ["moved/", "moved/?since=week&after=x", "order-history/", "order-history/?at=1999-01-01", "order-history/?at=no"]
)
def test_pages_answer_members_and_nobody_else(client, house, owner, page):
    make_scored(house.team)
    path = f"/{house.organization.slug}/{house.team.slug}/{page}"

    client.force_login(owner)
    assert client.get(path).status_code == 200
    client.force_login(make_user())
    assert client.get(path).status_code == 404


def test_the_slider_leads_to_an_address(client, house, owner):
    client.force_login(owner)

    answer = client.get(f"/{house.organization.slug}/{house.team.slug}/order-history/?ago=3")

    assert answer.status_code == 302
    assert f"?at={(now() - timedelta(days=3)).date()}T" in answer["Location"]


def test_what_was_seen_is_not_new(client, house, owner):
    make_scored(house.team)
    client.force_login(owner)

    client.post(f"/{house.organization.slug}/{house.team.slug}/moved/seen/", {"until": now().isoformat()})

    assert "Nothing moved" in client.get(f"/{house.organization.slug}/{house.team.slug}/moved/").content.decode()
    kept = Look.objects.for_organization(house.organization).get().looked_at
    keep_look(home=house.team, person=owner, moment=kept - timedelta(hours=1))
    assert Look.objects.for_organization(house.organization).get().looked_at == kept


def test_queries_do_not_grow_with_what_moved(house, owner):
    access = access_of(owner, house.organization)
    counts = []
    since = now()
    for _ in range(2):
        for _ in range(3):
            set_job_size(item=make_scored(house.team), job_size=1, by=owner)
        with CaptureQueriesContext(connection) as queries:
            list_movers(home=house.team, moment=since, access=access)
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 6


def test_a_goal_is_the_cause_by_its_name(house, owner):
    items = [make_scored(house.team, value=value, size=8) for value in (5, 4)]
    goal = make_goal(house.organization, "Trust")
    set_goal(item=items[1], goal=goal, by=None)
    rank_organization(organization_id=house.organization.pk)
    since = now()

    edit_goal(goal=goal, changes={"weight": 3}, by=owner)
    rank_organization(organization_id=house.organization.pk)  # where the edit had no time for it

    movers = {mover.key: mover for mover in list_movers(home=house.team, moment=since, access=access_of(owner, house.organization)).movers}
    (cause,) = movers[items[1].key].causes
    assert (cause.key, cause.who, cause.what) == ("", str(owner), "changed the weight of the goal “Trust” 1 to 3")


def test_in_a_list_ordered_by_hand_who_moved_it_is_told_and_who_made_room_is_not(client, house, owner):
    first, second, last = (make_scored(house.team, value=value) for value in (8, 5, 3))
    rank_organization(organization_id=house.organization.pk)
    set_mode(home=house.team, mode="manual", by=owner)
    since = now()
    place_by_hand(item=last, spot=Spot(above=first), by=owner)

    access = access_of(owner, house.organization)
    (mover,) = list_movers(home=house.team, moment=since, access=access).movers
    assert (mover.key, mover.words, mover.crossed) == (last.key, "up 2", False)
    assert [(cause.who, cause.what) for cause in mover.causes] == [(str(owner), f"moved it by hand above {first.key}")]
    top = list_top(home=house.team, moment=since, access=access, rows=30)
    assert [(item.key, item.before, item.after) for item in top] == [(last.key, 3, 1), (first.key, 1, 2), (second.key, 2, 3)]
    client.force_login(owner)
    page = client.get(f"/{house.organization.slug}/{house.team.slug}/order-history/?at={since:%Y-%m-%dT%H:%M:%S.%f}").content.decode()
    assert f'aria-label="{last.key}, up 2: {owner} moved it by hand above {first.key}"' in page


def test_what_moved_and_came_back_is_no_news(house, owner):
    item, _ = make_scored(house.team, value=3, size=13), make_scored(house.team, value=5)
    rank_organization(organization_id=house.organization.pk)
    since = now()
    for size in (1, 13):
        set_job_size(item=item, job_size=size, by=owner)
        rank_organization(organization_id=house.organization.pk)

    assert list_movers(home=house.team, moment=since, access=access_of(owner, house.organization)).movers == []


def test_an_item_shows_where_it_stood_to_those_who_see_it(client, house, owner):
    item = make_scored(house.team)
    path = f"/{house.organization.slug}/{item.key}/places/"

    client.force_login(owner)
    assert f'hx-get="{path}"' in client.get(f"/{house.organization.slug}/{item.key}/").content.decode()
    fragment = client.get(path, headers={"HX-Request": "true"}).content.decode()
    assert "1st today, new in the list" in fragment
    assert f"/{house.team.slug}/order-history/?ago=28" in fragment
    assert "<html" not in fragment
    assert "<html" in client.get(path).content.decode()
    client.force_login(make_user())
    assert client.get(path).status_code == 404
