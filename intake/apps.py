"""How work comes in: request forms, triage, importers."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "intake"
    label = "intake"

    def ready(self) -> None:
        from intake import topics
        from intake.services import undo

        topics.register()
        undo.register()
