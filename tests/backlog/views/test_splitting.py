"""The page that cuts an item into parts."""

import pytest
from django.test import Client

from accounts.roles import Role
from backlog.models import Item
from backlog.services.criteria import add_criterion
from backlog.services.dependencies import link_dependency, unlink_dependency
from tests.factories.accounts import make_team, organization_with
from tests.factories.backlog import make_item

pytestmark = pytest.mark.django_db


def text_of(response):
    return response.content.decode()


def parts_of(item):
    return list(Item.objects.for_organization(item.organization_id).filter(parent=item).order_by("id").values_list("title", "job_size"))


@pytest.fixture
def item(house):
    item = make_item(house.team, title="Gift cards", job_size=13)
    add_criterion(item=item, text="Sold online", form="plain", by=None)
    return item


def test_a_pattern_proposes_titles_and_everything_has_a_place(house, browse, item):
    hidden = make_item(make_team(house.train, slug="secret", is_private=True), title="Nobody knows")
    other = make_item(house.team, title="Pay by voucher")
    for blocker in (hidden, other):
        link_dependency(blocker=blocker, blocked=item, by=None)

    page = text_of(browse("dev").get(f"/acme/{item.key}/split/?by=paths"))

    assert "Gift cards: all goes well" in page
    assert "Sold online" in page
    assert "Pay by voucher" in page
    assert "Nobody knows" not in page


def test_the_form_splits_once_and_empty_parts_do_not_count(house, browse, item):
    client = browse("dev")
    form = {"title": ["", "Buy", "Redeem"], "size": ["", "3", "2,5"], "criterion-1": "2", "idempotency_key": "once"}

    for _ in range(2):
        answer = client.post(f"/acme/{item.key}/split/", form)

    assert answer.headers["Location"] == f"/acme/{item.key}/"
    assert [(title, str(size)) for title, size in parts_of(item)] == [("Buy", "3.000"), ("Redeem", "2.500")]
    assert [part.criteria.count() for part in item.children.order_by("id")] == [0, 1]


def test_a_link_goes_to_a_part_or_is_dropped_with_a_reason_that_its_history_tells(house, browse, item):
    first, second, gone = (make_item(house.team) for _ in range(3))
    for blocker in (gone, first, second):
        link_dependency(blocker=blocker, blocked=item, by=None)
    unlink_dependency(blocker=gone, blocked=item, by=None)
    client, path = browse("dev"), f"/acme/{item.key}/split/"
    form = {"title": ["Buy", "Redeem"], "size": ["", ""], f"link-waits_for-{first.key}": "1", f"link-waits_for-{second.key}": "dropped"}

    unsaid = client.post(path, form)
    assert (unsaid.status_code, "Say why the link is dropped." in text_of(unsaid)) == (422, True)
    late = client.post(path, {**form, f"link-waits_for-{gone.key}": "0"})
    assert (late.status_code, f"The link with {gone.key} was taken away meanwhile." in text_of(late)) == (409, True)
    client.post(path, {**form, f"why-link-waits_for-{second.key}": "It ships without"})

    told = text_of(client.get(f"/acme/{second.key}/history/"))
    assert "no longer says that it unblocks" in told
    assert "It ships without" in told
    assert [part.dependencies_in.count() for part in (item, *item.children.order_by("id"))] == [0, 0, 1]


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"title": ["", " "], "size": ["", ""]}, "Name at least one part."),
        ({"title": ["Buy", ""], "size": ["", ""], "criterion-1": "1"}, "has no title"),
        ({"title": ["Buy"], "size": ["-1"]}, "above 0"),
        ({"title": ["Buy\x00"], "size": [""]}, "cannot be stored"),
        ({"title": ["Buy"], "size": [""], "criterion-1": "dropped", "why-1": ""}, "Say why"),
        ({"title": ["Buy"], "size": [""], "criterion-1": "9"}, "has no title"),
    ],
)
def test_a_refused_split_keeps_what_was_typed(house, browse, item, form, words):
    answer = browse("dev").post(f"/acme/{item.key}/split/", form)

    assert answer.status_code == 422
    assert words in text_of(answer)
    assert form["title"][0].strip("\x00 ") in text_of(answer)
    assert parts_of(item) == []


def test_one_part_more_keeps_the_others(house, browse, item):
    page = text_of(browse("dev").post(f"/acme/{item.key}/split/", {"title": ["Buy", "Redeem"], "size": ["3", ""], "more": "1"}))

    assert "Part C" in page
    assert ">Redeem</textarea>" in page
    assert parts_of(item) == []


def test_who_may_split(house, browse, item):
    other = organization_with("other", who=Role.PRODUCT_OWNER).people["who"]
    path, form = f"/acme/{item.key}/split/", {"title": ["Buy"], "size": [""]}

    assert browse("watcher").post(path, form).status_code == 403
    assert browse(other).post(path, form).status_code == 404
    assert Client().post(path, form).status_code == 302
    assert parts_of(item) == []
