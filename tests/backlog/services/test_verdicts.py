"""Verdicts: each with its reason and one undo; a removed item comes back with its place, its links and its people."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.roles import Role
from activity.errors import ConflictError, GoneError, InvalidError
from activity.services.acts import one_act
from activity.services.undo import undo
from backlog.models import Attachment, Comment, Criterion, Dependency, Item, Placement, Question, StaleItem, Task, Tombstone
from backlog.models.item import Status
from backlog.selectors.merging import list_merged_talk
from backlog.selectors.stale_items import find_stale_item, list_stale_items
from backlog.services import criteria
from backlog.services.attachments import add_attachment
from backlog.services.comments import add_comment
from backlog.services.criteria import add_criterion, add_task
from backlog.services.dependencies import link_dependency
from backlog.services.goals import edit_goal, set_goal
from backlog.services.items import edit_item
from backlog.services.merge_previews import ROOM, foresee_merge
from backlog.services.questions import answer_question, ask_question
from backlog.services.restoring import restore_item
from backlog.services.stale_items import find_stale_items
from backlog.services.statuses import set_status
from backlog.services.verdicts import Ruling, decide_items, foresee_verdicts
from backlog.stale import USUAL_TAKE, Take, Verdict
from intake.models import Request
from intake.services.needs import give_request
from intake.services.requests import accept_request
from prioritization.services.manual_order import set_mode
from tests.factories.accounts import organization_with
from tests.factories.backlog import make_item
from tests.factories.goals import make_goal
from tests.factories.intake import make_request
from tests.factories.prioritization import make_scored
from tests.factories.stale import make_old, make_stale

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return organization_with("checkout", "cart", owner=Role.PRODUCT_OWNER, dev=Role.DEVELOPER)


def decide(house, items, verdict, reason="Nobody asks.", **more):
    ruling = Ruling(verdict, reason, **more)
    with one_act() as act:
        effects = decide_items(home=house.team, items=items, ruling=ruling, by=house.people["owner"])
    return act.id, effects


def take_back(house, act):
    return undo(act=act, organization_id=house.organization.pk, access=house.access("owner"), by=house.people["owner"])


def waiting(house):
    return [row.key for row in list_stale_items(home=house.team).rows]


@pytest.mark.parametrize("verdict", [Verdict.KEEP, Verdict.UPDATE, Verdict.SNOOZE, Verdict.REMOVE])
def test_a_verdict_takes_the_item_out_of_the_review_and_its_undo_brings_it_back(house, verdict):
    item = make_stale(house.team)
    until = timezone.now().date() + timedelta(days=30) if verdict == Verdict.SNOOZE else None

    act, (effect,) = decide(house, [item], verdict, until=until)

    assert (waiting(house), effect.refused) == ([], "")
    assert StaleItem.objects.get(item=item).verdict == verdict
    assert take_back(house, act).text == "Undone."
    assert waiting(house) == [item.key]


@pytest.mark.parametrize(
    ("ruling", "field"),
    [
        (Ruling(Verdict.REMOVE), "reason"),
        (Ruling(Verdict.SNOOZE, "Later"), "until"),
        (Ruling(Verdict.SNOOZE, "Later", until=timezone.now().date()), "until"),
        (Ruling(Verdict.UPDATE), "reason"),
        (Ruling(Verdict.MERGE, "Same"), "into"),
        (Ruling(Verdict.KEEP, "\x00"), "reason"),
        (Ruling(Verdict.KEEP, "x" * 501), "reason"),
    ],
)
def test_a_verdict_without_what_it_needs_is_refused(house, ruling, field):
    item = make_stale(house.team)

    with pytest.raises(InvalidError) as refused:
        decide_items(home=house.team, items=[item], ruling=ruling, by=house.people["owner"])

    assert (refused.value.field, waiting(house)) == (field, [item.key])


def test_what_was_touched_or_decided_meanwhile_is_refused_and_the_others_are_not(house):
    touched, decided, stale = (make_old(house.team) for _ in range(3))
    make_stale(house.team)
    edit_item(item=touched, changes={"title": "New"}, by=house.people["dev"])
    decide(house, [decided], Verdict.KEEP)

    foreseen = foresee_verdicts(home=house.team, items=[touched, decided, stale], ruling=Ruling(Verdict.REMOVE, "Nobody asks."))
    _, effects = decide(house, [touched, decided, stale], Verdict.REMOVE)

    assert [bool(effect.refused) for effect in foreseen] == [bool(effect.refused) for effect in effects] == [True, True, False]


def test_many_are_removed_by_one_act_and_one_undo_brings_all_back(house):
    with one_act():
        items = [make_old(house.team) for _ in range(5)]
    make_stale(house.team)

    act, _ = decide(house, items, Verdict.REMOVE)
    assert Item.objects.filter(team=house.team, status=Status.REMOVED).count() == 5
    take_back(house, act)

    assert Item.objects.filter(team=house.team, status=Status.REMOVED).count() == 0
    assert not Tombstone.objects.filter(item__in=items).exists()


def test_evidence_says_what_a_removal_would_lose(house):
    item = make_stale(house.team)
    link_dependency(blocker=item, blocked=make_item(house.team), by=None)
    edit_item(item=item, changes={"demand": 4}, by=None)

    evidence = find_stale_item(home=house.team, key=item.key)

    assert evidence is not None
    assert evidence.line(timezone.now()) == ("Untouched for 13 months · demand 4, was 0 · serves no goal · would lose 1 link")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "is active"),
        ({"is_active": False}, "is retired"),
        ({"ends_on": date(2026, 1, 1)}, "has ended"),
        ({"starts_on": date(2126, 1, 1)}, "has not begun"),
    ],
)
def test_evidence_says_whether_the_goal_above_still_counts(house, changes, words):
    goal = make_goal(house.organization, "Fewer returns")
    feature = set_goal(item=make_item(house.train), goal=goal, by=None)
    item = make_stale(house.team, parent=feature)
    edit_goal(goal=goal, changes=changes, by=None)

    evidence = find_stale_item(home=house.team, key=item.key)

    assert evidence is not None
    assert evidence.goal_words() == f"goal “Fewer returns” {words}"


def order(house):
    return list(
        Placement.objects.filter(team=house.team)
        .order_by("band", "falling", "component", "position")
        .values_list("item__key", "value", "manual_key")
    )


def links(house):
    return sorted(Dependency.objects.for_organization(house.organization).values_list("blocker__key", "blocked__key", "kind"))


def wanted(house):
    return list(Item.objects.filter(team=house.team).order_by("id").values_list("key", "demand"))


def requesters(house):
    return sorted(Request.objects.for_organization(house.organization).values_list("number", "item__key"))


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_cull_and_restore_give_back_rank_links_demand_and_requesters(house, data):
    with one_act():
        items = [make_scored(house.team, value=data.draw(st.sampled_from([3, 5, 8, 13])), by=None) for _ in range(4)]
        for item in data.draw(st.lists(st.sampled_from(items), max_size=2)):
            give_request(request=accept_request(request=make_request(house.team), by=house.people["owner"]), item=item, by=None)
        demands = [data.draw(st.integers(0, 3)) for _ in items]
        for item, demand in zip(items, demands, strict=True):
            edit_item(item=item, changes={"demand": demand}, by=None)
        Item.objects.filter(team=house.team).update(created_at=timezone.now() - timedelta(days=400))
        for _ in range(data.draw(st.integers(0, 4))):
            low, high = sorted(data.draw(st.lists(st.integers(0, 3), min_size=2, max_size=2, unique=True)))
            link_dependency(blocker=items[low], blocked=items[high], by=None)
        for item, text in data.draw(
            st.lists(st.tuples(st.sampled_from(items), st.sampled_from(["It is so", "It is  so", "Paid"])), max_size=6)
        ):
            data.draw(st.sampled_from([add_criterion, add_task, ask_question]))(item=item, text=text, by=None)
    if data.draw(st.booleans()):
        set_mode(home=house.team, mode="manual", by=None)
    make_stale(house.team, title="Last")
    before = order(house), links(house), requesters(house), wanted(house), [rows_of(item) for item in items]
    chosen = data.draw(st.sampled_from(items))
    verdict = data.draw(st.sampled_from([Verdict.REMOVE, Verdict.MERGE]))
    target = next(item for item in items if item.pk != chosen.pk) if verdict == Verdict.MERGE else None

    take = frozenset(data.draw(st.sets(st.sampled_from(list(Take)))))
    act, (effect,) = decide(house, [chosen], verdict, target=target, take=take)
    assert (effect.refused, chosen.key in {row[0] for row in order(house)}) == ("", False)
    if data.draw(st.booleans()):
        chosen.refresh_from_db()
        assert restore_item(item=chosen, access=house.access("owner"), by=house.people["owner"]) == []
    else:
        assert take_back(house, act).text == "Undone."

    assert (order(house), links(house), requesters(house), wanted(house), [rows_of(item) for item in items]) == before


def test_merge_moves_links_demand_and_what_is_below(house):
    story, other, target = make_stale(house.team, demand=3), make_item(house.team), make_item(house.team, demand=2)
    child = make_item(house.team, "bug", parent=story)
    link_dependency(blocker=story, blocked=other, by=None)
    link_dependency(blocker=target, blocked=story, by=None)

    act, _ = decide(house, [story], Verdict.MERGE, target=target)

    target.refresh_from_db()
    child.refresh_from_db()
    stone = Tombstone.objects.get(item=story)
    assert (target.demand, child.parent_id, stone.merged_into_id) == (5, target.pk, target.pk)
    assert links(house) == [(target.key, other.key, "blocks")]
    assert take_back(house, act).text == "Undone."
    child.refresh_from_db()
    assert (child.parent_id, len(links(house))) == (story.pk, 2)


def rows_of(item):
    """What people wrote on the item, by its numbers."""
    return {
        model.__name__: sorted(model.objects.for_organization(item.organization_id).filter(item=item).values_list("number", name))
        for model, name in ((Criterion, "text"), (Question, "text"), (Task, "text"), (Attachment, "name"), (Comment, "text"))
    }


@pytest.fixture
def written(house, settings, tmp_path):
    """A stale item on which people wrote, and another that says some of it."""
    settings.MEDIA_ROOT = tmp_path
    item, target, jon = make_old(house.team, title="Lamp"), make_item(house.team, title="Lamps"), house.people["dev"]
    for text in ("It is  bright", "It is quiet", "It is quiet"):
        add_criterion(item=item, text=text, by=None)
    add_criterion(item=target, text="It is bright", by=None)
    for text in ("How bright?", "Who pays?"):
        question = ask_question(item=item, text=text, owner=jon, by=None)
    answer_question(question=question, answer="Jon", by=None)
    add_task(item=item, text="Buy a bulb", by=None)
    add_attachment(item=item, name="notes.txt", file=BytesIO(b"Notes"), size=5, by=None)
    add_comment(item=item, text="We have one already.", by=jon)
    find_stale_items(home=house.team, at=timezone.now() + timedelta(days=400))
    return item, target


def test_a_merge_takes_along_what_people_wrote_and_its_undo_gives_each_its_own(house, written):
    item, target = written
    before = rows_of(item), rows_of(target)

    act, (effect,) = decide(house, [item], Verdict.MERGE, target=target)

    assert effect.after == f"goes into {target.key}"
    assert rows_of(target) == {
        "Criterion": [(1, "It is bright"), (2, "It is quiet")],
        "Question": [(1, "How bright?")],
        "Task": [],
        "Attachment": [(1, "notes.txt")],
        "Comment": [],
    }
    assert Criterion.objects.get(item=target, number=2).came_from == item.key
    assert rows_of(item)["Criterion"] == before[0]["Criterion"]  # its page still says what it was
    assert [tuple(talk) for talk in list_merged_talk(item=target, access=house.access("dev"))] == [(item.key, 1)]
    assert take_back(house, act).text == "Undone."
    assert (rows_of(item), rows_of(target)) == before


def test_what_is_not_to_go_along_stays_and_the_preview_says_both(house, written):
    item, target = written
    take = frozenset({Take.TASKS})

    preview = foresee_merge(item=item, target=target, take=take)
    decide(house, [item], Verdict.MERGE, target=target, take=take)

    assert preview.goes == ["1 open task", "1 follower"]
    assert preview.stays == [
        "1 criterion",
        "1 open question",
        "1 file",
        f"2 criteria that {target.key} has word for word",
        "1 answered question",
        f"1 comment, read from {target.key} too",
        "its title, description, size and scores",
    ]
    assert (rows_of(target)["Task"], rows_of(target)["Question"]) == ([(1, "Buy a bulb")], [])


def test_what_the_target_cannot_take_stays_and_is_said_before_and_after(house, written, monkeypatch):
    item, target = written
    monkeypatch.setattr(criteria, "MOST", 1)
    monkeypatch.setitem(ROOM, Take.CRITERIA, 1)
    between = make_item(house.team)
    link_dependency(blocker=between, blocked=target, by=None)
    link_dependency(blocker=item, blocked=between, by=None)

    preview = foresee_merge(item=item, target=target, take=USUAL_TAKE)
    _, (effect,) = decide(house, [item], Verdict.MERGE, target=target)

    assert {f"1 criterion, for which {target.key} has no room", "1 link: the two would wait for each other"} <= set(preview.stays)
    assert "A criterion stays: An item has at most" in effect.after
    assert "A link stays: the two would wait for each other" in effect.after
    assert set(links(house)) == {(between.key, target.key, "blocks"), (item.key, between.key, "blocks")}


def test_an_item_goes_only_into_another_that_is_open(house):
    item = make_stale(house.team)
    closed = make_item(house.team)
    set_status(item=closed, status=Status.DONE, by=None)

    for target in (item, closed, make_item(house.team, parent=item)):
        _, (effect,) = decide(house, [item], Verdict.MERGE, target=target)
        assert effect.refused


def test_restore_is_refused_after_thirty_days_and_says_what_to_do(house):
    item = make_stale(house.team)
    decide(house, [item], Verdict.REMOVE)
    item.refresh_from_db()

    with pytest.raises(GoneError, match="Reopen it by its status"):
        restore_item(item=item, access=house.access("owner"), by=house.people["owner"], at=timezone.now() + timedelta(days=31))
    restore_item(item=item, access=house.access("owner"), by=house.people["owner"])
    with pytest.raises(ConflictError):
        restore_item(item=item, access=house.access("owner"), by=house.people["owner"])


@pytest.mark.parametrize(("days", "has_its_place"), [(29, True), (31, False)])
def test_reopened_by_its_status_it_has_its_place_again_for_thirty_days(house, days, has_its_place):
    item = make_stale(house.team)
    key = "M"
    Placement.objects.for_organization(house.organization).filter(item=item).update(manual_key=key)
    decide(house, [item], Verdict.REMOVE)
    Item.objects.for_organization(house.organization).filter(pk=item.pk).update(closed_at=timezone.now() - timedelta(days=days))

    set_status(item=item, status=Status.OPEN, by=house.people["owner"])

    assert Placement.objects.for_organization(house.organization).get(item=item).manual_key == (key if has_its_place else None)
    assert not Tombstone.objects.for_organization(house.organization).filter(item=item).exists()
