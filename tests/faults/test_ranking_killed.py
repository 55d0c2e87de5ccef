"""A worker killed in the middle of a run leaves the last good order, and the next run finds what it left."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from backlog.models import Placement, RankMove, StaleRank
from prioritization.models import Factor
from prioritization.services.checking import check_organization
from prioritization.services.ranking import rank_organization
from tests.factories.accounts import organization_with
from tests.factories.prioritization import make_scored

ROOT = Path(__file__).resolve().parents[2]

# A worker whose run stops for good when all places are written and nothing is committed.
WORKER = """
import sys, time
import django
django.setup()
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
from prioritization.services import ranking
def stop(*args, **kwargs):
    print("written", flush=True)
    time.sleep(60)
ranking.draw_cuts = stop
ranking.rank_organization(organization_id=int(sys.argv[2]))
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("patient")
def test_kill_9_in_a_run_leaves_the_last_good_order():
    house = organization_with("checkout")
    first, second = make_scored(house.team, value=5), make_scored(house.team, value=3)
    Factor.objects.filter(item=second, name="business_value").update(value=20)
    StaleRank.objects.create(organization=house.organization, item_id=second.pk, cause="item.scored")
    before = list(Placement.objects.for_organization(house.organization).order_by("id").values())
    moves = RankMove.objects.count()

    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(connection.settings_dict["NAME"]), str(house.organization.pk)],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "DATABASE_URL": settings.DATABASE_URL},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert worker.stdout is not None
    with worker.stdout:
        assert worker.stdout.readline() == "written\n"
        worker.send_signal(signal.SIGKILL)
        worker.wait()

    assert list(Placement.objects.for_organization(house.organization).order_by("id").values()) == before
    assert (RankMove.objects.count(), StaleRank.objects.count()) == (moves, 1)
    rank_organization(organization_id=house.organization.pk)  # waits until the server has seen the worker's end
    order = Placement.objects.for_organization(house.organization).order_by("band", "falling").values_list("item_id", flat=True)
    assert list(order) == [second.pk, first.pk]
    assert check_organization(organization_id=house.organization.pk).is_exact
