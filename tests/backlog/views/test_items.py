"""The page of one item, and each act on it, met by those who may and those who may not."""

import json
import re
from html import unescape

import pytest

from accounts.roles import Role
from activity.models import Event
from backlog.models import Goal, Item
from backlog.selectors.goals import MOST_IN_A_MENU
from backlog.selectors.history import list_history
from backlog.services.criteria import add_criterion, add_task
from backlog.services.dependencies import link_dependency
from backlog.services.goals import set_goal
from backlog.services.items import edit_item
from tests.backlog.views.conftest import HTMX
from tests.factories.accounts import make_member, make_team, organization_with
from tests.factories.backlog import make_item, make_iteration
from tests.factories.goals import make_goal

pytestmark = pytest.mark.django_db


@pytest.fixture
def item(house):
    return make_item(house.team, title="Gift cards", job_size="3")


@pytest.fixture
def path(item):
    return f"/acme/{item.key}/"


def text_of(response):
    return response.content.decode()


ACTS = [
    ("edit/", {"title": "Other"}),
    ("edit/", {"goal": ""}),
    ("description/", {"description": "Words"}),
    ("details/", {"role": "shopper"}),
    ("parent/", {"other": ""}),
    ("sprint/", {"sprint": ""}),
    ("link/", {"other": "X-1", "relation": "waits_for"}),
    ("criteria/", {"text": "It works"}),
    ("criteria/1/", {"text": "It works well"}),
    ("criteria/1/move/", {"way": "up"}),
    ("criteria/1/remove/", {}),
    ("tasks/", {"text": "Do it"}),
    ("tasks/1/", {"text": "Do it well"}),
    ("tasks/1/tick/", {"done": "yes"}),
    ("tasks/1/move/", {"way": "down"}),
    ("tasks/1/remove/", {}),
    ("unlink/", {"other": "X-1", "relation": "waits_for"}),
    ("status/", {"status": "in_progress"}),
]


@pytest.mark.parametrize(("act", "form"), ACTS)
def test_no_act_is_open_to_a_reader_a_teammate_elsewhere_or_an_outsider(house, browse, item, path, act, form):
    neighbour = make_member(house.teams["cart"])
    outsider = organization_with("other", who=Role.PRODUCT_OWNER).people["who"]
    version = item.version

    assert browse("watcher").post(path + act, form).status_code == 403
    assert browse(neighbour).post(path + act, form).status_code == 403
    assert browse(outsider).post(path + act, form).status_code == 404
    item.refresh_from_db()
    assert item.version == version


@pytest.mark.parametrize("act", ["", "history/", "status/", "edit/?field=title"])
def test_an_item_of_a_private_team_is_not_there(house, browse, act):
    hidden = make_team(house.train, slug="secret", is_private=True)
    item = make_item(hidden)

    assert browse("dev").get(f"/acme/{item.key}/{act}").status_code == 404
    assert browse(make_member(hidden)).get(f"/acme/{item.key}/{act}").status_code in (200, 302)
    assert browse("dev").get(f"/acme/NOPE-1/{act}").status_code == 404


def test_item_detail_shows_all_that_is_known(house, browse, item, path):
    epic, blocker = make_item(house.train, "epic", title="Vouchers"), make_item(house.teams["cart"], title="Split pricing")
    edit_item(item=item, changes={"parent": epic, "description": "**Bold** words", "details": {"role": "shopper"}}, by=None)
    add_criterion(item=item, text="Given a card", form="gherkin", by=None)
    add_task(item=item, text="Ask finance", by=None)
    link_dependency(blocker=blocker, blocked=item, by=None)

    page = text_of(browse("watcher").get(path))

    for words in (
        "Gift cards",
        "<strong>Bold</strong>",
        "shopper",
        "<b>Given </b>a card",
        "Ask finance",
        "Split pricing",
        "Vouchers",
        "3 points",
    ):
        assert words in page
    item.refresh_from_db()
    assert f'data-topic="item:{item.key}" data-version="{item.version}"' in page
    assert "data-edit" not in page


def test_item_detail_for_htmx_is_its_region(browse, path):
    page = text_of(browse("dev").get(path, headers=HTMX))

    assert page.strip().startswith("<article")
    assert "<html" not in page


def test_what_stands_around_an_item_is_hidden_with_its_team(house, browse):
    hidden = make_team(house.train, slug="secret", is_private=True)
    epic = make_item(house.train, "epic")
    secret = make_item(hidden, title="Nobody knows", parent=epic)
    item = make_item(house.team, parent=epic)
    link_dependency(blocker=secret, blocked=item, by=None)

    for key in (item.key, epic.key, f"{item.key}/history"):
        page = text_of(browse("dev").get(f"/acme/{key}/"))
        assert "a restricted item" in page
        assert secret.key not in page
        assert "Nobody knows" not in page


@pytest.mark.parametrize("query", ["edit=everything", "edit=criterion-0", "x=1", "edit=criterion-1%0A"])
def test_an_unknown_part_is_400(browse, path, query):
    assert browse("dev").get(f"{path}?{query}").status_code == 400


@pytest.mark.parametrize(
    "part",
    ["basics", "description", "details", "parent", "sprint", "link", "feature", "criterion-new", "criterion-1", "task-new", "task-1"],
)
def test_each_part_opens_by_its_address(browse, item, path, part):
    add_criterion(item=item, text="One", by=None)
    add_task(item=item, text="One", by=None)

    response = browse("dev").get(f"{path}?edit={part}")

    assert response.status_code == 200
    assert "data-busy" in text_of(response)
    assert browse("watcher").get(f"{path}?edit={part}").status_code == 403


def test_queries_of_the_page_do_not_grow_with_what_it_shows(house, browse, item, path, django_assert_num_queries):
    client = browse("dev")

    def fill():
        add_criterion(item=item, text="One", by=None)
        add_task(item=item, text="One", by=None)
        link_dependency(blocker=make_item(house.team), blocked=item, by=None)
        make_item(house.team, parent=item)

    fill()
    client.get(path)
    with django_assert_num_queries(8) as at_one:
        client.get(path)
    fill()
    fill()

    with django_assert_num_queries(len(at_one)):
        client.get(path)


# --- cells ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value", "stored", "shown"),
    [
        ("title", "New <b>words</b>", "New <b>words</b>", "New &lt;b&gt;words&lt;/b&gt;"),
        ("size", "0.5", "0.5", "0.5"),
        ("kind", "bug", "bug", "Bug"),
    ],
)
def test_a_cell_becomes_its_form_and_comes_back(browse, item, path, field, value, stored, shown):
    client = browse("dev")
    assert f'name="{field}"' in text_of(client.get(f"{path}edit/?field={field}", headers=HTMX))

    response = client.post(f"{path}edit/", {field: value}, headers=HTMX)

    assert response.status_code == 200
    assert shown in text_of(response)
    item.refresh_from_db()
    name = "job_size" if field == "size" else field
    assert str(getattr(item, name).normalize() if name == "job_size" else getattr(item, name)) == stored


@pytest.mark.parametrize(
    ("field", "value"),
    [("size", "-1"), ("size", "0"), ("size", "1000000000"), ("size", "NaN"), ("size", "1e400"), ("size", "four"), ("size", "9" * 4000),
     ("size", "0.0001"), ("title", ""), ("title", "nul\x00"), ("title", "x" * 301), ("kind", "epic"), ("kind", "dragon")],
)  # fmt: skip
def test_a_refused_cell_is_422_and_keeps_what_was_typed(browse, item, path, field, value):
    response = browse("dev").post(f"{path}edit/", {field: value}, headers=HTMX)

    assert response.status_code == 422
    assert 'aria-invalid="true"' in text_of(response)
    before = (item.title, item.kind, item.job_size)
    item.refresh_from_db()
    assert (item.title, item.kind, item.job_size) == before


def test_the_same_field_changed_by_two_shows_both_texts(browse, item, path):
    edit_item(item=item, changes={"title": "Theirs"}, by=None)

    response = browse("dev").post(f"{path}edit/", {"title": "Mine", "was_title": "Gift cards"}, headers=HTMX)

    assert response.status_code == 409
    assert 'value="Mine"' in text_of(response)
    assert "“Theirs”" in text_of(response)
    assert 'name="was_title" value="Theirs"' in text_of(response)


def test_different_fields_changed_by_two_both_stand(browse, item, path):
    edit_item(item=item, changes={"title": "Theirs"}, by=None)

    assert browse("dev").post(f"{path}edit/", {"size": "8", "was_size": "3"}, headers=HTMX).status_code == 200

    item.refresh_from_db()
    assert (item.title, item.job_size) == ("Theirs", 8)


def test_without_script_one_form_changes_title_kind_and_size(browse, item, path):
    client = browse("dev")
    assert client.get(f"{path}edit/?field=title").url == f"{path}?edit=basics"

    response = client.post(f"{path}edit/", {"title": "Other", "kind": "spike", "size": ""})

    assert response.status_code == 302
    item.refresh_from_db()
    assert (item.title, item.kind, item.job_size) == ("Other", "spike", None)
    assert client.post(f"{path}edit/", {"title": "", "kind": "spike", "size": "-1"}).status_code == 422
    assert client.get(f"{path}edit/?field=team", headers=HTMX).status_code == 400


# --- texts ------------------------------------------------------------------------------------------


def test_a_description_is_clean_markup(browse, item, path):
    words = "# Head\n<script>alert(1)</script> [x](javascript:alert(1)) ![i](http://elsewhere/i.png) <b onclick=x>b</b>\n\n[ok](https://example.com)"

    browse("dev").post(f"{path}description/", {"description": words})

    page = text_of(browse("watcher").get(path))
    assert "<h1>Head</h1>" in page
    assert 'rel="nofollow noopener noreferrer"' in page
    for evil in ("<script>alert", 'href="javascript', "<img", "<b onclick"):
        assert evil not in page


def test_a_description_changed_meanwhile_shows_both(browse, item, path):
    edit_item(item=item, changes={"description": "Their words"}, by=None)

    response = browse("dev").post(f"{path}description/", {"description": "My words", "was_description": ""}, headers=HTMX)

    assert response.status_code == 409
    assert "Their words" in text_of(response)
    assert "My words</textarea>" in text_of(response)
    assert browse("dev").post(f"{path}description/", {"description": "x" * 70_000}).status_code == 422


def test_details_of_the_kind_are_kept_when_the_kind_changes_and_back(browse, item, path):
    client = browse("dev")
    client.post(f"{path}details/", {"role": "shopper", "want": "to pay", "benefit": "it is easy"})
    client.post(f"{path}edit/", {"kind": "bug"}, headers=HTMX)
    client.post(f"{path}details/", {"severity": "major"})
    client.post(f"{path}edit/", {"kind": "story"}, headers=HTMX)

    item.refresh_from_db()
    assert item.details == {"role": "shopper", "want": "to pay", "benefit": "it is easy", "severity": "major"}
    stale = client.post(f"{path}details/", {"role": "mine", "was_details": json.dumps({})})
    assert stale.status_code == 409
    assert client.post(f"{path}details/", {"role": "mine", "was_details": "{{"}).status_code == 400


def test_the_form_of_details_sends_back_what_stood_there(browse, item, path):
    client = browse("dev")
    edit_item(item=item, changes={"details": {"role": "shopper"}}, by=None)
    (was,) = re.findall(r'name="was_details" value="([^"]*)"', client.get(f"{path}?edit=details").content.decode())

    assert client.post(f"{path}details/", {"role": "guest", "was_details": unescape(was)}).status_code == 302
    assert client.post(f"{path}details/", {"role": "other", "was_details": unescape(was)}).status_code == 409


def test_criteria_and_tasks_by_plain_forms(browse, item, path):
    client = browse("dev")

    assert client.post(f"{path}criteria/", {"text": "One"}).url == f"{path}?edit=criterion-new"
    client.post(f"{path}criteria/", {"text": "Two"})
    client.post(f"{path}criteria/2/move/", {"way": "up"})
    client.post(f"{path}criteria/1/", {"text": "Eins", "was_text": "One"})
    client.post(f"{path}tasks/", {"text": "Ask"})
    client.post(f"{path}tasks/1/tick/", {"done": "yes"})

    assert list(item.criteria.order_by("position").values_list("text", flat=True)) == ["Two", "Eins"]
    assert list(item.tasks.values_list("text", "is_done")) == [("Ask", True)]
    conflict = client.post(f"{path}criteria/1/", {"text": "Mine", "was_text": "One"}, headers=HTMX)
    assert conflict.status_code == 409
    assert "Mine</textarea>" in text_of(conflict)
    assert client.post(f"{path}criteria/", {"text": "nul\x00"}, headers=HTMX).status_code == 422
    for number in ("7", "0", "9" * 30):
        assert client.post(f"{path}criteria/{number}/remove/").status_code == 404
        assert client.post(f"{path}tasks/{number}/tick/").status_code == 404


def test_a_removed_criterion_comes_back_by_undo(browse, item, path):
    add_criterion(item=item, text="Keep me", by=None)
    client = browse("dev")

    page = text_of(client.post(f"{path}criteria/1/remove/", headers=HTMX))
    undo = page.split('action="/acme/undo/')[1].split('"')[0]
    client.post(f"/acme/undo/{undo}", headers=HTMX)

    assert list(item.criteria.values_list("text", flat=True)) == ["Keep me"]


# --- family, sprint, links --------------------------------------------------------------------------


def test_a_parent_is_named_by_key_or_chosen_from_words(house, browse, item, path):
    epic = make_item(house.train, "epic", title="Vouchers and cards")
    client = browse("dev")

    words = client.post(f"{path}parent/", {"other": "vouch"}, headers=HTMX)
    assert words.status_code == 422
    assert f'value="{epic.key}"' in text_of(words)
    assert client.post(f"{path}parent/", {"other": epic.key.lower()}).status_code == 302

    item.refresh_from_db()
    assert item.parent == epic
    client.post(f"{path}parent/", {"other": ""})
    item.refresh_from_db()
    assert item.parent is None


def test_a_sprint_is_one_of_the_teams_open_ones(house, browse, item, path):
    sprint = make_iteration(house.team, name="Sprint 15")
    make_iteration(house.teams["cart"], name="Theirs")
    client = browse("dev")

    assert client.post(f"{path}sprint/", {"sprint": "Sprint 15"}).status_code == 302
    item.refresh_from_db()
    assert item.iteration == sprint
    assert client.post(f"{path}sprint/", {"sprint": "Theirs"}, headers=HTMX).status_code == 422


def test_links_are_made_found_refused_and_taken_away(house, browse, item, path):
    other = make_item(house.teams["cart"], title="Split the pricing service")
    client = browse("dev")

    assert other.key in text_of(client.get(f"{path}find/?other=pricing", headers=HTMX))
    assert client.post(f"{path}link/", {"other": other.key, "relation": "waits_for"}).status_code == 302
    circle = client.post(f"{path}link/", {"other": other.key, "relation": "unblocks"}, headers=HTMX)
    assert circle.status_code == 409
    assert f"{other.key} → {item.key} → {other.key}" in text_of(circle)
    assert client.post(f"{path}link/", {"other": other.key, "relation": "fears"}, headers=HTMX).status_code == 422
    client.post(f"{path}unlink/", {"other": other.key, "relation": "waits_for"})
    assert not item.dependencies_in.exists()


def test_a_link_cannot_name_what_is_not_seen(house, browse, item, path):
    hidden = make_item(make_team(house.train, slug="secret", is_private=True), title="Nobody knows")
    foreign = make_item(make_team(organization_with("other").organization), title="Elsewhere")
    client = browse("dev")

    for other in (hidden.key, foreign.key, "NOPE-1", "nul\x00", ""):
        answer = client.post(f"{path}link/", {"other": other, "relation": "waits_for"}, headers=HTMX)
        assert answer.status_code == 422
        assert "Nobody knows" not in text_of(answer)
    assert "Nobody knows" not in text_of(client.get(f"{path}find/?other=nobody", headers=HTMX))


# --- status -----------------------------------------------------------------------------------------


def test_status_moves_by_menu_and_back_by_undo(browse, item, path):
    client = browse("owner")
    assert 'value="planned"' in text_of(client.get(f"{path}status/", headers=HTMX))

    moved = client.post(f"{path}status/", {"status": "planned"}, headers=HTMX)

    assert moved["HX-Trigger"] == "changed"
    item.refresh_from_db()
    assert item.status == "planned"
    undo = text_of(moved).split('action="/acme/undo/')[1].split('"')[0]
    client.post(f"/acme/undo/{undo}", headers=HTMX)
    item.refresh_from_db()
    assert item.status == "open"


def test_planning_and_removing_are_the_product_owners(browse, item, path):
    dev = browse("dev")

    assert 'value="planned"' not in text_of(dev.get(f"{path}status/", headers=HTMX))
    assert dev.post(f"{path}status/", {"status": "planned"}).status_code == 403
    assert dev.post(f"{path}status/", {"status": "removed", "reason": "No"}).status_code == 403
    assert dev.post(f"{path}status/", {"status": "in_progress"}).status_code == 302


@pytest.mark.parametrize(
    ("form", "status"), [({"status": "removed"}, 422), ({"status": "asleep"}, 422), ({}, 422), ({"status": "proposed"}, 409)]
)
def test_a_refused_move_says_why(browse, item, path, form, status):
    response = browse("owner").post(f"{path}status/", form, headers=HTMX)

    assert response.status_code == status
    assert 'role="alert"' in text_of(response)


def test_a_removal_keeps_its_reason_and_can_be_taken_back(browse, item, path):
    client = browse("owner")

    client.post(f"{path}status/", {"status": "removed", "reason": "Nobody asked again."})
    assert "Removed: Nobody asked again." in text_of(client.get(path))
    client.post(f"{path}status/", {"status": "open"})

    assert Item.objects.get(organization=item.organization_id, pk=item.pk).status == "open"


# --- history ----------------------------------------------------------------------------------------


def test_history_is_paged_newest_first(browse, item, path):
    for number in range(45):
        edit_item(item=item, changes={"title": f"Title {number}"}, by=None)
    client = browse("watcher")

    first = text_of(client.get(f"{path}history/", headers=HTMX))
    older = first.split('hx-get="')[1].split('"')[0]
    second = text_of(client.get(older, headers=HTMX))

    assert "Title <del>43</del><ins>44</ins>" in first
    assert "<ins>44</ins>" not in second
    assert second.count("<time") == 20
    assert client.get(f"{path}history/?before=x").status_code == 400
    assert client.get(f"{path}history/?x=1").status_code == 400


def test_history_names_who_did_what(browse, item, path):
    browse("dev").post(f"{path}edit/", {"size": "8"})

    page = text_of(browse("watcher").get(f"{path}history/"))

    assert "Dev changed size" in page
    assert "<del>3</del>" in page
    assert "<ins>8</ins>" in page
    event = Event.objects.select_related("actor").get(subject_id=item.pk, verb="item.edited")
    assert str(event.actor) == "Dev"


def test_a_goal_is_chosen_in_its_cell(house, browse, item, path):
    make_goal(house.organization, "Trust"), make_goal(house.organization, "Speed")

    form = text_of(browse("dev").get(f"{path}edit/?field=goal&on=page", headers=HTMX))
    assert '<option value="2">Speed</option>' in form
    saved = browse("dev").post(f"{path}edit/", {"goal": "2", "was_goal": "", "on": "page"}, headers=HTMX)

    assert (saved.status_code, text_of(saved).strip()) == (200, "Speed")
    (line,) = (line for line in list_history(item=item, access=house.access("dev")).lines if line.verb == "item.aimed")
    assert (line.what, line.changes) == ("said which goal it serves", [("goal", "", "“Speed”")])


def test_a_goal_that_is_none_or_was_changed_meanwhile_keeps_what_was_typed(house, browse, item, path):
    for number in range(MOST_IN_A_MENU + 1):
        make_goal(house.organization, f"Goal {number + 1}")
    set_goal(item=item, goal=Goal.objects.for_organization(house.organization).get(number=3), by=None)

    unknown = browse("dev").post(f"{path}edit/", {"goal": "Gaol 3", "was_goal": "3"}, headers=HTMX)
    stale = browse("dev").post(f"{path}edit/", {"goal": "Goal 5", "was_goal": ""}, headers=HTMX)

    assert (unknown.status_code, stale.status_code) == (422, 409)
    assert 'value="Gaol 3" list="goal-choices"' in text_of(unknown)
    assert 'value="Goal 5" list="goal-choices"' in text_of(stale)
    item.refresh_from_db()
    assert item.goal.number == 3


def test_without_script_a_goal_goes_with_the_other_fields_or_not_at_all(house, browse, item, path):
    make_goal(house.organization, "Trust")
    form = {"title": "Other", "kind": "story", "size": "3", "goal": "9"}

    refused = browse("dev").post(f"{path}edit/", form)
    item.refresh_from_db()
    assert (refused.status_code, item.title) == (422, "Gift cards")
    assert browse("dev").post(f"{path}edit/", {**form, "goal": "1"}).status_code == 302
    item.refresh_from_db()
    assert (item.title, item.goal.name) == ("Other", "Trust")
    assert "Trust" in text_of(browse("watcher").get(path))


def test_an_item_shows_the_goal_of_what_it_is_part_of(house, browse):
    feature = set_goal(item=make_item(house.train), goal=make_goal(house.organization, "Trust"), by=None)
    item = make_item(house.team, parent=feature)

    assert "“Trust”, by what it is part of" in text_of(browse("watcher").get(f"/acme/{item.key}/"))


def test_history_tells_a_text_word_by_word_and_an_act_in_one_line(house, browse, item, path):
    client = browse("dev")
    client.post(f"{path}description/", {"description": "We pay by card at the end, always."})
    client.post(f"{path}description/", {"description": "We pay by voucher at the end, always."})
    client.post(f"{path}details/", {"role": "shopper"})
    client.post(f"{path}edit/", {"title": "Vouchers", "size": "5"})
    add_criterion(item=item, text="Stays", by=None)
    client.post(f"{path}split/", {"title": ["Part one", "Part two"], "size": ["", ""], "criterion-1": "0"})

    page = text_of(browse("watcher").get(f"{path}history/"))
    assert "We pay by <del>card</del><ins>voucher</ins> at the end" in page
    assert '<span class="soft">As a:</span> <ins>shopper</ins>' in page
    (act,) = (act for act in list_history(item=item, access=house.access("watcher")).acts if act.line.verb == "item.split")
    assert [line.verb for line in act.others] == ["criterion.removed"]
    assert "1 more with it" in page


def test_a_change_of_kind_says_what_is_set_aside_and_undo_brings_it_back(browse, item, path):
    client = browse("dev")
    client.post(f"{path}details/", {"role": "shopper", "benefit": "it is easy"})

    assert "Another kind sets As a, So that aside" in text_of(client.get(f"{path}edit/?field=kind&on=page", headers=HTMX))
    changed = text_of(client.post(f"{path}edit/", {"kind": "bug", "was_kind": "story", "on": "page"}, headers=HTMX))

    assert f"{item.key} is of the kind bug now. Set aside, not lost: As a, So that." in changed
    client.post("/acme/undo/" + changed.split('action="/acme/undo/')[1].split('"')[0], headers=HTMX)
    item.refresh_from_db()
    assert (item.kind, item.details) == ("story", {"role": "shopper", "benefit": "it is easy"})


def test_both_sides_of_a_split_name_each_other(house, browse):
    bug = make_item(house.team, "bug", title="Totals wrong")
    client = browse("dev")
    client.post(f"/acme/{bug.key}/split/", {"title": ["Wrong with vouchers"], "size": [""]})
    part = Item.objects.get(organization=bug.organization_id, title="Wrong with vouchers")

    assert f'<a class="clip grow" href="/acme/{part.key}/">Wrong with vouchers</a>' in text_of(client.get(f"/acme/{bug.key}/"))
    assert f'split from <a href="/acme/{bug.key}/">' in text_of(client.get(f"/acme/{part.key}/"))


def test_each_cell_of_the_page_stays_around_its_form(browse, item, path):
    edit_item(item=item, changes={"details": {"role": "shopper"}}, by=None)

    cells = re.findall(r"<\w+[^>]*data-edit=[^>]*>", text_of(browse("dev").get(path)))

    assert len(cells) == 7  # title, kind, size, goal, and three of a story
    assert [cell for cell in cells if 'hx-swap="innerHTML"' not in cell] == []  # else the whole region's way of swapping is inherited
