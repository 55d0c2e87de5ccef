"""One undo for all: each verb that can be taken back is done once, taken back through `undo`, and done again by taking that back.

Every verb has a row in ROWS. Who adds a verb adds its row: what must stand before (`first`), and the change that writes the event (`do`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.apps import apps
from django.db.models import Model
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from activity.models import Event
from activity.services.acts import one_act
from activity.services.undo import known_inverses, undo
from backlog.kinds import Kind
from backlog.models import Attachment, Comment, Criterion, Dependency, Item, ListMode, Task, Tombstone
from backlog.models.item import Status, Urgency
from backlog.models.readiness import ReadyRule
from backlog.selectors.advice import digest_of, story_of
from backlog.services.advice import dismiss_advice, give_advice_again
from backlog.services.attachments import add_attachment, move_attachment, remove_attachment
from backlog.services.comments import add_comment, edit_comment, remove_comment
from backlog.services.criteria import add_criterion, add_task, edit_row, move_row, remove_row, tick_task
from backlog.services.definitions import define_line, forget_rule
from backlog.services.dependencies import link_dependency, unlink_dependency
from backlog.services.goals import create_goal, edit_goal, remove_goal, set_goal
from backlog.services.hints import dismiss_hint, give_hint_again
from backlog.services.items import create_item, edit_item
from backlog.services.iterations import assign_iteration
from backlog.services.layouts import arrange_list
from backlog.services.questions import answer_question, ask_question, edit_question, move_question, remove_question, reopen_question
from backlog.services.readiness import mark_ready, say_ready
from backlog.services.saved_views import remove_view, save_view
from backlog.services.splitting import Part, Split, split_item
from backlog.services.stale_items import find_stale_items, set_stale_rules
from backlog.services.statuses import set_status
from backlog.services.urgency import set_urgency
from backlog.services.verdicts import Ruling, decide_items
from backlog.services.watching import set_watching
from backlog.stale import Rule, Verdict
from intake.services.needs import ask_requesters, give_request
from intake.services.requests import accept_request, reopen_request
from prioritization.models import Override
from prioritization.services.allocations import set_shares
from prioritization.services.anchors import lift_anchor, set_anchor
from prioritization.services.choices import choose_scoring
from prioritization.services.manual_order import Spot, place_by_hand, set_mode
from prioritization.services.overrides import lift_override, set_override
from prioritization.services.scores import score_item
from prioritization.services.scorings import decide, give_scores, open_scoring, reveal_scores
from tests.factories.accounts import House, make_member, make_user, organization_with
from tests.factories.backlog import make_item, make_iteration
from tests.factories.intake import make_request

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ranked_later")]

APPS = ("backlog", "intake", "prioritization")
COMPUTED = {"definitionversion", "searchtext", "stalerank", "rankmove", "cutmove", "rankcause", "cut", "basis", "rankrun"}
COMPUTED |= {"watcher", "itemlook"}
"""Tables of these apps that no act writes by itself: they follow from the others, are a log, or a person's own. Add yours where it is such a one."""
ALWAYS_NEW = {"id", "version", "updated_at"}
DECIDED = {"placement": {"item_id", "manual_key"}}
"""Of tables that are computed but for a few columns: these."""


@dataclass
class Stage:
    """What every verb finds: an item of a team with a size and a score, another one, and somebody who may do everything."""

    house: House
    me: User
    item: Item
    other: Item
    made: Any = field(default=None)  # by the row's `first`

    def criterion(self, text: str = "The total is right") -> Criterion:
        return add_criterion(item=self.item, text=text, by=self.me)

    def task(self, text: str = "Ask the carrier") -> Task:
        return add_task(item=self.item, text=text, by=self.me)

    def question(self) -> Any:
        return ask_question(item=self.item, text="Who tells finance?", owner=self.me, due_on=date(2027, 1, 1), by=self.me)

    def file(self) -> Any:
        return add_attachment(item=self.item, name="notes.txt", file=BytesIO(b"Notes"), size=5, by=self.me)

    def comment(self) -> Any:
        return add_comment(item=self.item, text="@Dev, is it so?", by=self.me)

    def view(self, query: str = "kind=bug") -> Any:
        return save_view(home=self.house.team, name="Mine", query=query, by=self.me)

    def arrange(self, *columns: str) -> Any:
        return arrange_list(organization=self.house.organization, level="team", columns=columns, density="compact", by=self.me)

    def line(self, text: str = "Design is agreed", code: str = "") -> ReadyRule:
        return define_line(asking=self.house.team, text=text, code=code, by=self.me)

    def advice(self, act: Callable[..., bool]) -> None:
        act(item=self.item, criterion="minimal", digest=digest_of(story_of(self.item)), by=self.me)

    def split(self) -> None:
        split_item(item=self.item, split=Split(parts=[Part("One"), Part("Two", "2")]), by=self.me)

    def pin(self, item: Item) -> Override:
        return set_override(item=item, kind="pin", reason="A contract", by=self.me)

    def revealed(self) -> Any:
        scoring = open_scoring(home=self.house.team, items=[self.item], factors=["business_value"], people=[self.me], by=self.me)
        entry = scoring.entries.get()
        give_scores(entry=entry, values={"business_value": 8}, by=self.me)
        reveal_scores(scoring=scoring, by=self.me)
        return entry

    def stale(self) -> None:
        Item.objects.filter(pk=self.item.pk, organization=self.house.organization).update(created_at=timezone.now() - timedelta(days=400))
        find_stale_items(home=self.house.team, at=timezone.now() + timedelta(days=400))

    def stale_and_linked(self) -> None:
        link_dependency(blocker=self.item, blocked=make_item(self.house.team), by=self.me)
        make_item(self.house.team, "bug", parent=self.item)
        set_watching(item=self.item, person=self.me, is_watching=True)
        add_criterion(item=self.other, text="The total is right", by=self.me)
        for make in (self.criterion, lambda: self.criterion("Paid"), self.task, self.question, self.file, self.comment):
            make()
        edit_item(item=self.item, changes={"demand": 3}, by=self.me)
        self.stale()

    def decide(self, verdict: Verdict) -> None:
        until = timezone.now().date() + timedelta(days=30) if verdict == Verdict.SNOOZE else None
        target = self.other if verdict == Verdict.MERGE else None
        ruling = Ruling(verdict, "Nobody asks.", until=until, target=target)
        (effect,) = decide_items(home=self.house.team, items=[self.item], ruling=ruling, by=self.me)
        assert not effect.refused

    def accepted(self) -> Any:
        return accept_request(request=make_request(self.house.team), by=self.me)

    def kept(self) -> Any:
        self.stale()
        return acted(lambda: self.decide(Verdict.KEEP))

    def undo(self, act: Any) -> Any:
        return undo(act=act, organization_id=self.house.organization.pk, access=self.house.access("owner"), by=self.me)


class Row(NamedTuple):
    """How a verb comes about. `lost` are columns (`model.column`) that a row made again has anew, such as its number."""

    do: Callable[[Stage], Any]
    first: Callable[[Stage], Any] = lambda stage: None
    lost: frozenset[str] = frozenset()


NUMBERS = frozenset({"criterion.number", "task.number", "question.number"})
CODES = frozenset({"savedview.ref"})
ACTS = frozenset({"tombstone.act"})

ROWS: dict[str, Row] = {
    "item.created": Row(lambda s: create_item(home=s.house.team, kind="bug", title="Totals are wrong", by=s.me)),
    "item.edited": Row(lambda s: edit_item(item=s.item, changes={"title": "New", "job_size": 8, "is_dormant": True}, by=s.me)),
    "item.moved_to": Row(lambda s: set_status(item=s.item, status=Status.REMOVED, reason="Nobody asks.", by=s.me)),
    "item.scheduled": Row(
        lambda s: assign_iteration(item=s.item, iteration=s.made, by=s.me), first=lambda s: make_iteration(s.house.team, name="Sprint 14")
    ),
    "item.linked": Row(lambda s: link_dependency(blocker=s.other, blocked=s.item, by=s.me)),
    "item.unlinked": Row(
        lambda s: unlink_dependency(blocker=s.item, blocked=s.other, kind=Dependency.Kind.HELPS, by=s.me),
        first=lambda s: link_dependency(blocker=s.item, blocked=s.other, kind=Dependency.Kind.HELPS, by=s.me),
    ),
    "item.kept": Row(lambda s: s.decide(Verdict.KEEP), first=Stage.stale),
    "item.update_asked": Row(lambda s: s.decide(Verdict.UPDATE), first=Stage.stale),
    "item.snoozed": Row(lambda s: s.decide(Verdict.SNOOZE), first=Stage.stale),
    "item.culled": Row(lambda s: s.decide(Verdict.REMOVE), first=Stage.stale),
    "item.merged": Row(lambda s: s.decide(Verdict.MERGE), first=Stage.stale_and_linked, lost=ACTS | NUMBERS),
    "request.need_asked": Row(lambda s: ask_requesters(item=s.made.item, by=s.me), first=Stage.accepted),
    "request.need_withdrawn": Row(
        lambda s: s.undo(s.made), first=lambda s: acted(partial(ask_requesters, item=s.accepted().item, by=s.me))
    ),
    "request.moved": Row(lambda s: give_request(request=s.made, item=s.other, by=s.me), first=Stage.accepted),
    "item.review_reopened": Row(lambda s: s.undo(s.made), first=Stage.kept),
    "stale.rules_set": Row(
        lambda s: set_stale_rules(home=s.house.team, rules={Kind.BUG: Rule(4, 20)}, by=s.me),
        first=lambda s: set_stale_rules(home=s.house.team, rules={Kind.BUG: Rule(3, 20)}, by=s.me),
    ),
    "criterion.added": Row(lambda s: s.criterion(), lost=NUMBERS),
    "criterion.edited": Row(lambda s: edit_row(row=s.made, text="Both totals are right", by=s.me), first=Stage.criterion),
    "criterion.moved": Row(lambda s: move_row(row=s.made, to=0, by=s.me), first=lambda s: [s.criterion(), s.criterion("Paid")][1]),
    "criterion.removed": Row(
        lambda s: remove_row(row=s.made, by=s.me), first=lambda s: [s.criterion(), s.criterion("Paid")][0], lost=NUMBERS
    ),
    "task.added": Row(lambda s: s.task(), lost=NUMBERS),
    "task.edited": Row(lambda s: edit_row(row=s.made, text="Ask both carriers", by=s.me), first=Stage.task),
    "task.moved": Row(lambda s: move_row(row=s.made, to=0, by=s.me), first=lambda s: [s.task(), s.task("Test it")][1]),
    "task.ticked": Row(lambda s: tick_task(task=s.made, is_done=True, by=s.me), first=Stage.task),
    "task.removed": Row(
        lambda s: remove_row(row=s.made, by=s.me), first=lambda s: tick_task(task=s.task(), is_done=True, by=s.me), lost=NUMBERS
    ),
    "question.asked": Row(lambda s: s.question(), lost=NUMBERS),
    "question.edited": Row(lambda s: edit_question(question=s.made, changes={"text": "Who pays?"}, by=s.me), first=Stage.question),
    "question.moved": Row(lambda s: move_question(question=s.made, item=s.other, by=s.me), first=Stage.question),
    "question.answered": Row(lambda s: answer_question(question=s.made, answer="Jon", by=s.me), first=Stage.question),
    "question.reopened": Row(
        lambda s: reopen_question(question=s.made, by=s.me),
        first=lambda s: answer_question(question=s.question(), answer="Jon", by=s.me),
    ),
    "question.removed": Row(lambda s: remove_question(question=s.made, by=s.me), first=Stage.question, lost=NUMBERS),
    "attachment.added": Row(lambda s: s.file()),
    "attachment.moved": Row(lambda s: move_attachment(attachment=s.made, item=s.other, by=s.me), first=Stage.file),
    "attachment.removed": Row(lambda s: remove_attachment(attachment=s.made, by=s.me), first=Stage.file),
    "attachment.restored": Row(lambda s: s.undo(s.made), first=lambda s: acted(lambda: remove_attachment(attachment=s.file(), by=s.me))),
    "comment.added": Row(lambda s: s.comment()),
    "comment.edited": Row(
        lambda s: edit_comment(comment=s.made, text="It is so", by=s.me), first=Stage.comment, lost=frozenset({"comment.edited_at"})
    ),
    "comment.removed": Row(lambda s: remove_comment(comment=s.made, by=s.me), first=Stage.comment),
    "comment.restored": Row(lambda s: s.undo(s.made), first=lambda s: acted(lambda: remove_comment(comment=s.comment(), by=s.me))),
    "item.split": Row(Stage.split, first=Stage.criterion),
    "item.joined": Row(lambda s: s.undo(s.made), first=lambda s: acted(s.split)),
    "item.aimed": Row(
        lambda s: set_goal(item=s.item, goal=s.made, by=s.me),
        first=lambda s: create_goal(organization=s.house.organization, name="Fewer calls", by=s.me),
    ),
    "item.hurried": Row(lambda s: set_urgency(item=s.item, urgency=Urgency.FIXED_DATE, due_on=date(2027, 3, 1), days=9, by=s.me)),
    "item.readied": Row(lambda s: mark_ready(item=s.item, code=s.made.code, state="ticked", by=s.me), first=Stage.line),
    "item.called_ready": Row(lambda s: say_ready(item=s.item, is_ready=True, by=s.me)),
    "item.verdict_fell": Row(
        lambda s: edit_item(item=s.item, changes={"description": "Another thing"}, by=s.me),
        first=lambda s: say_ready(item=s.item, is_ready=True, by=s.me),
    ),
    "item.advice_dismissed": Row(lambda s: s.advice(dismiss_advice)),
    "item.advice_given_again": Row(lambda s: s.advice(give_advice_again), first=lambda s: s.advice(dismiss_advice)),
    "item.hint_dismissed": Row(lambda s: dismiss_hint(item=s.item, other=s.other, by=s.me)),
    "item.hint_given_again": Row(
        lambda s: give_hint_again(item=s.item, other=s.other, by=s.me), first=lambda s: dismiss_hint(item=s.item, other=s.other, by=s.me)
    ),
    "goal.created": Row(lambda s: create_goal(organization=s.house.organization, name="Fewer calls", by=s.me)),
    "goal.removed": Row(
        lambda s: remove_goal(goal=s.made, by=s.me),
        first=lambda s: create_goal(organization=s.house.organization, name="Fewer calls", weight=2, starts_on=date(2027, 1, 1), by=s.me),
    ),
    "goal.edited": Row(
        lambda s: edit_goal(goal=s.made, changes={"name": "No calls", "weight": 2, "starts_on": date(2027, 1, 1)}, by=s.me),
        first=lambda s: create_goal(organization=s.house.organization, name="Fewer calls", by=s.me),
    ),
    "view.saved": Row(lambda s: s.view("kind=story"), first=Stage.view),
    "view.removed": Row(lambda s: remove_view(view=s.made, by=s.me), first=Stage.view, lost=CODES),
    "layout.arranged": Row(lambda s: s.arrange("size", "age"), first=lambda s: s.arrange("value")),
    "ready.defined": Row(lambda s: s.line("Design is drawn", code=s.made.code), first=Stage.line),
    "ready.forgotten": Row(lambda s: forget_rule(rule=s.made, by=s.me), first=Stage.line),
    "item.scored": Row(lambda s: score_item(item=s.item, factors={"business_value": 8, "risk_reduction": 3}, by=s.me)),
    "item.overridden": Row(lambda s: s.pin(s.item)),
    "item.override_lifted": Row(lambda s: lift_override(override=s.made, by=s.me), first=lambda s: s.pin(s.item)),
    "item.awaited": Row(
        lambda s: s.pin(s.item), first=lambda s: link_dependency(blocker=make_item(s.house.teams["cart"]), blocked=s.item, by=s.me)
    ),
    "item.reordered": Row(
        lambda s: place_by_hand(item=s.item, spot=Spot(below=s.other), by=s.me),
        first=lambda s: set_mode(home=s.house.team, mode=ListMode.Mode.MANUAL, by=s.me),
    ),
    "item.anchored": Row(lambda s: set_anchor(item=s.item, factor="business_value", by=s.me)),
    "item.anchor_lifted": Row(
        lambda s: lift_anchor(item=s.item, factor="business_value", by=s.me),
        first=lambda s: set_anchor(item=s.item, factor="business_value", by=s.me),
    ),
    "ranking.mode_set": Row(
        lambda s: set_mode(home=s.house.team, mode=ListMode.Mode.MANUAL, by=s.me),
        first=lambda s: set_mode(home=s.house.team, mode=ListMode.Mode.ADVISE, by=s.me),
    ),
    "ranking.shares_set": Row(
        lambda s: set_shares(home=s.house.team, shares={"features": 60, "debt": 40}, by=s.me),
        first=lambda s: set_shares(home=s.house.team, shares={"features": 80, "debt": 20}, by=s.me),
    ),
    "ranking.model_chosen": Row(
        lambda s: choose_scoring(home=s.house.team, kind="story", model="rice", by=s.me),
        first=lambda s: choose_scoring(home=s.house.team, kind="story", model="cd3", by=s.me),
    ),
    "scoring.decided": Row(lambda s: decide(entry=s.made, values={"business_value": 8}, by=s.me), first=Stage.revealed),
    "request.accepted": Row(lambda s: accept_request(request=s.made, by=s.me), first=lambda s: make_request(s.house.team)),
    "request.reopened": Row(
        lambda s: reopen_request(request=s.made, by=s.me), first=lambda s: accept_request(request=make_request(s.house.team), by=s.me)
    ),
}


def acted(do: Callable[[], Any]) -> Any:
    """The id of an act."""
    with one_act() as act:
        do()
    return act.id


def test_every_verb_that_can_be_taken_back_has_a_row():
    missing, gone = known_inverses() - ROWS.keys(), ROWS.keys() - known_inverses()

    assert not missing, f"{sorted(missing)} can be taken back, and no test does it. Add a Row for each to ROWS in {__file__}."
    assert not gone, f"{sorted(gone)} can no longer be taken back. Remove their rows from ROWS in {__file__}."


def state(stage: Stage, lost: frozenset[str]) -> dict[str, list[str]]:
    """Every row of the organization that people decide on, but for what is new each time: ids, versions, moments."""
    models = [model for app in APPS for model in apps.get_app_config(app).get_models() if model._meta.model_name not in COMPUTED]
    return {
        str(model._meta.model_name): sorted(
            _told(row, lost) for row in model._default_manager.filter(organization=stage.house.organization) if _counts(row)
        )
        for model in models
    }


def differences(wanted: dict[str, list[str]], found: dict[str, list[str]]) -> dict[str, tuple[list[str], list[str]]]:
    """By table, the rows that are missing and those that are too many."""
    return {
        name: ([row for row in rows if row not in found[name]], [row for row in found[name] if row not in rows])
        for name, rows in wanted.items()
        if rows != found[name]
    }


def _counts(row: Model) -> bool:
    """A creation taken back leaves its item removed, for its key is not given again; an override that ended is history, a removed comment empty."""
    if isinstance(row, Attachment | Comment):
        return row.removed_at is None
    if isinstance(row, Item):
        return row.removed_reason != "Its creation was undone."
    if isinstance(row, Tombstone):
        return _counts(row.item)
    return not (isinstance(row, Override) and row.ended_at is not None)


def _told(row: Model, lost: frozenset[str]) -> str:
    name = str(row._meta.model_name)
    columns = [
        column.attname for column in row._meta.concrete_fields if column.attname not in ALWAYS_NEW and f"{name}.{column.name}" not in lost
    ]
    kept = {column: getattr(row, column) for column in columns if column in DECIDED.get(name, columns)}
    return str({column: value is not None if isinstance(value, datetime) else value for column, value in kept.items()})


@pytest.fixture
def stage(settings: Any, tmp_path: Path) -> Stage:
    settings.MEDIA_ROOT = tmp_path
    house = organization_with("checkout", "cart", owner=Role.PRODUCT_OWNER)
    me = house.people["owner"]
    make_member(house.organization, Role.ADMINISTRATOR, me)
    make_member(house.train, Role.PRODUCT_MANAGER, me)
    make_member(house.team, user=make_user("Dev"))
    item, other = make_item(house.team, job_size=3, title="As a buyer I want a label so that I can return"), make_item(house.team)
    score_item(item=item, factors={"business_value": 3}, by=me)
    return Stage(house, me, item, other)


@pytest.mark.parametrize("verb", ROWS)
def test_undo_finds_the_state_of_before_and_its_own_undo_that_of_after(stage, verb):
    row = ROWS[verb]
    stage.made = row.first(stage)
    before = state(stage, row.lost)
    act = acted(lambda: row.do(stage))
    after = state(stage, row.lost)
    assert Event.objects.filter(act=act, verb=verb).exists(), f"`do` of {verb} writes no such event"

    undone = stage.undo(act)
    assert (undone.text, differences(before, state(stage, row.lost))) == ("Undone.", {})

    redone = stage.undo(undone.act)
    assert (redone.text, differences(after, state(stage, row.lost))) == ("Undone.", {})
