"""The composition root as an app, so that its commands are found and Celery knows its settings."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"
    label = "config"

    def ready(self) -> None:
        # Loaded here and not in config/__init__.py, which set-up imports before any package is installed.
        from config import celery  # noqa: F401
