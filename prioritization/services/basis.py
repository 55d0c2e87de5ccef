"""Measuring the basis: by night, on first need, and once a backlog has outgrown what it was measured on."""

from collections.abc import Iterable, Mapping
from statistics import median_low

from django.db import transaction
from django.utils import timezone

from accounts.models import Team
from backlog.models import Iteration, Placement
from prioritization.engine.terms import measure_basis
from prioritization.models import Basis
from prioritization.scoring import LATEST_ITERATIONS, in_milli, measure_pace, to_scored, to_stored
from prioritization.selectors.basis import Standing, read_basis
from prioritization.selectors.rows import Loaded, load_organization

_FEW = 20


def ensure_basis(organization_id: int, team_ids: Iterable[int]) -> Standing:
    """The stored basis of the organization and these teams, measured where it never was. A new team starts with its setting's pace."""
    wanted = set(team_ids)
    standing = read_basis(organization_id, wanted)
    if None in standing.missing:
        refresh_basis(organization_id)
        standing = read_basis(organization_id, wanted)
    new = [team for team in standing.missing if team is not None]
    if new:
        paces = measure_paces(organization_id)
        references = _references(organization_id, paces)
        Basis.objects.bulk_create(
            [
                Basis(organization_id=organization_id, team_id=team, pace=paces[team], reference_pace=references[team])
                for team in sorted(new)
            ],
            ignore_conflicts=True,
        )
        standing = read_basis(organization_id, wanted)
    return standing


def has_outgrown(organization_id: int) -> bool:
    """Whether the organization has many times the items its basis was measured on, so that the night is too far: after a first import."""
    sample = Basis.objects.for_organization(organization_id).filter(team=None).values_list("sample", flat=True).first()
    if sample is None:
        return True
    return Placement.objects.for_organization(organization_id).count() > 2 * sample + _FEW


@transaction.atomic
def refresh_basis(organization_id: int, loaded: Loaded | None = None) -> None:
    """Measure medians and paces of all teams anew. Every place may move: rank in full afterwards."""
    loaded = loaded or load_organization(organization_id)
    paces = measure_paces(organization_id)
    references = _references(organization_id, paces)
    now = timezone.now()
    rules = read_basis(organization_id, [], day=now.date()).rules
    medians = to_stored(measure_basis(to_scored(loaded.rows, loaded.factors, {}, rules)))
    samples: dict[int | None, int] = {None: len(loaded.rows)}
    for row in loaded.rows:
        if row.team is not None:
            samples[row.team] = samples.get(row.team, 0) + 1
    Basis.objects.bulk_create(
        [
            Basis(
                organization_id=organization_id,
                team_id=team,
                medians=medians.get(team, {}),
                pace=paces.get(team, 1) if team else 1,
                reference_pace=references.get(team, 1) if team else 1,
                sample=samples.get(team, 0),
                measured_at=now,
            )
            for team in (None, *sorted(paces))
        ],
        update_conflicts=True,
        unique_fields=["organization", "team"],
        update_fields=["medians", "pace", "reference_pace", "sample", "measured_at"],
    )


def measure_paces(organization_id: int) -> dict[int, int]:
    """Milli-points an iteration of each team, from its last closed iterations or its setting."""
    closed: dict[int, list[int]] = {}
    iterations = Iteration.objects.for_organization(organization_id).filter(state=Iteration.State.CLOSED, points_done__isnull=False)
    for team, points in iterations.order_by("-ends_on", "-id").values_list("team_id", "points_done"):
        done = closed.setdefault(team, [])
        if points is not None and len(done) < LATEST_ITERATIONS:
            done.append(in_milli(points))
    settings = Team.objects.for_organization(organization_id).values_list("id", "points_per_iteration")
    return {team: measure_pace(closed.get(team, ()), setting * 1000) for team, setting in settings}


def _references(organization_id: int, paces: Mapping[int, int]) -> dict[int, int]:
    """For each team the median pace of its train."""
    trains = dict(Team.objects.for_organization(organization_id).values_list("id", "train_id"))
    of_train: dict[int, list[int]] = {}
    for team, train in trains.items():
        of_train.setdefault(train, []).append(paces.get(team, 1000))
    return {team: median_low(of_train[train]) for team, train in trains.items()}
