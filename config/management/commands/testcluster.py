"""A database cluster that stays up between test runs."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.embedded.errors import EmbeddedError
from config.embedded.servers import Servers


class Command(BaseCommand):
    help = "Keeps a throw-away cluster for tests running until Ctrl-C, so that each run of pytest starts at once."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--state", type=Path, default=settings.STATE_DIR / "testcluster", help="its folder")

    def handle(self, *, state: Path, **options: Any) -> None:
        servers = Servers(state.resolve(), is_durable=False)
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            servers.start("manage.py testcluster")
            self.stdout.write(f"export WINNOW_TEST_CLUSTER={servers.env_file}\n")
            self.stdout.flush()
            signal.pause()
        except EmbeddedError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            self.stdout.write("stopping")
        finally:
            servers.stop()
