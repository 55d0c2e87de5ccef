"""The Celery application. Workers load it as `config.worker`; the clock has its own in `config.beat`."""

import os
import warnings

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# It warns of pickled messages to a worker that is root; ours takes JSON only.
warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")

app = Celery("winnow")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
