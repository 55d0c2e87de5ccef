"""The Celery application: `celery -A config.celery worker` and `... beat`."""

import os
import warnings

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# It warns of pickled messages to a worker that is root; ours takes JSON only.
warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")

app = Celery("winnow")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    # A missed tick is made good by the next, so ticks that nobody took in time are dropped.
    "sweep-jobs": {"task": "activity.sweep_jobs", "schedule": 10.0, "options": {"expires": 10}},
    "forget-keys": {"task": "activity.forget_keys", "schedule": 3600.0, "options": {"expires": 3600}},
}
