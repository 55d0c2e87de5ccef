"""The six weeks behind the demo: told as if Winnow had recorded them."""

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from accounts.models import Organization, ReleaseTrain, Team
from accounts.permissions import find_access
from activity.models import Event
from backlog.models import Cut, CutMove, Goal, Item, Placement, RankCause, RankMove
from operations.demo.build import build_demo, make_people
from operations.demo.times import DAYS
from prioritization.models import RankRun
from prioritization.selectors.movers import list_movers
from prioritization.selectors.replay import order_at
from prioritization.services.checking import check_organization
from tests.prioritization.services.test_replay import stored_order

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def at() -> datetime:
    return datetime.now(tz=UTC)


@pytest.fixture
def demo(at: datetime) -> Organization:
    return build_demo(items=400, slug="fable", at=at).organization


def homes(demo):
    return [*Team.objects.filter(organization=demo), *ReleaseTrain.objects.filter(organization=demo)]


def test_moves_follow_each_other_from_the_entry_to_what_stands(demo, at):
    moves: dict[int, list[RankMove]] = {}
    for move in RankMove.objects.filter(organization=demo).order_by("at", "id"):
        moves.setdefault(move.item_id, []).append(move)

    stands = {
        place.item_id: (place.band, place.value, place.component, place.position) for place in Placement.objects.for_organization(demo)
    }
    for item, told in moves.items():
        ends = [
            (
                (one.band_before, one.value_before, one.component_before, one.position_before),
                (one.band_after, one.value_after, one.component_after, one.position_after),
            )
            for one in told
        ]
        assert ends[0][0] == (None,) * 4
        assert all(before[1] == after[0] for before, after in pairwise(ends))
        assert ends[-1][1] == stands.get(item, (None,) * 4)
        assert [one.id for one in told] == sorted(one.id for one in told)
    assert moves.keys() >= stands.keys()
    assert check_organization(organization_id=demo.pk).differing == []


def test_every_past_order_holds_what_was_open_then(demo, at):
    draw = random.Random(5)
    items = list(Item.objects.for_organization(demo).exclude(status="removed", tombstone__isnull=True))  # the review removes today
    for days in [draw.uniform(0.5, DAYS) for _ in range(12)]:
        moment = at - timedelta(days=days)
        was_open = {item.pk for item in items if item.created_at <= moment and (item.closed_at is None or item.closed_at > moment)}
        assert {stood.item for home in homes(demo) for stood in order_at(home=home, moment=moment)} == was_open
    for home in homes(demo):
        assert [tuple(stood) for stood in order_at(home=home, moment=datetime.now(tz=UTC))] == stored_order(home)


def test_tiers_ended_where_they_were_told_to(demo):
    for cut in Cut.objects.for_organization(demo):
        last = CutMove.objects.filter(organization=demo, team_id=cut.team_id, train_id=cut.train_id, tier=cut.tier).latest("at", "id")
        assert (last.band_after, last.falling_after, last.component_after, last.position_after) == (
            cut.band,
            cut.falling,
            cut.component,
            cut.position,
        )


def test_what_moved_says_who_did_it(demo, at):
    owner = make_people(password=None, slug="fable")[0]
    access = find_access(user=owner, slug="fable")
    assert access is not None

    found = [list_movers(home=home, moment=at - timedelta(days=28), access=access) for home in homes(demo)]

    assert sum(moved.crossings for moved in found) > 10
    assert sum(moved.left for moved in found) > 10
    causes = [cause for moved in found for mover in moved.movers for cause in mover.causes]
    assert {cause.verb for cause in causes} >= {"item.moved_to", "item.created", "goal.edited"}
    assert all(cause.who and cause.act for cause in causes)


def test_events_runs_and_causes_belong_together(demo, at):
    acts = set(Event.objects.filter(organization=demo).values_list("act", flat=True))
    runs = set(RankRun.objects.for_organization(demo).values_list("id", flat=True))
    causes = list(RankCause.objects.filter(organization=demo, at__lt=at - timedelta(hours=1)))

    assert {"item.created", "item.edited", "item.scored", "item.moved_to", "goal.edited"} <= {
        cause.verb.partition(" ")[0] for cause in causes
    }
    assert {cause.act for cause in causes} <= acts
    assert set(RankMove.objects.filter(organization=demo, run__isnull=False).values_list("run", flat=True)) <= runs
    assert not Event.objects.filter(organization=demo, at__gt=datetime.now(tz=UTC)).exists()
    for subject, kind in (
        (Item.objects.for_organization(demo).filter(status="done").earliest("id").pk, "item"),
        (Goal.objects.for_organization(demo).earliest("id").pk, "goal"),
    ):
        told = list(
            Event.objects.filter(organization=demo, subject_kind=kind, subject_id=subject).order_by("id").values_list("at", flat=True)
        )
        assert told == sorted(told)
        assert len(told) > 1
