"""Goals, made by the service."""

from itertools import count
from typing import Any

from accounts.models import Organization
from backlog.models import Goal
from backlog.services.goals import create_goal

_numbers = count(1)


def make_goal(organization: Organization, name: str = "", **fields: Any) -> Goal:
    """A goal of the organization; `fields` as of `create_goal`."""
    return create_goal(organization=organization, name=name or f"Goal {next(_numbers)}", by=None, **fields)
