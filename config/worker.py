"""The application of a worker: `celery --app config.worker worker`. All code is there before the pool divides, so that its processes share it."""

import os

import django

from config.loading import without_collecting

__all__ = ["app"]

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

with without_collecting():
    django.setup()
    from config.celery import app

    app.loader.import_default_modules()
