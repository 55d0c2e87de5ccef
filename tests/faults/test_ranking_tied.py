"""Ten thousand items in one component: too many for the request, so the task ranks them and lists say so until it has."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Team
from activity.models import Job
from backlog.kinds import Kind
from backlog.models import Item, Placement, StaleRank
from backlog.services.items import set_job_size
from operations.demo.plan import Plan, PlannedItem
from operations.demo.store import store_plan
from operations.demo.words import TRAINS
from prioritization.models import RankRun
from prioritization.services.ranking import RANK_JOB, rank_organization
from prioritization.tasks import rank
from tests.factories.accounts import make_user

ITEMS = 10_000
A_STEP = 25
"""So many items wait for each that others wait for."""


def planned(number: int) -> PlannedItem:
    factors = {name: Decimal(1 + number % 7) for name in ("business_value", "time_criticality", "risk_reduction")}
    return PlannedItem(number, Kind.STORY, f"Step {number}", "", None, 0, None, "team", "open", Decimal(3), 30, factors=factors)


@pytest.fixture
def tied(db):
    """One team whose items all wait for the first one, through others: its organization is ranked. Its first person owns the backlog."""
    train = replace(TRAINS[0], teams=TRAINS[0].teams[:1])
    edges = [((number - 1) // A_STEP, number) for number in range(1, ITEMS)]
    plan = Plan([train], [(0, train.teams[0])], [planned(number) for number in range(ITEMS)], edges)
    owner = make_user()
    organization = store_plan(plan=plan, name="Lantern", slug="lantern", people=[owner], at=timezone.now())
    rank_organization(organization_id=organization.pk, mode=RankRun.Mode.FULL, refresh=True)
    return Team.objects.get(organization=organization), owner


def places(team):
    return list(
        Placement.objects.for_organization(team.organization_id)
        .order_by("item_id")
        .values_list("item_id", "band", "value", "component", "position")
    )


def ordered(team):
    rows = Placement.objects.for_organization(team.organization_id).order_by("band", "falling", "component", "position")
    return list(rows.values_list("item_id", flat=True))


def test_an_edit_of_ten_thousand_tied_items_shows_the_last_good_order_until_the_task_has_run(tied, client):
    team, owner = tied
    client.force_login(owner)
    path = f"/lantern/{team.slug}/backlog/"
    before, order = places(team), ordered(team)
    assert {component for *_, component, _ in before} == {min(order)}
    last = Item.objects.for_organization(team.organization_id).select_related("team").get(pk=order[-1])

    set_job_size(item=last, job_size=Decimal("0.5"), by=owner)

    assert (places(team), StaleRank.objects.count()) == (before, 1)
    page = client.get(path).content.decode()
    assert "Order is being computed: 1 item changed" in page
    job = Job.objects.get(name=RANK_JOB)
    Job.objects.update(due_at=timezone.now())
    rank(job.pk)

    assert not StaleRank.objects.exists()
    assert "being computed" not in client.get(path).content.decode()
    after = ordered(team)
    assert after.index(last.pk) < order.index(last.pk)
    assert sorted(after) == sorted(order)
    with connection.cursor() as cursor:
        cursor.execute(WRONG)
        assert cursor.fetchone() == (0,)


WRONG = """
    SELECT count(*) FROM backlog_dependency d
    JOIN backlog_placement a ON a.item_id = d.blocker_id JOIN backlog_placement b ON b.item_id = d.blocked_id
    WHERE (a.band, a.falling, a.component, a.position) > (b.band, b.falling, b.component, b.position)
"""
