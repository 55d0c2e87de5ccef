"""What happened: events, topics and live streams, jobs, idempotency."""

from django.apps import AppConfig


class ActivityConfig(AppConfig):
    name = "activity"
    label = "activity"
