"""Backlogs to measure on, built once a run and apart from what is measured."""

from functools import lru_cache

from django.db import connection

from accounts.models import Organization, Team, User
from config.apart import apart
from operations.demo.build import build_demo

SIZES = (1_000, 10_000, 100_000)


@lru_cache
def one_team_backlog(items: int) -> tuple[Organization, Team, User]:
    """An organization whose one team owns about `items` items, and its product owner."""
    slug = f"bench-{items}"
    organization = _built(items, slug, teams=1)
    return organization, Team.objects.get(organization=organization), User.objects.get(email=f"ana@{slug}.example")


@lru_cache
def many_teams_backlog(items: int) -> tuple[Organization, User]:
    """An organization of about `items` items in teams of a usual size, and somebody who may edit them."""
    slug = f"bench-teams-{items}"
    organization = _built(items, slug)
    _put_right()
    return organization, User.objects.get(email=f"ana@{slug}.example")


def _built(items: int, slug: str, teams: int | None = None) -> Organization:
    """The organization, which another benchmark may have built."""
    if not Organization.objects.filter(slug=slug).exists():
        apart(_build, items, slug, teams)
    return Organization.objects.get(slug=slug)


def _build(items: int, slug: str, teams: int | None) -> None:
    build_demo(items=items, slug=slug, teams=teams)


def _put_right() -> None:
    """Have the server do now what it would do in the minutes after so many new rows, beside what is measured then: a backlog at work was
    vacuumed long ago. Before PostgreSQL 17 only the tables' owner may ask for it, and others are told so by a warning.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM (ANALYZE) {', '.join(connection.introspection.table_names(cursor))}")
