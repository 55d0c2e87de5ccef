"""What a filter means in SQL: conditions on the item `i` of a list, for statements that are written by hand."""

from typing import Any

from django.db import connection

from accounts.models import ReleaseTrain, Team
from backlog.models.placement import Band
from backlog.selectors.filters import ItemFilters, Need
from backlog.selectors.goals import list_serving

Home = Team | ReleaseTrain

# The planner cannot know whether words are rare: walking 100,000 items in their order to find three takes 400 ms, and so does sorting
# half of them. So rare words are looked up first, by the trigrams; what more items than this hold is met soon on the walk.
_RARE = 2000
_RARE_SQL = "SELECT i.id FROM backlog_item i WHERE i.{home} = %(home)s {narrowed} LIMIT %(rare)s"

_NEEDS_SQL = {
    Need.SIZE: "i.job_size IS NULL",
    Need.VALUE: "EXISTS (SELECT 1 FROM backlog_placement own WHERE own.item_id = i.id AND (own.is_assumed OR own.band = %(unscored)s))",
    Need.PARENT: "i.parent_id IS NULL",
    Need.BLOCKER: """EXISTS (SELECT 1 FROM backlog_dependency link JOIN backlog_placement open ON open.item_id = link.blocker_id
                             WHERE link.blocked_id = i.id AND link.kind = 'blocks')""",
    Need.ANSWER: "EXISTS (SELECT 1 FROM backlog_question asked WHERE asked.item_id = i.id AND asked.answered_at IS NULL)",
}


def column_of(home: Home) -> str:
    """The column by which the rows of a list are found."""
    return "team_id" if isinstance(home, Team) else "train_id"


def fetch(statement: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    """All rows of a statement of ours."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def narrow(home: Home, filters: ItemFilters, params: dict[str, Any]) -> str:
    """Conditions on the item for the filters, as SQL of this module's own words; what the person typed goes into `params`."""
    parts = []
    if filters.status:
        parts.append("AND i.status = %(status)s")
        params["status"] = filters.status
    if filters.kind:
        parts.append("AND i.kind = %(kind)s")
        params["kind"] = filters.kind
    if filters.goal:
        parts.append("AND i.id = ANY(%(serving)s)")
        params["serving"] = list_serving(home=home, goal=filters.goal, status=filters.status)
    if filters.needs:
        parts.append(f"AND {_NEEDS_SQL[Need(filters.needs)]}")
        if filters.needs == Need.VALUE:
            params["unscored"] = Band.UNSCORED
    if filters.q:
        # UPPER(title) is what the trigram index holds.
        alike = []
        for number, word in enumerate(filters.words):
            alike.append(f"UPPER(i.title) LIKE UPPER(%(word{number})s)")
            params[f"word{number}"] = f"%{connection.ops.prep_for_like_query(word)}%"
        params["key"] = filters.q.upper()
        parts.append(f"AND (({' AND '.join(alike)}) OR (i.organization_id = %(organization)s AND i.key = %(key)s))")
    return " ".join(parts)


def narrow_rarely(home: Home, narrowed: str, params: dict[str, Any]) -> str:
    """The same narrowing, by the items' ids where they are few."""
    found = fetch(_RARE_SQL.format(home=column_of(home), narrowed=narrowed), {**params, "rare": _RARE + 1})
    if len(found) > _RARE:
        return narrowed
    params["found"] = [pk for (pk,) in found]
    return "AND p.item_id = ANY(%(found)s)"
