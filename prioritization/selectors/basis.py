"""What a ranking run stands on apart from the items: medians for missing scores, and the teams' paces."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from prioritization.engine.terms import Basis as Medians
from prioritization.models import Basis
from prioritization.scoring import Pace, to_basis


@dataclass(frozen=True)
class Standing:
    """The stored basis of some teams. `missing` are teams that have none yet; `None` in it is the organization itself."""

    medians: Medians
    paces: Mapping[int, Pace]
    missing: frozenset[int | None]


def read_basis(organization_id: int, team_ids: Iterable[int] | None = None) -> Standing:
    """The basis of these teams (of all, without a list), and of the organization."""
    rows = Basis.objects.for_organization(organization_id).values_list("team_id", "medians", "pace", "reference_pace")
    teams = set(team_ids or ())
    if team_ids is not None:
        rows = rows.filter(Q(team__in=teams) | Q(team__isnull=True))
    found: list[tuple[int | None, Any, int, int]] = list(rows)
    wanted: set[int | None] = {None, *teams}
    return Standing(
        medians=to_basis((team, medians) for team, medians, _, _ in found),
        paces={team: Pace(own, reference) for team, _, own, reference in found if team is not None},
        missing=frozenset(wanted - {team for team, *_ in found}),
    )
