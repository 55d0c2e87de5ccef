"""Comments, whom they call, who follows an item, and what waits for a person."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.roles import Role
from activity.errors import InvalidError
from activity.live import topic_version
from activity.services.acts import one_act
from activity.services.undo import undo
from backlog.models import Comment, ItemLook, Mention, Watcher
from backlog.selectors.comments import MOST_TEXT, PAGE, list_comments
from backlog.selectors.history import list_history
from backlog.selectors.watching import count_waiting, is_watching, list_since, list_waiting
from backlog.services.comments import CommentGoneError, add_comment, edit_comment, remove_comment
from backlog.services.items import StaleVersionError, edit_item
from backlog.services.questions import ask_question
from backlog.services.watching import follow, keep_look, set_watching
from tests.factories.accounts import make_member, make_team, make_user, organization_with
from tests.factories.backlog import make_item

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return organization_with("checkout", "cart", slug="acme", owner=Role.PRODUCT_OWNER, dev=Role.DEVELOPER, boss=Role.ADMINISTRATOR)


@pytest.fixture
def item(house):
    return make_item(house.team)


def undone(house, act, who="dev"):
    return undo(act=act.id, organization_id=house.organization.pk, access=house.access(who), by=house.people[who])


def waits(house, who):
    found = list_waiting(house.access(who))
    assert count_waiting(house.access(who)) == found.total
    return (
        [question.text for question in found.questions],
        [call.mention.comment.text for call in found.calls],
        [(one.item.key, one.line.what) for one in found.changed],
    )


def look(house, item, who):
    keep_look(item=item, person=house.people[who])


def test_a_comment_leaves_the_items_version_alone_and_tells_its_topic(house, item):
    comment = add_comment(item=item, text=" **So**\r\nbe it ", by=house.people["dev"])
    second = add_comment(item=item, text="And so on", by=house.people["owner"])

    touched = item.updated_at
    item.refresh_from_db()
    assert (comment.number, second.number, comment.text) == (1, 2, "**So**\nbe it")
    assert (item.version, item.updated_at > touched) == (1, True)
    assert topic_version(organization_id=item.organization_id, topic=f"talk:{item.key}") == 2


@pytest.mark.parametrize("text", ["", " \n ", "a\x00", "\ud800", "x" * 70_000])
def test_what_is_no_comment_is_refused(house, item, text):
    with pytest.raises(InvalidError):
        add_comment(item=item, text=text, by=house.people["dev"])


def test_who_is_called_and_sees_the_item_finds_it_and_nobody_else(house):
    team = make_team(house.train, is_private=True)
    item, inside = make_item(team), make_member(team, user=make_user("Ines In"))
    make_member(house.team, user=make_user("Otto Out"))
    make_member(organization_with("other").team, user=make_user("Fay Foreign"))

    comment = add_comment(item=item, text="@Ines In, @Otto Out, @Fay Foreign, @Boss", by=make_member(team))

    assert {mention.person for mention in comment.mentions.all()} == {inside, house.people["boss"]}
    assert is_watching(item=item, access=house.access("boss"))


def test_an_edit_calls_anew_and_a_removal_calls_nobody(house, item):
    dev, owner, boss = (house.people[name] for name in ("dev", "owner", "boss"))
    comment = add_comment(item=item, text="@Owner?", by=dev)
    edit_comment(comment=comment, text="@Boss and @Dev?", by=dev, was="@Owner?")
    assert [mention.person for mention in comment.mentions.all()] == [boss]

    with one_act() as act:
        remove_comment(comment=comment, by=dev)
    assert waits(house, "boss")[1] == []
    assert (Comment.objects.unscoped().get().text, Mention.objects.unscoped().count()) == ("", 0)

    undone(house, act)
    assert waits(house, "boss")[1] == ["@Boss and @Dev?"]
    assert owner not in {mention.person for mention in comment.mentions.all()}


def test_each_act_is_taken_back_by_its_author_and_an_administrator(house, item):
    dev = house.people["dev"]
    with one_act() as added:
        comment = add_comment(item=item, text="One", by=dev)
    with one_act() as edited:
        edit_comment(comment=comment, text="Two", by=dev)
    back = undone(house, edited)
    comment.refresh_from_db()
    assert (comment.text, back.text) == ("One", "Undone.")
    with one_act() as removed:
        remove_comment(comment=comment, by=house.people["boss"])
    redone = undone(house, removed)
    undo(act=redone.act, organization_id=house.organization.pk, access=house.access("boss"), by=house.people["boss"])

    comment.refresh_from_db()
    assert comment.removed_at is not None
    with pytest.raises(Exception, match="changed or removed since"):
        undone(house, added)


def test_nobody_takes_back_what_another_said(house, item):
    with one_act() as act:
        add_comment(item=item, text="One", by=house.people["dev"])

    with pytest.raises(Exception, match="role here does not allow"):
        undone(house, act, "owner")


def test_two_windows_of_one_author(house, item):
    dev = house.people["dev"]
    comment = add_comment(item=item, text="One", by=dev)
    edit_comment(comment=comment, text="Two", by=dev)
    with pytest.raises(StaleVersionError):
        edit_comment(comment=comment, text="Three", was="One", by=dev)
    remove_comment(comment=comment, by=dev)
    for again in (lambda: edit_comment(comment=comment, text="Three", by=dev), lambda: remove_comment(comment=comment, by=dev)):
        with pytest.raises(CommentGoneError):
            again()


def test_history_tells_that_somebody_commented_and_not_what_was_removed(house, item):
    dev = house.people["dev"]
    comment = add_comment(item=item, text="Secret one", by=dev)
    edit_comment(comment=comment, text="Secret two", by=dev)
    remove_comment(comment=comment, by=dev)

    lines = list_history(item=item, access=house.access("owner")).lines

    assert [line.what for line in lines[:3]] == ["removed a comment", "changed a comment", "commented"]
    assert "Secret" not in str(lines)


def test_pages_of_comments_are_bounded_by_number_and_by_text(house, item, django_assert_num_queries):
    Comment.objects.bulk_create(
        Comment(organization_id=item.organization_id, item=item, number=n, text="x", author=house.people["dev"]) for n in range(1, 61)
    )
    with django_assert_num_queries(2):
        latest = list_comments(item=item)
    earlier = list_comments(item=item, before=latest.first)
    assert ([c.number for c in latest.comments], latest.has_earlier) == (list(range(61 - PAGE, 61)), True)
    assert [c.number for c in earlier.comments] == list(range(61 - 2 * PAGE, 61 - PAGE))
    assert len(list_comments(item=item, since=3).comments) == 58

    Comment.objects.unscoped().filter(number__gte=58).update(text="y" * (MOST_TEXT - 10))
    assert [c.number for c in list_comments(item=item).comments] == [60]


# --- following, and what waits ----------------------------------------------------------------------


def test_taking_part_follows_and_saying_no_stays(house, item):
    dev = house.people["dev"]
    add_comment(item=item, text="One", by=dev)
    ask_question(item=item, text="Who?", owner=house.people["owner"], by=house.people["boss"])
    assert Watcher.objects.for_organization(house.organization).filter(is_watching=True).count() == 3

    set_watching(item=item, person=dev, is_watching=False)
    add_comment(item=item, text="Two", by=dev)
    follow(item=item, people=[dev, None])
    assert not is_watching(item=item, access=house.access("dev"))
    set_watching(item=item, person=dev, is_watching=True)
    assert is_watching(item=item, access=house.access("dev"))


def test_what_waits_leaves_when_it_is_answered_looked_at_or_hidden(house, item):
    owner, dev = house.people["owner"], house.people["dev"]
    question = ask_question(item=item, text="Who?", owner=owner, by=dev)
    add_comment(item=item, text="@Owner, see above", by=dev)
    assert waits(house, "owner") == (["Who?"], ["@Owner, see above"], [(item.key, "commented")])
    assert waits(house, "dev") == ([], [], [])

    look(house, item, "owner")
    assert waits(house, "owner") == (["Who?"], [], [])

    edit_item(item=item, changes={"title": "New"}, by=dev)
    edit_item(item=item, changes={"title": "Mine"}, by=owner)
    assert waits(house, "owner") == (["Who?"], [], [(item.key, "changed title")])

    add_comment(item=item, text="@Owner again", by=dev)
    house.team.is_private = True
    house.team.save()
    question.refresh_from_db()
    house.membership("owner").delete()
    make_member(house.teams["cart"], user=owner)
    assert waits(house, "owner") == ([], [], [])


def test_six_queries_whatever_waits(house, django_assert_max_num_queries):
    for number in range(4):
        item = make_item(house.team)
        ask_question(item=item, text=f"Who {number}?", owner=house.people["owner"], by=house.people["dev"])
        add_comment(item=item, text="@Owner!", by=house.people["dev"])
    access = house.access("owner")

    with django_assert_max_num_queries(6):
        found = list_waiting(access)
        assert [(call.mention.comment.item.key, str(call.mention.comment.author)) for call in found.calls]
        assert [(question.item.key, str(question.asked_by)) for question in found.questions]
    assert found.total == 12


def test_news_stay_marked_for_one_visit(house, item):
    owner = house.people["owner"]
    assert keep_look(item=item, person=owner).before is None
    assert keep_look(item=item, person=owner).before is None  # the same visit
    ended = timezone.now() - timedelta(hours=2)
    ItemLook.objects.unscoped().update(at=ended)
    edit_item(item=item, changes={"title": "New"}, by=house.people["dev"])
    edit_item(item=item, changes={"job_size": 3}, by=owner)

    for _ in range(2):
        assert keep_look(item=item, person=owner).before == ended
    lines = list_since(item=item, access=house.access("owner"), since=ended)
    assert [(line.who, line.what) for line in lines if line.who != "Winnow"] == [("Dev", "changed title")]
