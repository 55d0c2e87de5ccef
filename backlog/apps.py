"""What the work is: items, their kinds, criteria, dependencies and placement."""

from django.apps import AppConfig


class BacklogConfig(AppConfig):
    name = "backlog"
    label = "backlog"

    def ready(self) -> None:
        from backlog import topics
        from backlog.services import (
            advice,
            attachments,
            comments,
            definitions,
            hints,
            layouts,
            needs,
            questions,
            readiness,
            saved_views,
            splitting,
            stale_items,
            undo,
            undo_goals,
            verdicts,
        )

        topics.register()
        undo.register()
        undo_goals.register()
        saved_views.register()
        readiness.register()
        definitions.register()
        splitting.register()
        advice.register()
        hints.register()
        attachments.register()
        comments.register()
        questions.register()
        layouts.register()
        needs.register()
        stale_items.register()
        verdicts.register()
