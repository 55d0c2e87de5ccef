"""Two runs at once. Runs of an organization follow each other; the twin without the lock shows a slow one write what it read too early."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from backlog.models import Placement, RankMove, StaleRank
from prioritization.models import Factor
from prioritization.selectors.at_once import NEXT_RUN
from prioritization.selectors.problems import solve
from prioritization.services import ranking
from prioritization.services.checking import check_organization
from prioritization.services.ranking import Mode, rank_organization
from tests.factories.accounts import organization_with
from tests.factories.prioritization import make_scored

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("patient")]
PATIENCE = 1  # seconds that a run waits for the other; with the lock the other never comes


@pytest.fixture
def house():
    return organization_with("checkout")


@pytest.fixture
def items(house):
    """Three items whose scores changed behind the order's back, so that a full run has places to write."""
    items = [make_scored(house.team, value=value) for value in (1, 5, 13)]
    for item, value in zip(items, (20, 8, 2), strict=True):
        Factor.objects.filter(item=item, name="business_value").update(value=value)
    return items


def run(house, **options) -> int:
    try:
        done = rank_organization(organization_id=house.organization.pk, **options)
        return done.rows_written if done else -1
    finally:
        connection.close()


def order_of(house) -> list[int]:
    return list(Placement.objects.for_organization(house.organization).order_by("falling").values_list("item_id", flat=True))


def test_two_full_runs_at_once_write_the_order_once(house, items):
    moves = RankMove.objects.filter(organization_id=house.organization.pk)
    before = moves.count()

    with ThreadPoolExecutor(2) as pool:
        written = list(pool.map(lambda _: run(house, mode=Mode.FULL, is_fresh=True), range(2)))

    assert sorted(written) == [0, 3]
    assert moves.count() == before + 3
    assert check_organization(organization_id=house.organization.pk).is_exact


def slow_run_beside_an_edit(house, items, monkeypatch, patience: float) -> None:
    """A full run has read all rows and is slow; the last item is scored and another run ranks it, unless a lock lets that one wait."""
    has_read, is_ranked = threading.Event(), threading.Event()

    def solve_slowly(loaded, standing):
        solved = solve(loaded, standing)
        if not has_read.is_set():
            has_read.set()
            is_ranked.wait(patience)
        return solved

    def edit_and_rank() -> None:
        has_read.wait()
        Factor.objects.filter(item=items[2], name="business_value").update(value=40)
        StaleRank.objects.create(organization=house.organization, item_id=items[2].pk, cause="item.scored")
        run(house)
        is_ranked.set()

    monkeypatch.setattr(ranking, "solve", solve_slowly)
    with ThreadPoolExecutor(2) as pool:
        slow, quick = pool.submit(run, house, mode=Mode.FULL, is_fresh=True), pool.submit(edit_and_rank)
        slow.result()
        quick.result()
    assert not StaleRank.objects.exists()


def test_an_edit_beside_a_slow_run_is_ranked_after_it(house, items, monkeypatch):
    slow_run_beside_an_edit(house, items, monkeypatch, PATIENCE)

    assert order_of(house) == [items[2].pk, items[0].pk, items[1].pk]
    assert check_organization(organization_id=house.organization.pk).is_exact


def test_without_the_lock_the_slow_run_writes_over_it_and_nobody_knows(house, items, monkeypatch):
    monkeypatch.setattr(ranking, "_lock", unlocked)

    slow_run_beside_an_edit(house, items, monkeypatch, 30)

    assert order_of(house) == [items[0].pk, items[1].pk, items[2].pk]
    assert not check_organization(organization_id=house.organization.pk).is_exact


def unlocked(cursor, organization_id: int) -> int:
    cursor.execute(f"SELECT {NEXT_RUN}")
    return int(cursor.fetchone()[0])
