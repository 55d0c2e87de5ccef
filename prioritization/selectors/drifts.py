"""How far a manual order is from the computed one."""

from dataclasses import dataclass

from django.db import connection

from accounts.models import ReleaseTrain, Team
from backlog.models import Band
from prioritization.engine.drift import TOP, measure_drift
from prioritization.engine.types import Candidate
from prioritization.scoring import assumed_size
from prioritization.selectors.basis import read_basis

_BOTH = """
    SELECT p.item_id, p.manual_key, (coalesce(p.cost_of_delay, 0) * 1000)::bigint, (i.job_size * 1000)::bigint, i.kind
    FROM backlog_placement p JOIN backlog_item i ON i.id = p.item_id
    WHERE p.{home} = %s AND p.manual_key IS NOT NULL AND p.band <= %s
    ORDER BY p.band, p.falling, p.component, p.position
"""


@dataclass(frozen=True)
class ListDrift:
    """What the page says: the share of pairs that both orders agree on, of the first twenty, and of delay added, in whole percents."""

    agreed: int
    top: int
    of: int
    delay: float
    items: int

    @property
    def words(self) -> str:
        costs = (
            f"costs {self.delay:.1f} % more"
            if self.delay >= 0.05
            else "costs no more"
            if self.delay > -0.05
            else f"costs {-self.delay:.1f} % less"
        )
        return (
            f"Your order and the computed one agree on {self.agreed} % of all pairs; {self.top} of the first {self.of} are the same. "
            f"Yours {costs} in delay."
        )


def drift_of(home: Team | ReleaseTrain) -> ListDrift | None:
    """The drift over what has a value and a place in both orders; None where that is less than two items."""
    team = home.pk if isinstance(home, Team) else None
    with connection.cursor() as cursor:
        cursor.execute(_BOTH.format(home="team_id" if team else "train_id"), [home.pk, Band.NORMAL])
        rows = cursor.fetchall()
    if len(rows) < 2:
        return None
    medians = read_basis(home.organization_id, [team] if team else []).medians
    candidates = [
        Candidate(item, {"value": cost}, assumed_size(medians, team=team, kind=kind) if size is None else size)
        for item, _, cost, size, kind in rows
    ]
    by_hand = [item for item, _ in sorted(((row[0], row[1]) for row in rows), key=lambda row: row[1].encode())]
    drift = measure_drift(by_hand, [row[0] for row in rows], candidates)
    of = min(TOP, len(rows))
    return ListDrift(round((drift.tau + 1) * 50), round(drift.top_overlap * of), of, (drift.delay_ratio - 1) * 100, len(rows))
