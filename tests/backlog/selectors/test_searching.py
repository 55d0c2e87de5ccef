"""What typed text finds: words of all texts, beginnings, keys, titles that come close; and what is kept of it when texts change."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from backlog.models import Band, Criterion, Item, Placement, SearchText
from backlog.selectors import searching
from backlog.selectors.counting import count_items
from backlog.selectors.filters import ItemFilters
from backlog.selectors.items import find_by_words
from backlog.selectors.paging import Stretch
from backlog.selectors.ranked import list_ranked_items
from backlog.services.items import edit_item, set_job_size
from tests.factories.accounts import make_team, organization_with
from tests.factories.backlog import make_item, place

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return organization_with("checkout", dev=Role.DEVELOPER)


@pytest.fixture
def shown(house):
    """Keys in the list with these words, in its order."""

    def listed(q, **filters):
        page = list_ranked_items(home=house.team, access=house.access("dev"), filters=ItemFilters(q=q, **filters))
        return [row["key"] for row in page.rows if "key" in row]

    return listed


def placed(team, title, *, value=1, **fields):
    item = make_item(team, title=title, **fields)
    place(item, value=value)
    return item


def test_words_are_found_in_every_text_in_the_order_of_the_list(house, shown):
    titled = placed(house.team, "Pay with a gift card", value=3)
    described = placed(house.team, "Pay otherwise", value=9, description="Some **gift-cards** are lost.")
    agreed = placed(house.team, "Pay again", value=5)
    Criterion.objects.create(organization=house.organization, item=agreed, number=1, position=1, text="a GIFT cards bearer is greeted")
    placed(house.team, "Something else", value=7)

    assert shown("gift card") == [described.key, agreed.key, titled.key]
    assert shown("card") == [described.key, agreed.key, titled.key]
    assert shown("car gift") == [titled.key]  # only the last word may be a beginning: this title comes close


def test_accents_case_and_punctuation_make_no_difference(house, shown):
    item = placed(house.team, "Größe: café (naïve) №5")

    for words in ("GROSSE", "grösse cafe", "cafe\u0301", "naive", "(naïve)", "größ"):
        assert shown(words) == [item.key], words


@pytest.mark.parametrize("typed", ["gift & card", "gift | !card", "gift:* card'", "'gift' \\ card", "gift <-> card", '"gift" (card)'])
def test_what_looks_like_an_operator_is_none(house, shown, typed):
    item = placed(house.team, "A gift card")
    placed(house.team, "A gift")

    assert shown(typed) == [item.key]


@pytest.mark.parametrize(
    "typed", ["&", "!!", "' OR 1=1 --", "\u02bc", "“", "\\", "%", "🎉", "½", "a " * 99, "ﷺ" * 200, "x" * 200, "'" * 200]
)
def test_no_text_is_an_error(house, shown, typed):
    placed(house.team, "A gift card")

    assert shown(typed) in ([], shown("gift"))
    assert find_by_words(access=house.access("dev"), words=typed) in ([], find_by_words(access=house.access("dev"), words="gift"))


def test_keys_are_found_however_they_are_written(house, shown):
    item = placed(house.team, "A gift card")
    prefix, _, number = item.key.partition("-")

    for typed in (item.key, item.key.lower(), f"{prefix.lower()}{number}", f"{prefix} {number}", number, f"0{number}"):
        assert shown(typed) == [item.key], typed
    assert shown(f"{number}7") == []


def test_a_picker_names_the_key_first_then_titles_then_other_texts(house):
    keyed = make_item(house.team, title="Keyed")
    number = keyed.key.partition("-")[2]
    described = make_item(house.team, title="Described", description=f"Room {number}")
    titled = make_item(house.team, title=f"Room {number}")
    later = make_item(house.team, title="Later", description=f"Room {number}")

    found = find_by_words(access=house.access("dev"), words=number)

    assert [item.key for item in found] == [keyed.key, titled.key, later.key, described.key]


def test_where_nothing_has_the_words_titles_come_close(house, shown):
    gift = placed(house.team, "A voucher for friends", value=3)
    placed(house.team, "Express delivery", value=9)

    def is_close(q):
        return list_ranked_items(home=house.team, access=house.access("dev"), filters=ItemFilters(q=q)).is_close

    assert (shown("vouhcer"), is_close("vouhcer")) == ([gift.key], True)
    assert (shown("ouche"), is_close("ouche")) == ([gift.key], True)
    assert count_items(home=house.team, filters=ItemFilters(q="vouhcer")) == 1
    assert (shown("zebra"), is_close("zebra")) == ([], False)
    assert (shown("voucher", kind="bug"), is_close("voucher")) == ([], False)  # the word is there, if not in a bug
    assert find_by_words(access=house.access("dev"), words="vuocher") == [gift]


def test_frequent_words_are_met_on_the_walk(house, shown, monkeypatch):
    items = [placed(house.team, f"Gift number {value}", value=value) for value in (9, 8, 7, 6)]
    keys = [item.key for item in items]

    for near, rare in ((500, 2000), (1, 2000), (1, 2), (500, 2)):
        monkeypatch.setattr(searching, "NEAR", near)
        monkeypatch.setattr("backlog.selectors.narrowing.NEAR", near)
        monkeypatch.setattr(searching, "RARE", rare)
        searching._rare.clear()
        assert shown("gift") == keys
        assert shown("numb", kind="story") == keys
        assert count_items(home=house.team, filters=ItemFilters(q="gift")) == 4


def test_frequent_words_are_met_in_the_part_of_the_list_that_is_asked_for(house):
    for value in (9, 8, 7):
        placed(house.team, "Gift", value=value)
    resting = make_item(house.team, title="Gift")
    place(resting, value=0, band=Band.DORMANT)

    tail = list_ranked_items(
        home=house.team, access=house.access("dev"), filters=ItemFilters(q="gift", rows=2), stretch=Stretch(part="dormant")
    )

    assert [row["key"] for row in tail.rows if "key" in row] == [resting.key]


def test_another_organization_and_a_private_team_are_not_met(house, shown):
    placed(organization_with("checkout").team, "A gift card")
    hidden = make_item(make_team(house.train, is_private=True), title="A gift card")
    mine = placed(house.team, "A gift card")
    access = house.access("dev")

    assert shown("gift") == [mine.key]
    assert [find_by_words(access=access, words=words) for words in ("gift", "gitf card", "ift")] == [[mine]] * 3
    assert find_by_words(access=access, words=hidden.key) == []


def words_of(item):
    return SearchText.objects.get(item_id=item.pk).words


def test_a_size_writes_no_words_and_a_text_does(house):
    item = placed(house.team, "A gift card")

    def written():
        with connection.cursor() as cursor:
            cursor.execute("SELECT ctid FROM backlog_searchtext WHERE item_id = %s", [item.pk])
            return cursor.fetchone()

    before = written()
    set_job_size(item=item, job_size=3, by=None)
    assert written() == before
    edit_item(item=item, changes={"description": "for friends"}, by=None)
    assert written() != before
    assert "'friends':5B" in words_of(item)


def test_words_follow_criteria_and_go_with_the_item(house):
    item = make_item(house.team, title="A gift card")
    criterion = Criterion.objects.create(organization=house.organization, item=item, number=1, position=1, text="One")
    assert "'one':4C" in words_of(item)
    criterion.text = "Two"
    criterion.save()
    assert ("'two':4C" in words_of(item), "'one'" in words_of(item)) == (True, False)
    criterion.delete()
    assert "'two'" not in words_of(item)

    Placement.objects.filter(organization=house.organization).delete()
    Item.objects.filter(organization=house.organization, pk=item.pk).delete()

    assert not SearchText.objects.filter(item_id=item.pk).exists()


def test_a_page_with_words_takes_as_many_queries_for_many_rows(house, shown):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            shown("gift")
        return len(captured)

    placed(house.team, "Gift 1")
    one = queries()
    for value in range(3):
        placed(house.team, f"Gift {value}", value=value)

    assert queries() == one
