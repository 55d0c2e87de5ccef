"""What a ranking run stands on apart from the items: medians for missing scores, and the teams' paces."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from django.db import connection

from activity.statements import array
from prioritization.engine.terms import Basis as Medians
from prioritization.scoring import PLAIN, Pace, Rules, to_basis, to_choices, to_goals

# By hand: every edit of a score reads it, and the ORM would take longer than the database. One value, so that it can be read beside others,
# and made of few parts: an edit waits as long for the executor to set up a statement as for it to run.
STANDING = """
    SELECT json_build_array(
        (SELECT json_agg(json_build_array(t.id, t.slug, b.medians, b.pace, b.reference_pace))
            FROM accounts_team t LEFT JOIN prioritization_basis b ON b.team_id = t.id WHERE t.organization_id = %(organization)s AND {teams}),
        (SELECT json_build_array(medians, (measured_at AT TIME ZONE 'UTC')::date - DATE '1970-01-01')
            FROM prioritization_basis WHERE organization_id = %(organization)s AND team_id IS NULL),
        (statement_timestamp() AT TIME ZONE 'UTC')::date - DATE '1970-01-01',
        (SELECT json_agg(json_build_array(team_id, train_id, kind, model, weights))
            FROM prioritization_scoring WHERE organization_id = %(organization)s),
        (SELECT json_agg(json_build_array(id, parent_id, (weight * 1000)::int, is_active, starts_on - DATE '1970-01-01', ends_on - DATE '1970-01-01'))
            FROM backlog_goal WHERE organization_id = %(organization)s)
    )::text
"""
"""The basis of the `teams` (a condition on `t`), and of the organization with its rules."""
_SELECT = STANDING.format(teams="(%(teams)s::bigint[] IS NULL OR t.id = ANY(%(teams)s::bigint[]))")
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Standing:
    """The stored basis of some teams, with their short names. `missing` are teams that have none yet; `None` in it is the organization itself.

    `rules` count on the day on which the basis was measured: between two nights no date moves anything.
    """

    medians: Medians
    paces: Mapping[int, Pace]
    slugs: Mapping[int, str]
    missing: frozenset[int | None]
    rules: Rules = PLAIN
    measured: Mapping[int | None, Mapping[str, Mapping[str, int]]] = field(default_factory=dict)
    """The medians as they were measured, by team (None: the organization), kind and name."""


def read_basis(organization_id: int, team_ids: Iterable[int] | None = None, *, day: date | None = None) -> Standing:
    """The basis of these teams (of all, without a list), and of the organization, with its rules of `day`, or of that of its last measure."""
    with connection.cursor() as cursor:
        cursor.execute(_SELECT, {"organization": organization_id, "teams": None if team_ids is None else array(team_ids)})
        return _to_standing(cursor.fetchone()[0], day)


@lru_cache(maxsize=512)
def to_standing(text: str) -> Standing:
    """What the statement `STANDING` found. For an organization at work it is the same from edit to edit; nobody changes what is in it."""
    return _to_standing(text)


def _to_standing(text: str, day: date | None = None) -> Standing:
    teams, own, today, choices, goals = json.loads(text)
    measured: dict[int | None, Mapping[str, Mapping[str, int]]] = {row[0]: row[2] for row in teams or () if row[2] is not None}
    if own is not None:
        measured[None] = own[0]
    counts_on = (day - _EPOCH).days if day else own[1] if own else today
    return Standing(
        medians=to_basis(measured.items()),
        paces={team: Pace(pace, reference) for team, _, medians, pace, reference in teams or () if medians is not None},
        slugs={team: slug for team, slug, *_ in teams or ()},
        missing=frozenset(row[0] for row in teams or () if row[2] is None) | (frozenset() if own else {None}),
        rules=Rules(counts_on, to_choices(choices or ()), to_goals(_counting(goals or (), counts_on))),
        measured=measured,
    )


def _counting(goals: Iterable[Sequence[Any]], day: int) -> Iterator[tuple[int, int | None, int, bool]]:
    """Goals as rules take them, with whether each counts on the day."""
    for goal, parent, weight, is_active, starts, ends in goals:
        yield goal, parent, weight, is_active and (starts is None or starts <= day) and (ends is None or day <= ends)
