"""Django's flush, as the owner of the tables: the application's role may not truncate."""

from __future__ import annotations

from typing import Any

from django.core.cache import caches
from django.core.management.commands.flush import Command as FlushCommand

from config.database import owner_connection


class Command(FlushCommand):
    def handle(self, **options: Any) -> None:
        with owner_connection():
            super().handle(**options)
        caches["default"].clear()  # its table is no model's, so it is not flushed with them
