"""The list of a team and of a train, and adding to them."""

import pytest
from django.test import Client

from accounts.roles import Role
from activity.services.acts import one_act
from backlog.models import Goal, Item
from backlog.services.dependencies import link_dependency
from backlog.services.goals import edit_goal, set_goal
from backlog.services.items import edit_item
from backlog.services.statuses import set_status
from tests.backlog.views.conftest import HTMX
from tests.factories.accounts import make_member, make_team, organization_with
from tests.factories.backlog import make_item, place
from tests.factories.goals import make_goal

pytestmark = pytest.mark.django_db

PATH = "/acme/checkout/backlog/"


def text_of(response):
    return response.content.decode()


def test_item_list_shows_items_in_their_order_to_every_member(house, browse):
    low, high = make_item(house.team, title="Lower"), make_item(house.team, title="Higher")
    place(low, value=1)
    place(high, value=2)

    for person in ("owner", "dev", "watcher"):
        page = text_of(browse(person).get(PATH))
        assert 0 < page.index("Higher") < page.index("Lower")


def test_item_list_offers_changes_only_to_those_who_may(house, browse):
    make_item(house.team)

    assert "data-edit-url" in text_of(browse("dev").get(PATH))
    assert "data-edit" not in text_of(browse("watcher").get(PATH))
    assert "New item" not in text_of(browse("watcher").get(PATH))


def test_item_list_is_not_there_for_outsiders(house, browse):
    other = organization_with("other", who=Role.PRODUCT_OWNER).people["who"]
    hidden = make_team(house.train, slug="secret", is_private=True)
    make_item(hidden, title="Nobody knows")

    assert browse(other).get(PATH).status_code == 404
    assert browse("dev").get("/acme/secret/backlog/").status_code == 404
    assert browse("dev").get("/acme/nowhere/backlog/").status_code == 404
    assert browse(make_member(hidden)).get("/acme/secret/backlog/").status_code == 200
    assert Client().get(PATH).status_code == 302


def test_needs_finds_what_has_no_size_value_or_parent_and_what_waits(house, browse):
    epic = make_item(house.train, "epic")
    sized, child, waits = (
        make_item(house.team, job_size=3),
        make_item(house.team, job_size=3, parent=epic),
        make_item(house.team, parent=epic),
    )
    link_dependency(blocker=sized, blocked=waits, by=None)
    for item in (sized, child, waits):
        place(item, value=1, is_assumed=item is child)
    client = browse("dev")

    def shown(query):
        page = text_of(client.get(PATH + query))
        return [item.key for item in (sized, child, waits) if f'id="item-{item.key}"' in page]

    assert shown("?needs=size") == [waits.key]
    assert shown("?needs=value") == [child.key]
    assert shown("?needs=parent") == [sized.key]
    assert shown("?needs=blocker") == [waits.key]
    assert "1 of 3 open" in text_of(client.get(f"{PATH}total/?needs=size", headers=HTMX))
    assert client.get(PATH + "?needs=money").status_code == 400


def test_item_list_for_htmx_is_the_list_alone_with_its_topic(house, browse):
    make_item(house.team)

    page = text_of(browse("dev").get(PATH, headers=HTMX))

    assert "<html" not in page
    assert 'data-topic="team:checkout" data-version="1"' in page


def test_filters_narrow_by_words_key_kind_and_status(house, browse):
    bug = make_item(house.team, "bug", title="Totals wrong 100%_")
    story = make_item(house.team, title="Gift cards at checkout")
    done = make_item(house.team, title="Done long ago")
    set_status(item=done, status="done", by=None)
    client = browse("dev")

    def shown(query):
        page = text_of(client.get(PATH + query))
        return [item.key for item in (bug, story, done) if f'id="item-{item.key}"' in page]

    assert shown("") == [bug.key, story.key]
    assert shown("?q=CHECKOUT+gift") == [story.key]
    assert shown("?q=%25_") == [bug.key]
    assert shown(f"?q={bug.key.lower()}") == [bug.key]
    assert shown("?kind=bug") == [bug.key]
    assert shown("?status=done") == [done.key]
    assert shown("?status=planned") == []
    assert shown("?q=&kind=&status=") == [bug.key, story.key]


@pytest.mark.parametrize(
    "query",
    [
        "x=1",
        "rows=7",
        "kind=epic",
        "kind=dragon",
        "status=asleep",
        "q=%00",
        "q=" + "x" * 201,
        "after=1",
        "after=a~b~c~d",
        "after=1~T-1~2~nan",
        "after=-1~T-1~2~1",
    ],
)
def test_an_unknown_filter_is_400(house, browse, query):
    assert browse("dev").get(f"{PATH}?{query}").status_code == 400


def test_the_filter_form_gets_list_and_total_and_pushes_a_clean_address(house, browse):
    make_item(house.team, title="Gift cards")

    response = browse("dev").get(f"{PATH}?q=gift&kind=&status=", headers={**HTMX, "HX-Trigger": "filters"})

    assert response["HX-Push-Url"] == f"{PATH}?q=gift"
    assert 'id="list"' in text_of(response)
    assert 'id="total"' in text_of(response)


def test_pages_follow_each_other_without_gap_or_repeat(house, browse):
    with one_act():  # ranked once
        items = [make_item(house.team) for _ in range(120)]
    for number, item in enumerate(items):
        place(item, value=float(number // 7))  # ties, so that component decides
    client, path, seen = browse("dev"), PATH, []
    while path:
        page = text_of(client.get(path))
        seen += [part.split('"')[0] for part in page.split('id="item-')[1:]]
        path = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&") if 'rel="next"' in page else ""

    assert len(seen) == 120
    assert set(seen) == {item.key for item in items}
    assert ">101<" in page


MORE = {**HTMX, "HX-Target": "more"}


def rows_in(page):
    return [part.split('"')[0] for part in page.split('id="item-')[1:]]


def test_a_list_goes_on_by_rows_alone_and_names_no_tier_twice(house, browse):
    with one_act():  # ranked once
        items = [make_item(house.team) for _ in range(110)]
    for number, item in enumerate(items):
        place(item, value=200.0 - number)
    client = browse("dev")
    assert "data-stops" in text_of(client.get(PATH))  # what is far in the order waits to be asked for
    client.post(f"{PATH}tier/", {"tier": "later", "open": "yes"})
    first = text_of(client.get(PATH))
    path = first.split('class="near"')[1].split('hx-get="')[1].split('"')[0].replace("&amp;", "&")
    assert first.count('class="tier"') == 1

    second = text_of(client.get(path, headers=MORE))

    assert rows_in(second) == [item.key for item in items[50:100]]
    assert ('class="tier"' in second, 'id="list"' in second, "<ol" in second, 'id="more"' in second) == (False, False, False, True)
    assert 'class="tier"' in text_of(client.get(path))  # a page of its own names it
    full = text_of(client.get(f"{path}&show=1000", headers=MORE))
    assert ("hx-get" in full, 'rel="next"' in full) == (False, True)


def test_a_refresh_brings_as_many_rows_as_are_shown(house, browse):
    with one_act():  # ranked once
        items = [make_item(house.team) for _ in range(110)]
    for number, item in enumerate(items):
        place(item, value=200.0 - number)
    client = browse("dev")
    client.post(f"{PATH}tier/", {"tier": "later", "open": "yes"})

    assert rows_in(text_of(client.get(f"{PATH}?show=100", headers=HTMX))) == [item.key for item in items[:100]]
    assert rows_in(text_of(client.get(f"{PATH}?show=110", headers=HTMX))) == [item.key for item in items]
    for show in ("-1", "x", "1001", "9" * 5000):
        assert client.get(f"{PATH}?show={show}").status_code == 400


def test_a_page_holds_a_hundred_where_asked_and_keeps_to_it(house, browse):
    with one_act():  # ranked once
        items = [make_item(house.team, title=f"Number {number:03}") for number in range(101)]
    for number, item in enumerate(items):
        place(item, value=200 - number)

    page = text_of(browse("dev").get(f"{PATH}?rows=100"))

    assert "Number 099" in page
    assert "Number 100" not in page
    assert "rows=100&amp;after=" in page
    assert 'name="rows" value="100"' in page
    assert "Number 050" not in text_of(browse("dev").get(PATH))


def test_a_page_behind_an_item_that_moved_begins_at_its_number(house, browse):
    with one_act():  # ranked once
        items = [make_item(house.team) for _ in range(60)]
    for number, item in enumerate(items):
        place(item, value=float(100 - number))
    client = browse("dev")
    path = text_of(client.get(PATH)).split('rel="next" href="')[1].split('"')[0]
    place(items[49], value=1000.0)

    page = text_of(client.get(path))

    assert f'id="item-{items[50].key}"' in page
    assert ">51<" in page


def test_the_closed_are_paged_by_age(house, browse):
    with one_act():  # ranked once
        items = [make_item(house.team) for _ in range(60)]
    for item in items:
        set_status(item=item, status="done", by=None)
    client = browse("dev")
    first = text_of(client.get(f"{PATH}?status=done"))
    second = text_of(client.get(first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")))

    assert f'id="item-{items[-1].key}"' in first
    assert [f'id="item-{item.key}"' in second for item in items] == [True] * 10 + [False] * 50


def test_item_list_says_what_to_do_when_it_is_empty(house, browse):
    client = browse("dev")

    assert f'href="{PATH}new/">Add the first item' in text_of(client.get(PATH))
    assert "Add the first item" not in text_of(browse("watcher").get(PATH))
    assert "No item matches" in text_of(client.get(f"{PATH}?q=nothing"))


def test_a_title_is_text_wherever_it_stands(house, browse):
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'"
    epic = make_item(house.train, "epic", title=evil)
    item = make_item(house.team, parent=epic)
    edit_item(item=item, changes={"title": evil}, by=None)
    client = browse("dev")

    for path in (
        PATH,
        f"/acme/{item.key}/",
        f"/acme/{item.key}/history/",
        f"/acme/{epic.key}/",
        f"/acme/trains/{house.train.slug}/backlog/",
    ):
        page = text_of(client.get(path))
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "&lt;script&gt;alert(1)" in page


def test_a_reason_does_not_name_what_the_reader_may_not_see(house, browse):
    hidden = make_team(house.train, slug="secret", is_private=True)
    secret, item = make_item(hidden), make_item(house.team)
    place(item, value=1, reason="waits_for", reason_item=secret)

    assert "waits for a restricted item" in text_of(browse("dev").get(PATH))
    assert f"waits for {secret.key}" in text_of(browse(make_member(hidden)).get(PATH))


def test_the_queries_of_a_page_are_counted(house, browse, django_assert_num_queries):
    client = browse("dev")
    make_item(house.team)
    client.get(PATH)
    with django_assert_num_queries(BASE) as at_one:
        client.get(PATH)
    for _ in range(3):
        make_item(house.team)

    with django_assert_num_queries(len(at_one)):
        client.get(PATH)


BASE = 7  # session, person, roles, team, the page itself, what is asked before an item is ready and what of it holds; the frame needs one more only for those in several teams


def test_train_item_list_holds_epics_and_features_alone(house, browse):
    make_item(house.train, "epic", title="Returns")
    make_item(house.team, title="A story")

    page = text_of(browse("manager").get(f"/acme/trains/{house.train.slug}/backlog/"))

    assert "Returns" in page
    assert "A story" not in page
    assert browse("dev").get("/acme/trains/nowhere/backlog/").status_code == 404


def test_item_total_counts_what_the_filter_leaves(house, browse):
    for number in range(3):
        make_item(house.team, title=f"Gift {number}")
    make_item(house.team, title="Other")
    client = browse("dev")

    assert '>4 open · <a href="/acme/checkout/ready/">ready for 0.0 sprints</a>' in text_of(client.get(f"{PATH}total/"))
    assert ">3 of 4 open<" in text_of(client.get(f"{PATH}total/?q=gift"))
    assert ">0 done<" in text_of(client.get(f"{PATH}total/?status=done"))


def test_item_new_as_a_plain_form_leads_back_to_the_list(house, browse):
    response = browse("dev").post(f"{PATH}new/", {"kind": "bug", "title": "  Totals \n wrong "})

    assert response.status_code == 302
    assert response.url == PATH
    item = Item.objects.get(organization=house.organization)
    assert (item.title, item.kind, item.team, item.created_by, item.channel) == (
        "Totals wrong",
        "bug",
        house.team,
        house.people["dev"],
        "team",
    )


def test_item_new_by_htmx_stays_open_for_the_next_and_tells_the_list(house, browse):
    response = browse("dev").post(f"{PATH}new/", {"kind": "bug", "title": "One"}, headers=HTMX)

    assert response["HX-Trigger"] == "changed"
    assert "is in the backlog" in text_of(response)
    assert '<option value="bug" selected>' in text_of(response)


def test_item_new_twice_with_one_key_is_one_item(house, browse):
    client, headers = browse("dev"), {**HTMX, "Idempotency-Key": "k-1"}

    first = client.post(f"{PATH}new/", {"kind": "story", "title": "Once"}, headers=headers)
    again = client.post(f"{PATH}new/", {"kind": "story", "title": "Once"}, headers=headers)
    other = client.post(f"{PATH}new/", {"kind": "story", "title": "Else"}, headers=headers)

    assert text_of(first).count("is in the backlog") == text_of(again).count("is in the backlog") == 1
    assert other.status_code == 422
    assert Item.objects.filter(organization=house.organization).count() == 1


@pytest.mark.parametrize(
    "form",
    [
        {"kind": "story", "title": ""},
        {"kind": "story", "title": " \n "},
        {"kind": "story", "title": "nul\x00"},
        {"kind": "story", "title": "x" * 301},
        {"kind": "epic", "title": "An epic in a team"},
        {"kind": "dragon", "title": "A kind"},
        {"title": "No kind"},
    ],
)
def test_item_new_refuses_and_keeps_what_was_typed(house, browse, form):
    response = browse("dev").post(f"{PATH}new/", form, headers=HTMX)

    assert response.status_code == 422
    assert not Item.objects.filter(organization=house.organization).exists()


def test_item_new_needs_the_role_and_the_team(house, browse):
    form = {"kind": "story", "title": "Mine"}
    other = organization_with("other", who=Role.PRODUCT_OWNER).people["who"]

    assert browse("watcher").post(f"{PATH}new/", form).status_code == 403
    assert browse("dev").post("/acme/cart/backlog/new/", form).status_code == 403
    assert browse(other).post(f"{PATH}new/", form).status_code == 404
    assert browse("dev").post(f"/acme/trains/{house.train.slug}/backlog/new/", form).status_code == 403
    assert not Item.objects.filter(organization=house.organization).exists()


def test_a_parents_new_title_is_told_to_the_lists_below(house, browse):
    epic = make_item(house.train, "epic", title="Returns")
    make_item(house.team, parent=epic)
    before = text_of(browse("dev").get(PATH, headers=HTMX))

    edit_item(item=epic, changes={"title": "Sending back"}, by=None)

    after = text_of(browse("dev").get(PATH, headers=HTMX))
    version = [int(page.split('data-version="')[1].split('"')[0]) for page in (before, after)]
    assert version[1] > version[0]
    assert "Sending back" in after


def test_a_list_narrows_to_a_goal_by_its_menu(house, browse):
    for name in ("Trust", "Speed"):
        make_goal(house.organization, name)
    item, other = make_item(house.team, title="Serves it"), make_item(house.team, title="Serves nothing")
    goal = Goal.objects.for_organization(house.organization).get(number=2)
    set_goal(item=item, goal=goal, by=None)

    page = text_of(browse("dev").get(f"{PATH}?goal=2"))
    assert '<option value="2" selected>Speed</option>' in page
    assert (item.title in page, other.title in page) == (True, False)
    assert other.title in text_of(browse("dev").get(f"{PATH}?goal=none"))
    assert "1 of 2 open" in text_of(browse("dev").get(f"{PATH}total/?goal=2", headers=HTMX))
    edit_goal(goal=goal, changes={"is_active": False}, by=None)
    assert "Speed" not in text_of(browse("dev").get(PATH))
    assert '<option value="2" selected>Speed</option>' in text_of(browse("dev").get(f"{PATH}?goal=2&status=done"))
    assert browse("dev").get(f"{PATH}?goal=x").status_code == 400
