"""What comes first, and why."""

from django.apps import AppConfig


class PrioritizationConfig(AppConfig):
    name = "prioritization"
    label = "prioritization"
