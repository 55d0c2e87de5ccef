"""Drafts of changes: what they show is what applying them gives, and they never write before."""

import json
import random
from decimal import Decimal

import pytest

from accounts.roles import Role
from activity.errors import ConflictError, InvalidError, NotAllowedError
from activity.models import Event, Job
from activity.services.acts import one_act
from activity.services.undo import undo
from backlog.models import Dependency, Placement
from backlog.services.dependencies import link_dependency
from backlog.services.goals import edit_goal, set_goal
from backlog.services.items import edit_item
from backlog.services.statuses import set_status
from prioritization.changes import STAYS, Change, What, read_changes
from prioritization.models import Factor, RankRun, WhatIf
from prioritization.selectors.choices import choice_in
from prioritization.selectors.outcomes import list_rows, work_out
from prioritization.selectors.rows import TooManyError
from prioritization.selectors.what_ifs import find_what_if, look_at
from prioritization.services.choices import choose_scoring
from prioritization.services.ranking import rank_organization
from prioritization.services.scores import score_item
from prioritization.services.what_ifs import (
    apply_what_if,
    drop_what_if,
    start_again_from_today,
    take_out,
    try_changes,
    work_out_draft,
    work_out_later,
)
from tests.factories.accounts import make_member, make_team, organization_with
from tests.factories.backlog import make_item
from tests.factories.goals import make_goal
from tests.factories.prioritization import make_scored

pytestmark = pytest.mark.django_db
ALL = 10**6


@pytest.fixture
def house():
    return organization_with(
        "checkout", "delivery", owner=Role.PRODUCT_OWNER, dev=Role.DEVELOPER, observer=Role.OBSERVER, other=Role.STAKEHOLDER
    )


@pytest.fixture
def items(house):
    """Ten items of falling value; the last but one waits for the last, whose place it lends."""
    with one_act():  # ranked once
        made = [make_scored(house.team, value=20 - 2 * number) for number in range(10)]
        link_dependency(blocker=made[9], blocked=made[2], by=None)
    rank(house)
    return made


def rank(house):
    rank_organization(organization_id=house.organization.pk, mode=RankRun.Mode.FULL, refresh=True)


def again(house):
    """Rank in full on the basis that stands: what is assumed stays so."""
    rank_organization(organization_id=house.organization.pk, mode=RankRun.Mode.FULL)


def size(item, value):
    return Change(What.SIZE, item.key, "", value)


def score(item, value, name="business_value"):
    return Change(What.SCORE, item.key, name, value)


def unlink(item, other):
    return Change(What.UNLINK, item.key, other.key)


def attempt(house, *changes, person="owner"):
    return try_changes(home=house.team, changes=changes, by=house.people[person], access=house.access(person))


def found(house, person="owner"):
    draft = find_what_if(home=house.team, person=house.people[person])
    assert draft is not None
    return draft


def outcome(house, person="owner"):
    draft = found(house, person)
    tried = look_at(read_changes(draft.changes), home=house.team, access=house.access(person))
    return work_out(home=house.team, tried=tried, at_most=ALL)


def order(house):
    return [row.key for row in list_rows(house.team)]


def shown(house, before, found):
    """The keys in the order that the outcome tells of."""
    after = {key: at for at, key in enumerate(before, 1)} | {mover.key: mover.after for mover in found.movers}
    return sorted(before, key=after.__getitem__)


def apply(house, person="owner"):
    with one_act() as act:
        count = apply_what_if(home=house.team, by=house.people[person], access=house.access(person))
    return act, count


def test_a_draft_writes_nothing_but_itself(house, items):
    before, events = order(house), Event.objects.count()

    attempt(house, size(items[0], "20"), unlink(items[2], items[9]))
    found = outcome(house)

    assert found.moving > 0
    assert (order(house), Event.objects.count()) == (before, events)
    assert Dependency.objects.filter(blocked=items[2]).exists()


def test_what_is_shown_is_what_applying_gives_and_undo_takes_back(house, items):
    before = order(house)
    attempt(house, size(items[0], "20"), score(items[7], "90"), unlink(items[2], items[9]), score(items[5], ""))
    promised = shown(house, before, outcome(house))

    act, count = apply(house)
    again(house)

    assert count == 4
    assert order(house) == promised != before
    assert find_what_if(home=house.team, person=house.people["owner"]) is None
    undone = undo(act=act.id, organization_id=house.organization.pk, access=house.access("owner"), by=house.people["owner"])
    again(house)
    assert undone.left == []
    assert order(house) == before


@pytest.mark.parametrize("seed", range(8))
def test_any_changes_show_what_they_give(house, seed):
    rng = random.Random(seed)
    with one_act():  # ranked once
        values, sizes = (1, 2, 3, 5, 8, 13, 20), (None, 1, 2, 3, 5, 8)
        made = [make_scored(house.team, value=rng.choice(values), size=rng.choice(sizes)) for _ in range(14)]
        made += [make_item(house.team, job_size=3) for _ in range(3)]
        for _ in range(9):
            here, there = sorted(rng.sample(range(len(made)), 2))
            link_dependency(blocker=made[here], blocked=made[there], by=None)
    rank(house)
    before = order(house)
    links = list(Dependency.objects.filter(organization=house.organization).select_related("blocker", "blocked"))
    changes = [unlink(link.blocked, link.blocker) for link in rng.sample(links, 2)]
    changes += [size(item, rng.choice(("1", "13", ""))) for item in rng.sample(made, 3)]
    changes += [score(item, rng.choice(("1", "50", ""))) for item in rng.sample(made, 3)]
    attempt(house, *changes)
    promised = shown(house, before, outcome(house))

    apply(house)
    again(house)

    assert order(house) == promised


def test_every_mover_has_a_cause(house, items):
    attempt(house, size(items[0], "20"), unlink(items[2], items[9]))

    found = {mover.key: mover for mover in outcome(house).movers}

    assert found[items[0].key].cause == "Size 20 instead of 5"
    assert found[items[2].key].cause == f"no longer waits for {items[9].key}"
    assert found[items[9].key].cause == f"tied to {', '.join(sorted((items[2].key, items[9].key)))}"
    assert f"{items[0].key} falls behind it" in found[items[1].key].cause
    assert all(mover.cause for mover in found.values())


def test_measures_say_how_far_the_orders_are_apart(house, items):
    attempt(house, size(items[0], "20"))
    found = outcome(house)

    assert (found.total, found.far) == (10, 1)
    assert -1 <= found.tau < 1
    assert found.cost_ratio > 1  # keeping today's order would be dearer, were the size so
    assert found.overlap == 1


def test_a_change_back_to_what_stands_takes_itself_out(house, items):
    attempt(house, size(items[0], "8"), unlink(items[2], items[9]))
    attempt(house, size(items[0], "5.000"))
    draft = attempt(house, Change(What.UNLINK, items[2].key, items[9].key, STAYS))

    assert draft is None
    assert not WhatIf.objects.for_organization(house.organization).exists()


def test_changes_are_one_a_spot_and_can_be_taken_out(house, items):
    attempt(house, size(items[0], "8"))
    attempt(house, size(items[0], "13"), score(items[1], "3"))

    take_out(home=house.team, number=1, by=house.people["owner"])
    draft = found(house)

    assert [(each["what"], each["value"], each["was"]) for each in draft.changes] == [("score", "3", "18")]
    take_out(home=house.team, number=7, by=house.people["owner"])
    assert found(house).changes == draft.changes
    drop_what_if(home=house.team, by=house.people["owner"])
    drop_what_if(home=house.team, by=house.people["owner"])
    assert find_what_if(home=house.team, person=house.people["owner"]) is None


@pytest.mark.parametrize(
    ("what", "name", "value"),
    [
        ("score", "business_value", "101"),
        ("score", "business_value", "-1"),
        ("score", "business_value", "NaN"),
        ("score", "business_value", "many"),
        ("score", "business_value", "\x00"),
        ("score", "severity", "3"),
        ("size", "", "0"),
        ("size", "", "1001"),
        ("size", "", "1e9"),
        ("unlink", "CHK-999999", ""),
    ],
)
def test_bad_values_are_refused_and_nothing_is_kept(house, items, what, name, value):
    with pytest.raises(InvalidError):
        attempt(house, Change(What(what), items[0].key, name, value))
    assert find_what_if(home=house.team, person=house.people["owner"]) is None


def test_items_that_are_unknown_hidden_foreign_or_closed_are_refused_alike(house, items):
    closed = set_status(item=items[0], status="done", by=None)
    hidden = make_scored(make_team(house.train, is_private=True))
    foreign = make_scored(make_team(organization_with("other").organization))
    said = set()
    for key in ("ZZZ-1", closed.key, hidden.key, foreign.key):
        with pytest.raises(InvalidError) as refusal:
            attempt(house, Change(What.SIZE, key, "", "3"), person="dev")
        said.add(refusal.value.message)
    assert said == {"There is no open item of that key."}


def test_too_many_changes_are_refused(house, items):
    with pytest.raises(InvalidError, match="200"):
        attempt(house, *(score(items[at % 10], f"{at}", "business_value") for at in range(10)), *(_many(house, items)))


def _many(house, items):
    for number in range(200):
        item = make_item(house.team)
        yield Change(What.SIZE, item.key, "", str(number + 1))


def test_apply_says_what_changed_meanwhile_and_changes_nothing(house, items):
    attempt(house, size(items[0], "8"), score(items[1], "3"), unlink(items[2], items[9]))
    edit_item(item=items[0], changes={"job_size": "2"}, by=None)
    Dependency.objects.filter(organization=house.organization, blocked=items[2]).delete()

    with pytest.raises(ConflictError) as refusal:
        apply(house)

    assert f"{items[0].key}: size is 2 by now." in refusal.value.message
    assert "does not wait for" in refusal.value.message
    assert Factor.objects.get(item=items[1], name="business_value").value == Decimal(18)

    start_again_from_today(home=house.team, by=house.people["owner"], access=house.access("owner"))
    draft = found(house)
    assert [(each["what"], each["was"]) for each in draft.changes] == [("size", "2"), ("score", "18")]
    assert apply(house)[1] == 2


def test_nobody_applies_what_they_may_not_do(house, items):
    foreign = make_scored(house.teams["delivery"])
    attempt(house, size(items[0], "8"), person="observer")
    with pytest.raises(NotAllowedError):
        apply(house, "observer")
    attempt(house, score(items[0], "8"), size(foreign, "8"), person="dev")
    with pytest.raises(NotAllowedError, match=foreign.key):
        apply(house, "dev")
    assert Factor.objects.get(item=items[0], name="business_value").value == 20
    with pytest.raises(ConflictError, match="nothing to apply"):
        apply(house, "owner")


def test_drafts_are_their_persons_own(house, items):
    attempt(house, size(items[0], "8"), person="owner")
    attempt(house, size(items[0], "13"), person="dev")

    assert found(house).changes[0]["value"] == "8"
    assert find_what_if(home=house.teams["delivery"], person=house.people["owner"]) is None


def test_large_drafts_are_worked_out_by_a_job(house, items):
    draft = attempt(house, size(items[0], "20"), unlink(items[2], items[9]))
    tried = look_at(read_changes(draft.changes), home=house.team, access=house.access("owner"))
    with pytest.raises(TooManyError):
        work_out(home=house.team, tried=tried, at_most=2)
    work_out_later(draft=draft)
    work_out_later(draft=draft)
    (job,) = Job.objects.filter(name="prioritization.work_out")

    work_out_draft(job)
    work_out_draft(job)  # twice is harmless

    draft.refresh_from_db()
    assert draft.outcome_revision == draft.revision
    assert type(outcome(house)).read(draft.outcome) == outcome(house)
    attempt(house, size(items[0], "13"))
    draft.refresh_from_db()
    assert draft.outcome_revision != draft.revision
    drop_what_if(home=house.team, by=house.people["owner"])
    work_out_draft(job)


def test_items_of_other_backlogs_count_where_they_are_tied(house, items):
    prerequisite = make_scored(house.teams["delivery"], value=1, size=13)
    link_dependency(blocker=prerequisite, blocked=items[4], by=None)
    rank(house)
    before = order(house)
    attempt(house, size(prerequisite, "1"))
    promised = shown(house, before, outcome(house))
    apply_what_if(home=house.team, by=house.people["owner"], access=_everywhere(house))
    again(house)
    assert order(house) == promised != before


def _everywhere(house):
    make_member(house.teams["delivery"], Role.PRODUCT_OWNER, house.people["owner"])
    return house.access("owner")


def test_placements_without_a_run_keep_their_place(house):
    item = make_item(house.team)
    assert Placement.objects.filter(item=item).exists()
    attempt(house, size(item, "3"))
    assert outcome(house).total == 1


def scoring(kind, model, **weights):
    return Change(What.SCORING, kind, "", json.dumps({"model": model, "weights": {"of": weights}}))


def weigh(goal, value):
    return Change(What.GOAL, goal.number_text, "", value)


def test_rules_tried_show_what_applying_gives_and_undo_takes_back(house, items):
    goal = make_goal(house.organization, "Fewer returns")
    set_goal(item=items[8], goal=make_goal(house.organization, parent=goal), by=None)
    score_item(item=items[7], factors={"time_criticality": "20"}, by=None)
    rank(house)
    before = order(house)
    attempt(house, weigh(goal, "5"), scoring("story", "wsjf", business_value="0.5", time_criticality="2"), size(items[3], "20"))
    found = outcome(house)
    promised = shown(house, before, found)

    act, count = apply(house)
    again(house)

    assert count == 3
    assert order(house) == promised != before
    goal.refresh_from_db()
    assert (goal.weight, choice_in(house.team, "story").weight_of("time_criticality")) == (Decimal(5), Decimal(2))
    undone = undo(act=act.id, organization_id=house.organization.pk, access=house.access("owner"), by=house.people["owner"])
    again(house)
    assert (undone.left, order(house)) == ([], before)


def test_rules_tried_are_told_in_words_and_as_causes(house, items):
    goal = make_goal(house.organization, "Fewer returns")
    set_goal(item=items[8], goal=goal, by=None)
    rank(house)
    draft = attempt(house, weigh(goal, "5"))
    assert {mover.key: mover.cause for mover in outcome(house).movers}[items[8].key] == "serves “Fewer returns”"

    draft = attempt(house, scoring("story", "rice"), scoring("bug", "bug"))

    said = [each.sentence for each in look_at(read_changes(draft.changes), home=house.team, access=house.access("owner"))]
    assert said == ["“Fewer returns” weighs 5 instead of 1", "Stories scored by RICE instead of WSJF"]
    assert attempt(house, scoring("story", "wsjf"), weigh(goal, "1")) is None


@pytest.mark.parametrize(
    ("model", "weights", "field"),
    [("wsjf", {"business_value": "much"}, "business_value"), ("debt", {}, "model"), ("rice", {"x": "1"}, "x")],
)
def test_a_way_to_score_that_cannot_be_is_refused(house, items, model, weights, field):
    with pytest.raises(InvalidError) as refused:
        attempt(house, scoring("story", model, **weights))
    assert refused.value.field == field


def test_rules_are_made_real_by_those_who_may_and_as_they_were_tried(house, items):
    goal = make_goal(house.organization)
    for change in (scoring("story", "rice"), weigh(goal, "2")):
        attempt(house, change, person="dev")
        with pytest.raises(NotAllowedError):
            apply(house, "dev")
        drop_what_if(home=house.team, by=house.people["dev"])
    attempt(house, scoring("story", "rice"), weigh(goal, "2"))
    edit_goal(goal=goal, changes={"weight": 3}, by=None)
    choose_scoring(home=house.team, kind="story", model="ice", by=None)

    with pytest.raises(ConflictError, match="By now stories are scored otherwise"):
        apply(house)
    assert choice_in(house.team, "story").model == "ice"
    start_again_from_today(home=house.team, by=house.people["owner"], access=house.access("owner"))
    apply(house)
    assert choice_in(house.team, "story").model == "rice"
