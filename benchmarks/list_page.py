"""The backlog page at 1,000, 10,000 and 100,000 items of one team: through uvicorn, one client, keep-alive, signed in."""

from collections.abc import Iterator
from functools import partial
from html import escape

from django.db import connection
from django.urls import reverse

from accounts.models import Team
from backlog.selectors.filters import ROWS, ItemFilters
from benchmarks.figures import Figure, median_ms
from benchmarks.places import SIZES, one_team_backlog
from benchmarks.server import Client, web_server

LIMIT_MS = 10.0
GROWTH = 1.3
TIMES = 60
BARE_SQL = """
    SELECT i.key, i.kind, i.title, i.status, i.job_size, p.value, p.cost_of_delay, p.reason, f.title
    FROM backlog_placement p JOIN backlog_item i ON i.id = p.item_id LEFT JOIN backlog_item f ON f.id = i.parent_id
    WHERE p.team_id = %s ORDER BY p.band, p.falling, p.component, p.position LIMIT %s
"""


def list_page() -> Iterator[Figure]:
    """Milliseconds a page, against the same rows by hand-written SQL and a loop of HTML; then the growth over the sizes."""
    places = {items: one_team_backlog(items) for items in SIZES}
    first: dict[tuple[int, int], float] = {}
    with web_server() as port:
        for rows in ROWS:
            for items, (organization, team, user) in places.items():
                client = Client(port, user)
                path = reverse("backlog:item-list", args=[organization.slug, team.slug]) + ItemFilters(rows=rows).query()
                page = median_ms(partial(client.get, path), times=TIMES)
                bare = median_ms(partial(_bare_page, team, rows), times=TIMES)
                first[rows, items] = page
                target = f"<= {LIMIT_MS:g} ms" if rows == 50 else "none"
                yield Figure(
                    f"list_page {rows} rows of {items:,}",
                    page,
                    "ms",
                    "bare SQL and HTML",
                    page / bare,
                    target,
                    rows != 50 or page <= LIMIT_MS,
                )
            growth = first[rows, SIZES[-1]] / first[rows, SIZES[0]]
            yield Figure(f"list_page {rows} rows growth", growth, "x", f"{SIZES[0]:,} items", growth, f"<= {GROWTH} x", growth <= GROWTH)


def _bare_page(team: Team, rows: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute(BARE_SQL, [team.pk, rows])
        return "".join("<li>" + "".join(f"<span>{escape(str(cell))}</span>" for cell in row) + "</li>" for row in cursor.fetchall())
