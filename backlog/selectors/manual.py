"""The list of a team or a train that is ordered by hand, page by page from the index of its keys; rows as `ranked` prints them."""

from collections.abc import Iterator
from typing import Any

from accounts.permissions import Access
from backlog.columns import USUAL_LAYOUT, Layout
from backlog.models import ListMode, Placement
from backlog.numbers import ordinal
from backlog.selectors.extras import add_extras
from backlog.selectors.filters import ItemFilters
from backlog.selectors.narrowing import Home, column_of, fetch, narrow_list
from backlog.selectors.paging import WHOLE, Cursor, ListPage, Stretch, hidden_of, topic_of
from backlog.selectors.ranked import Line, row_of
from backlog.selectors.whole_list import places_in_whole_list

_VERSION = "SELECT version FROM activity_topic WHERE organization_id = %(organization)s AND key = %(topic)s"
_ROWS = """
  SELECT p.band, p.falling, p.component, p.position, p.cost_of_delay, p.reason,
         i.id, i.key, i.kind, i.title, i.job_size, i.status, up.key AS up_key, up.title AS up_title, up.team_id AS up_team,
         other.key AS other_key, other.team_id AS other_team, p.is_assumed::int + p.is_size_assumed::int AS assumed
  FROM backlog_placement p
  JOIN backlog_item i ON i.id = p.item_id
  LEFT JOIN backlog_item up ON up.id = i.parent_id
  LEFT JOIN backlog_item other ON other.id = p.reason_item_id
  WHERE p.{home} = %(home)s {narrowed}
"""
_KEYED = _ROWS + " AND p.manual_key IS NOT NULL {after} ORDER BY p.manual_key LIMIT %(limit)s"
# What came since the order was made by hand, until somebody places it or something beside it: few.
_NEW = _ROWS + " AND p.manual_key IS NULL {after} ORDER BY p.band, p.falling, p.component, p.position LIMIT %(limit)s"
_NUMBERS = """
SELECT item_id, place FROM (
  SELECT item_id, row_number() OVER (ORDER BY manual_key) AS place FROM backlog_placement
  WHERE {home} = %(home)s AND manual_key IS NOT NULL
) AS numbered WHERE item_id = ANY(%(items)s)
"""


def list_manual_items(
    *, home: Home, access: Access, filters: ItemFilters, mode: str, layout: Layout = USUAL_LAYOUT, stretch: Stretch = WHOLE
) -> ListPage:
    """One page: what has a place by hand, then what came since. Where the list is advised, each row says its computed place as well."""
    column, cursor, count = column_of(home), stretch.cursor, max(filters.rows, stretch.rows)
    params: dict[str, Any] = {"organization": home.organization_id, "topic": topic_of(home), "home": home.pk, "limit": count + 1}
    version = fetch(_VERSION, params)  # before the rows, so that what is shown is never older than the version beside it
    narrowed = narrow_list(home, filters, params)
    start = _start(home, cursor)
    keyed, new = _page(home, narrowed.on("i.id"), params, start)
    page = ListPage(version=version[0][0] if version else 0, is_first=not cursor.key, mode=mode, layout=layout, is_close=narrowed.is_close)
    if len(keyed) + len(new) > count:
        (new or keyed).pop()
        last = (new or keyed)[-1]
        page.next = str(Cursor(cursor.count + count, last.key, last.band, last.falling))
    numbers: dict[int, int] = {}
    if filters and keyed:
        numbers = dict(fetch(_NUMBERS.format(home=column), {"home": home.pk, "items": [line.id for line in keyed]}))
    elif keyed:
        numbers = {line.id: number for number, line in enumerate(keyed, cursor.count + 1)}
    lines = [*keyed, *new]
    computed: dict[int, int] = {}
    if mode == ListMode.Mode.ADVISE:
        places, _ = places_in_whole_list(home, page.version, [(line.id, line.order) for line in lines])
        computed = dict(zip([line.id for line in lines], places, strict=True))
    hidden = hidden_of(home, access, {team for line in lines for team in (line.up_team, line.other_team)})
    page.rows = list(_rows(keyed, new, numbers, computed, hidden))
    if stretch.goes_on and start is not None and page.rows and (start[0] is None or keyed):
        page.rows.pop(0)  # its heading stands already
    add_extras(page, {line.key: line.id for line in lines})
    return page


def _page(home: Home, narrowed: str, params: dict[str, Any], start: tuple[Any, ...] | None) -> tuple[list[Line], list[Line]]:
    """The lines from the cursor's item on; it is the one that stood last, wherever it stands by now, or else the top."""
    column = column_of(home)
    keyed: list[Line] = []
    if start is None or start[0] is not None:
        after = ""
        if start is not None:
            after, params["after"] = "AND p.manual_key > %(after)s", start[0]
        keyed = [Line._make(row) for row in fetch(_KEYED.format(home=column, narrowed=narrowed, after=after), params)]
    if len(keyed) > params["limit"] - 1:
        return keyed, []
    after = ""
    if start is not None and start[0] is None:
        after = "AND (p.band, p.falling, p.component, p.position) > (%(band)s, %(falling)s, %(component)s, %(position)s)"
        params.update(zip(("band", "falling", "component", "position"), start[1:], strict=True))
    room = {**params, "limit": params["limit"] - len(keyed)}
    return keyed, [Line._make(row) for row in fetch(_NEW.format(home=column, narrowed=narrowed, after=after), room)]


def _start(home: Home, cursor: Cursor) -> tuple[Any, ...] | None:
    if not cursor.key:
        return None
    places = Placement.objects.filter(organization=home.organization_id, item__key=cursor.key, **{column_of(home): home.pk})
    return places.values_list("manual_key", "band", "falling", "component", "position").first()


def _rows(
    keyed: list[Line], new: list[Line], numbers: dict[int, int], computed: dict[int, int], hidden: frozenset[int]
) -> Iterator[dict[str, Any]]:
    if keyed:
        yield {"tier": "By hand", "words": "with the computed place beside each" if computed else "the computed order is put aside"}
    for line in keyed:
        row = {**row_of(line, hidden), "rank": f"{numbers.get(line.id, 0):,}", "block": ""}
        if line.id in computed:
            row |= _advice(numbers.get(line.id, 0), computed[line.id])
        yield row
    if new:
        yield {"tier": "New", "words": "came since, not placed by hand yet"}
    for line in new:
        row = {**row_of(line, hidden), "rank": "", "block": ""}
        yield row | (_advice(0, computed[line.id]) if line.id in computed else {})


def _advice(number: int, computed: int) -> dict[str, str]:
    """The computed place as the row's last words."""
    icon = "check" if number == computed else "arrow-up" if computed < number or not number else "arrow-down"
    return {"reason": f"computed {ordinal(computed)}", "reason_icon": icon, "tone": ""}
