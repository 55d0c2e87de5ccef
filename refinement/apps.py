"""How a team makes work ready: sessions, rounds and votes."""

from django.apps import AppConfig


class RefinementConfig(AppConfig):
    name = "refinement"
    label = "refinement"

    def ready(self) -> None:
        from backlog.belongings import Belonging, register_belonging
        from refinement import topics
        from refinement.services import undo
        from refinement.services.ballots import count_votes

        topics.register()
        undo.register()
        register_belonging("votes", Belonging("vote", "votes", count_votes))
