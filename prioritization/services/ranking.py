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

from activity.services.acts import act_behind, bump_along, bumped_along, one_act
from activity.services.jobs import enqueue
from activity.statements import array, as_one, execute, execute_several, measure_after_commit, write
from backlog.models import Placement, RankMove
from backlog.signals import Mark
from prioritization.holding import Settled, settle
from prioritization.models import RankRun
from prioritization.placing import Place
from prioritization.scoring import Row
from prioritization.selectors.at_once import NEXT_RUN, read_at_once
from prioritization.selectors.basis import Standing
from prioritization.selectors.ends import Ends, Key, read_ends
from prioritization.selectors.problems import Solved, solve
from prioritization.selectors.rows import Loaded, TooManyError, load_organization, load_tied
from prioritization.services.basis import ensure_basis, has_outgrown, refresh_basis
from prioritization.services.cuts import draw_cuts, lists_near
from prioritization.services.placements import write_places
from prioritization.services.publishing import Because, count_causes, list_causes, name_causes, publish_moves, touch_lists

RANK_JOB = "prioritization.rank"
FULL_JOB = "prioritization.rank_full"
COALESCE = 0.2  # seconds in which further changes join one run
INLINE_ITEMS = 200
INLINE_SECONDS = 0.05
_LOCK = 7_410_220  # advisory locks of ranking; the second key is the organization

Mode = RankRun.Mode


class Ran(NamedTuple):
    """What a run did, as its row keeps it."""

    mode: str
    items: int
    components: int
    gap: float | None
    cycles: list[list[str]]
    rows_written: int = 0


def enqueue_rank(organization_id: int, *, delay: float = COALESCE) -> None:
    """Ask for a run in the background; many askings become one."""
    enqueue(name=RANK_JOB, organization_id=organization_id, key=str(organization_id), delay=delay)


def rank_stale_items(*, organization_id: int, item_ids: Iterable[int], marks: Sequence[Mark] = ()) -> Ran | None:
    """Rank a small component at once, for the request that changed it; hand anything else to the background.

    `marks` are those of these items that the caller has not written: it writes them where this returns None, which is where the work was
    handed over, or where without them nothing is stale any more.
    """
    wanted = set(item_ids)
    if len(wanted) <= INLINE_ITEMS:
        with suppress(OperationalError):  # slow: what was done is rolled back, the marks stand, and the task finds them
            is_done, run = _rank_now(organization_id, wanted, marks)
            if is_done:
                return run
    enqueue_rank(organization_id)
    return None


def _rank_now(organization_id: int, item_ids: set[int], given: Sequence[Mark]) -> tuple[bool, Ran | None]:
    """Behind a savepoint of the transaction that changed the items, so that one commit carries the change and its place.

    Whether nothing is left to do, and the run if there was one. What is given up (another run has the lock, too much is tied, it took too
    long) has written nothing yet, so nothing is rolled back: the driver forgets all prepared statements with a savepoint.
    """
    started, deadline = timezone.now(), time.monotonic() + INLINE_SECONDS
    with act_behind(_SAVEPOINT):
        patience = _begin_at_once(organization_id)
        found = None
        with suppress(TooManyError):
            found = read_at_once(organization_id, item_ids, at_most=INLINE_ITEMS) if patience.is_ours else None
        marks = [*(Mark(*mark[1:]) for mark in found.marks), *given] if found is not None else []
        if found is not None and marks:
            standing = found.standing
            if standing is None or standing.missing:
                standing = ensure_basis(organization_id, teams_of(found.loaded))
            solved = solve(found.loaded, standing)
            if time.monotonic() <= deadline:
                run = _Run(found.run_id, organization_id, Mode.INLINE, started, patience.before, taken=[mark.id for mark in found.marks])
                return True, _write(run, solved, standing, marks, found.ends)
        _be_patient(patience.before)
    return found is not None and not marks, None


@one_act()
def rank_organization(
    *, organization_id: int, mode: str = Mode.TASK, refresh: bool = False, night: int | None = None, is_fresh: bool = False
) -> Ran | None:
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
    """Marks that stood before and go with what is written; a run in the background has taken its marks out already."""


def _settle(run: _Run, solved: Solved, marks: Sequence[Mark], because: Iterable[Because]) -> Settled:
    return settle(
        solved.places,
        solved.ranked,
        solved.loaded.stored,
        edited=None if run.publishes_all else {mark.item for mark in marks},
        moved_by_hand={cause.item for cause in because},
        night=run.night,
    )


def _write(run: _Run, solved: Solved, standing: Standing, marks: Sequence[Mark], ends: Ends | None = None) -> Ran:
    """Write what differs with its events and the run itself, then the lines that move; touch the topics. `ends` are those of the lists, where known."""
    loaded = solved.loaded
    rows = {row.id: row for row in loaded.rows}
    because = list_causes(marks, solved.component_of)
    changed = _settle(run, solved, marks, because).changed
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
        told = "" if teams or trains else bump_along()
        ran = _keep(run, solved, marks, because, counted=counted, told=told, patience=None if teams or trains else run.patience)
    if told:
        bumped_along(kept.rows[0][1])
    measure_after_commit(len(changed), Placement, RankMove)
    if teams or trains:
        draw_cuts(run.organization_id, teams=teams, trains=trains, medians=standing.medians, paces=standing.paces)
        _be_patient(run.patience)
    return ran._replace(rows_written=kept.rows[0][0])


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


def _keep(
    run: _Run, solved: Solved, marks: Sequence[Mark], because: Sequence[Because], *, counted: str, told: str, patience: str | None
) -> Ran:
    """Write the run's own row and why it ran; `counted` says how many rows it wrote, in SQL, and `told` what else is to be returned.

    Bound and gap are worth their time only where nobody waits. Gives the transaction its `patience` back, where there is one.
    """
    certificate = solved.certificate if run.mode != Mode.INLINE else None
    ran = Ran(run.mode, len(solved.loaded.rows), solved.components, certificate.gap if certificate else None, solved.cycles)
    write(
        _KEEP_CAUSES,
        [
            run.organization_id,
            run.id,
            array(cause.component for cause in because),
            array(cause.item for cause in because),
            array(cause.verb for cause in because),
            array(cause.act for cause in because),
        ],
    )
    write(
        _KEEP.format(counted=counted, told=told or "NULL"),
        [
            run.id,
            run.organization_id,
            run.mode,
            run.started_at,
            timezone.now(),
            ran.items,
            ran.components,
            certificate.cost if certificate else None,
            Decimal(certificate.lower_bound.numerator) / certificate.lower_bound.denominator if certificate else None,
            ran.gap,
            json.dumps(ran.cycles),
            json.dumps(count_causes(marks)),
            patience,
        ],
    )
    return ran


_KEEP_CAUSES = """
    INSERT INTO backlog_rankcause (organization_id, run, component, item_id, verb, act)
    SELECT %s, %s, * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::uuid[])
"""
_KEEP = """
    INSERT INTO prioritization_rankrun (id, organization_id, mode, started_at, finished_at, items, components, rows_written,
                                        cost, lower_bound, gap, cycles, causes)
    VALUES (%s, %s, %s, %s, %s, %s, %s, {counted}, %s, %s, %s, %s, %s)
    RETURNING rows_written, {told}, set_config('statement_timeout', coalesce(%s, current_setting('statement_timeout')), true),
        set_config('plan_cache_mode', 'auto', true)
"""


def _be_patient(patience: str | None) -> None:
    """Let statements take again what they could before the run."""
    if patience is not None:
        execute("SELECT set_config('statement_timeout', %s, true), set_config('plan_cache_mode', 'auto', true)", [patience])


def teams_of(loaded: Loaded) -> set[int]:
    """Whose basis these items need."""
    return {row.team for rows in (loaded.rows, loaded.closed) for row in rows if row.team is not None}


def _lock(cursor: Any, organization_id: int) -> int:
    """Wait for the runs before this one; return the number of the run. The lock ends with the transaction."""
    cursor.execute(f"SELECT pg_advisory_xact_lock(%s, %s), {NEXT_RUN}", [_LOCK, organization_id])
    return int(cursor.fetchone()[1])


_SAVEPOINT = "ranking"
_BEGIN_AT_ONCE = """
    SELECT pg_try_advisory_xact_lock({lock}, {organization}), current_setting('statement_timeout');
    SAVEPOINT {savepoint};
    SET LOCAL statement_timeout = {limit};
    SET LOCAL plan_cache_mode = force_generic_plan
"""


class _Patience(NamedTuple):
    is_ours: bool
    """Whether no other run has the lock; this one holds it from here on."""
    before: str
    """The limit on a statement that held so far."""


def _begin_at_once(organization_id: int) -> _Patience:
    """Set the savepoint and take the lock, unless another run has it, in one round trip. From here on no statement may take more than
    INLINE_SECONDS, and each runs by the plan it was prepared with (PostgreSQL would plan what it takes for long anew each time, which takes
    longer than running it for a few items)."""
    limit = int(INLINE_SECONDS * 1000)
    sql = _BEGIN_AT_ONCE.format(lock=_LOCK, organization=int(organization_id), savepoint=_SAVEPOINT, limit=limit)
    ((is_ours, before),) = execute_several(sql)
    return _Patience(is_ours, before)


def _drain(cursor: Any, organization_id: int) -> list[Mark]:
    """Take the marks out; a rollback puts them back. In the order in which they were made."""
    cursor.execute("DELETE FROM backlog_stalerank WHERE organization_id = %s RETURNING id, item_id, cause, act", [organization_id])
    return [Mark(*row[1:]) for row in sorted(cursor.fetchall(), key=lambda row: row[0])]
