"""What edits write: only rows that say something else afterwards."""

import random
from collections.abc import Iterator
from decimal import Decimal

from django.db import connection

from backlog.models import Item
from backlog.services.items import set_job_size
from benchmarks.figures import Figure
from benchmarks.places import one_team_backlog
from prioritization.services.ranking import rank_organization

EDITS = 30
_ROWS = """
    SELECT item_id, xmin::text, band, value, component, position, cost_of_delay, is_assumed, is_size_assumed, reason, reason_item_id
    FROM backlog_placement WHERE organization_id = %s
"""


def rank_written(items: int = 10_000) -> Iterator[Figure]:
    """Rows written by some edits, over rows that differ afterwards; each edit is looked at by itself."""
    organization, team, user = one_team_backlog(items)
    draw = random.Random(2)  # which items are edited
    chosen = list(Item.objects.filter(team=team, status=Item.Status.OPEN, is_dormant=False).order_by("id")[:2_000])
    rank_organization(organization_id=organization.pk)
    written = changed = 0
    before = _rows(organization.pk)
    for _ in range(EDITS):
        item = draw.choice(chosen)
        item.job_size = set_job_size(item=item, job_size=Decimal(draw.choice((1, 2, 3, 5, 8))), by=user).job_size
        rank_organization(organization_id=organization.pk)
        after = _rows(organization.pk)
        written += sum(after[key][0] != before[key][0] for key in after)
        changed += sum(after[key][1:] != before[key][1:] for key in after)
        before = after
    ratio = written / max(changed, 1)
    yield Figure(f"rows written by {EDITS} edits", written, "", "rows that differ", ratio, "1 x", written == changed > 0)


def _rows(organization_id: int) -> dict[int, tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, [organization_id])
        return {row[0]: row[1:] for row in cursor.fetchall()}
