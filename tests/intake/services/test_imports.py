"""Files become items: counts that add up, nothing twice, nothing half done."""

import io
from decimal import Decimal

import pytest
from django.db import connections

from accounts.roles import Role
from activity.errors import ConflictError
from activity.models import Event
from backlog.models import Dependency, Item, Placement
from backlog.services.items import edit_item
from intake.importers import open_source
from intake.models import ExternalLink, ImportLine, ImportRun
from intake.services import imports
from intake.services.imports import count_rows, import_rows
from intake.services.runs import cancel_run, keep_file, kept_file, prepare_run, start_run
from tests.factories.accounts import make_team, organization_with
from tests.factories.intake import import_text

pytestmark = pytest.mark.django_db

FILE = "key,title,type,points,parent,blocked by\nAB-1,Checkout,Epic,,,\nAB-2,Pay,Story,3,AB-1,\nAB-3,Refund,Bug,2,AB-1,AB-2\n"


def items_of(house):
    return {item.source_ref: item for item in Item.objects.for_organization(house.organization).select_related("parent")}


def lines_of(run):
    return [(line.row, line.column, line.outcome, line.reason) for line in ImportLine.objects.filter(run=run).order_by("row", "id")]


def test_rows_become_items_with_parents_links_events_and_places():
    house = organization_with("checkout")

    run = import_text(house.team, FILE)

    items = items_of(house)
    assert (run.state, run.total, run.created, run.updated, run.skipped, run.links) == ("done", 3, 3, 0, 0, 3)
    assert (items["AB-2"].job_size, items["AB-2"].parent, items["AB-2"].source_kind) == (Decimal(3), items["AB-1"], "import")
    assert items["AB-1"].train_id == house.train.pk
    assert Dependency.objects.for_organization(house.organization).get().blocker == items["AB-2"]
    assert Event.objects.filter(organization=house.organization, verb="item.created").count() == 3
    assert Placement.objects.filter(organization=house.organization).count() == 3


def test_the_same_file_again_creates_nothing():
    house = organization_with("checkout")
    import_text(house.team, FILE)

    run = import_text(house.team, FILE)

    assert (run.created, run.updated, run.skipped) == (0, 0, 3)
    assert Item.objects.for_organization(house.organization).count() == 3


def test_a_later_file_changes_only_what_changed_there():
    house = organization_with("checkout")
    import_text(house.team, FILE)
    item = items_of(house)["AB-2"]
    edit_item(item=item, changes={"title": "Pay by card, as the team says"}, by=None)

    run = import_text(house.team, FILE.replace("Pay,Story,3", "Pay,Story,8"))

    item = items_of(house)["AB-2"]
    assert (run.created, run.updated, run.skipped) == (0, 1, 2)
    assert (item.title, item.job_size) == ("Pay by card, as the team says", Decimal(8))


def test_broken_rows_are_skipped_with_row_column_and_reason_and_the_rest_is_taken():
    house = organization_with("checkout")
    long = "x" * 200_000

    run = import_text(house.team, f'id,title,description\n1,One,\n2,"open,\n3,,\n4,Four,{long}\n5,Fi\x00ve,\n6,Six,\n1,One again,\n')

    assert (run.total, run.created, run.skipped) == (7, 2, 5)
    assert [(row, column) for row, column, _, _ in lines_of(run)] == [
        (3, "title"),
        (4, "title"),
        (5, "description"),
        (6, "title"),
        (8, "id"),
    ]
    assert lines_of(run)[-1][3] == "The same key as row 2."


def test_a_cycle_keeps_its_rows_and_lists_the_refused_link():
    house = organization_with("checkout")

    run = import_text(house.team, "key,title,blocked by\nAB-1,One,AB-3\nAB-2,Two,AB-1\nAB-3,Three,AB-2\nAB-4,Four,AB-9\n")

    assert (run.created, run.links, run.links_refused) == (4, 2, 2)
    (third, fourth) = lines_of(run)
    assert (third[0], third[1], third[2]) == (4, "blocked by", "link")
    assert third[3].count("→") == 3
    assert fourth[3] == "“AB-9” is no row of this file and was not imported before."


def test_a_parent_below_its_child_is_refused():
    house = organization_with("checkout")

    run = import_text(house.team, "key,title,parent\nAB-1,One,AB-2\nAB-2,Two,AB-1\n")

    assert (run.created, run.links, run.links_refused) == (2, 1, 1)


def test_an_epic_needs_a_role_on_the_train():
    house = organization_with("checkout")

    run = import_text(house.team, FILE, may_fill_train=False)

    assert (run.created, run.skipped) == (2, 1)
    assert "release train" in lines_of(run)[0][3]


def test_a_key_of_another_team_is_not_touched_and_numbers_are_each_teams_own():
    house = organization_with("checkout", "returns")
    import_text(house.teams["checkout"], "key,title\nAB-1,One\n")
    import_text(house.teams["checkout"], "id,title\n1,Uno\n")

    keyed = import_text(house.teams["returns"], "key,title\nAB-1,Changed\n")
    numbered = import_text(house.teams["returns"], "id,title\n1,Un\n")

    assert (keyed.created, keyed.updated, keyed.skipped) == (0, 0, 1)
    assert numbered.created == 1
    assert items_of(house)["AB-1"].title == "One"


def test_stories_come_once_each():
    house = organization_with("checkout")
    text = "#G1# As a user, I want to pay, so that I own it.\n#G1# As a user, I want to pay, so that I own it.\n"

    run = import_text(house.team, text, name="stories.txt")

    item = Item.objects.for_organization(house.organization).get()
    assert (run.created, run.skipped) == (1, 1)
    assert item.details == {"role": "user", "want": "to pay", "benefit": "I own it"}
    assert import_text(house.team, text).created == 0


def queued(team, text):
    source = open_source(io.BytesIO(text.encode()))
    run = prepare_run(team=team, source=source, file_name="f.csv", total=count_rows(source), may_fill_train=True, by=None)
    keep_file(run=run, file=source.file)
    return start_run(run=run, mapping=source.mapping, by=None, is_background=True)


MANY = "id,title\n" + "".join(f"{number},Title {number}\n" for number in range(1, 31))


class KilledError(BaseException):
    """The process ends here."""


def test_a_run_killed_at_a_row_goes_on_there(monkeypatch):
    monkeypatch.setattr(imports, "BATCH", 10)
    house = organization_with("checkout")
    run = queued(house.team, MANY)

    def kill(run):
        if run.done == 20:
            raise KilledError

    with kept_file(run) as file, pytest.raises(KilledError):
        import_rows(run=run, file=file, after_batch=kill)
    run = ImportRun.objects.for_organization(house.organization).select_related("team__train").get(pk=run.pk)
    assert (run.state, run.done, run.created) == ("running", 20, 20)

    with kept_file(run) as file:
        run = import_rows(run=run, file=file)

    assert (run.state, run.done, run.created, run.skipped) == ("done", 30, 30, 0)
    assert "continued at row 21" in run.message
    assert Item.objects.for_organization(house.organization).count() == 30


def test_a_cancelled_run_says_how_far_it_came(monkeypatch):
    monkeypatch.setattr(imports, "BATCH", 10)
    house = organization_with("checkout", owner=Role.PRODUCT_OWNER)
    run = queued(house.team, MANY)

    with kept_file(run) as file:
        run = import_rows(run=run, file=file, after_batch=lambda run: cancel_run(run=run, by=house.people["owner"]))

    assert (run.state, run.created) == ("cancelled", 10)
    assert "first 10 of 30 rows" in run.message


def test_a_second_import_of_the_team_waits_for_the_first():
    house = organization_with("checkout")
    queued(house.team, MANY)

    with pytest.raises(ConflictError, match="going on"):
        queued(house.team, MANY)


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_take_one_run():
    house = organization_with("checkout")
    run = queued(house.team, MANY)
    other = connections["default"].copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [7_410_300, run.pk])
    try:
        with kept_file(run) as file, pytest.raises(ConflictError, match="already going on"):
            import_rows(run=run, file=file)
    finally:
        other.close()
    assert Item.objects.for_organization(house.organization).count() == 0


def test_a_run_whose_process_died_makes_room_and_says_at_which_row():
    house = organization_with("checkout")
    source = open_source(io.BytesIO(MANY.encode()))
    run = prepare_run(team=house.team, source=source, file_name="f.csv", total=30, may_fill_train=True, by=None)
    start_run(run=run, mapping=source.mapping, by=None, is_background=False)
    ImportRun.objects.filter(organization=house.organization, pk=run.pk).update(state="running", done=10, created=10)

    later = import_text(house.team, MANY)

    run.refresh_from_db()
    assert run.state == "failed"
    assert "first 10 of 30 rows" in run.message
    assert later.state == "done"


def test_what_no_field_takes_is_kept_beside_the_item():
    house = organization_with("checkout")

    import_text(house.team, "key,title,Assignee,Sprint,Sprint\nAB-1,One,Person 7,S1,S2\n")

    assert ExternalLink.objects.for_organization(house.organization).get().kept == {"Assignee": "Person 7", "Sprint": ["S1", "S2"]}


def test_a_link_to_a_hidden_item_is_refused_like_an_unknown_one():
    house = organization_with("checkout", owner=Role.PRODUCT_OWNER)
    hidden = make_team(house.train, is_private=True)
    import_text(hidden, "key,title\nZZ-1,Secret\n")

    run = import_text(house.team, "key,title,blocked by\nAB-1,One,ZZ-1\n", by=house.people["owner"])

    assert (run.links, run.links_refused) == (0, 1)
    assert lines_of(run)[0][3] == "“ZZ-1” is no row of this file and was not imported before."
