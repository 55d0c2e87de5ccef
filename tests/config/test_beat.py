"""The clock's own Celery application."""

import json
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from config.worker import app

ROOT = Path(__file__).resolve().parents[2]
TELL = """
import json, sys
from config.beat import app
print(json.dumps([sorted(entry["task"] for entry in app.conf.beat_schedule.values()), app.conf.broker_url, "accounts.models" in sys.modules]))
"""


def test_beat_ticks_every_task_of_the_schedule_and_loads_no_app():
    told = subprocess.run([sys.executable, "-c", TELL], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    tasks = sorted(str(entry["task"]) for entry in settings.CELERY_BEAT_SCHEDULE.values())
    assert json.loads(told) == [tasks, settings.CELERY_BROKER_URL, False]


def test_workers_know_every_task_of_the_schedule():
    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= set(app.tasks)
