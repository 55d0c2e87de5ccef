"""A page asks the database as often at ten thousand items as at ten."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Team
from backlog.services.dependencies import link_dependency
from backlog.services.statuses import set_status
from operations.demo.build import make_people
from operations.demo.plan import make_plan
from operations.demo.store import store_plan
from prioritization.services.ranking import rank_organization
from refinement.services.agenda import start_session
from refinement.services.sessions import create_session
from tests.factories.prioritization import make_scored
from tests.factories.stale import make_stale

pytestmark = pytest.mark.django_db


def count_queries(items: int, slug: str) -> dict[str, int]:
    """How many queries the list, an item, its receipt and a session take in a team of so many items."""
    people = make_people(password=None, slug=slug)
    plan = make_plan(items=items, teams=1)
    organization = store_plan(plan=plan, name=slug.capitalize(), slug=slug, people=people, at=timezone.now())
    team = Team.objects.get(organization=organization)
    blocker, item = make_scored(team, value=3, by=people[0]), make_scored(team, value=20, by=people[0])
    link_dependency(blocker=blocker, blocked=item, by=people[0])
    rank_organization(organization_id=organization.pk, refresh=True)
    session = create_session(team=team, agenda=[(blocker, "no size yet"), (item, "no size yet")], by=people[0])
    start_session(session=session, by=people[0])
    make_stale(team)
    set_status(item=make_stale(team), status="removed", reason="Nobody asks.", by=people[0])
    client = Client()
    client.force_login(people[0])

    def count(path: str) -> int:
        client.get(path)  # what is read once and kept
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200, path
        return len(queries)

    base = f"/{slug}"
    return {
        "list": count(f"{base}/{team.slug}/backlog/"),
        "filtered list": count(f"{base}/{team.slug}/backlog/?kind=story&q=item"),
        "item": count(f"{base}/{item.key}/"),
        "comments": count(f"{base}/{item.key}/comments/"),
        "questions": count(f"{base}/{item.key}/questions/"),
        "files": count(f"{base}/{item.key}/files/"),
        "waiting": count(f"{base}/waiting/"),
        "receipt": count(f"{base}/{item.key}/receipt/"),
        "stale": count(f"{base}/{team.slug}/backlog/stale/"),
        "removed": count(f"{base}/{team.slug}/backlog/removed/"),
        "sessions": count(f"{base}/{team.slug}/sessions/"),
        "session": count(f"{base}/sessions/{session.number}/"),
    }


def test_queries_are_as_many_at_ten_thousand_items_as_at_ten():
    assert count_queries(10, "small") == count_queries(10_000, "large")
    with connection.cursor() as cursor:
        cursor.execute("DISCARD PLANS")  # of checking keys: made for ten rows, they would read ten thousand for each
