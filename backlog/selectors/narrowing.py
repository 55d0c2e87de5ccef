"""What a filter means in SQL: conditions on the item `i` of a list, for statements that are written by hand."""

from dataclasses import dataclass
from typing import Any

from django.db import connection

from accounts.models import ReleaseTrain, Team
from activity.statements import array
from backlog.models.placement import Band
from backlog.selectors.filters import NO_PARENT, ItemFilters, Need
from backlog.selectors.goals import list_serving
from backlog.selectors.searching import NEAR, RARE, Search, find, meant, meets

Home = Team | ReleaseTrain

# The planner cannot know whether a need is rare: walking 100,000 items in their order to find three takes 400 ms, and so does sorting half of
# them. So rare ones are looked up first; what more items than RARE have is met soon on the walk.
_RARE_SQL = "SELECT i.id FROM backlog_item i WHERE i.{home} = %(home)s {narrowed} LIMIT %(rare)s"

# The first rows of the list, behind the last one seen.
_NEAR_SQL = """
  SELECT p.item_id AS id FROM backlog_placement p WHERE p.{home} = %(home)s {after}
  ORDER BY p.band, p.falling, p.component, p.position LIMIT %(near)s
"""

_NEEDS_SQL = {
    Need.SIZE: "i.job_size IS NULL",
    Need.VALUE: "EXISTS (SELECT 1 FROM backlog_placement own WHERE own.item_id = i.id AND (own.is_assumed OR own.band = %(unscored)s))",
    Need.PARENT: "i.parent_id IS NULL",
    Need.BLOCKER: """EXISTS (SELECT 1 FROM backlog_dependency link JOIN backlog_placement open ON open.item_id = link.blocker_id
                             WHERE link.blocked_id = i.id AND link.kind = 'blocks')""",
    Need.PLACE: "EXISTS (SELECT 1 FROM backlog_placement own WHERE own.item_id = i.id AND own.band = %(unscored)s)",
    Need.ANSWER: "EXISTS (SELECT 1 FROM backlog_question asked WHERE asked.item_id = i.id AND asked.answered_at IS NULL)",
}


# One of another team is not found by its key: who does not see that team could guess.
_PART_OF_SQL = """AND i.parent_id = (SELECT above.id FROM backlog_item above WHERE above.organization_id = %(organization)s AND above.key = %(parent)s
                                       AND (above.team_id IS NULL OR above.{home} = %(home)s))"""


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
    """Conditions on the item for the filters but the words, as SQL of this module's own words; what the person typed goes into `params`."""
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
    if filters.channel:
        parts.append("AND i.channel = %(channel)s")
        params["channel"] = filters.channel
    if filters.parent == NO_PARENT:
        parts.append("AND i.parent_id IS NULL")
    elif filters.parent:
        parts.append(_PART_OF_SQL.format(home=column_of(home)))
        params["parent"] = filters.parent
    if filters.needs:
        parts.append(f"AND {_NEEDS_SQL[Need(filters.needs)]}")
        if filters.needs in (Need.VALUE, Need.PLACE):
            params["unscored"] = Band.UNSCORED
    return " ".join(parts)


@dataclass(frozen=True)
class Narrowed:
    """What the filters leave of a list, in SQL: `by_id`, where it is few enough to be listed by ids, is the condition on the id of an item;
    else `condition` is on the item `i`. `is_close` where nothing has the words, but titles come close."""

    condition: str
    by_id: str = ""
    is_close: bool = False

    def on(self, column: str) -> str:
        """The condition where the item's id stands in this column."""
        return self.by_id.format(id=column) or self.condition


def narrow_list(home: Home, filters: ItemFilters, params: dict[str, Any], *, after: str = "", is_ordered: bool = False) -> Narrowed:
    """The narrowing of a list; what it takes goes into `params`. `after` is where a page of an `is_ordered` list begins."""
    condition = narrow(home, filters, params)
    if filters.q:
        search = search_of(home, filters)
        near = ""
        if is_ordered:
            near = _NEAR_SQL.format(home=column_of(home), after=after)
            params["near"] = NEAR
        found = find(search, conditions=condition, params=params, near=near, enough=params.get("limit", 0))
        if found.ids is None:
            params.update(search.params)
            return Narrowed(f"{condition} AND {meets(search, 'i.id')}")
        return _by_id(found.ids, params, is_close=found.is_close)
    if filters.needs:
        rare = fetch(_RARE_SQL.format(home=column_of(home), narrowed=condition), {**params, "rare": RARE + 1})
        if len(rare) <= RARE:
            return _by_id([pk for (pk,) in rare], params)
    return Narrowed(condition)


def narrow_count(home: Home, filters: ItemFilters, params: dict[str, Any]) -> str:
    """Conditions on the item for all filters, where all that fulfil them are wanted."""
    condition = narrow(home, filters, params)
    if not filters.q:
        return condition
    search = search_of(home, filters)
    params.update(search.params)
    return f"{condition} AND i.id IN ({meant(search)})"


def _by_id(ids: list[int], params: dict[str, Any], *, is_close: bool = False) -> Narrowed:
    params["found"] = array(ids)
    return Narrowed("", "AND {id} = ANY(%(found)s::bigint[])", is_close)


def search_of(home: Home, filters: ItemFilters) -> Search:
    """The words of the filters, in that list."""
    return Search(filters.q, home.organization_id, home)
