"""Backlogs to measure on, built once a run."""

from functools import lru_cache

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
