"""Comments on an item's page and what waits for people, met by those who may and those who may not."""

from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.roles import Role
from backlog.models import Comment, ItemLook
from backlog.services.comments import add_comment
from backlog.services.criteria import add_criterion, edit_row
from backlog.services.items import edit_item
from backlog.services.questions import ask_question
from tests.backlog.views.conftest import HTMX
from tests.factories.accounts import make_member, make_team, make_user, organization_with
from tests.factories.backlog import make_item

pytestmark = pytest.mark.django_db
SINCE = {**HTMX, "HX-Target": "since"}


@pytest.fixture
def item(house):
    return make_item(house.team, title="Gift cards")


@pytest.fixture
def path(item):
    return f"/acme/{item.key}/comments/"


def text_of(response):
    return unescape(response.content.decode())


def test_a_comment_is_said_changed_removed_and_each_answer_offers_its_undo(browse, item, path):
    dev = browse("dev")

    said = dev.post(path, {"text": "**So** be it", "since": "0"}, headers=HTMX)
    form = dev.get(f"{path}1/?edit=1", headers=HTMX)
    changed = dev.post(f"{path}1/", {"text": "Or *not*", "was_text": "**So** be it"}, headers=HTMX)
    removed = dev.post(f"{path}1/remove/", headers=HTMX)

    assert "<strong>So</strong> be it" in text_of(said)
    assert 'data-topic="talk:' in text_of(said)
    assert "**So** be it</textarea>" in text_of(form)
    assert "<em>not</em>" in text_of(changed)
    assert ", changed" in text_of(changed)
    assert "Removed" in text_of(removed)
    assert "<em>not</em>" not in text_of(removed)
    for answer in (said, changed, removed):
        assert "/undo/" in text_of(answer)
        assert "<html" not in text_of(answer)
    assert "<html" in text_of(browse("watcher").get(path))
    assert f'hx-get="{path}"' in text_of(dev.get(f"/acme/{item.key}/"))


def test_without_script_each_act_leads_back_to_the_page(browse, path):
    dev = browse("dev")

    assert dev.post(path, {"text": "So"})["Location"] == path
    assert dev.post(f"{path}1/", {"text": "Or so"})["Location"] == path
    assert "<textarea" in text_of(dev.get(f"{path}1/?edit=1"))
    assert dev.post(f"{path}1/remove/")["Location"] == path


def test_a_refused_comment_keeps_what_was_typed(browse, path):
    dev = browse("dev")
    dev.post(path, {"text": "One"})

    large = dev.post(path, {"text": "x" * 70_000}, headers=HTMX)
    null = dev.post(f"{path}1/", {"text": "a\x00b"}, headers=HTMX)
    stale = dev.post(f"{path}1/", {"text": "Mine", "was_text": "Older"}, headers=HTMX)

    assert [answer.status_code for answer in (large, null, stale)] == [422, 422, 409]
    assert "x" * 70_000 in text_of(large)
    assert "Mine</textarea>" in text_of(stale)
    assert "It reads now: One" in text_of(stale)


def test_the_same_form_twice_says_it_once(browse, path):
    for _ in range(2):
        assert browse("dev").post(path, {"text": "Once"}, headers={**HTMX, "Idempotency-Key": "k"}).status_code == 200

    assert Comment.objects.unscoped().count() == 1


def test_a_comment_marks_whom_it_calls_and_links_what_its_reader_sees(house, browse, item, path):
    other, hidden = make_item(house.teams["cart"]), make_item(make_team(house.train, is_private=True))
    make_member(house.team, user=make_user("Ann <b>O'Neil"))
    add_comment(item=item, text=f"@Owner, @Ann <b>O'Neil and @Nobody: see {other.key}, {hidden.key}, `@Owner`", by=house.people["dev"])

    page = browse("watcher").get(path).content.decode()

    assert '<span class="mention">@Owner</span>, <span class="mention">@Ann &lt;b&gt;O' in page
    assert "@Nobody: see" in page
    assert f'<a href="/acme/{other.key}/"' in page
    assert f'<a href="/acme/{hidden.key}/"' not in page
    assert "<code>@Owner</code>" in page


def test_a_page_of_bombs_is_bounded(house, browse, item, path):
    for bomb in ("[" * 65_000, "|a|" * 21_000, "*a " * 21_000):
        add_comment(item=item, text=bomb, by=house.people["dev"])

    page = browse("dev").get(path, headers=HTMX).content.decode()

    assert page.count('<li id="comment-') == 1  # a page holds 64 KB of text


HARM = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[a](javascript:alert(1))",
    "[a](data:text/html,x)",
    "![pixel](https://evil.example/p.png)",
    '<a hx-get="/x" hx-on:click="x">y</a>',
    "<form action=/x><button>y</button></form>",
    "<svg onload=alert(1)>",
    "</textarea><script>x</script>",
    "@<b>Dev</b>",
]


@pytest.mark.parametrize("text", HARM)
def test_nothing_that_people_write_runs_or_loads(browse, path, text):
    page = browse("dev").post(path, {"text": text}, headers=HTMX).content.decode()

    for harm in ("<script", "<img", "<svg onload", "<form action=/x", "javascript:", 'href="data:', "hx-on:click=", "<b>Dev"):
        assert harm not in page.replace("&lt;", "&lt; ").replace(text, "") or harm in ("javascript:", "hx-on:click=")
    assert 'href="javascript:' not in page
    assert "<script>alert" not in page


def test_earlier_comments_come_page_by_page_and_the_rest_renews_itself(house, browse, item, path):
    Comment.objects.bulk_create(
        Comment(organization_id=item.organization_id, item=item, number=n, text=f"No. {n}.", author=house.people["dev"])
        for n in range(1, 46)
    )
    dev = browse("dev")

    latest, earlier = text_of(dev.get(path, headers=HTMX)), text_of(dev.get(f"{path}?before=26", headers=HTMX))
    first, live = text_of(dev.get(f"{path}?before=6", headers=HTMX)), text_of(dev.get(f"{path}?since=26", headers=HTMX))

    assert ("No. 26." in latest, "No. 25." in latest, "?before=26" in latest, "?since=26" in latest) == (True, False, True, True)
    assert ("No. 25." in earlier, "No. 5." in earlier, "?before=6" in earlier, "<form" in earlier.split("</li>")[0]) == (
        True,
        False,
        True,
        False,
    )
    assert ("No. 5." in first, "before=" in first) == (True, False)
    assert live.strip().startswith('<div id="comments"')
    for query in ("before=x", "since=-1", "before=1&since=1", "page=2"):
        assert dev.get(f"{path}?{query}").status_code == 400


def test_as_many_queries_for_twenty_comments_as_for_one(house, browse, item, path, django_assert_num_queries):
    client = browse("dev")
    add_comment(item=item, text="@Owner", by=house.people["dev"])
    client.get(path, headers=HTMX)
    for _ in range(2):
        with django_assert_num_queries(8):
            client.get(path, headers=HTMX)
        for _ in range(9):
            add_comment(item=item, text="@Owner and @Dev", by=make_member(house.team))


ACTS = [("", {"text": "So"}), ("1/", {"text": "So"}), ("1/remove/", {})]


@pytest.mark.parametrize(("act", "form"), ACTS)
def test_no_act_is_open_to_others(house, browse, item, path, act, form):
    add_comment(item=item, text="Mine", by=house.people["owner"])
    hidden = make_item(make_team(house.train, slug="secret", is_private=True))
    add_comment(item=hidden, text="Hidden", by=house.people["owner"])
    outsider = organization_with("other", who=Role.PRODUCT_OWNER).people["who"]

    assert browse("watcher").post(path + act, form).status_code == 403
    assert browse(make_member(house.teams["cart"])).post(path + act, form).status_code == 403
    assert browse(outsider).post(path + act, form).status_code == 404
    assert browse("dev").post(f"/acme/{hidden.key}/comments/{act}", form).status_code == 404
    assert Client().post(path + act, form).status_code == 302
    if act:
        assert browse("dev").post(path + act, form).status_code == 403  # a teammate
        assert browse("dev").post(path + act.replace("1", "9"), form).status_code == 404
        assert browse("dev").get(f"{path}1/?edit=1").status_code == 403
    assert [comment.text for comment in Comment.objects.unscoped().filter(item=item)] == ["Mine"]


def test_who_is_called_answers_wherever_their_team_is(house, browse, item, path):
    neighbour = make_member(house.teams["cart"], user=make_user("Nia Next"))
    add_comment(item=item, text="@Nia Next and @Watcher, what do you think?", by=house.people["dev"])

    assert browse(neighbour).post(path, {"text": "Fine"}, headers=HTMX).status_code == 200
    assert browse(neighbour).post(f"{path}2/", {"text": "Very fine"}, headers=HTMX).status_code == 200
    assert "<textarea" in text_of(browse(neighbour).get(path))
    assert browse("watcher").post(path, {"text": "Fine"}).status_code == 403  # who only reads


def test_an_administrator_removes_and_does_not_reword(house, browse, item, path):
    boss = make_member(house.organization, Role.ADMINISTRATOR)
    add_comment(item=item, text="Rude", by=house.people["dev"])

    assert browse(boss).post(f"{path}1/", {"text": "Kind"}).status_code == 403
    assert browse(boss).post(f"{path}1/remove/", headers=HTMX).status_code == 200


def test_names_behind_an_at_are_of_those_who_see_the_item(house, browse):
    secret = make_team(house.train, slug="secret", is_private=True)
    inside = make_member(secret, user=make_user("Ines In"))
    make_member(house.team, user=make_user("Ines Out"))
    make_member(organization_with("other").team, user=make_user("Ines Foreign"))
    item = make_item(secret)

    def names(person, words, key=item.key):
        return browse(person).get(f"/acme/{key}/people/", {"q": words}).json()["names"]

    assert names(inside, "ines") == ["Ines In"]
    assert names(inside, "") == ["Ines In", "Manager"]
    assert names(inside, "in ine") == ["Ines In"]
    assert names(inside, "%") == names(inside, "a\x00") == []
    assert names("dev", "ine", make_item(house.team).key) == ["Ines In", "Ines Out"]
    assert browse("dev").get(f"/acme/{item.key}/people/").status_code == 404
    assert browse("watcher").get(f"/acme/{make_item(house.team).key}/people/").status_code == 403


def test_following_is_said_once_and_seen_tells_what_is_new(house, browse, item):
    dev, base = browse("dev"), f"/acme/{item.key}/"

    first = text_of(dev.post(f"{base}seen/", headers=SINCE))
    followed = text_of(dev.post(f"{base}watch/", {"watch": "yes"}, headers=HTMX))
    look = ItemLook.objects.unscoped().get()
    look.at -= timedelta(days=1)
    look.save()
    edit_item(item=item, changes={"title": "New <b>"}, by=house.people["owner"])
    again = dev.post(f"{base}seen/", headers=SINCE).content.decode()

    assert ("since you looked" in first, 'aria-pressed="false"' in first, 'id="watch" hx-swap-oob="innerHTML"' in first) == (
        False,
        True,
        True,
    )
    assert ('aria-pressed="true"' in followed, "You follow this item" in followed) == (True, True)
    assert "2 changes since you looked" in again  # it was made since, too
    assert "<ins>New &lt;b&gt;</ins>" in again
    assert dev.post(f"{base}watch/", {"watch": "no"})["Location"] == base
    assert browse("watcher").post(f"{base}watch/", {"watch": "yes"}, headers=HTMX).status_code == 200  # who reads may follow
    assert dev.post(f"{base}seen/", headers=HTMX).status_code == 204  # a part of the page that only looks
    assert dev.get(f"{base}seen/").status_code == 405


def test_what_changed_since_is_told_word_by_word_with_as_many_queries_for_many(house, browse, item, django_assert_num_queries):
    dev, owner = browse("dev"), house.people["owner"]
    criterion = add_criterion(item=item, text="The total is right", by=owner)
    dev.post(f"/acme/{item.key}/seen/", headers=SINCE)
    ItemLook.objects.unscoped().update(at=timezone.now() - timedelta(hours=2))
    edit_item(item=item, changes={"title": "A big sale", "description": "Buy one, get two"}, by=owner)
    dev.post(f"/acme/{item.key}/seen/", headers=SINCE)
    with CaptureQueriesContext(connection) as few:
        dev.post(f"/acme/{item.key}/seen/", headers=SINCE)
    edit_item(item=item, changes={"title": "A small sale"}, by=owner)
    edit_item(item=item, changes={"description": "Buy one, get three"}, by=owner)
    edit_row(row=criterion, text="Each total is right", by=owner)

    with django_assert_num_queries(len(few)):
        told = dev.post(f"/acme/{item.key}/seen/", headers=SINCE).content.decode()

    assert "A <del>big</del><ins>small</ins> sale" in told
    assert "get <del>two</del><ins>three</ins>" in told
    assert "<del>The</del><ins>Each</ins> total is right" in told


def test_what_waits_is_on_one_page_with_its_number(house, browse, item):
    owner, dev = browse("owner"), house.people["dev"]
    assert "Nothing waits for you" in text_of(owner.get("/acme/waiting/"))
    assert text_of(owner.get("/acme/waiting/count/", headers=HTMX)).strip() == ""

    ask_question(item=item, text="Who <b>tells</b> finance?", owner=house.people["owner"], by=dev)
    add_comment(item=item, text="@Owner, see <i>above</i>", by=dev)
    page = owner.get("/acme/waiting/").content.decode()

    for words in ("Who &lt;b&gt;tells", "&lt;i&gt;above", f"/acme/{item.key}/questions/?answer=1", "Dev commented", "Questions for you"):
        assert words in page
    assert text_of(owner.get("/acme/waiting/count/", headers=HTMX)).endswith("3")
    assert 'hx-get="/acme/waiting/count/"' in text_of(owner.get("/acme/checkout/backlog/"))
    assert "see" not in text_of(browse("dev").get("/acme/waiting/"))
    assert browse(make_member(organization_with("other").team)).get("/acme/waiting/").status_code == 404
