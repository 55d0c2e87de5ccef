"""The demo's past as people read it: an event for each change, for what each run moved, and for how goals came about."""

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from activity.models import Event
from backlog.models import Iteration
from backlog.models.item import Status
from backlog.services.items import plain
from operations.demo.copying import copy_rows
from operations.demo.past import Change
from operations.demo.past_rows import Known, Run
from operations.demo.times import DAYS, GOALS_MADE, ago, born_days, closed_days, start_of
from operations.demo.words import GOALS
from prioritization.placing import Place
from prioritization.services.publishing import MOST_MOVERS, VERB, shown


class _Happened(NamedTuple):
    """An event to be."""

    at: datetime
    kind: str
    subject: int
    ref: str
    verb: str
    actor: int | None
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    act: uuid.UUID
    cause: str = ""


def store_events(known: Known, runs: Sequence[Run]) -> None:
    """All of them by COPY, in the order of their moments."""
    sprints = dict(Iteration.objects.for_organization(known.organization).values_list("id", "name"))
    happened = [*_of_goals(known), *_of_items(known), *_of_changes(known, runs, sprints), *_of_runs(known, runs)]
    copy_rows(
        Event,
        "organization_id subject_kind subject_id subject_ref verb actor_id at before after cause act",
        (
            (
                known.organization.pk,
                one.kind,
                one.subject,
                one.ref,
                one.verb,
                one.actor,
                one.at,
                json.dumps(one.before),
                json.dumps(one.after),
                one.cause,
                one.act,
            )
            for one in sorted(happened, key=lambda one: one.at)
        ),
    )
    _date_changes([change for run in runs if not run.is_rest for change, _ in run.changes if change.verb and change.goals is None])


def _of_goals(known: Known) -> Iterator[_Happened]:
    """Goals were made before all else, and what serves one by itself said so then, or when it came."""
    owner = known.people[0].pk
    numbers = {goal.pk: goal.number for goal in known.goals}
    for goal, words in zip(known.goals, GOALS, strict=True):
        after = {"name": goal.name, "parent": None, "weight": plain(words.was_weighed)}
        yield _Happened(ago(known.at, GOALS_MADE), "goal", goal.pk, "", "goal.created", owner, {}, after, uuid.uuid4())
    for item, row in known.rows.items():
        if row.goal is not None:
            days = min(born_days(known.planned[item]), GOALS_MADE - 1) - 1 / 1440
            after = {"goal": numbers[row.goal]}
            yield _Happened(ago(known.at, days), "item", item, row.key, "item.aimed", owner, {"goal": None}, after, uuid.uuid4())


def _of_items(known: Known) -> Iterator[_Happened]:
    """What was done before the past, and what began after its sprint did."""
    for item, planned in known.planned.items():
        days = closed_days(planned)
        if planned.status == "done" and days is not None and days >= DAYS:
            before, after = {"status": Status.PLANNED, "reason": ""}, {"status": Status.DONE, "reason": ""}
            yield _Happened(
                ago(known.at, days), "item", item, known.keys[item], "item.moved_to", _actor(known, item), before, after, uuid.uuid4()
            )
    for item, row in known.rows.items():
        if row.status == Status.IN_PROGRESS:
            before, after = {"status": Status.PLANNED, "reason": ""}, {"status": Status.IN_PROGRESS, "reason": ""}
            at = ago(known.at, start_of(0) - 0.3 - item % 4)
            yield _Happened(at, "item", item, row.key, "item.moved_to", _actor(known, item), before, after, uuid.uuid4())


def _of_changes(known: Known, runs: Sequence[Run], sprints: Mapping[int, str]) -> Iterator[_Happened]:
    for run in runs:
        for change, act in () if run.is_rest else run.changes:
            if not change.verb:
                continue  # it came: told with the item itself
            if change.goals is not None:
                yield _Happened(change.at, "goal", change.subject, "", change.verb, known.people[0].pk, change.before, change.after, act)
                continue
            row = known.rows[change.subject]
            actor = known.people[0].pk if change.verb == "item.scored" else _actor(known, change.subject)
            yield _Happened(change.at, "item", row.id, row.key, change.verb, actor, change.before, change.after, act)
            sprint = known.sprints.get(row.id)
            if change.after.get("status") == Status.PLANNED and sprint is not None:
                yield _Happened(
                    change.at, "item", row.id, row.key, "item.scheduled", actor, {"iteration": None}, {"iteration": sprints[sprint]}, act
                )


def _of_runs(known: Known, runs: Sequence[Run]) -> Iterator[_Happened]:
    """What moved in value or band, as ranking tells it: of a run that moves many, no item tells."""
    for run in runs:
        movers = [
            (item, before, after)
            for item, (before, after) in run.moved.items()
            if before is not None and after is not None and before[1:3] != after[1:3]
        ]
        if len(movers) > MOST_MOVERS:
            continue
        act = run.changes[-1][1]
        because = [known.rows[change.subject].key for change, _ in run.changes if change.goals is None][:3]
        for item, before, after in movers:
            said = {**_shown(after), "because_of": because}
            yield _Happened(run.at, "item", item, known.rows[item].key, VERB, None, _shown(before), said, act, ", ".join(run.verbs))


def _shown(place: Place) -> dict[str, Any]:
    return shown(place.band, place.value)


def _actor(known: Known, item: int) -> int:
    return known.people[item % len(known.people)].pk


def _date_changes(changes: Sequence[Change]) -> None:
    """Items say when they were changed last and how often, scores when they were given."""
    if not changes:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE backlog_item i SET version = i.version + n.times, updated_at = greatest(i.updated_at, n.at) "
            "FROM (SELECT item, count(*) AS times, max(at) AS at FROM unnest(%s::bigint[], %s::timestamptz[]) AS u(item, at) GROUP BY item) n "
            "WHERE i.id = n.item",
            [[change.subject for change in changes], [change.at for change in changes]],
        )
        scored = [(change.subject, name, change.at) for change in changes if change.verb == "item.scored" for name in change.after]
        cursor.execute(
            "UPDATE prioritization_factor f SET scored_at = n.at FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[]) AS n(item, name, at) "
            "WHERE f.item_id = n.item AND f.name = n.name",
            [list(column) for column in zip(*scored, strict=True)] if scored else [[], [], []],
        )
