"""Columns of a list that are not usual: one statement more, and only for those who picked one."""

from collections.abc import Mapping

from django.utils import timezone

from backlog.columns import age_words
from backlog.models.item import Channel
from backlog.selectors.narrowing import fetch
from backlog.selectors.paging import ListPage

# The goal is the nearest one above, as the filter by goal takes it.
_EXTRAS_SQL = """
SELECT i.id, goal.name, i.channel, sprint.name, i.created_at
FROM backlog_item i
LEFT JOIN backlog_item up ON up.id = i.parent_id
LEFT JOIN backlog_item above ON above.id = up.parent_id
LEFT JOIN backlog_goal goal ON goal.id = coalesce(i.goal_id, up.goal_id, above.goal_id)
LEFT JOIN backlog_iteration sprint ON sprint.id = i.iteration_id
WHERE i.id = ANY(%(items)s)
"""


def add_extras(page: ListPage, ids: Mapping[str, int]) -> None:
    """Give the page's rows what its extra columns show; `ids` are those of its items, by key."""
    if not page.layout.extra or not ids:
        return
    now = timezone.now()
    found = {
        pk: {"goal": goal or "", "channel": Channel(channel).label, "sprint": sprint or "", "age": age_words((now - created).days)}
        for pk, goal, channel, sprint, created in fetch(_EXTRAS_SQL, {"items": list(ids.values())})
    }
    for row in page.rows:
        if "key" in row:
            row.update(found[ids[row["key"]]])
