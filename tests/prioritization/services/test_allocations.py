"""Shares of classes of work: what may be kept, what the balanced view makes of it, and trying it first."""

import json
import random

import pytest

from accounts.roles import Role
from activity.errors import ConflictError, InvalidError, NotAllowedError
from activity.models import Event
from activity.services.acts import one_act
from activity.services.undo import undo
from backlog.models import Dependency, Placement
from backlog.services.dependencies import link_dependency
from prioritization.changes import Change, What, read_changes
from prioritization.classes import class_of
from prioritization.models import RankRun
from prioritization.selectors.balance import balance_of, share_fact
from prioritization.selectors.interleaving import interleaved, shares_of
from prioritization.selectors.outcomes import list_rows, work_out
from prioritization.selectors.what_ifs import look_at
from prioritization.services.allocations import set_shares
from prioritization.services.ranking import rank_organization
from prioritization.services.scores import score_item
from prioritization.services.what_ifs import apply_what_if, try_changes
from tests.factories.accounts import organization_with
from tests.factories.backlog import make_item
from tests.factories.prioritization import make_scored

pytestmark = pytest.mark.django_db
HALF = {"features": 50, "bugs": 50}


@pytest.fixture
def house():
    return organization_with("checkout", "delivery", owner=Role.PRODUCT_OWNER, dev=Role.DEVELOPER)


def make_bug(team, severity=1, **fields):
    bug = make_item(team, "bug", job_size=5, **fields)
    return score_item(item=bug, factors={"severity": severity, "reach": 1, "frequency": 1}, by=None)


@pytest.fixture
def items(house):
    """Three stories above three bugs."""
    made = [make_scored(house.team, value=20 - number) for number in range(3)] + [make_bug(house.team) for _ in range(3)]
    rank_organization(organization_id=house.organization.pk, mode=RankRun.Mode.FULL, refresh=True)
    return made


def keys(items):
    return [item.key for item in items]


def test_classes_take_turns_and_the_price_is_told(house, items):
    balance = balance_of(house.team, HALF)

    assert [row.key for row in balance.rows] == keys([items[0], items[3], items[1], items[4], items[2], items[5]])
    assert [(row.place, row.computed) for row in balance.rows][:2] == [(1, 1), (2, 4)]
    assert balance.share > 0
    assert [(each.label, each.kept, each.items) for each in balance.classes if each.items] == [("Features", 50, 3), ("Bugs", 50, 3)]
    assert [row.key for row in balance_of(house.team, {}).rows] == keys(items)


def test_a_blocker_in_another_list_carries_the_wait(house, items):
    outside = make_scored(house.teams["delivery"], value=1)
    link_dependency(blocker=items[1], blocked=outside, by=None)
    link_dependency(blocker=outside, blocked=items[3], by=None)
    rank_organization(organization_id=house.organization.pk)

    order = [row.key for row in balance_of(house.team, {"bugs": 90, "features": 10}).rows]

    assert order.index(items[1].key) < order.index(items[3].key)


@pytest.mark.parametrize("seed", range(4))
def test_no_item_stands_above_what_it_waits_for(house, seed):
    rng = random.Random(seed)
    made = [
        make_scored(house.team, value=rng.randint(1, 20)) if rng.random() < 0.5 else make_bug(house.team, rng.randint(1, 5))
        for _ in range(14)
    ]
    for _ in range(10):
        here, there = sorted(rng.sample(range(14), 2))
        link_dependency(blocker=made[here], blocked=made[there], by=None)
    rank_organization(organization_id=house.organization.pk)
    rows = list_rows(house.team)
    order = [row.id for row in rows]

    found, _ = interleaved(
        house.team,
        order,
        {row.id: row.order[0] for row in rows},
        {row.id: row.kind for row in rows},
        {row.id: row.size or 1 for row in rows},
        HALF,
    )

    place = {item: at for at, item in enumerate(found)}
    assert sorted(found) == sorted(order)
    links = Dependency.objects.filter(organization=house.organization).values_list("blocker_id", "blocked_id")
    assert all(place[blocker] < place[blocked] for blocker, blocked in links)


@pytest.mark.parametrize(
    "shares", [{"features": 50}, {"features": "all"}, {"features": -1, "bugs": 101}, {"gold": 100}, {"features": "1e2"}, {"bugs": "50.5"}]
)
def test_shares_that_cannot_be_are_refused(house, shares):
    with pytest.raises(InvalidError):
        set_shares(home=house.team, shares=shares, by=None)
    assert shares_of(house.team) == {}


def test_shares_are_one_event_are_taken_back_and_move_nothing(house, items):
    places = list(Placement.objects.unscoped().order_by("pk").values())
    with one_act() as act:
        set_shares(home=house.team, shares={"features": "80 %", "bugs": 20, "debt": ""}, by=house.people["owner"])
        set_shares(home=house.team, shares={"features": 80, "bugs": 20}, by=house.people["owner"])
    assert Event.objects.filter(verb="ranking.shares_set").count() == 1
    assert list(Placement.objects.unscoped().order_by("pk").values()) == places
    assert share_fact(items[3]).startswith("Bugs: ")
    with pytest.raises(ConflictError):
        set_shares(home=house.team, shares={}, was={}, by=None)

    undone = undo(act=act.id, organization_id=house.organization.pk, access=house.access("owner"), by=house.people["owner"])

    assert (undone.left, shares_of(house.team), share_fact(items[3])) == ([], {}, "")


def test_shares_are_tried_beside_other_changes_and_applied(house, items):
    link_dependency(blocker=items[2], blocked=items[3], by=None)
    rank_organization(organization_id=house.organization.pk)
    changes = [
        Change(What.SHARES, "shares", "", json.dumps({"bugs": "50", "features": "50"})),
        Change(What.UNLINK, items[3].key, items[2].key),
    ]

    def attempt(person):
        draft = try_changes(home=house.team, changes=changes, by=house.people[person], access=house.access(person))
        assert draft is not None
        return look_at(read_changes(draft.changes), home=house.team, access=house.access(person))

    attempt("dev")
    with pytest.raises(NotAllowedError):
        apply_what_if(home=house.team, by=house.people["dev"], access=house.access("dev"))
    tried = attempt("owner")
    assert tried[0].sentence == "Shares: Features 50 % instead of none, Bugs 50 % instead of none"
    outcome = work_out(home=house.team, tried=tried, at_most=100)
    assert outcome.share_price is not None
    assert outcome.share_price > 0
    apply_what_if(home=house.team, by=house.people["owner"], access=house.access("owner"))
    rank_organization(organization_id=house.organization.pk)
    assert [mover.key for mover in sorted(outcome.top, key=lambda each: each.after)] == [
        row.key for row in balance_of(house.team, shares_of(house.team)).rows
    ]


def test_every_kind_has_a_class():
    assert {class_of(kind) for kind in ("epic", "story", "user_request", "design_change")} == {"features"}
    assert [class_of(kind) for kind in ("spike", "tech_debt", "bug", "retro_action")] == ["enablers", "debt", "bugs", "retro"]
