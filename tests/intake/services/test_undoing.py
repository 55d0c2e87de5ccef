"""An import is one act: taken back as a whole, in slices, and what people changed since stays."""

from decimal import Decimal

import pytest

from accounts.models import Membership
from accounts.roles import Role
from activity.errors import ConflictError, NotAllowedError
from activity.models import Event, Job
from activity.services.undo import undo
from backlog.models import Item
from backlog.services.items import edit_item
from intake.models import ExternalLink, ImportLine, ImportRun
from intake.services import undoing
from intake.services.runs import add_to_run
from intake.services.undoing import STAYS, undo_act_of
from intake.tasks import undo_import_task
from prioritization.services.ranking import rank_organization
from tests.factories.accounts import organization_with
from tests.factories.intake import import_text

pytestmark = pytest.mark.django_db

FILE = "key,title,size,blocked by\nNW-1,One,1,\nNW-2,Two,2,NW-1\nNW-3,Three,3,\n"


@pytest.fixture
def house():
    return organization_with("checkout", slug="acme", owner=Role.PRODUCT_OWNER, observer=Role.OBSERVER)


def ask(house, run, person="owner"):
    return undo(act=run.ref, organization_id=house.organization.pk, access=house.access(person), by=house.people[person])


def take_back(house, run):
    ask(house, run)
    undo_import_task(Job.objects.get(name="intake.undo_import").pk)
    run.refresh_from_db()
    return run


def titles(house):
    return list(Item.objects.for_organization(house.organization).ranked().order_by("id").values_list("title", flat=True))


def test_a_run_is_one_act(house):
    run = import_text(house.team, FILE)

    verbs = list(Event.objects.filter(act=run.ref).order_by("id").values_list("verb", flat=True))

    assert verbs == ["import.started", *["item.created"] * 3, "item.linked", "import.done"]


def test_undo_takes_the_rows_back_and_importing_again_creates_again(house):
    run = import_text(house.team, FILE)

    undone = ask(house, run)
    assert undone.text == "Taking back the import of file.csv. Its report shows how far it is."
    assert len(titles(house)) == 3
    undo_import_task(Job.objects.get(name="intake.undo_import").pk)

    run.refresh_from_db()
    assert (run.state, run.message, run.undone, run.undo_total) == ("undone", "", 4, 4)
    assert titles(house) == []
    assert not ExternalLink.objects.filter(organization=house.organization).exists()
    again = import_text(house.team, FILE)
    assert (again.created, again.links, titles(house)) == (3, 1, ["One", "Two", "Three"])


def test_what_changed_since_stays_and_is_listed(house):
    run = import_text(house.team, FILE)
    edit_item(
        item=Item.objects.for_organization(house.organization).get(title="Two"), changes={"title": "Second"}, by=house.people["owner"]
    )
    rank_organization(organization_id=house.organization.pk)  # moves all of them, which is no change by anybody

    take_back(house, run)

    [left] = ImportLine.objects.filter(run=run, outcome="left")
    assert (run.state, run.message) == ("undone", "1 item changed since and stays.")
    assert (left.row, left.item_key, left.reason) == (3, Item.objects.for_organization(house.organization).get(title="Second").key, STAYS)
    assert titles(house) == ["Second"]
    again = import_text(house.team, FILE)
    assert (again.created, again.skipped) == (2, 1)


def test_what_a_later_run_changed_goes_back_and_comes_again(house):
    import_text(house.team, FILE)
    newer = FILE.replace("Three,3", "Third,5")
    run = import_text(house.team, newer)
    assert (run.created, run.updated) == (0, 1)

    take_back(house, run)

    item = Item.objects.for_organization(house.organization).get(title="Three")
    assert (item.job_size, titles(house)) == (Decimal(3), ["One", "Two", "Three"])
    assert import_text(house.team, newer).updated == 1
    assert titles(house) == ["One", "Two", "Third"]


def test_a_killed_worker_goes_on_where_it_stopped(house, monkeypatch):
    monkeypatch.setattr(undoing, "SLICE", 1)
    run = import_text(house.team, FILE)
    ask(house, run)
    slices = 0

    def killed(*_, **__):
        nonlocal slices
        slices += 1
        if slices == 3:
            raise KeyboardInterrupt
        return add_to_run(*_, **__)

    monkeypatch.setattr(undoing, "add_to_run", killed)
    with pytest.raises(KeyboardInterrupt):
        undo_import_task(Job.objects.get(name="intake.undo_import").pk)
    run.refresh_from_db()
    assert (run.state, run.undone, len(titles(house))) == ("undoing", 2, 2)

    undo_import_task(Job.objects.get(name="intake.undo_import").pk)

    run.refresh_from_db()
    assert (run.state, run.undone, titles(house)) == ("undone", 4, [])
    assert not ImportLine.objects.filter(run=run, outcome="left").exists()


def test_it_is_asked_for_once_and_not_beside_another_import(house):
    run = import_text(house.team, FILE)
    ask(house, run)

    with pytest.raises(ConflictError, match="being taken back"):
        ask(house, run)
    with pytest.raises(ConflictError, match="Another import"):
        import_text(house.team, FILE)
    assert Job.objects.filter(name="intake.undo_import").count() == 1


def test_it_is_not_redone_out_of_the_log(house):
    run = take_back(house, import_text(house.team, FILE))

    with pytest.raises(ConflictError, match="Import the file again"):
        undo(act=undo_act_of(run), organization_id=house.organization.pk, access=house.access("owner"), by=house.people["owner"])
    with pytest.raises(ConflictError, match="taken back"):
        ask(house, run)


def test_only_who_may_import_takes_it_back(house):
    run = import_text(house.team, FILE)

    with pytest.raises(NotAllowedError):
        ask(house, run, "observer")
    assert ImportRun.objects.get(pk=run.pk, organization=house.organization).state == "done"


def test_it_says_so_when_it_fails_for_good_and_goes_on_when_asked_again(house):
    run = import_text(house.team, FILE)
    ask(house, run)
    Membership.objects.for_organization(house.organization).filter(user=house.people["owner"]).delete()

    undo_import_task(Job.objects.get(name="intake.undo_import").pk)

    run.refresh_from_db()
    assert run.state == "done"
    assert run.message.startswith("Owner left the organization. Taking it back came as far as 0 of 4 changes.")
    assert run.is_undoable
