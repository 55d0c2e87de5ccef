"""How definitions change, by which version an item is judged, and what is asked before it is done."""

from importlib import import_module

import pytest
from django.db import connection

from accounts.roles import Role
from activity.services.acts import one_act
from activity.services.undo import undo
from backlog.models import DefinitionSnapshot, DefinitionVersion, Item
from backlog.models.readiness import ReadyMark
from backlog.readiness import TRAIN, definition_of
from backlog.selectors.definitions import Touched, list_versions
from backlog.selectors.readiness import done_lines_of, find_snapshot, list_rules, missing_of, readiness_of
from backlog.services.bulk_edits import BulkChange, What, change_items, foresee_change
from backlog.services.criteria import add_criterion, add_task, edit_row, tick_task
from backlog.services.definitions import ask_line, define_line, drop_line, foresee_definition, limit_size
from backlog.services.finishing import finish_item
from backlog.services.items import edit_item
from backlog.services.judging import NotDoneError
from backlog.services.readiness import mark_ready, say_ready
from backlog.services.statuses import set_status
from prioritization.services.ranking import rank_organization
from tests.factories.accounts import make_member, make_team, make_train, organization_with
from tests.factories.backlog import make_item
from tests.factories.intake import import_text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ranked_later")]


@pytest.fixture
def house():
    return organization_with("checkout", "cart", slug="acme", owner=Role.PRODUCT_OWNER, dev=Role.DEVELOPER)


@pytest.fixture
def dev(house):
    return house.people["dev"]


def take_back(house, act, who="dev"):
    return undo(act=act.id, organization_id=house.organization.pk, access=house.access(who), by=house.people[who])


def asked_of_done(house, item):
    return [line.label for line in done_lines_of(home=house.team, keys=[item.key])[item.key]]


# --- done ---------------------------------------------------------------------------------------------


def test_done_asks_for_open_tasks_and_for_what_is_below(house, dev):
    item = make_item(house.team)
    task, child = add_task(item=item, text="Write to finance", by=dev), make_item(house.team, parent=item)

    with pytest.raises(NotDoneError, match="1 task still open; 1 open item below it") as refused:
        set_status(item=item, status="done", by=dev)
    assert (refused.value.status, refused.value.code, [line.code for line in refused.value.lines]) == (409, "not_done", ["tasks", "below"])

    tick_task(task=task, is_done=True, by=dev)
    set_status(item=child, status="done", by=dev)
    assert set_status(item=item, status="done", by=dev).status == "done"


def test_a_sentence_waives_what_is_open_and_one_undo_takes_all_back(house, dev):
    item = make_item(house.team)
    add_task(item=item, text="Write to finance", by=dev)
    with one_act() as act:
        finish_item(item=item, by=dev, waiver="Finance knows already")

    mark = ReadyMark.objects.for_organization(house.organization).get()
    assert (mark.code, mark.is_waiver, mark.reason, mark.set_by) == ("tasks", True, "Finance knows already", dev)
    item.refresh_from_db()
    assert item.status == "done"

    take_back(house, act)
    item.refresh_from_db()
    assert (item.status, ReadyMark.objects.for_organization(house.organization).count()) == ("open", 0)


def test_a_line_of_words_is_ticked_on_the_way(house, dev):
    item = make_item(house.team)
    seen, told = (define_line(asking=house.team, about="done", text=text, by=dev) for text in ("Seen by two", "Told to support"))

    with pytest.raises(NotDoneError, match="“Told to support”"):
        finish_item(item=item, by=dev, ticked=[seen.code])
    assert not ReadyMark.objects.for_organization(house.organization).exists()

    assert finish_item(item=item, by=dev, ticked=[seen.code, told.code]).status == "done"


def test_the_system_and_imports_are_not_asked(house, dev):
    item = make_item(house.team)
    add_task(item=item, text="Write to finance", by=dev)
    define_line(asking=house.organization, about="done", text="Seen by two", by=dev)

    import_text(house.team, "Key,Title,Status\nOLD-1,Lamp,Open\n", by=house.people["owner"])
    import_text(house.team, "Key,Title,Status\nOLD-1,Lamp,Done\n", by=house.people["owner"])

    assert Item.objects.for_organization(house.organization).get(title="Lamp").status == "done"
    assert set_status(item=item, status="done", by=None).status == "done"


def test_many_at_once_say_who_is_held_back_and_a_reason_waives(house, dev, django_assert_num_queries):
    free, held = make_item(house.team), make_item(house.team)
    add_task(item=held, text="Write to finance", by=dev)
    items = list(Item.objects.for_organization(house.organization).select_related("team", "train", "parent", "iteration").order_by("id"))
    change, access = BulkChange(What.STATUS, "done"), house.access("dev")

    with django_assert_num_queries(2):
        effects = foresee_change(items=items, change=change, access=access)
    assert [(effect.item.key, effect.is_change) for effect in effects] == [(free.key, True), (held.key, False)]
    assert effects[1].refused == f"{held.key} is not done yet (1 task still open). Say why it is done without, or finish that first."

    change_items(items=items, change=change, access=house.access("dev"), by=dev)
    held.refresh_from_db()
    assert held.status == "open"
    change_items(items=[held], change=BulkChange(What.STATUS, "done", "Nobody asks"), access=house.access("dev"), by=dev)
    held.refresh_from_db()
    assert (held.status, ReadyMark.objects.for_organization(house.organization).get().reason) == ("done", "Nobody asks")


# --- versions and snapshots ---------------------------------------------------------------------------


def test_each_act_is_a_version_of_those_who_follow_it(house, dev):
    def numbers(asking, about="ready"):
        return [(number, len(version.changes)) for number, version in list_versions(asking, about)]

    define_line(asking=house.organization, text="Asked of all", by=dev)
    own = define_line(asking=house.team, text="Asked here", by=dev)
    ask_line(asking=house.team, kind="bug", code=own.code, is_asked=False, by=dev)
    drop_line(asking=house.team, code=own.code, by=dev)  # the line and what was decided for bugs

    define_line(asking=house.train, text="Asked of the train", by=dev)

    assert numbers(house.team) == [(6, 1), (5, 2), (4, 1), (3, 1), (2, 1)]
    assert numbers(house.teams["cart"]) == numbers(house.train) == [(3, 1), (2, 1)]
    assert numbers(house.organization) == [(2, 1)]
    assert numbers(house.team, "done") == []


def test_work_that_started_is_judged_by_the_version_of_then(house, dev):
    early, late = make_item(house.team), make_item(house.team)
    line = define_line(asking=house.team, about="done", text="Seen by two", by=dev)
    set_status(item=early, status="planned", by=dev)

    with one_act() as dropped:
        drop_line(asking=house.team, about="done", code=line.code, by=dev)
    define_line(asking=house.organization, about="done", text="Told to support", by=dev)
    set_status(item=late, status="in_progress", by=dev)

    early.refresh_from_db()
    late.refresh_from_db()
    usual = ["Its tasks are done", "Everything below it is closed"]
    assert (asked_of_done(house, early), asked_of_done(house, late)) == ([*usual, "Seen by two"], [*usual, "Told to support"])
    assert [kept.number for item in (early, late) if (kept := find_snapshot(item, "done"))] == [2, 4]
    mark_ready(item=early, code=line.code, state="ticked", by=dev)  # though nobody asks for it any more
    assert not missing_of(done_lines_of(home=house.team, keys=[early.key])[early.key])

    take_back(house, dropped)
    assert asked_of_done(house, make_item(house.team)) == [*usual, "Told to support", "Seen by two"]
    assert DefinitionVersion.objects.for_organization(house.organization).filter(team=house.team).count() == 3


def test_a_trains_lines_hold_for_its_list_and_its_teams_and_in_what_they_start(house, dev):
    other = make_team(make_train(house.organization))
    feature, item, there = make_item(house.train, kind="feature"), make_item(house.team), make_item(other)
    line = define_line(asking=house.train, text="Seen by two", by=dev)
    ask_line(asking=house.teams["cart"], kind="story", code=line.code, is_asked=False, by=dev)
    set_status(item=item, status="planned", by=dev)

    def asks(each):
        each.refresh_from_db()
        home = each.team or each.train
        return line.code in {told.code for told in readiness_of(home=home, keys=[each.key])[each.key]}

    assert [asks(feature), asks(item), asks(there), asks(make_item(house.teams["cart"]))] == [True, True, False, False]
    assert asks(make_item(house.teams["cart"], kind="bug"))

    with one_act() as dropped:
        drop_line(asking=house.train, code=line.code, by=dev)
    assert [asks(feature), asks(item), asks(make_item(house.team))] == [False, True, False]
    kept = DefinitionSnapshot.objects.for_organization(house.organization).get(item=item, about="ready")
    assert (kept.number, kept.lines[-1]) == (2, [line.code, "Seen by two", "", TRAIN])

    make_member(house.train, Role.RELEASE_TRAIN_ENGINEER, user=dev)
    take_back(house, dropped)
    assert [asks(feature), asks(make_item(house.team))] == [True, True]


def test_what_holds_farther_away_holds_again_without_a_limit(house, dev):
    limit_size(asking=house.train, ceiling="5", by=dev)
    limit_size(asking=house.team, ceiling="3", by=dev)

    def label():
        return next(line.label for line in readiness_of(home=house.team, keys=[key])[key] if line.code == "size")

    key = make_item(house.team).key
    assert label() == "Estimated, at most 3 points"
    limit_size(asking=house.team, ceiling="", by=dev)
    assert label() == "Estimated, at most 5 points"


def test_what_a_change_would_touch_is_counted_and_nothing_is_written(house, dev, django_assert_max_num_queries):
    cart, items = house.teams["cart"], [make_item(house.team), make_item(house.team), make_item(house.teams["cart"])]
    bug = make_item(house.team, kind="bug")
    for item in (*items, bug):  # ready but for what is asked below
        for code in ("value", "size", "criteria", "told"):
            mark_ready(item=item, code=code, state="waived", reason="Known", by=dev)
    set_status(item=make_item(house.team), status="in_progress", by=dev)
    rank_organization(organization_id=house.organization.pk)

    def foresee(asking=house.train, about="ready", kind="story"):
        return foresee_definition(
            asking=asking, about=about, act=lambda: define_line(asking=asking, about=about, kind=kind, text="New", by=dev)
        )

    with django_assert_max_num_queries(30):
        told = foresee()
    assert told == Touched([house.team, cart] if house.team.name < cart.name else [cart, house.team], [], 3, 1, 3, 3, 0)
    assert foresee(asking=house.team) == Touched([house.team], [], 2, 1, 2, 2, 0)
    assert foresee(about="done", kind="").items == 4
    assert not DefinitionVersion.objects.for_organization(house.organization).exists()

    ask_line(asking=cart, kind="story", code="criteria", is_asked=False, by=dev)
    drop = foresee_definition(
        asking=house.train, about="ready", act=lambda: ask_line(asking=house.train, kind="story", code="criteria", is_asked=False, by=dev)
    )
    assert (drop.lists, drop.apart, drop.items) == ([house.team], [cart], 2)


def test_a_train_that_decided_before_teams_followed_it_decided_for_its_own_list(house, dev):
    migration = import_module("backlog.migrations.0016_trains_ask_their_teams")
    item = make_item(house.team)
    line = define_line(asking=house.train, text="Seen by two", by=dev)
    for text in ("Early", "Late"):
        define_line(asking=house.team, text=text, by=dev)
    DefinitionSnapshot.objects.create(organization=house.organization, item=item, about="ready", number=2)  # as it was counted then

    def number_after(statement):
        with connection.cursor() as cursor:
            cursor.execute(statement)
        return DefinitionSnapshot.objects.for_organization(house.organization).get().number

    assert (number_after(migration.NUMBERS), number_after(migration.NUMBERS_BACK)) == (3, 2)
    number_after(migration.OWN_KINDS)
    rules = list_rules(house.team)
    assert {rule.kind for rule in rules if rule.code == line.code} == {"epic", "feature"}
    assert line.code in {told.code for told in definition_of("epic", rules)} - {told.code for told in definition_of("story", rules)}


def test_what_goes_back_to_open_is_judged_by_what_holds_and_an_undo_by_what_held(house, dev):
    item = make_item(house.team)
    set_status(item=item, status="planned", by=dev)
    with one_act() as back:
        set_status(item=item, status="open", by=dev)
    line = define_line(asking=house.team, text="Design is agreed", by=dev)

    def codes():
        return {line.code for line in readiness_of(home=house.team, keys=[item.key])[item.key]}

    assert line.code in codes()
    take_back(house, back, "owner")
    assert line.code not in codes()
    set_status(item=item, status="open", by=dev)
    set_status(item=item, status="planned", by=dev)
    assert line.code in codes()


def test_a_file_that_brings_work_under_way_takes_few_statements(house, dev, django_assert_max_num_queries):
    rows = "".join(f"Lamp {number},In progress\n" for number in range(40))
    with django_assert_max_num_queries(100):
        import_text(house.team, f"Title,Status\n{rows}", by=house.people["owner"])

    assert DefinitionSnapshot.objects.for_organization(house.organization).filter(about="done", number=1).count() == 40


# --- the team's verdict -------------------------------------------------------------------------------


def test_the_verdict_says_who_and_falls_away_with_the_words(house, dev):
    item = say_ready(item=make_item(house.team, description="By e-mail"), is_ready=True, by=dev)
    assert (item.readied_by, item.readied_at is not None) == (dev, True)

    edit_item(item=item, changes={"description": "By **e-mail**.", "job_size": 5}, by=dev)
    item.refresh_from_db()
    assert item.readied_at is not None

    with one_act() as act:
        edit_item(item=item, changes={"description": "By post"}, by=dev)
    item.refresh_from_db()
    assert [item.readied_at, item.readied_by] == [None, None]

    take_back(house, act)
    item.refresh_from_db()
    assert (item.description, item.readied_by) == ("By **e-mail**.", dev)


def test_another_criterion_is_another_agreement(house, dev):
    item = make_item(house.team)
    row = add_criterion(item=item, text="The total is right", by=dev)

    def stands_after(change):
        say_ready(item=item, is_ready=True, by=dev)
        change()
        item.refresh_from_db()
        return item.readied_at is not None

    assert stands_after(lambda: edit_row(row=row, text="The total is right.", by=dev))
    assert stands_after(lambda: add_task(item=item, text="Ask finance", by=dev))
    assert not stands_after(lambda: edit_row(row=row, text="The tax is right", by=dev))
    assert not stands_after(lambda: add_criterion(item=item, text="And paid", by=dev))


def test_a_team_may_ask_for_the_verdict_as_a_line(house, dev):
    item = make_item(house.team)
    define_line(asking=house.team, code="agreed", by=dev)

    def line():
        return next(line for line in readiness_of(home=house.team, keys=[item.key])[item.key] if line.code == "agreed")

    assert not line().is_met
    say_ready(item=item, is_ready=True, by=dev)
    assert line().is_met
