"""Backlogs to measure on, built once a run."""

from functools import lru_cache

from django.db import connection

from accounts.models import Organization, Team, User
from operations.demo.build import build_demo

SIZES = (1_000, 10_000, 100_000)


@lru_cache
def one_team_backlog(items: int) -> tuple[Organization, Team, User]:
    """An organization whose one team owns about `items` items, and its product owner."""
    slug = f"bench-{items}"
    built = build_demo(items=items, teams=1, slug=slug)
    team = Team.objects.get(organization=built.organization)
    return built.organization, team, User.objects.get(email=f"ana@{slug}.example")


@lru_cache
def many_teams_backlog(items: int) -> tuple[Organization, User]:
    """An organization of about `items` items in teams of a usual size, and somebody who may edit them."""
    slug = f"bench-teams-{items}"
    built = build_demo(items=items, slug=slug)
    _put_right()
    return built.organization, User.objects.get(email=f"ana@{slug}.example")


def _put_right() -> None:
    """Have the server do now what it would do in the minutes after so many new rows, beside what is measured then: a backlog at work was
    vacuumed long ago. Before PostgreSQL 17 only the tables' owner may ask for it, and others are told so by a warning.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM (ANALYZE) {', '.join(connection.introspection.table_names(cursor))}")
