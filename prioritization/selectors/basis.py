"""What a ranking run stands on apart from the items: medians for missing scores, and the teams' paces."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection

from activity.statements import array
from prioritization.engine.terms import Basis as Medians
from prioritization.scoring import PLAIN, Pace, Rules, to_basis, to_choices, to_goals

# By hand: every edit of a score reads it, and the ORM would take longer than the database. One value, so that it can be read beside others.
STANDING = """
    SELECT json_agg(json_build_array(id, slug, medians, pace, reference_pace, day, choices, goals)) FROM (
        SELECT t.id, t.slug, b.medians, b.pace, b.reference_pace, NULL AS day, NULL::json AS choices, NULL::json AS goals
        FROM accounts_team t LEFT JOIN prioritization_basis b ON b.team_id = t.id
        WHERE t.organization_id = %(organization)s AND {teams}
        UNION ALL
        SELECT NULL, '', d.medians, d.pace, d.reference_pace, d.day - DATE '1970-01-01',
            (SELECT json_agg(json_build_array(team_id, train_id, kind, model, weights))
                FROM prioritization_scoring WHERE organization_id = %(organization)s),
            (SELECT json_agg(json_build_array(id, parent_id, (weight * 1000)::int, is_active
                    AND coalesce(starts_on <= d.day, true) AND coalesce(d.day <= ends_on, true)))
                FROM backlog_goal WHERE organization_id = %(organization)s)
        FROM (SELECT b.medians, b.pace, b.reference_pace,
                coalesce({day}, (coalesce(b.measured_at, statement_timestamp()) AT TIME ZONE 'UTC')::date) AS day
            FROM (SELECT 1) one LEFT JOIN prioritization_basis b ON b.organization_id = %(organization)s AND b.team_id IS NULL) d
    ) standing
"""
"""The basis of the `teams` (a condition on `t`), and of the organization with its rules of a `day`, or of that of its last measure."""
_SELECT = STANDING.format(teams="(%(teams)s::bigint[] IS NULL OR t.id = ANY(%(teams)s::bigint[]))", day="%(day)s::date")


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
    """The basis of these teams (of all, without a list), and of the organization; with `day`, the rules of that day."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT ({_SELECT})::text",
            {"organization": organization_id, "teams": None if team_ids is None else array(team_ids), "day": day},
        )
        return to_standing(json.loads(cursor.fetchone()[0]))


def to_standing(rows: list[list[Any]]) -> Standing:
    """What the statement `STANDING` found, as its JSON says."""
    found = [row for row in rows if row[2] is not None]
    measured = {row[0]: row[2] for row in found}
    return Standing(
        medians=to_basis(measured.items()),
        paces={team: Pace(own, reference) for team, _, _, own, reference, *_ in found if team is not None},
        slugs={team: slug for team, slug, *_ in rows if team is not None},
        missing=frozenset(row[0] for row in rows if row[2] is None),
        rules=_rules(*next(row[5:] for row in rows if row[0] is None)),
        measured=measured,
    )


def _rules(day: int, choices: list[Any] | None, goals: list[Any] | None) -> Rules:
    return Rules(day, to_choices(choices or ()), to_goals(goals or ()))
