"""Django's flush, as the owner of the tables: the application's role may not truncate."""

from __future__ import annotations

from typing import Any

import psycopg
from django.core.cache import caches
from django.core.management.base import CommandError
from django.core.management.commands.flush import Command as FlushCommand

from config.database import owner_connection

TRIES = 5


class Command(FlushCommand):
    def handle(self, **options: Any) -> None:
        # It locks every table, and whoever still reads two of them in another order can stand in its way: PostgreSQL then refuses one of both.
        for tries_left in reversed(range(TRIES)):
            try:
                with owner_connection():
                    super().handle(**options)
                break
            except CommandError as error:
                if not tries_left or not _is_deadlock(error):
                    raise
        caches["default"].clear()  # its table is no model's, so it is not flushed with them


def _is_deadlock(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, psycopg.errors.DeadlockDetected):
            return True
        error = error.__cause__
    return False
