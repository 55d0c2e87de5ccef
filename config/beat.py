"""The clock: `celery --app config.beat beat`. It sends tasks by their names, so it loads no app, starts sooner and stays small."""

import os

from celery import Celery
from django.conf import settings
from django.utils.log import configure_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("winnow", fixups=[])  # Django's would load every app
app.config_from_object("django.conf:settings", namespace="CELERY")
configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)
