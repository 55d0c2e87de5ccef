"""Redis emptied and gone while people edit: the order follows all the same, by the sweeper, and no mark is lost."""

from datetime import timedelta
from decimal import Decimal
from typing import NoReturn

import pytest
from django.utils import timezone

from activity import doorbell
from activity.models import Job
from backlog.models import Placement, StaleRank
from backlog.services.items import set_job_size
from prioritization.services import ranking
from prioritization.services.checking import check_organization
from prioritization.services.nightly import sweep_stale
from prioritization.tasks import rank
from tests.factories.accounts import organization_with
from tests.factories.prioritization import make_scored

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def in_background(monkeypatch):
    """Leave every edit to the background, as those of large components are."""
    monkeypatch.setattr(ranking, "INLINE_ITEMS", 0)


def gone() -> NoReturn:
    raise OSError("nobody listens")


def test_edits_while_redis_is_gone_and_emptied_are_all_ranked_by_the_sweeper(in_background, monkeypatch):
    house = organization_with("checkout")
    items = [make_scored(house.team, value=8, size=size) for size in (1, 2, 3)]
    # To the end: a worker that is up for other tests would hear of the job and take it.
    monkeypatch.setattr(doorbell, "breaker", doorbell._Breaker())
    monkeypatch.setattr(doorbell, "_redis", gone)
    monkeypatch.setattr(doorbell, "_broker", gone)
    for item, size in zip(items, (8, 5, 1), strict=True):
        set_job_size(item=item, job_size=Decimal(size), by=None)
    assert set(StaleRank.objects.values_list("item_id", flat=True)) == {item.pk for item in items}

    Job.objects.all().delete()  # whatever a queue knew is gone as well
    StaleRank.objects.update(at=timezone.now() - timedelta(minutes=1))
    assert sweep_stale() == 1
    assert sweep_stale() == 1  # a second sweep finds the first one's job
    job = Job.objects.get(name=ranking.RANK_JOB)
    rank(job.pk)
    rank(job.pk)  # the same task, delivered twice

    assert not StaleRank.objects.exists()
    order = Placement.objects.for_organization(house.organization).order_by("band", "falling", "component", "position")
    assert list(order.values_list("item_id", flat=True)) == [item.pk for item in reversed(items)]
    assert check_organization(organization_id=house.organization.pk).is_exact
