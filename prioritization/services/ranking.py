"""Ranking: what became stale is computed again and written where it differs.

A run is a function of the rows: doing it twice writes nothing the second time, and what is lost with a killed run is found by the next.
"""

import gc
import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import OperationalError, connection
from django.utils import timezone

from activity.services.acts import one_act
from activity.services.jobs import enqueue
from activity.statements import array, as_one, measure_after_commit, write
from backlog.models import Placement, RankMove
from prioritization.holding import Settled, settle
from prioritization.models import RankRun
from prioritization.placing import Place
from prioritization.scoring import Row
from prioritization.selectors.at_once import read_at_once
from prioritization.selectors.basis import Standing
from prioritization.selectors.ends import Ends, Key, read_ends
from prioritization.selectors.problems import Solved, solve
from prioritization.selectors.rows import Loaded, TooManyError, load_organization, load_tied
from prioritization.services.basis import ensure_basis, has_outgrown, refresh_basis
from prioritization.services.cuts import draw_cuts, lists_near
from prioritization.services.placements import write_places
from prioritization.services.publishing import Mark, count_causes, list_causes, name_causes, publish_moves, touch_lists

RANK_JOB = "prioritization.rank"
FULL_JOB = "prioritization.rank_full"
COALESCE = 0.2  # seconds in which further changes join one run
INLINE_ITEMS = 200
INLINE_SECONDS = 0.05
_LOCK = 7_410_220  # advisory locks of ranking; the second key is the organization

Mode = RankRun.Mode


def enqueue_rank(organization_id: int, *, delay: float = COALESCE) -> None:
    """Ask for a run in the background; many askings become one."""
    enqueue(name=RANK_JOB, organization_id=organization_id, key=str(organization_id), delay=delay)


def rank_stale_items(*, organization_id: int, item_ids: Iterable[int]) -> RankRun | None:
    """Rank a small component at once, for the request that changed it; hand anything else to the background.

    None where it was handed over, or where nothing is stale any more.
    """
    wanted = set(item_ids)
    if len(wanted) <= INLINE_ITEMS:
        with suppress(OperationalError):  # slow: what was done is rolled back, the marks stand, and the task finds them
            is_done, run = _rank_now(organization_id, wanted)
            if is_done:
                return run
    enqueue_rank(organization_id)
    return None


@one_act(apart=True)
def _rank_now(organization_id: int, item_ids: set[int]) -> tuple[bool, RankRun | None]:
    """Behind a savepoint of the transaction that changed the items, so that one commit carries the change and its place.

    Whether nothing is left to do, and the run if there was one. What is given up (another run has the lock, too much is tied, it took too
    long) has written nothing yet, so nothing is rolled back: the driver forgets all prepared statements with a savepoint.
    """
    started, deadline = timezone.now(), time.monotonic() + INLINE_SECONDS
    begun = _begin_at_once(organization_id, item_ids)
    with suppress(TooManyError):
        if begun.marks:
            loaded, standing, ends = read_at_once(organization_id, {mark.item for mark in begun.marks}, at_most=INLINE_ITEMS)
            if standing is None or standing.missing:
                standing = ensure_basis(organization_id, teams_of(loaded))
            solved = solve(loaded, standing)
            if time.monotonic() <= deadline:
                run = _Run(begun.run_id, organization_id, Mode.INLINE, started, begun.patience, taken=begun.taken)
                return True, _write(run, solved, standing, begun.marks, ends)
    _be_patient(begun.patience)
    return begun.is_locked and not begun.marks, None


@one_act()
def rank_organization(
    *, organization_id: int, mode: str = Mode.TASK, refresh: bool = False, night: int | None = None, is_fresh: bool = False
) -> RankRun | None:
    """Rank what is stale in an organization, or with mode `full` all of it; `refresh` measures the basis first.

    What only drifted stays where it stands within the dead band, and beyond it until its night where `night` (a day's number) says which
    this is; `is_fresh` publishes all of it. Runs of an organization follow each other. None where nothing was stale. A backlog that has
    outgrown its basis is measured and ranked in full.
    """
    started = timezone.now()
    with connection.cursor() as cursor:
        run_id = _lock(cursor, organization_id)
        marks = _drain(cursor, organization_id)
    if mode != Mode.FULL and not marks:
        return None
    if mode != Mode.FULL and not refresh:
        refresh = has_outgrown(organization_id)
    with without_collector():
        if mode == Mode.FULL or refresh:
            mode, loaded = Mode.FULL, load_organization(organization_id)
            if refresh:
                refresh_basis(organization_id, loaded)
        else:
            loaded = load_tied(organization_id, {mark.item for mark in marks})
        standing = ensure_basis(organization_id, teams_of(loaded))
        run = _Run(run_id, organization_id, mode, started, night=night, publishes_all=is_fresh or mode != Mode.FULL)
        return _write(run, solve(loaded, standing), standing, marks)


@contextmanager
def without_collector() -> Iterator[None]:
    """A run makes millions of small objects and no cycles among them; looking for cycles again and again took half of its time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@dataclass(frozen=True)
class _Run:
    id: int
    organization_id: int
    mode: str
    started_at: datetime
    patience: str | None = None
    """The limit on a statement that held before this run set its own, and holds again after its last one."""
    night: int | None = None
    publishes_all: bool = True
    """Of all that it loaded, which unless it is a full run is what acts of people touched."""
    taken: Sequence[int] = ()
    """Marks that go with what is written; a run in the background has taken its marks out already."""


def _settle(run: _Run, solved: Solved, marks: Sequence[Mark]) -> Settled:
    return settle(
        solved.places,
        solved.ranked,
        solved.loaded.stored,
        edited=None if run.publishes_all else {mark.item for mark in marks},
        moved_by_hand={cause.item for cause in list_causes(marks, solved.component_of)},
        night=run.night,
    )


def _write(run: _Run, solved: Solved, standing: Standing, marks: Sequence[Mark], ends: Ends | None = None) -> RankRun:
    """Write what differs with its events and the run itself, then the lines that move; touch the topics. `ends` are those of the lists, where known."""
    loaded = solved.loaded
    rows = {row.id: row for row in loaded.rows}
    changed = _settle(run, solved, marks).changed
    touched = _touched(changed, marks, rows, loaded)
    teams, trains = _with_moving_lines(run, touched, ends)
    touch_lists(
        run.organization_id,
        teams={standing.slugs[team] for place in changed if (team := rows[place.item].team) is not None},
        trains={train for place in changed if (train := rows[place.item].train) is not None},
    )
    keys = {row.id: row.key for row in (*loaded.rows, *loaded.closed)}
    with as_one() as kept:
        if run.taken:
            write("DELETE FROM backlog_stalerank WHERE id = ANY(%s::bigint[])", [array(run.taken)])
        counted = write_places(run.organization_id, changed, loaded.stored, run_id=run.id)
        publish_moves(run.organization_id, run_id=run.id, rows=rows, changed=changed, stored=loaded.stored, causes=name_causes(marks, keys))
        made = _keep(run, solved, marks, counted=counted, patience=None if teams or trains else run.patience)
    made.rows_written = kept.rows[0][0]
    measure_after_commit(len(changed), Placement, RankMove)
    if teams or trains:
        draw_cuts(run.organization_id, teams=teams, trains=trains, medians=standing.medians, paces=standing.paces)
        _be_patient(run.patience)
    return made


def _with_moving_lines(run: _Run, touched: "_Touched", ends: Ends | None) -> tuple[set[int], set[int]]:
    """The teams and trains whose lines may move: all that were touched in a full run. Asked before the places are written, since what is
    written are keys of touched items, before and after, and these are looked at themselves."""
    if run.mode == Mode.FULL:
        return set(touched.teams), set(touched.trains)
    if ends is None:
        ends = read_ends(teams=touched.teams, trains=touched.trains)
    return lists_near(touched.teams, ends.teams), lists_near(touched.trains, ends.trains)


@dataclass(frozen=True)
class _Touched:
    teams: dict[int, list[Key]]
    trains: dict[int, list[Key]]


def _touched(changed: Sequence[Place], marks: Sequence[Mark], rows: Mapping[int, Row], loaded: Loaded) -> _Touched:
    """By list the keys, before and after, of items whose place changed and of those marked: sizes and states count for lines too."""
    touched = _Touched({}, {})
    places = {place.item: place for place in changed}
    for item in {*places, *(mark.item for mark in marks if mark.item in rows)}:
        home = touched.trains.setdefault(train, []) if (train := rows[item].train) is not None else None
        home = touched.teams.setdefault(team, []) if (team := rows[item].team) is not None else home
        assert home is not None, "a constraint of the table"
        if (stored := loaded.stored.get(item)) is not None:
            home.append(_key(*stored.place[:4]))
        if (place := places.get(item)) is not None:
            home.append(_key(*place[1:5]))
    for row in loaded.closed:  # gone from its list, from where is not known any more
        if row.team is not None:
            touched.teams[row.team] = []
        elif row.train is not None:
            touched.trains[row.train] = []
    return touched


def _key(band: int, value: float, component: int, position: int) -> Key:
    return band, -value, component, position


def _keep(run: _Run, solved: Solved, marks: Sequence[Mark], *, counted: str, patience: str | None) -> RankRun:
    """Write the run's own row and why it ran; `counted` says how many rows it wrote, in SQL. Bound and gap are worth their time only where
    nobody waits. Gives the transaction its `patience` back, where there is one."""
    certificate = solved.certificate if run.mode != Mode.INLINE else None
    made = RankRun(
        pk=run.id,
        organization_id=run.organization_id,
        mode=run.mode,
        started_at=run.started_at,
        finished_at=timezone.now(),
        items=len(solved.loaded.rows),
        components=solved.components,
        cost=certificate.cost if certificate else None,
        lower_bound=Decimal(certificate.lower_bound.numerator) / certificate.lower_bound.denominator if certificate else None,
        gap=certificate.gap if certificate else None,
        cycles=solved.cycles,
        causes=count_causes(marks),
    )
    because = list_causes(marks, solved.component_of)
    write(
        _KEEP_CAUSES,
        [
            made.organization_id,
            made.pk,
            array(cause.component for cause in because),
            array(cause.item for cause in because),
            array(cause.verb for cause in because),
            array(cause.act for cause in because),
        ],
    )
    write(
        _KEEP.format(counted=counted),
        [
            made.pk,
            made.organization_id,
            made.mode,
            made.started_at,
            made.finished_at,
            made.items,
            made.components,
            made.cost,
            made.lower_bound,
            made.gap,
            json.dumps(made.cycles),
            json.dumps(made.causes),
            patience,
        ],
    )
    return made


_KEEP_CAUSES = """
    INSERT INTO backlog_rankcause (organization_id, run, component, item_id, verb, act)
    SELECT %s, %s, * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::uuid[])
"""
_KEEP = """
    INSERT INTO prioritization_rankrun (id, organization_id, mode, started_at, finished_at, items, components, rows_written,
                                        cost, lower_bound, gap, cycles, causes)
    VALUES (%s, %s, %s, %s, %s, %s, %s, {counted}, %s, %s, %s, %s, %s)
    RETURNING rows_written, set_config('statement_timeout', coalesce(%s, current_setting('statement_timeout')), true),
        set_config('plan_cache_mode', 'auto', true)
"""


def _be_patient(patience: str | None) -> None:
    """Let statements take again what they could before the run."""
    if patience is not None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true), set_config('plan_cache_mode', 'auto', true)", [patience])


def teams_of(loaded: Loaded) -> set[int]:
    """Whose basis these items need."""
    return {row.team for rows in (loaded.rows, loaded.closed) for row in rows if row.team is not None}


_NEXT_RUN = "nextval(pg_get_serial_sequence('prioritization_rankrun', 'id'))"


def _lock(cursor: Any, organization_id: int) -> int:
    """Wait for the runs before this one; return the number of the run. The lock ends with the transaction."""
    cursor.execute(f"SELECT pg_advisory_xact_lock(%s, %s), {_NEXT_RUN}", [_LOCK, organization_id])
    return int(cursor.fetchone()[1])


_BEGIN_AT_ONCE = f"""
    WITH run AS MATERIALIZED (
        SELECT pg_try_advisory_xact_lock(%(lock)s, %(organization)s) AS is_locked, {_NEXT_RUN} AS id,
               current_setting('statement_timeout') AS patience, set_config('statement_timeout', %(limit)s, true),
               set_config('plan_cache_mode', 'force_generic_plan', true)
    )
    SELECT run.is_locked, run.id, run.patience, mark.id, mark.item_id, mark.cause, mark.act
    FROM run LEFT JOIN backlog_stalerank mark
        ON mark.organization_id = %(organization)s AND mark.item_id = ANY(%(items)s::bigint[]) AND run.is_locked
    ORDER BY mark.id
"""  # noqa: S608, own words only


class _Begun(NamedTuple):
    is_locked: bool
    run_id: int
    patience: str
    marks: list[Mark]
    taken: list[int]
    """The marks' own ids, to be removed with what is written."""


def _begin_at_once(organization_id: int, item_ids: set[int]) -> _Begun:
    """The number of the run, the marks of these items and the limit on a statement that held so far. Where no other run has the lock it is
    held from here on, no statement after this one may take more than INLINE_SECONDS, and each runs by the plan it was prepared with
    (PostgreSQL would plan what it takes for long anew each time, which takes longer than running it for a few items)."""
    with connection.cursor() as cursor:
        cursor.execute(
            _BEGIN_AT_ONCE,
            {"lock": _LOCK, "organization": organization_id, "limit": f"{INLINE_SECONDS * 1000:.0f}ms", "items": array(item_ids)},
        )
        rows = cursor.fetchall()
    is_locked, run_id, patience = rows[0][:3]
    marked = [row for row in rows if row[3] is not None]
    return _Begun(bool(is_locked), int(run_id), str(patience), [Mark(*row[4:]) for row in marked], [row[3] for row in marked])


def _drain(cursor: Any, organization_id: int) -> list[Mark]:
    """Take the marks out; a rollback puts them back. In the order in which they were made."""
    cursor.execute("DELETE FROM backlog_stalerank WHERE organization_id = %s RETURNING id, item_id, cause, act", [organization_id])
    return [Mark(*row[1:]) for row in sorted(cursor.fetchall(), key=lambda row: row[0])]
