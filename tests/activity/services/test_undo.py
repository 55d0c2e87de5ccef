"""Undo: what still stands is taken back, what changed since is told and left."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.http import Http404
from django.test import Client

from accounts.roles import Role
from activity.errors import ConflictError, GoneError, NotAllowedError
from activity.models import Event
from activity.services import undo as undo_module
from activity.services.acts import one_act
from activity.services.undo import Undone, known_verbs, undo
from backlog.models import Item
from backlog.models.item import Status
from backlog.services.dependencies import link_dependency, unlink_dependency
from backlog.services.items import edit_item
from backlog.services.iterations import assign_iteration
from backlog.services.statuses import set_status
from prioritization.services.scores import score_item
from tests.factories.accounts import House, make_team, organization_with
from tests.factories.backlog import make_item, make_iteration

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return organization_with("checkout", slug="acme", owner=Role.PRODUCT_OWNER, dev=Role.DEVELOPER, watcher=Role.OBSERVER)


@pytest.fixture
def item(house: House) -> Item:
    return make_item(house.team, title="Old", job_size=3)


def take_back(house: House, act: uuid.UUID, person: str = "dev") -> Undone:
    return undo(act=act, organization_id=house.organization.pk, access=house.access(person), by=house.people[person])


def edit(item: Item, **changes) -> uuid.UUID:
    with one_act() as act:
        edit_item(item=item, changes=changes, by=None)
    return act.id


def move(item: Item, status: Status, reason: str = "") -> uuid.UUID:
    with one_act() as act:
        set_status(item=item, status=status, by=None, reason=reason)
    return act.id


def test_edit_is_taken_back_and_recorded(house, item):
    act = edit(item, title="New", job_size=8)

    undone = take_back(house, act)

    item.refresh_from_db()
    event = Event.objects.get(act=undone.act)
    assert (item.title, item.job_size, undone.text) == ("Old", 3, "Undone.")
    assert (event.verb, event.actor, event.cause) == ("item.edited", house.people["dev"], f"undo {act}")


def test_undo_can_be_undone(house, item):
    act = edit(item, title="New")

    take_back(house, take_back(house, act).act)

    item.refresh_from_db()
    assert item.title == "New"


def test_what_changed_since_is_left_and_told(house, item):
    act = edit(item, title="New", job_size=8)
    edit(item, job_size=13)

    undone = take_back(house, act)

    item.refresh_from_db()
    assert (item.title, item.job_size) == ("Old", 13)
    assert undone.text == f"Undone, except: The size of {item.key} was changed since."


def test_nothing_left_to_take_back_changes_nothing(house, item):
    act = edit(item, title="New")
    take_back(house, act)
    events = Event.objects.count()

    with pytest.raises(ConflictError, match="was changed since"):
        take_back(house, act)

    assert Event.objects.count() == events


def test_several_changes_of_one_act_go_back_from_the_last(house, item):
    with one_act() as act:
        edit_item(item=item, changes={"title": "One"}, by=None)
        edit_item(item=item, changes={"title": "Two"}, by=None)

    take_back(house, act.id)

    item.refresh_from_db()
    assert item.title == "Old"


def test_parent_goes_back_by_its_key(house, item):
    feature = make_item(house.train)
    act = edit(item, parent=feature)

    take_back(house, act)

    item.refresh_from_db()
    assert item.parent is None


@pytest.mark.parametrize("status", [Status.PLANNED, Status.IN_PROGRESS, Status.DONE, Status.REMOVED])
@pytest.mark.parametrize("before", [Status.OPEN, Status.PLANNED])
def test_status_goes_back_whatever_the_menu_offers(house, item, before, status):
    set_status(item=item, status=before, by=None)
    if before == status:
        return
    act = move(item, status, "Nobody needs it.")

    take_back(house, act, "owner")

    item.refresh_from_db()
    assert (item.status, item.closed_at) == (before, None)


def test_removal_comes_back_with_its_reason(house, item):
    move(item, Status.REMOVED, "Nobody needs it.")
    act = move(item, Status.OPEN)

    take_back(house, act, "owner")

    item.refresh_from_db()
    assert (item.status, item.removed_reason) == (Status.REMOVED, "Nobody needs it.")


def test_creation_is_taken_back_by_removal(house):
    with one_act() as act:
        item = make_item(house.team)

    take_back(house, act.id)

    item.refresh_from_db()
    assert item.status == Status.REMOVED


def test_act_of_another_organization_is_not_found(house):
    other = organization_with("other", slug="other")
    act = edit(make_item(other.team), title="New")

    with pytest.raises(Http404):
        take_back(house, act)


def test_act_in_a_private_team_is_not_found_by_others(house):
    act = edit(make_item(make_team(house.train, is_private=True)), title="New")

    with pytest.raises(Http404):
        take_back(house, act)


def test_what_the_act_changed_out_of_sight_stays_and_is_not_named(house, item):
    hidden = make_item(make_team(house.train, is_private=True), title="Hidden")
    with one_act() as act:
        edit_item(item=item, changes={"title": "New"}, by=None)
        edit_item(item=hidden, changes={"title": "Also new"}, by=None)

    undone = take_back(house, act.id)

    hidden.refresh_from_db()
    assert (hidden.title, undone.left) == ("Also new", ["What it changed in backlogs that you do not see stays."])


def test_reader_may_not(house, item):
    act = edit(item, title="New")

    with pytest.raises(NotAllowedError):
        take_back(house, act, "watcher")


def test_after_thirty_days_it_stays(house, item, monkeypatch):
    act = edit(item, title="New")
    monkeypatch.setattr(undo_module, "UNDO_WITHIN", timedelta(0))

    with pytest.raises(GoneError):
        take_back(house, act)


def test_verb_without_inverse_says_why(house):
    act = Event.objects.filter(verb="organization.created").latest("id").act

    with pytest.raises(ConflictError, match="Places stay"):
        take_back(house, act)


def test_link_and_its_end_are_taken_back(house, item):
    other = make_item(house.team)
    with one_act() as act:
        link_dependency(blocker=other, blocked=item, by=None)

    undone = take_back(house, act.id)
    assert not item.dependencies_in.exists()
    redone = take_back(house, undone.act)

    assert item.dependencies_in.get().blocker == other
    assert (undone.text, redone.text) == ("Undone.", "Undone.")


def test_link_that_would_close_a_circle_by_now_stays_away(house, item):
    other = make_item(house.team)
    link_dependency(blocker=other, blocked=item, by=None)
    with one_act() as act:
        unlink_dependency(blocker=other, blocked=item, by=None)
    link_dependency(blocker=item, blocked=other, by=None)

    with pytest.raises(ConflictError, match="wait for each other"):
        take_back(house, act.id)


def test_sprint_goes_back(house, item):
    with one_act() as act:
        assign_iteration(item=item, iteration=make_iteration(house.team), by=None)

    take_back(house, act.id)

    item.refresh_from_db()
    assert item.iteration is None


def test_scores_go_back_unless_scored_since(house, item):
    score_item(item=item, factors={"business_value": 3}, by=None)
    with one_act() as act:
        score_item(item=item, factors={"business_value": 8, "time_criticality": 5}, by=None)
    score_item(item=item, factors={"time_criticality": 2}, by=None)

    undone = take_back(house, act.id)

    assert {factor.name: int(factor.value) for factor in item.factors.all()} == {"business_value": 3, "time_criticality": 2}
    assert undone.text == f"Undone, except: The time criticality of {item.key} was scored since."


SOURCES = [path for app in apps.get_app_configs() for path in Path(app.path).rglob("*.py") if Path(app.path).parent == settings.BASE_DIR]
WRITTEN_OF_ROWS = re.compile(r'_done\(item, \w+, "([a-z]+)"')
WRITTEN = re.compile(r'\bverb=f?"([a-z_]+\.[a-z_{}]+)"')


def test_every_verb_says_how_it_is_undone_or_why_not():
    """A verb that is put together (`import.{state}`) is known by its beginning."""
    known = known_verbs()
    verbs = {verb for path in SOURCES for verb in WRITTEN.findall(path.read_text())}
    rows = {what for path in SOURCES for what in WRITTEN_OF_ROWS.findall(path.read_text())}
    verbs |= {f"{kind}.{what}" for kind in ("criterion", "task") for what in rows} - {"criterion.ticked"}

    assert [
        verb for verb in sorted(verbs) if not any(k == verb or (k.startswith(verb.partition("{")[0]) and "{" in verb) for k in known)
    ] == []
    assert len(verbs) > 30


@pytest.fixture
def browser(house: House) -> Client:
    client = Client()
    client.force_login(house.people["dev"])
    return client


def test_toast_offers_to_redo_and_lists_are_told(browser, item):
    act = edit(item, title="New")

    response = browser.post(f"/acme/undo/{act}/", headers={"HX-Request": "true"})

    redo = Event.objects.latest("id").act
    assert response.status_code == 200
    assert response["HX-Trigger"] == "changed"
    assert f'action="/acme/undo/{redo}/"' in response.content.decode()


def test_plain_form_leads_back_to_its_page(browser, item):
    act = edit(item, title="New")

    response = browser.post(f"/acme/undo/{act}/", headers={"Referer": "http://testserver/acme/checkout/backlog/?q=x"})

    assert (response.status_code, response["Location"]) == (302, "/acme/checkout/backlog/?q=x")


@pytest.mark.parametrize("referer", ["http://evil.example/acme/", "", "http://testserver//evil.example"])
def test_plain_form_leads_nowhere_else(browser, item, referer):
    act = edit(item, title="New")

    assert browser.post(f"/acme/undo/{act}/", headers={"Referer": referer})["Location"] == "/"


def test_second_undo_is_a_conflict_beside_the_page(browser, item):
    act = edit(item, title="New")
    browser.post(f"/acme/undo/{act}/")

    response = browser.post(f"/acme/undo/{act}/", headers={"HX-Request": "true"})

    assert (response.status_code, response["HX-Reswap"]) == (409, "none")


def test_act_of_others_answers_like_one_that_never_was_and_403_is_for_what_one_sees(browser, house, item):
    other = edit(make_item(organization_with("other", slug="other").team), title="New")
    private = edit(make_item(make_team(house.train, is_private=True)), title="New")
    own = edit(item, title="New")
    watcher = Client()
    watcher.force_login(house.people["watcher"])

    assert browser.post(f"/acme/undo/{other}/").status_code == 404
    assert browser.post(f"/acme/undo/{private}/").status_code == 404
    assert watcher.post(f"/acme/undo/{own}/").status_code == 403


def test_unknown_act_and_get_are_refused(browser):
    assert browser.post(f"/acme/undo/{uuid.uuid4()}/").status_code == 404
    assert browser.get(f"/acme/undo/{uuid.uuid4()}/").status_code == 405
