"""From the request that changes a size to the row at its new place in somebody's open browser: web server, worker, Valkey and Chromium, as they run."""

import http.client
import json
import os
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from django.db.models import Count
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organization, Team, User
from accounts.services.tokens import create_token
from backlog.models import Band, Item, Placement, RankMove, StaleRank
from benchmarks.figures import Figure
from benchmarks.places import one_team_backlog
from benchmarks.server import HOST, Client, find_chromium, web_server, worker

LIMIT_MS = 1_000.0
TIMES = 50
WARM = 4
ROWS = 50
PATIENCE_MS = 10_000

# Each order that the first page of the list, which goes on by itself, has shown, with the moment (since 1970, as Python counts) at which it had been painted.
_WATCH = """
() => {
  const keys = () => [...document.querySelectorAll("#list [data-row]")].slice(0, ROWS).map((row) => row.id.slice(5)).join(" ");
  window.shown = [{ keys: keys(), at: 0 }];
  new MutationObserver(() => {
    const now = keys();
    if (!now || now === window.shown.at(-1).keys) return;
    requestAnimationFrame(() => {
      const painted = new MessageChannel();
      painted.port1.onmessage = () => window.shown.push({ keys: now, at: performance.timeOrigin + performance.now() });
      painted.port2.postMessage(0);
    });
  }).observe(document.body, { childList: true, subtree: true });
}
"""
_SHOWN = "(wanted) => window.shown.find((each) => each.at && each.keys === wanted)?.at"


def edit_visible(items: int = 10_000) -> Iterator[Figure]:
    """Milliseconds until the changed order is painted, of edits that move a row within the first page; what else moved; what "What moved" says is the
    cause, read off its page in the same browser."""
    organization, team, user = one_team_backlog(items)
    durations: list[float] = []
    strays = unnamed = 0
    with web_server() as port, worker(), _pages(port, team, user) as (page, digest):
        program = _Program(port, organization, user)
        for number, (item, size) in enumerate(_edits(team, TIMES + WARM)):
            version, began = program.version_of(item), _now()
            sent = time.time() * 1000
            program.change(item, version, size)
            while StaleRank.objects.filter(organization=organization).exists():  # at a busy moment the worker ranks it, not the request
                time.sleep(0.005)
            wanted = " ".join(_first_page(team))
            shown = page.wait_for_function(_SHOWN, arg=wanted, timeout=PATIENCE_MS, polling=20).json_value()
            page.evaluate("() => { window.shown = window.shown.slice(-1).map((each) => ({ ...each, at: 0 })) }")
            if number >= WARM:
                durations.append(shown - sent)
            strays += _strays(item, began)
            unnamed += not digest.names(item, size)
    durations.sort()
    middle, late = statistics.median(durations), durations[int(len(durations) * 0.95)]
    ok = late <= LIMIT_MS and not strays and not unnamed
    name = f"edit_visible, {items:,} items, p95"
    target = f"<= {LIMIT_MS:,.0f} ms, each cause named ({unnamed} are not), nothing outside the component moved ({strays} did)"
    yield Figure(name, late, "ms", f"the median, {middle:.0f} ms", late / middle, target, ok)


@contextmanager
def _pages(port: int, team: Team, user: User) -> Iterator[tuple[Any, "_Digest"]]:
    """The team's list in a browser of somebody signed in, watched, and what moved in it in a window beside."""
    # Playwright belongs to development alone, so a server that lists its commands does without.
    from playwright.sync_api import sync_playwright

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # its synchronous interface runs a loop in this thread
    named = {"organization": team.organization.slug, "team": team.slug}
    try:
        with sync_playwright() as playwright:
            path = find_chromium(playwright.chromium.executable_path)
            sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
            browser = playwright.chromium.launch(executable_path=path, args=["--disable-gpu", *sandbox])
            windows = [
                browser.new_context(viewport={"width": 1280, "height": 800}) for _ in range(2)
            ]  # a tab behind another is told nothing
            for window in windows:
                window.add_cookies([Client(port, user).cookie])
            page, beside = (window.new_page() for window in windows)
            digest = _Digest(beside, f"http://{HOST}:{port}{reverse('prioritization:moved', kwargs=named)}")
            page.goto(f"http://{HOST}:{port}{reverse('backlog:item-list', kwargs=named)}")
            page.evaluate(_WATCH.replace("ROWS", str(ROWS)))
            yield page, digest
            browser.close()
    finally:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


class _Digest:
    """ "What moved" as the reader has it open: since they last looked."""

    def __init__(self, page: Any, url: str) -> None:
        self.page, self.url = page, url
        self.page.goto(url)
        self._seen()

    def _seen(self) -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("button", name="I have seen this").click()

    def names(self, item: Item, size: Decimal) -> bool:
        """Whether the item's row says that its size was changed to this; then the reader has seen it."""
        self.page.goto(f"{self.url}?since=look")
        row = self.page.locator(f"#mover-{item.key}")
        told = row.locator("td").last.inner_text() if row.count() else ""
        self._seen()
        return "changed size" in told and f"to {format(size.normalize(), 'f')}" in told


class _Program:
    """Somebody else, who changes items over the API."""

    def __init__(self, port: int, organization: Organization, user: User) -> None:
        _, secret = create_token(organization=organization, user=user, name="bench", by=user, can_write=True)
        self.connection = http.client.HTTPConnection(HOST, port, timeout=30)
        self.headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
        self.path = f"/api/v1/{organization.slug}/items/"

    def version_of(self, item: Item) -> str:
        self.connection.request("GET", f"{self.path}{item.key}/", headers=self.headers)
        response = self.connection.getresponse()
        response.read()
        return response.headers["ETag"] or ""

    def change(self, item: Item, version: str, size: Decimal) -> None:
        body = json.dumps({"job_size": str(size)})
        self.connection.request("PATCH", f"{self.path}{item.key}/", body, {**self.headers, "If-Match": version})
        response = self.connection.getresponse()
        told = response.read()
        if response.status != HTTPStatus.OK:
            raise RuntimeError(f"{item.key} was not changed: {response.status} {told.decode()[:300]}")


def _edits(team: Team, times: int) -> Iterator[tuple[Item, Decimal]]:
    """Sizes that move a row some places up the first page and back again: of items that are tied to no other, or to a few."""
    first = _first_page(team)
    small = Placement.objects.for_organization(team.organization_id).values("component").annotate(size=Count("id")).filter(size__lte=20)
    rows = Item.objects.filter(team=team, placement__band=Band.NORMAL, placement__component__in=small.values("component"))
    known = {item.key: item for item in rows.filter(key__in=first, job_size__gt=1)}
    middle = [known[key] for key in first[ROWS // 4 : -5] if key in known]
    for number in range(times):
        item = middle[number // 2 % len(middle)]
        assert item.job_size is not None
        yield item, (item.job_size * Decimal("0.6") if number % 2 == 0 else item.job_size).quantize(Decimal("0.001"))


def _first_page(team: Team) -> Sequence[str]:
    placements = Placement.objects.filter(team=team).order_by("band", "falling", "component", "position")
    return list(placements.values_list("item__key", flat=True)[:ROWS])


def _now() -> datetime:
    moment = Organization.objects.values_list(Now(), flat=True).first()
    return moment or timezone.now()


def _strays(item: Item, began: datetime) -> int:
    """How many items of other components moved since."""
    component = Placement.objects.values_list("component", flat=True).get(organization=item.organization_id, item=item)
    moves = RankMove.objects.filter(organization=item.organization_id, at__gt=began)
    return moves.exclude(component_after=component).count()
