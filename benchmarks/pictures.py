"""Pictures of the main pages, from the demo, at a desktop's and a phone's width and in both themes. `manage.py pictures` makes them."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from django.conf import settings
from django.urls import NoReverseMatch, reverse

from accounts.models import Organization, Team, User
from backlog.models import Item, Placement
from backlog.models.placement import Band
from backlog.reasons import Reason
from benchmarks.server import Client, find_chromium, web_server
from operations.demo import words
from operations.demo.build import build_demo
from prioritization.models import ValueScoring

MOST_KEPT = 12
MOST_BYTES = 150_000
DOCS = Path(settings.BASE_DIR) / "docs"
WIDTHS = {"desktop": (1152, 700), "phone": (390, 844)}
THEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
SETTLE_MS = 400

KEPT = (
    *("list-desktop-light", "list-phone-dark"),
    *("item-desktop-light", "item-phone-dark"),
    "graph-desktop-light",
    *("receipt-desktop-light", "receipt-phone-light"),
    *("sandbox-desktop-light", "sandbox-desktop-dark"),
    "history-desktop-light",
    "scoring-desktop-dark",
    "goals-desktop-light",
)
"""Those that stay in docs/, and that README and docs refer to."""


@dataclass(frozen=True)
class Shot:
    """A page to picture: who looks at it, and the path it has in the demo."""

    name: str
    who: str
    path: Callable[[Team], str]


def _in_team(name: str) -> Callable[[Team], str]:
    return lambda team: reverse(name, kwargs={"organization": team.organization.slug, "team": team.slug})


def _receipt(team: Team) -> str:
    """Of an item that stands higher than it is worth by itself, because of what waits for it."""
    placements = Placement.objects.for_organization(team.organization_id).filter(team=team, band=Band.NORMAL).select_related("item")
    found = placements.filter(reason=Reason.UNBLOCKS.value).order_by("falling").first() or placements.order_by("falling").first()
    assert found is not None, "the demo's first team has a ranked backlog"
    return reverse("prioritization:item-receipt", kwargs={"organization": team.organization.slug, "key": found.item.key})


def _in_item(name: str) -> Callable[[Team], str]:
    """A page of the story that shows all an item may hold."""

    def path(team: Team) -> str:
        item = Item.objects.for_organization(team.organization_id).get(team=team, title=words.TITLE)
        return reverse(name, kwargs={"organization": team.organization.slug, "key": item.key})

    return path


def _scoring(team: Team) -> str:
    """The scoring that is revealed."""
    scoring = (
        ValueScoring.objects.for_organization(team.organization_id).filter(team=team, state=ValueScoring.State.REVEALED).latest("number")
    )
    return f"{_in_team('prioritization:scoring-list')(team)}{scoring.number}/"


def _history(team: Team) -> str:
    """Two weeks ago beside today."""
    return f"{_in_team('prioritization:order-history')(team)}?ago=14"


SHOTS = (
    Shot("list", "ana", _in_team("backlog:item-list")),
    Shot("item", "ana", _in_item("backlog:item-detail")),
    Shot("graph", "ana", _in_item("backlog:item-graph")),
    Shot("receipt", "ana", _receipt),
    Shot("sandbox", "ana", _in_team("prioritization:what-if")),
    Shot("history", "ana", _history),
    Shot("scoring", "ana", _scoring),
    Shot("goals", "ana", _in_team("prioritization:goals")),
)


def reachable_shots(team: Team) -> list[tuple[Shot, str]]:
    """The shots whose page there is in this demo, with its path."""
    found = []
    for shot in SHOTS:
        try:
            found.append((shot, shot.path(team)))
        except (NoReverseMatch, Item.DoesNotExist):  # a demo of before has no such story
            continue
    return found


def demo_team() -> Team:
    """The first team of the demo organization, which is built where it is missing."""
    slug = words.ORGANIZATION[1]
    if not Organization.objects.filter(slug=slug).exists():
        build_demo(slug=slug)
    return Team.objects.filter(organization__slug=slug).select_related("organization").order_by("id")[0]


def take_pictures(folder: Path) -> Iterator[Path]:
    """Write a picture of each page, width and theme into the folder, and name it."""
    # Playwright belongs to development alone, so a server that lists its commands does without.
    from playwright.sync_api import sync_playwright

    team = demo_team()
    shots = reachable_shots(team)
    folder.mkdir(parents=True, exist_ok=True)
    with web_server() as port:
        cookies = {shot.who: Client(port, _person(team, shot.who)).headers["Cookie"].partition("=") for shot, _ in shots}
        with sync_playwright() as playwright:
            path = find_chromium(playwright.chromium.executable_path)
            browser = playwright.chromium.launch(executable_path=path, args=["--disable-gpu", "--no-sandbox"])
            for width, (across, down) in WIDTHS.items():
                for theme in THEMES:
                    context = browser.new_context(viewport={"width": across, "height": down}, color_scheme=theme, reduced_motion="reduce")
                    for shot, path in shots:
                        name, _, value = cookies[shot.who]
                        context.add_cookies([{"name": name, "value": value, "url": f"http://127.0.0.1:{port}"}])
                        page = context.new_page()
                        page.goto(f"http://127.0.0.1:{port}{path}")
                        page.wait_for_timeout(SETTLE_MS)
                        page.wait_for_selector(".htmx-request", state="detached")  # what a busy machine loads later
                        picture = folder / f"{shot.name}-{width}-{theme}.png"
                        page.screenshot(path=picture)
                        page.close()
                        yield picture
                    context.close()
            browser.close()


def keep(folder: Path) -> list[Path]:
    """Copy the kept ones from the folder into docs/. ValueError where one is too large to be kept."""
    for name in KEPT:
        picture = folder / f"{name}.png"
        if picture.stat().st_size > MOST_BYTES:
            raise ValueError(f"{picture.name} has {picture.stat().st_size:,} bytes; {MOST_BYTES:,} are the most that docs/ keeps.")
    return [Path(shutil.copyfile(folder / f"{name}.png", DOCS / f"{name}.png")) for name in KEPT]


def _person(team: Team, first_name: str) -> User:
    return User.objects.get(email=f"{first_name}@{team.organization.slug}.example")
