"""Pages of readiness: pips in the list, the item's lines, the definition."""

import pytest
from django.test import Client

from accounts.roles import Role
from backlog.models.readiness import ReadyRule
from backlog.services.criteria import add_task
from backlog.services.definitions import define_line
from tests.backlog.views.conftest import HTMX
from tests.factories.accounts import make_member, make_team, organization_with
from tests.factories.api import call_by_token
from tests.factories.backlog import make_item

pytestmark = pytest.mark.django_db

DEFINITION = "/acme/checkout/ready/"


def text_of(response):
    return response.content.decode()


def test_the_list_shows_how_ready_each_item_is(house, browse):
    make_item(house.team, job_size=3)

    page = text_of(browse("watcher").get("/acme/checkout/backlog/"))

    assert 'aria-label="3 of 5 ready; missing: Its value is given, Acceptance criteria are written"' in page
    assert "ready for 0.0 sprints" in text_of(browse("watcher").get("/acme/checkout/backlog/total/", headers=HTMX))


def test_a_long_definition_is_a_number_beside_one_dot(house, browse):
    make_item(house.team, job_size=3)
    for number in range(2):
        define_line(asking=house.team, text=f"Line {number}", by=None)

    page = text_of(browse("watcher").get("/acme/checkout/backlog/"))

    assert '<i class=""></i>3/7</span>' in page


def test_a_line_is_waived_with_a_reason_and_its_undo(house, browse):
    item = make_item(house.team)
    path = f"/acme/{item.key}/ready/"
    client = browse("dev")

    refused = client.post(f"{path}criteria/", {"state": "waived", "reason": ""}, headers=HTMX)
    done = client.post(f"{path}criteria/", {"state": "waived", "reason": "<b>Known</b>"}, headers=HTMX)

    assert refused.status_code == 422
    assert "Say in a sentence why" in text_of(refused)
    assert "&lt;b&gt;Known&lt;/b&gt; (Dev)" in text_of(done)
    assert "/undo/" in text_of(done)
    assert client.post(f"{path}criteria/", {"state": ""}).status_code == 302


def test_who_may_say_what(house, browse):
    item = make_item(house.team)
    hidden = make_item(make_team(house.train, slug="secret", is_private=True))
    other = organization_with("other", who=Role.PRODUCT_OWNER).people["who"]
    form = {"state": "waived", "reason": "Known"}

    assert browse("watcher").get(f"/acme/{item.key}/ready/").status_code == 200
    assert browse("watcher").post(f"/acme/{item.key}/ready/criteria/", form).status_code == 403
    assert browse("dev").post(f"/acme/{hidden.key}/ready/criteria/", form).status_code == 404
    assert browse(other).post(f"/acme/{item.key}/ready/criteria/", form).status_code == 404
    assert Client().post(f"/acme/{item.key}/ready/criteria/", form).status_code == 302
    assert browse("watcher").post(DEFINITION, {"act": "add", "text": "Lost"}).status_code == 403
    assert browse(other).get(DEFINITION).status_code == 404
    assert browse("dev").get("/acme/secret/ready/").status_code == 404


def test_the_definition_is_a_matrix_that_is_changed_in_place(house, browse):
    client = browse("dev")

    added = text_of(client.post(DEFINITION, {"act": "add", "text": "Design is agreed"}, headers=HTMX))
    code = ReadyRule.objects.for_organization(house.organization).get().code
    less = text_of(client.post(DEFINITION, {"act": "ask", "code": code, "kind": "bug", "asked": "no"}, headers=HTMX))
    limit = text_of(client.post(DEFINITION, {"act": "limit", "ceiling": "5"}, headers=HTMX))

    assert "“Design is agreed” asked of each item." in added
    assert 'aria-checked="false" aria-label="Design is agreed, Bug"' in less
    assert 'aria-checked="true" aria-label="Design is agreed, Story"' in less
    assert 'value="5"' in limit
    assert "Take away: Design is agreed" in text_of(client.get(DEFINITION))
    assert "Take away" not in text_of(client.post(DEFINITION, {"act": "drop", "code": code}, headers=HTMX))


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"act": "add", "text": ""}, 422),
        ({"act": "limit", "ceiling": "-1"}, 422),
        ({"act": "limit", "ceiling": "many"}, 422),
        ({"act": "ask", "code": "criteria", "kind": "epic", "asked": "no"}, 422),
        ({"act": "ask", "code": "nobody", "kind": "bug", "asked": "yes"}, 422),
        ({"act": "drop", "code": "criteria"}, 422),
        ({"act": "lost"}, 404),
    ],
)
def test_what_makes_no_sense_is_refused(house, browse, form, status):
    assert browse("dev").post(DEFINITION, form, headers=HTMX).status_code == status
    assert not ReadyRule.objects.for_organization(house.organization).exists()


def test_the_organization_asks_of_all_lists_and_they_say_so(house, browse):
    admin = make_member(house.organization, Role.ADMINISTRATOR)
    path = "/acme/definitions/done/"

    added = browse(admin).post(path, {"act": "add", "text": "Seen by two"}, headers=HTMX)
    here = text_of(browse("dev").get("/acme/checkout/done/"))

    assert "version 2" in text_of(added)
    assert "Seen by two" in here
    assert f"From {house.organization.name}</a>" in here
    assert "“Seen by two” asked" in here
    assert "for all lists" in here
    assert browse("dev").post(path, {"act": "add", "text": "Lost"}).status_code == 403
    assert "Take away: Seen by two" not in here
    assert "Take away: Seen by two" in text_of(browse(admin).get(path))
    assert browse("watcher").get(path).status_code == 200
    assert browse("watcher").get("/acme/definitions/lost/").status_code == 404
    assert browse("manager").get(f"/acme/trains/{house.train.slug}/done/").status_code == 200


def test_a_trains_lines_reach_its_teams_and_say_where_they_come_from(house, browse):
    path, here = f"/acme/trains/{house.train.slug}/ready/", DEFINITION
    chief = make_member(house.train, Role.RELEASE_TRAIN_ENGINEER)
    admin = make_member(house.organization, Role.ADMINISTRATOR)
    item = make_item(house.team)

    added = browse(chief).post(path, {"act": "add", "text": "Seen by <b>two</b>"}, headers=HTMX)
    code = ReadyRule.objects.for_organization(house.organization).get().code
    less = text_of(browse("dev").post(here, {"act": "ask", "code": code, "kind": "bug", "asked": "no"}, headers=HTMX))
    elsewhere = text_of(browse("watcher").get("/acme/cart/ready/"))

    assert "Asked by this train, of its list and its teams" in text_of(added)
    assert f'<a href="{path}">From the {house.train.name} train</a>' in less
    assert "changed here for Bug" in less
    assert "Seen by &lt;b&gt;two&lt;/b&gt;" in elsewhere
    assert f"for the {house.train.name} train and its teams" in elsewhere
    assert "changed here" not in elsewhere
    assert f'<span class="note">{house.train.name} train asks for it.</span>' in text_of(browse("dev").get(f"/acme/{item.key}/ready/"))
    assert browse("dev").post(path, {"act": "add", "text": "Lost"}).status_code == 403
    assert browse(admin).post(path, {"act": "add", "text": "Lost"}).status_code == 403
    assert browse(chief).post("/acme/cart/ready/", {"act": "drop", "code": code}).status_code == 422  # of the train


def test_what_a_change_touches_is_said_before_it_is_saved(house, browse):
    chief = make_member(house.train, Role.RELEASE_TRAIN_ENGINEER)
    path, form = f"/acme/trains/{house.train.slug}/ready/", {"act": "add", "kind": "story", "text": "<i>Seen</i>", "look": "1"}
    make_item(house.team)

    asked = browse(chief).post(path, form, headers=HTMX)
    page = text_of(browse(chief).post(path, form))
    refused = browse(chief).post(path, {**form, "text": ""}, headers=HTMX)

    assert not ReadyRule.objects.for_organization(house.organization).exists()
    assert (asked["HX-Retarget"], asked.status_code) == ("#dialogs", 200)
    for text in (text_of(asked), page):
        assert "“&lt;i&gt;Seen&lt;/i&gt;” asked of each story?" in text
        assert '<strong class="tab">1 open item</strong> is asked something else, of ' in text
        assert 'name="text" value="&lt;i&gt;Seen&lt;/i&gt;"' in text
        assert 'name="look"' not in text
    assert (refused.status_code, "HX-Retarget" in refused) == (422, False)
    assert browse("dev").post(path, form).status_code == 403


def test_done_by_its_dialog_asks_for_what_is_open(house, browse):
    item = make_item(house.team)
    add_task(item=item, text="Write to finance", by=None)
    line = define_line(asking=house.team, about="done", text="Seen by two", by=None)
    client, path = browse("dev"), f"/acme/{item.key}/status/"

    asked = client.post(path, {"status": "done"}, headers=HTMX)
    still = client.post(path, {"status": "done", "tick": line.code}, headers=HTMX)
    done = client.post(path, {"status": "done", "tick": line.code, "reason": "<b>Known</b>"}, headers=HTMX)

    assert (asked.status_code, still.status_code, done.status_code) == (409, 409, 200)
    assert "1 task still open." in text_of(asked)
    assert f'name="tick" value="{line.code}"' in text_of(asked)
    assert "&lt;b&gt;Known&lt;/b&gt; (Dev)" in text_of(client.get(f"/acme/{item.key}/done/", headers=HTMX))
    assert "Judged by version 2" in text_of(client.get(f"/acme/{item.key}/done/"))


def test_done_by_the_api_is_a_conflict_that_says_what_is_open(house):
    item = make_item(house.team)
    add_task(item=item, text="Write to finance", by=None)
    caller = call_by_token(house.people["dev"], house.organization)

    refused = caller.patch(f"items/{item.key}/", {"status": "done"}, if_match="*")
    done = caller.patch(f"items/{item.key}/", {"status": "done", "reason": "Finance knows"}, if_match="*")

    assert (refused.status_code, refused.json()["code"]) == (409, "not_done")
    assert "1 task still open" in refused.json()["message"]
    assert (done.status_code, done.json()["status"]) == (200, "done")


def test_the_team_calls_it_ready_with_its_undo(house, browse):
    item = make_item(house.team)
    client, path = browse("dev"), f"/acme/{item.key}/called-ready/"

    said = text_of(client.post(path, {"ready": "yes"}, headers=HTMX))

    assert "The team calls it ready" in said
    assert ">Dev, <time" in said
    assert "/undo/" in said
    assert "has not called it ready" in text_of(client.post(path, {"ready": "no"}, headers=HTMX))
    assert browse("watcher").post(path, {"ready": "yes"}).status_code == 403
