"""The demo's past as rows: moves with their runs and causes, and where tiers ended. All by COPY."""

import json
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from accounts.models import Organization, Team, User
from backlog.models import Band, Cut, CutMove, Goal, RankCause, RankMove
from operations.demo.copying import copy_rows, take_ids
from operations.demo.past import Change, Past, Turned, key_of
from operations.demo.plan import PlannedItem
from operations.demo.times import DAYS, ago
from prioritization.models import RankRun
from prioritization.placing import Place
from prioritization.scoring import Row
from prioritization.selectors.basis import Standing
from prioritization.services.cuts import ITERATIONS_AHEAD, Line, tier_lines

MOST_CAUSES = 2
Home = tuple[str, int]
"""The column and the id of a list's team or train."""


@dataclass
class Run:
    """Changes of one step that are tied together, with their acts, and what they moved."""

    id: int
    at: datetime
    changes: list[tuple[Change, uuid.UUID]]
    moved: dict[int, tuple[Place | None, Place | None]] = field(default_factory=dict)
    is_rest: bool = False
    """What it moved was moved along; its changes are told by other runs."""

    @property
    def components(self) -> list[int]:
        return sorted({after.component for _, after in self.moved.values() if after is not None})

    @property
    def verbs(self) -> list[str]:
        return list(dict.fromkeys(change.cause for change, _ in self.changes))


@dataclass(frozen=True)
class Known:
    """What the rows of the past need: the organization; by item's id its row (of those of the past), plan, key and sprint; the goals and the people."""

    organization: Organization
    rows: Mapping[int, Row]
    planned: Mapping[int, PlannedItem]
    keys: Mapping[int, str]
    sprints: Mapping[int, int | None]
    goals: Sequence[Goal]
    people: Sequence[User]
    at: datetime

    @property
    def began(self) -> datetime:
        """When the past begins: everything that was there then enters its list."""
        return ago(self.at, DAYS + 1)

    def home(self, item: int) -> Home:
        row = self.rows[item]
        return ("team_id", row.team) if row.team is not None else ("train_id", row.train or 0)


def gather_runs(past: Past, created: Mapping[int, uuid.UUID]) -> list[Run]:
    """All runs of the past, the first first. `created` are the acts by which items came, which the store has told already."""
    runs = [run for turned in past.turned for run in _runs(turned, created)]
    for run, pk in zip(runs, take_ids(RankRun, len(runs)), strict=True):
        run.id = pk
    return runs


def _runs(turned: Turned, created: Mapping[int, uuid.UUID]) -> list[Run]:
    """What the changes of a step moved, apart where they are not tied to each other. A changed goal is one run."""
    acts = [(change, uuid.uuid4() if change.verb else created[change.subject]) for change in turned.step.changes]
    if any(change.goals is not None for change, _ in acts):
        return [Run(0, turned.step.at, acts, dict(turned.moved))]
    above: dict[int, int] = {}

    def root(node: int) -> int:
        while above.setdefault(node, node) != node:
            node = above[node]
        return node

    ends = {item: [place.component for place in pair if place is not None] for item, pair in turned.moved.items()}
    for components in ends.values():
        above[root(components[0])] = root(components[-1])
    runs: dict[int, Run] = {}
    for change, act in acts:
        home = root(ends[change.subject][0]) if change.subject in ends else -1 - len(runs)  # it moved nothing
        runs.setdefault(home, Run(0, turned.step.at, [])).changes.append((change, act))
    for item, pair in turned.moved.items():
        runs[root(ends[item][0])].moved[item] = pair
    apart = [part for run in runs.values() for part in _apart(run)]
    for number, run in enumerate(apart):
        run.at += timedelta(seconds=number)
    return apart


def _apart(run: Run) -> list[Run]:
    """Where several items of one component changed: a run for each of them, as one after the other would have moved it, and one for the rest."""
    if len(run.changes) == 1:
        return [run]
    own = [Run(0, run.at, [(change, act)], _only(run, change.subject)) for change, act in run.changes]
    told = {change.subject for change, _ in run.changes}
    rest = {item: pair for item, pair in run.moved.items() if item not in told}
    return [*own, Run(0, run.at, run.changes[:MOST_CAUSES], rest, is_rest=True)] if rest else own


def _only(run: Run, item: int) -> dict[int, tuple[Place | None, Place | None]]:
    return {item: run.moved[item]} if item in run.moved else {}


def store_moves(known: Known, past: Past, runs: Sequence[Run]) -> None:
    """Each item's moves follow each other from its entry to where it stands."""

    def row(item: int, at: datetime, run: int | None, before: Place | None, after: Place | None) -> tuple[Any, ...]:
        home = known.rows[item]
        keys = [value for place in (before, after) for value in (key_of(place) if place else (None,) * 4)]
        return known.organization.pk, item, home.team, home.train, at, run, *keys

    first = (row(item, known.began, None, None, place) for item, place in sorted(past.first.items()))
    copy_rows(
        RankMove,
        "organization_id item_id team_id train_id at run band_before value_before component_before position_before "
        "band_after value_after component_after position_after",
        chain(first, (row(*move) for run in runs for move in _moves(run))),
    )


def _moves(run: Run) -> Iterator[tuple[int, datetime, int | None, Place | None, Place | None]]:
    """What comes and goes does so at its own moment; what was ranked, at the run's."""
    own = {} if run.is_rest else {change.subject: change.at for change, _ in run.changes}
    for item, (before, after) in sorted(run.moved.items()):
        if after is None:
            yield item, own[item], None, before, None
        else:
            yield item, own[item] if before is None else run.at, run.id, before, after


def store_runs(known: Known, runs: Sequence[Run]) -> None:
    """What was ranked, and why."""
    organization = known.organization.pk
    serving = {row.goal: row.id for row in reversed(list(known.rows.values()))}
    copy_rows(
        RankRun,
        "id organization_id mode started_at finished_at items components rows_written cycles causes",
        (
            (
                run.id,
                organization,
                RankRun.Mode.TASK,
                run.at,
                run.at,
                len(run.moved),
                len(run.components),
                len(run.moved),
                "[]",
                json.dumps(dict.fromkeys(run.verbs, 1)),
            )
            for run in runs
            if run.moved
        ),
    )
    copy_rows(
        RankCause,
        "organization_id at run component item_id verb act",
        (
            (organization, run.at, run.id, component, serving[change.subject] if change.goals else change.subject, change.cause, act)
            for run in runs
            for component in run.components
            for change, act in run.changes
        ),
    )


class _Lines:
    """The tiers' ends of all lists as the past goes on, and the rows that tell how they moved."""

    def __init__(self, known: Known, standing: Standing) -> None:
        self.known, self.medians = known, standing.medians
        self.places: dict[Home, dict[int, Place]] = {}
        self.room: dict[Home, int] = {}
        self.drawn: dict[tuple[Home, str], Line] = {}
        self.rows: list[tuple[Any, ...]] = []
        for team, train in Team.objects.for_organization(known.organization).values_list("id", "train_id"):
            pace = ITERATIONS_AHEAD * standing.paces[team].own
            self.room["team_id", team] = pace
            self.room["train_id", train] = self.room.get(("train_id", train), 0) + pace

    def put(self, item: int, place: Place | None) -> Home:
        """Let the item stand there, or nowhere; return its list."""
        home = self.known.home(item)
        here = self.places.setdefault(home, {})
        if place is None:
            here.pop(item, None)
        else:
            here[item] = place
        return home

    def draw(self, homes: Collection[Home], at: datetime) -> None:
        """Compare where these lists' tiers end now with where they ended."""
        for home in sorted(homes):
            team = home[1] if home[0] == "team_id" else None
            train = home[1] if team is None else None
            lines = tier_lines(self._head(home), room=self.room[home], team=team, medians=self.medians, is_all=True) or {}
            for tier in Cut.Tier.values:
                before, after = _end(self.drawn.pop((home, tier), None)), _end(lines.get(tier))
                if before != after:
                    self.rows.append((self.known.organization.pk, team, train, tier, at, *before, *after))
                if tier in lines:
                    self.drawn[home, tier] = lines[tier]

    def _head(self, home: Home) -> list[tuple[Any, ...]]:
        """What stands in order there, as `tier_lines` takes it."""
        rows = self.known.rows
        return [
            (*key, rows[item].size, rows[item].kind)
            for key, item in sorted(
                ((place.band, -place.value, place.component, place.position), item)
                for item, place in self.places[home].items()
                if place.band <= Band.NORMAL
            )
        ]


def _end(line: Line | None) -> tuple[Any, ...]:
    return (None,) * 4 if line is None else (line.band, line.falling, line.component, line.position)


def store_cuts(known: Known, past: Past, runs: Sequence[Run], standing: Standing) -> None:
    """Where tiers ended after each run, as ranking draws them. Sizes are today's."""
    lines = _Lines(known, standing)
    lines.draw({lines.put(item, place) for item, place in past.first.items()}, known.began)
    for run in runs:
        lines.draw({lines.put(item, after) for item, (_, after) in run.moved.items()}, run.at)
    copy_rows(
        CutMove,
        "organization_id team_id train_id tier at band_before falling_before component_before position_before "
        "band_after falling_after component_after position_after",
        lines.rows,
    )
