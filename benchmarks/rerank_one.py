"""From an edit to its committed rank, in the request, against the commit of a single row."""

import random
from collections.abc import Iterator
from decimal import Decimal

from django.db import connection
from django.db.models import Count

from backlog.models import Item, Placement, StaleRank
from backlog.services.items import set_job_size
from benchmarks.figures import Figure, medians_ms
from benchmarks.places import one_team_backlog
from prioritization.services.ranking import INLINE_ITEMS

LIMIT = 8.0
TIMES = 100
SIZES = (Decimal(1), Decimal(2), Decimal(3), Decimal(5), Decimal(8))


def rerank_one(items: int = 10_000) -> Iterator[Figure]:
    """Milliseconds from the changed size to the stored key: the service's whole transaction and the ranking after it.

    Of items that are ranked in the request. What large families tie together is left to the background, so an edit there commits no rank.
    """
    organization, team, user = one_team_backlog(items)
    draw = random.Random(1)  # which items are edited
    small = Placement.objects.for_organization(organization).values("component").annotate(size=Count("id")).filter(size__lte=INLINE_ITEMS)
    inline = Item.objects.filter(team=team, placement__component__in=small.values("component"))
    chosen = list(inline.filter(status=Item.Status.OPEN, is_dormant=False).order_by("id")[:2_000])

    def edit() -> None:
        item = draw.choice(chosen)
        size = draw.choice([size for size in SIZES if size != item.job_size])
        item.job_size = set_job_size(item=item, job_size=size, by=user).job_size

    def commit() -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE backlog_item SET demand = demand + 1 WHERE id = %s", [draw.choice(chosen).pk])

    single, edited = medians_ms(commit, edit, times=TIMES)
    left = StaleRank.objects.filter(organization=organization).count()
    ratio = edited / single
    yield Figure(
        f"rerank_one of {items:,}", edited, "ms", "a single-row commit", ratio, f"<= {LIMIT:g} x, none left", ratio <= LIMIT and left == 0
    )
