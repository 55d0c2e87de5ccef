"""How work comes in: request forms, triage, importers."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "intake"
    label = "intake"

    def ready(self) -> None:
        from backlog.belongings import Belonging, register_belonging
        from intake import topics
        from intake.services import needs, undo

        topics.register()
        undo.register()
        needs.register()
        register_belonging("requesters", Belonging("requester", "requesters", needs.count_requesters, needs.move_requests))
