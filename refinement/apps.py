"""How a team makes work ready: sessions, rounds and votes."""

from django.apps import AppConfig


class RefinementConfig(AppConfig):
    name = "refinement"
    label = "refinement"

    def ready(self) -> None:
        from refinement import topics
        from refinement.services import undo

        topics.register()
        undo.register()
