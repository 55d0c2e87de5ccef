"""When it can be done: iterations, capacity, forecasts."""

from django.apps import AppConfig


class PlanningConfig(AppConfig):
    name = "planning"
    label = "planning"
