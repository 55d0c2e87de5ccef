"""Places as services leave them, on PostgreSQL."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import NoReturn

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts.models import Team
from activity import doorbell
from activity.models import Event, Job
from activity.services.acts import one_act
from backlog.models import Band, Cut, Dependency, Item, Placement, StaleRank
from backlog.reasons import Reason
from backlog.services.dependencies import link_dependency
from backlog.services.statuses import set_status
from prioritization.models import Factor, RankRun
from prioritization.services import ranking
from prioritization.services.checking import check_organization
from prioritization.services.nightly import sweep_stale
from prioritization.services.ranking import rank_organization
from prioritization.services.scores import score_item
from prioritization.tasks import rank
from tests.factories.accounts import make_team, organization_with
from tests.factories.backlog import make_item
from tests.factories.prioritization import make_scored

pytestmark = pytest.mark.django_db


def place_of(item: Item) -> Placement:
    return Placement.objects.get(organization=item.organization_id, item=item)


def order_of(house) -> list[str]:
    rows = Placement.objects.filter(organization=house.organization).order_by("band", "falling", "component", "position")
    return list(rows.values_list("item__key", flat=True))


def mark(item: Item) -> None:
    StaleRank.objects.create(organization_id=item.organization_id, item_id=item.pk, cause="item.linked")


def block(blocker: Item, blocked: Item) -> None:
    """As an import leaves it: no cycle is looked for."""
    Dependency.objects.create(organization_id=blocker.organization_id, blocker=blocker, blocked=blocked)
    mark(blocker)
    mark(blocked)


def no_redis() -> NoReturn:
    raise OSError("nobody listens")


def test_denser_items_come_first():
    house = organization_with("checkout")
    small = make_scored(house.team, value=5, size=5)
    large = make_scored(house.team, value=20, size=5)

    rank_organization(organization_id=house.organization.pk)

    assert order_of(house) == [large.key, small.key]
    assert place_of(large).value == 22 / 5
    assert place_of(large).cost_of_delay == 22
    assert place_of(large).reason == Reason.SOLID


def test_a_blocker_inherits_and_says_from_whom():
    house = organization_with("checkout", "pricing")
    blocker = make_scored(house.teams["pricing"], value=1, size=5)
    blocked = make_scored(house.teams["checkout"], value=20, size=5)
    block(blocker, blocked)

    rank_organization(organization_id=house.organization.pk)

    assert place_of(blocker).value == place_of(blocked).value == 25 / 10
    assert (place_of(blocker).reason, place_of(blocker).reason_item_id) == (Reason.UNBLOCKS, blocked.pk)
    assert (place_of(blocked).reason, place_of(blocked).reason_item_id) == (Reason.WAITS_FOR, blocker.pk)
    assert order_of(house) == [blocker.key, blocked.key]


@pytest.mark.usefixtures("ranked_later")
def test_second_run_writes_nothing():
    house = organization_with("checkout")
    make_scored(house.team)
    first = rank_organization(organization_id=house.organization.pk)
    again = rank_organization(organization_id=house.organization.pk, mode="full")

    assert first is not None
    assert again is not None
    assert again.rows_written == 0
    assert rank_organization(organization_id=house.organization.pk) is None


@pytest.mark.django_db(transaction=True)
def test_an_edit_is_ranked_before_the_service_returns():
    house = organization_with("checkout")
    first, second = make_scored(house.team, value=5), make_scored(house.team, value=3)

    assert order_of(house) == [first.key, second.key]
    score_item(item=second, factors={"business_value": 20}, by=None)

    assert order_of(house) == [second.key, first.key]
    assert not StaleRank.objects.exists()
    assert RankRun.objects.filter(organization=house.organization).latest("id").mode == "inline"


@pytest.mark.django_db(transaction=True)
def test_a_large_component_is_left_to_the_background(monkeypatch):
    monkeypatch.setattr(ranking, "INLINE_ITEMS", 1)
    house = organization_with("checkout")
    feature = make_item(house.train)

    make_item(house.team, parent=feature)

    assert StaleRank.objects.exists()
    job = Job.objects.get(name=ranking.RANK_JOB)
    rank(job.pk)
    assert not StaleRank.objects.exists()
    assert not Job.objects.filter(pk=job.pk).exists()
    assert rank(job.pk) is None  # heard twice: nothing left to do


@pytest.mark.django_db(transaction=True)
def test_a_busy_organization_is_left_to_the_background():
    house = organization_with("checkout")
    item = make_item(house.team)
    mark(item)
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s, %s)", [ranking._LOCK, house.organization.pk])
        assert ranking.rank_stale_items(organization_id=house.organization.pk, item_ids=[item.pk]) is None

    assert StaleRank.objects.count() == 1
    assert Job.objects.filter(name=ranking.RANK_JOB).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_run_killed_on_its_way_leaves_the_last_order_and_its_marks(monkeypatch):
    house = organization_with("checkout")
    first, second = make_scored(house.team, value=5), make_scored(house.team, value=3)
    before = list(Placement.objects.for_organization(house.organization).order_by("id").values())
    Factor.objects.filter(item=second, name="business_value").update(value=20)
    mark(second)

    def die(*args, **kwargs):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(ranking, "draw_cuts", die)
        with pytest.raises(SystemExit):
            rank_organization(organization_id=house.organization.pk)

    assert list(Placement.objects.for_organization(house.organization).order_by("id").values()) == before
    assert StaleRank.objects.count() == 1
    rank_organization(organization_id=house.organization.pk)
    assert order_of(house) == [second.key, first.key]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_come_to_the_same_order():
    house = organization_with("checkout", "pricing")
    items = [make_scored(house.teams[team], value=value) for team in ("checkout", "pricing") for value in (1, 8, 20)]
    Dependency.objects.create(organization=house.organization, blocker=items[0], blocked=items[5])
    for item in items:
        mark(item)

    def work() -> None:
        try:
            rank_organization(organization_id=house.organization.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as workers:
        for done in [workers.submit(work) for _ in range(4)]:
            done.result()

    assert check_organization(organization_id=house.organization.pk).differing == []
    assert not StaleRank.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_dead_redis_costs_nothing_but_the_bell(monkeypatch):
    monkeypatch.setattr(ranking, "INLINE_ITEMS", 0)
    monkeypatch.setattr(doorbell, "breaker", doorbell._Breaker())
    monkeypatch.setattr(doorbell, "_redis", no_redis)
    monkeypatch.setattr(doorbell, "_broker", no_redis)
    house = organization_with("checkout")

    item = make_scored(house.team)

    assert Job.objects.filter(name=ranking.RANK_JOB).count() == 1
    StaleRank.objects.update(at=timezone.now() - timedelta(minutes=1))
    Job.objects.all().delete()
    assert sweep_stale() == 1
    rank(Job.objects.get(name=ranking.RANK_JOB).pk)
    assert place_of(item).ranked_at is not None


def _patience() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout')")
        return str(cursor.fetchone()[0])


def test_the_place_is_committed_with_the_edit_and_follows_it_as_an_act_of_its_own():
    house = organization_with("checkout")
    _, second = make_scored(house.team, value=5), make_scored(house.team, value=3)
    patience = _patience()

    with one_act() as act:
        score_item(item=second, factors={"business_value": 20}, by=None)
        assert order_of(house)[0] != second.key

    assert order_of(house)[0] == second.key
    moved = Event.objects.filter(organization=house.organization, verb="ranking.updated", subject_id=second.pk).latest("id")
    assert moved.act != act.id
    assert _patience() == patience


def test_what_is_handed_over_keeps_its_marks_and_gives_the_transaction_its_time_back(monkeypatch):
    house = organization_with("checkout")
    blocker, blocked = make_scored(house.team, value=5), make_scored(house.team, value=20)
    link_dependency(blocker=blocker, blocked=blocked, by=None)
    patience, runs = _patience(), RankRun.objects.filter(organization=house.organization).count()
    monkeypatch.setattr(ranking, "INLINE_ITEMS", 1)

    score_item(item=blocker, factors={"business_value": 8}, by=None)

    assert list(StaleRank.objects.values_list("item_id", flat=True)) == [blocker.pk]
    assert RankRun.objects.filter(organization=house.organization).count() == runs
    assert Job.objects.filter(name=ranking.RANK_JOB).count() == 1
    assert _patience() == patience


def test_an_edit_stands_where_ranking_fails(monkeypatch):
    house = organization_with("checkout")
    item = make_scored(house.team, value=5)
    monkeypatch.setattr(ranking, "solve", lambda *given: 1 / 0)

    score_item(item=item, factors={"business_value": 20}, by=None)

    assert item.factors.get(name="business_value").value == 20
    assert StaleRank.objects.filter(item_id=item.pk).exists()


@pytest.mark.usefixtures("ranked_later")
def test_only_rows_of_the_component_are_written():
    house = organization_with("checkout")
    alone, blocker, blocked = (make_scored(house.team, value=value) for value in (3, 1, 20))
    block(blocker, blocked)
    rank_organization(organization_id=house.organization.pk)
    before = place_of(alone)

    score_item(item=blocked, factors={"business_value": 8}, by=None)
    run = rank_organization(organization_id=house.organization.pk)

    assert run is not None
    assert (run.items, run.components, run.rows_written) == (2, 1, 2)
    after = place_of(alone)
    assert (after.run, after.ranked_at) == (before.run, before.ranked_at)


def test_a_cycle_brought_by_an_import_is_reported_and_ranked():
    house = organization_with("checkout")
    first, second = make_scored(house.team, value=1), make_scored(house.team, value=20)
    block(first, second)
    block(second, first)

    run = rank_organization(organization_id=house.organization.pk)

    assert run is not None
    assert run.cycles == [[first.key, second.key]]
    assert {place_of(item).reason for item in (first, second)} == {Reason.CYCLE}


@pytest.mark.usefixtures("ranked_later")
def test_missing_scores_are_assumed_from_the_team_and_marked():
    house = organization_with("checkout")
    for value in (8, 8, 13):
        make_scored(house.team, value=value, size=3)
    sparse = make_item(house.team)
    score_item(item=sparse, factors={"time_criticality": 2}, by=None)

    rank_organization(organization_id=house.organization.pk)

    place = place_of(sparse)
    assert place.cost_of_delay == 8 + 2 + 1
    assert place.value == 11 / 3
    assert (place.is_assumed, place.is_size_assumed, place.reason) == (True, True, Reason.ASSUMED_SIZE)


def test_without_any_score_it_stands_apart_unless_it_blocks_scored_work():
    house = organization_with("checkout")
    apart, needed = make_item(house.team, job_size=3), make_item(house.team, job_size=3)
    wanted = make_scored(house.team, value=20, size=3)
    block(needed, wanted)

    rank_organization(organization_id=house.organization.pk)

    assert place_of(apart).band == Band.UNSCORED
    assert (place_of(needed).band, place_of(needed).reason_item_id) == (Band.NORMAL, wanted.pk)


def test_demand_stands_for_the_score_of_a_request():
    house = organization_with("checkout")
    request = make_item(house.team, "user_request", demand=7, job_size=1)

    rank_organization(organization_id=house.organization.pk)

    assert (place_of(request).cost_of_delay, place_of(request).is_assumed) == (Decimal(7), False)


def test_teams_compare_at_the_pace_of_their_train():
    house = organization_with("checkout")
    slow = make_team(house.train, points_per_iteration=10)
    fast = make_team(house.train, points_per_iteration=40)
    of_slow, of_fast = make_scored(slow, value=8, size=5), make_scored(fast, value=8, size=5)

    rank_organization(organization_id=house.organization.pk)

    # 5 points take the slow team twice as long as the train's median team, the fast one half as long.
    assert (place_of(of_slow).value, place_of(of_fast).value) == (10 / 10, 10 / 2.5)


def test_lines_end_now_and_what_fits_two_iterations():
    house = organization_with("checkout")
    Team.objects.filter(organization=house.organization).update(points_per_iteration=5)
    planned = make_scored(house.team, value=1, size=3)
    set_status(item=planned, status="planned", by=None)
    ahead = [make_scored(house.team, value=value, size=5) for value in (20, 13, 8)]

    rank_organization(organization_id=house.organization.pk)

    cuts = {cut.tier: cut for cut in Cut.objects.for_organization(house.organization)}
    assert cuts["now"].band == Band.NOW
    assert cuts["now"].points == 3
    assert cuts["next"].points == 10
    assert cuts["next"].component == place_of(ahead[1]).component
    set_status(item=planned, status="done", by=None)
    rank_organization(organization_id=house.organization.pk)
    assert set(Cut.objects.for_organization(house.organization).values_list("tier", flat=True)) == {"next"}


def test_a_move_is_told_with_its_cause():
    house = organization_with("checkout")
    blocker, blocked = make_scored(house.team, value=1), make_scored(house.team, value=5)
    block(blocker, blocked)
    rank_organization(organization_id=house.organization.pk)

    score_item(item=blocked, factors={"business_value": 20}, by=None)
    rank_organization(organization_id=house.organization.pk)

    event = Event.objects.filter(subject_ref=blocker.key, verb="ranking.updated").latest("id")
    assert event.cause == "item.scored"
    assert event.before == {"band": "Normal", "value": 1.0}
    assert event.after == {"band": "Normal", "value": 2.5, "because_of": [blocked.key]}


@pytest.mark.usefixtures("ranked_later")
def test_a_first_import_is_measured_at_once():
    house = organization_with("checkout")
    rank_organization(organization_id=house.organization.pk, mode="full")
    for _ in range(25):
        make_scored(house.team, value=13, size=8)
    sparse = make_item(house.team)
    score_item(item=sparse, factors={"business_value": 13}, by=None)

    run = rank_organization(organization_id=house.organization.pk)

    assert run is not None
    assert run.mode == "full"
    assert place_of(sparse).value == 15 / 8


def test_verify_says_equal_and_names_what_differs(capsys):
    house = organization_with("checkout")
    item = make_scored(house.team)
    call_command("rank", "--organization", house.organization.slug, "--verify", "--json")
    (figures,) = json.loads(capsys.readouterr().out)
    assert (figures["equal"], figures["differing"], figures["gap"]) == (True, 0, 0.0)

    Placement.objects.for_organization(house.organization).filter(item=item).update(position=7)

    with pytest.raises(CommandError):
        call_command("rank", "--organization", house.organization.slug, "--verify")
    assert f"differs: {item.key}" in capsys.readouterr().out
