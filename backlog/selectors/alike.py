"""Items that read much the same, by the trigrams of their titles."""

from typing import NamedTuple

from django.db import transaction

from backlog.models import Item
from backlog.models.item import RANKED
from backlog.selectors.narrowing import Home, column_of, fetch


class Alike(NamedTuple):
    """Another open item with a title much like it; `percent` of its trigrams are the same."""

    key: str
    title: str
    kind: str
    percent: int


_ALIKE = """
    SELECT i.key, i.title, i.kind, round(100 * similarity(upper(i.title), upper(%(title)s)))::int AS alike
    FROM backlog_item i
    WHERE i.organization_id = %(organization)s AND i.{home} = %(home)s AND i.id <> %(item)s AND i.status = ANY(%(ranked)s)
    AND upper(i.title) %% upper(%(title)s)
    ORDER BY alike DESC, i.id LIMIT %(most)s
"""
ALIKE = 0.5
MOST_ALIKE = 5


def list_alike(*, home: Home, item: Item) -> list[Alike]:
    """Open items of the same list whose titles read much the same, the closest first."""
    params = {
        "organization": item.organization_id,
        "home": home.pk,
        "item": item.pk,
        "title": item.title,
        "ranked": list(RANKED),
        "most": MOST_ALIKE,
    }
    with transaction.atomic():  # the threshold is this transaction's own
        fetch("SELECT set_config('pg_trgm.similarity_threshold', %(least)s, true)", {"least": str(ALIKE)})
        return [Alike(*row) for row in fetch(_ALIKE.format(home=column_of(home)), params)]
