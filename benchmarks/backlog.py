"""The product owner's day on one team's backlog: open, search, change, move, bulk; at 1,000, 10,000 and 100,000 items."""

import gzip
import re
import threading
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from itertools import count, cycle
from pathlib import Path

from django.contrib.staticfiles import finders
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organization, Team, User
from accounts.permissions import Access, find_access
from backlog.models import Item
from backlog.selectors.filters import ItemFilters
from backlog.services.bulk import Draft, create_items
from backlog.services.bulk_edits import BulkChange, What, change_items
from backlog.services.items import edit_item
from benchmarks.figures import Figure, median_ms, medians_ms
from benchmarks.places import SIZES, one_team_backlog
from benchmarks.server import Client, web_server
from prioritization.services.manual_order import Spot, place_by_hand, place_together, set_mode

TIMES = 40
GROWTH = 1.3
CLIENTS = 16
SECONDS = 6
FREQUENT, RARE = "voucher", "lighthouse keeper"
RARE_ITEMS = 60  # a page of them at every size, at the end of the list
_COLUMNS = "SELECT i.key, i.title, p.value FROM {placements} JOIN backlog_item i ON i.id = p.item_id"
_ORDER = "ORDER BY p.band, p.falling, p.component, p.position LIMIT 51"
_SEARCH_SQL = {
    FREQUENT: f"""
        {_COLUMNS.format(placements="backlog_placement p")}
        WHERE p.team_id = %(team)s AND (SELECT s.words FROM backlog_searchtext s WHERE s.item_id = p.item_id) @@ %(words)s::tsquery {_ORDER}
    """,
    RARE: f"""
        {
        _COLUMNS.format(
            placements=f'''(
            SELECT p.* FROM backlog_placement p WHERE p.team_id = %(team)s
            AND p.item_id = ANY(ARRAY(SELECT item_id FROM backlog_searchtext WHERE words @@ %(words)s::tsquery LIMIT 2001)) {_ORDER}) p'''
        )
    }
        {_ORDER}
    """,
}


def backlog() -> Iterator[Figure]:
    """Milliseconds an act, each beside its limit in the same run, and how it grows with the backlog."""
    places = {items: one_team_backlog(items) for items in SIZES}
    for _, team, user in places.values():
        _create(team, user, RARE.capitalize(), RARE_ITEMS)
    seen: dict[str, list[float]] = {}
    with web_server() as port:
        for items, (organization, team, user) in places.items():
            for figure in [*_pages(port, items, organization, team, user), *_acts(items, organization, team, user)]:
                seen.setdefault(figure.name.partition(" of ")[0], []).append(figure.figure)
                yield figure
        organization, team, user = places[SIZES[-1]]
        yield _first_load(port, organization, team, user)
        yield _throughput(port, organization, team, user)
    for name, figures in seen.items():
        growth = figures[-1] / figures[0]
        # To find a place by its number, a third down the list, as many entries of the index are passed over: told, without a target.
        target, is_ok = ("none, told", True) if name.endswith(" far") else (f"<= {GROWTH} x", growth <= GROWTH)
        yield Figure(f"{name} growth", growth, "x", f"{SIZES[0]:,} items", growth, target, is_ok)


def _list_path(organization: Organization, team: Team, filters: ItemFilters) -> str:
    return reverse("backlog:item-list", args=[organization.slug, team.slug]) + filters.query()


def _pages(port: int, items: int, organization: Organization, team: Team, user: User) -> Iterator[Figure]:
    client = Client(port, user)
    plain = partial(client.get, "/health/live")
    listed = partial(client.get, _list_path(organization, team, ItemFilters()))
    key = Item.objects.for_organization(organization).filter(team=team, status=Item.Status.OPEN).values_list("key", flat=True)[0]
    opened = partial(client.get, reverse("backlog:item-detail", args=[organization.slug, key]))
    for name, act in (("list page", listed), ("open item", opened)):
        figure, empty = medians_ms(act, plain, times=TIMES)
        yield Figure(f"{name} of {items:,}", figure, "ms", "an empty answer", figure / empty, "<= 10 ms", figure <= 10)
    for name, words in (("search", FREQUENT), ("search of rare words", RARE)):
        searched = partial(client.get, _list_path(organization, team, ItemFilters(q=words)))
        figure, empty, bare = medians_ms(searched, listed, partial(_search, team, words), times=TIMES)
        # What a search costs above a page without one, against its statement alone.
        above = max(figure - empty, 0) + bare
        yield Figure(f"{name} of {items:,}", figure, "ms", "its own SQL, above a page", above / bare, "<= 2 x", above <= 2 * bare)


def _search(team: Team, words: str) -> list[tuple[object, ...]]:
    *first, last = words.split()
    asked = " & ".join([f"'@t{team.pk}'", *(f"'{word}'" for word in first), f"'{last}':*"])
    with connection.cursor() as cursor:
        cursor.execute(_SEARCH_SQL[words], {"team": team.pk, "words": asked})
        rows: list[tuple[object, ...]] = cursor.fetchall()
        return rows


def _acts(items: int, organization: Organization, team: Team, user: User) -> Iterator[Figure]:
    access = find_access(user=user, slug=organization.slug)
    assert access is not None
    chosen = list(Item.objects.for_organization(organization).filter(team=team, status=Item.Status.OPEN).order_by("-id")[:60])
    set_mode(home=team, mode="manual", by=user)
    turn, sizes, numbers = cycle(chosen), cycle([Decimal(3), Decimal(5)]), count(1)
    near, spots = cycle([Spot(number=7), Spot(number=70)]), cycle([Spot(number=7), Spot(number=items // 3)])

    def row() -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE backlog_item SET updated_at = statement_timestamp() WHERE id = %s", [next(turn).pk])

    acts: list[tuple[str, Callable[[], object], float]] = [
        ("change a field", lambda: edit_item(item=next(turn), changes={"title": f"Another title {next(numbers)}"}, by=user), 8),
        ("move", lambda: place_by_hand(item=next(turn), spot=Spot(number=7), by=user), 8),
        ("move far", lambda: place_by_hand(item=next(turn), spot=next(spots), by=user), 8),
        ("reorder 50", lambda: place_together(items=chosen[:50], spot=next(near), by=user), 25),
        ("reorder 50 far", lambda: place_together(items=chosen[:50], spot=next(spots), by=user), 25),
        ("create 100", lambda: _create(team, user), 40),
        ("change 50 at once", lambda: _change(chosen[:50], next(sizes), user, access), 25),
    ]
    for name, act, limit in acts:
        figure, single = medians_ms(act, row, times=TIMES if limit == 8 else 10)
        yield Figure(f"{name} of {items:,}", figure, "ms", "a single-row commit", figure / single, f"<= {limit:g} ms", figure <= limit)


def _create(team: Team, user: User, title: str = "Made", many: int = 100) -> None:
    drafts = [Draft(home=team, kind="story", title=f"{title} {number}") for number in range(many)]
    create_items(drafts=drafts, by=user, at=timezone.now())


def _change(items: list[Item], size: Decimal, user: User, access: Access) -> None:
    change_items(items=items, change=BulkChange(What.SIZE, size), access=access, by=user)


def _first_load(port: int, organization: Organization, team: Team, user: User) -> Figure:
    """Kilobytes of the page and of all it links, as they are stored for those who take gzip."""
    page = Client(port, user).get(_list_path(organization, team, ItemFilters()))
    total = len(gzip.compress(page.encode()))
    for name in set(re.findall(r'(?:href|src)="/static/([^"]+)"', page)):
        path = finders.find(re.sub(r"\.[0-9a-f]{12}\.", ".", name))
        if path:
            total += len(gzip.compress(Path(str(path)).read_bytes()))
    kilobytes = total / 1000
    return Figure("first load", kilobytes, "kB", "300 kB", kilobytes / 300, "<= 300 kB", kilobytes <= 300)


def _throughput(port: int, organization: Organization, team: Team, user: User) -> Figure:
    path, until = _list_path(organization, team, ItemFilters()), time.monotonic() + SECONDS
    counts = [0] * CLIENTS

    def ask(number: int) -> None:
        client = Client(port, user)
        while time.monotonic() < until:
            client.get(path)
            counts[number] += 1

    threads = [threading.Thread(target=ask, args=[number]) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rate = sum(counts) / SECONDS
    alone = 1000 / median_ms(partial(Client(port, user).get, path), times=TIMES)
    return Figure("16 clients", rate, "/s", "one client", rate / alone, ">= 120 /s", rate >= 120)
