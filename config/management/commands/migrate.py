"""Django's migrate, as the owner of the tables."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.commands.migrate import Command as MigrateCommand

from config.database import create_extensions, grant_privileges, migration_lock, owner_connection


class Command(MigrateCommand):
    help = f"{MigrateCommand.help} Runs as the owner of the tables and grants the application's role what it may do."

    def handle(self, *args: Any, **options: Any) -> None:
        with owner_connection(), migration_lock():
            create_extensions()
            super().handle(*args, **options)
            call_command("createcachetable", verbosity=0)
            grant_privileges()
