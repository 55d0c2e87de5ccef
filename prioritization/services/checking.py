"""A full computation beside what stands, to show that ranking a little at a time comes to the same."""

from dataclasses import dataclass

from django.db import connection

from prioritization.holding import compare
from prioritization.selectors.basis import read_basis
from prioritization.selectors.problems import Solved, solve
from prioritization.selectors.rows import load_organization
from prioritization.services.ranking import teams_of, without_collector


@dataclass(frozen=True)
class Check:
    """What equals what: a stored place is the computed one to the last digit, unless its component was last published on an older basis
    or day. Such a place may be held or waiting; `differing` are those that no drift explains."""

    solved: Solved
    differing: list[str]
    """Keys of items whose stored place is wrong, or that have none."""
    held: int = 0
    """Items whose fresh value is within the dead band of what stands."""
    waiting: int = 0
    """Items beyond it, whose component waits for its night."""
    largest_drift: float = 0.0

    @property
    def is_exact(self) -> bool:
        """Whether every stored place is the computed one to the last digit."""
        return not (self.differing or self.held or self.waiting)


def check_organization(*, organization_id: int) -> Check:
    """Compute everything anew, write nothing, and compare with the stored places."""
    with without_collector():
        loaded = load_organization(organization_id)
        solved = solve(loaded, read_basis(organization_id, teams_of(loaded)))
        compared = compare(solved.places, solved.ranked, loaded.stored, current=_read_current(organization_id))
    keys = {row.id: row.key for row in loaded.rows}
    return Check(
        solved,
        differing=[keys[item] for item in compared.wrong],
        held=len(compared.held),
        waiting=len(compared.waiting),
        largest_drift=compared.largest_drift,
    )


def _read_current(organization_id: int) -> list[int]:
    """The items whose place was written today, after the basis was measured."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT item_id FROM backlog_placement
            WHERE organization_id = %(organization)s AND ranked_at >= greatest(
                date_trunc('day', now(), 'UTC'), (SELECT max(measured_at) FROM prioritization_basis WHERE organization_id = %(organization)s)
            )
            """,
            {"organization": organization_id},
        )
        return [item for (item,) in cursor.fetchall()]
