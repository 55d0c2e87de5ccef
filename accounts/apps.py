"""Who: people, organizations, trains, teams, roles and what they may see."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    label = "accounts"

    def ready(self) -> None:
        from accounts import converters, topics
        from accounts.services import undo

        converters.register()
        topics.register()
        undo.register()
