"""How a team makes work ready: sessions, rounds and votes."""

from django.apps import AppConfig


class RefinementConfig(AppConfig):
    name = "refinement"
    label = "refinement"
