"""Columns and rows of a list: picked by each person for themselves, kept, and overruled by a view's address."""

import pytest

from activity.models import Event
from backlog.columns import USUAL, age_words
from backlog.models import ListLayout
from backlog.models.item import Channel
from backlog.selectors.layouts import layout_of
from backlog.services.goals import set_goal
from backlog.services.iterations import assign_iteration
from backlog.services.layouts import arrange_list
from tests.backlog.views.conftest import HTMX
from tests.factories.backlog import make_item, make_iteration, place
from tests.factories.goals import make_goal

pytestmark = pytest.mark.django_db

PATH = "/acme/checkout/backlog/"
LAYOUT = f"{PATH}layout/"


def heads(page):
    """The column headings behind the title, in their order."""
    line = page.split('class="ledger-head"')[1].split("</div>")[0]
    return [part.split('"')[0].split()[0] for part in line.split('<span class="l-')[1:]][4:]


def shown(client, query=""):
    return client.get(PATH + query).content.decode()


def test_a_person_picks_columns_and_rows_for_all_lists_of_teams(house, browse):
    item, epic = make_item(house.team), make_item(house.train, "epic")
    place(item, value=1)
    place(epic, value=1)
    client = browse("dev")
    assert heads(shown(client)) == list(USUAL)

    response = client.post(LAYOUT, {"column": ["size", "age", "epic"], "density": "comfortable"}, headers=HTMX)

    assert (response.status_code, response["HX-Trigger"]) == (200, "changed")
    page = shown(client)
    assert (heads(page), "is-comfortable" in page) == (["size", "age", "epic"], True)
    assert page.index('class="l-size') < page.index('class="l-age') < page.index('class="l-epic')
    other, train = shown(browse("owner")), browse("dev").get(f"/acme/trains/{house.train.slug}/backlog/").content.decode()
    assert (heads(other), "is-comfortable" in other) == (list(USUAL), False)
    assert heads(train) == list(USUAL)
    assert Event.objects.filter(verb="layout.arranged").count() == 1


def test_columns_that_are_not_usual_say_what_they_should(house, browse, django_assert_num_queries):
    item = make_item(house.team, channel=Channel.STAKEHOLDER)
    place(item, value=1)
    set_goal(item=item, goal=make_goal(house.organization, "Fewer calls"), by=None)
    assign_iteration(item=item, iteration=make_iteration(house.team, name="Sprint 9"), by=None)
    arrange_list(
        organization=house.organization,
        level="team",
        columns=["goal", "channel", "sprint", "age"],
        density="compact",
        by=house.people["dev"],
    )

    page = shown(browse("dev")).split(f'id="item-{item.key}"')[1]

    for cell in (
        '<span class="l-goal clip" title="Fewer calls">Fewer calls<',
        '<span class="l-channel clip">Stakeholder<',
        '<span class="l-sprint clip" title="Sprint 9">Sprint 9<',
        '<span class="l-age num">0 d<',
    ):
        assert cell in page


def test_a_column_goes_one_to_the_left_and_the_usual_ones_come_back(house, browse):
    client = browse("dev")
    form = {"column": ["epic", "ready", "size"], "order": ["epic", "ready", "size", "cod"], "density": "compact"}

    client.post(LAYOUT, {**form, "up": "size"}, headers=HTMX)
    assert layout_of(organization=house.organization, level="team", reader=house.people["dev"]).columns == ("epic", "size", "ready")
    page = client.get(LAYOUT, headers=HTMX).content.decode()
    assert page.index('value="epic"') < page.index('value="size"') < page.index('value="ready"') < page.index('value="cod"')

    client.post(LAYOUT, {**form, "usual": "yes"}, headers=HTMX)
    assert ListLayout.objects.get(organization=house.organization).columns == ""


def test_a_view_keeps_its_columns_and_whoever_picks_others_leaves_them(house, browse):
    place(make_item(house.team), value=1)
    client = browse("dev")

    assert heads(shown(client, "?cols=value,age")) == ["value", "age"]
    client.post(f"{PATH}views/new/?kind=story", {"name": "Mine", "with_columns": "on"}, headers=HTMX)
    assert "?kind=story&amp;cols=epic,ready,size,cod,value,why" in client.get(f"{PATH}views/", headers=HTMX).content.decode()
    response = client.post(f"{LAYOUT}?kind=story&cols=value,age", {"column": "size", "density": "compact"}, headers=HTMX)
    assert response["HX-Redirect"] == f"{PATH}?kind=story"


def test_a_column_that_does_not_exist_is_refused(house, browse):
    client = browse("dev")

    assert client.get(f"{PATH}?cols=size,password").status_code == 400
    assert client.post(LAYOUT, {"column": ["organization__name"], "density": "compact"}, headers=HTMX).status_code == 422
    assert client.post(LAYOUT, {"column": ["size"], "density": "huge"}, headers=HTMX).status_code == 422
    refused = client.post(LAYOUT, {"density": "compact"}, headers=HTMX)
    assert (refused.status_code, "Leave at least one column." in refused.content.decode()) == (422, True)
    assert browse("dev").get("/acme/nowhere/backlog/layout/").status_code == 404


def test_what_a_stored_layout_names_and_no_longer_exists_is_passed_over(house, browse):
    place(make_item(house.team), value=1)
    ListLayout.objects.create(organization=house.organization, person=house.people["dev"], level="team", columns="size,gone", opened="gone")

    assert heads(shown(browse("dev"))) == ["size"]


def test_an_age_is_said_in_the_shortest_words():
    assert [age_words(days) for days in (-1, 0, 13, 14, 90, 91, 729, 730)] == ["0 d", "0 d", "13 d", "2 w", "12 w", "3 mo", "24 mo", "2 y"]
