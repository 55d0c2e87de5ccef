"""What a ranking run stands on apart from the items: medians for missing scores, and the teams' paces."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

from prioritization.engine.terms import Basis as Medians
from prioritization.scoring import Pace, to_basis

# By hand: every edit of a score reads it, and the ORM would take longer than the database.
_SELECT = """
    SELECT t.id, t.slug, b.medians, b.pace, b.reference_pace
    FROM accounts_team t LEFT JOIN prioritization_basis b ON b.team_id = t.id
    WHERE t.organization_id = %(organization)s AND (%(teams)s::bigint[] IS NULL OR t.id = ANY(%(teams)s))
    UNION ALL
    SELECT NULL, '', medians, pace, reference_pace FROM prioritization_basis WHERE organization_id = %(organization)s AND team_id IS NULL
"""


@dataclass(frozen=True)
class Standing:
    """The stored basis of some teams, with their short names. `missing` are teams that have none yet; `None` in it is the organization itself."""

    medians: Medians
    paces: Mapping[int, Pace]
    slugs: Mapping[int, str]
    missing: frozenset[int | None]


def read_basis(organization_id: int, team_ids: Iterable[int] | None = None) -> Standing:
    """The basis of these teams (of all, without a list), and of the organization."""
    with connection.cursor() as cursor:
        cursor.execute(_SELECT, {"organization": organization_id, "teams": None if team_ids is None else list(team_ids)})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    found = [row for row in rows if row[2] is not None]
    missing: set[int | None] = {row[0] for row in rows if row[2] is None}
    if not any(row[0] is None for row in found):
        missing.add(None)
    return Standing(
        medians=to_basis((team, json.loads(medians)) for team, _, medians, _, _ in found),
        paces={team: Pace(own, reference) for team, _, _, own, reference in found if team is not None},
        slugs={team: slug for team, slug, *_ in rows if team is not None},
        missing=frozenset(missing),
    )
