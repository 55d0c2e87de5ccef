"""What comes first, and why."""

from django.apps import AppConfig


class PrioritizationConfig(AppConfig):
    name = "prioritization"
    label = "prioritization"

    def ready(self) -> None:
        from prioritization import receivers, topics  # noqa: F401  # connects
        from prioritization.services import undo

        topics.register()
        undo.register()
