"""Everything at once: databases, migrations, demo data, web, worker, beat."""

from __future__ import annotations

import http.client
import io
import os
import signal
import socket
import sys
import threading
import time
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from config import check, services
from config.embedded.errors import EmbeddedError
from config.embedded.servers import kept_secret
from config.supervisor import QUICK_TICK, Program, Supervisor

HOST = "127.0.0.1"
READY_SECONDS = 60


class Command(BaseCommand):
    help = "Starts everything and keeps it running until Ctrl-C. With --check: does the main job once and stops."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="port of the web server (8000)")
        parser.add_argument("--workers", type=int, help="web processes (2; with --check 1)")
        parser.add_argument("--check", action="store_true", help="try the main job in a throw-away state; exit 0 or 1")

    def handle(self, *, port: int, workers: int | None, check: bool, **options: Any) -> None:
        began = time.monotonic()
        self._is_stopping = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_stop)
        port = _free_port() if check else _usable_port(port)
        supervisor = Supervisor(_programs(port, workers or (1 if check else 2)), folder=settings.BASE_DIR, say=self.say)
        try:
            # They take a few seconds to load, in which the demo is built; with --check, where nobody asks them anything yet, also the tables.
            if check:
                supervisor.start("web", "worker")
            _wait_for_servers()
            call_command("migrate", verbosity=0)
            if not check:
                supervisor.start()
            password = self._ensure_demo() if settings.IS_EMBEDDED else ""
            connections.close_all()  # this process only watches from here on
            self.say("up", f"database ready after {time.monotonic() - began:.1f} s")
            supervisor.run_until(lambda: self._is_stopping or _is_ready(port), tick=QUICK_TICK)
            if self._is_stopping:
                return
            self.say("up", f"ready after {time.monotonic() - began:.1f} s")
            if check:
                supervisor.start()  # the clock last: nobody waits for it
                self._check(supervisor, port, password)
            else:
                self._announce(port, password)
                supervisor.run_until(self._is_over)
        finally:
            self.say("up", "stopping")
            if check:
                supervisor.kill()
            else:
                supervisor.stop()

    def say(self, name: str, text: str) -> None:
        print(f"{name:>8} | {text}", flush=True)

    def _on_stop(self, number: int, frame: object) -> None:
        self._is_stopping = True

    def _is_over(self) -> bool:
        if services.started and not self._is_stopping:
            for name in services.started.restart_dead():
                self.say(name, "had ended; started again")
        return self._is_stopping

    def _ensure_demo(self) -> str:
        """Fill an empty database with the demo organization; return the password of its people."""
        password = kept_secret(settings.STATE_DIR / "demo_password", length=9)
        if not get_user_model().objects.exists() and "demo" in get_commands():
            self.say("up", "filling the empty database with a demo organization ...")
            call_command("demo", password=password, stdout=io.StringIO())  # `up` says the sign-ins itself
        return password

    def _announce(self, port: int, password: str) -> None:
        self.say("up", f"Winnow runs at http://{HOST}:{port}/ - stop it with Ctrl-C")
        if password:
            for role, email in check.demo_sign_ins():
                self.say("up", f"sign in as {role}: {email}  password {password}")
            connections.close_all()

    def _check(self, supervisor: Supervisor, port: int, password: str) -> None:
        """Do the main job over HTTP beside the running programs; exit 1 where a step fails or a program died."""
        outcome: list[bool] = []
        run = threading.Thread(target=lambda: outcome.append(check.run(HOST, port, password, say=self.say)), daemon=True)
        run.start()
        supervisor.run_until(lambda: self._is_stopping or not run.is_alive(), tick=QUICK_TICK)
        if outcome != [True] or supervisor.deaths:
            sys.exit(1)


def _wait_for_servers() -> None:
    """Return when the servers begun for this command answer; with those of somebody else there is nothing to wait for."""
    if services.started:
        try:
            services.started.finish()
        except EmbeddedError as error:
            raise CommandError(str(error)) from error


def _programs(port: int, workers: int) -> list[Program]:
    environ = {**os.environ, "WINNOW_SETUP": "off", "SITE_URL": os.environ.get("SITE_URL", f"http://{HOST}:{port}")}
    python = sys.executable
    web = ["uvicorn", "config.asgi:application", "--host", HOST, "--port", str(port), "--workers", str(workers)]
    web += ["--loop", "uvloop", "--http", "httptools", "--ws", "none", "--lifespan", "off", "--no-proxy-headers"]
    web += ["--no-access-log", "--no-server-header", "--log-level", "warning", "--timeout-graceful-shutdown", "3"]
    worker = ["celery", "--quiet", "--app", "config.worker", "worker", "--loglevel", "WARNING", "--without-gossip", "--without-mingle"]
    beat = [
        "celery",
        "--quiet",
        "--app",
        "config.beat",
        "beat",
        "--loglevel",
        "WARNING",
        "--schedule",
        str(settings.STATE_DIR / "beat"),
        "--pidfile",
        "",
    ]
    return [
        Program("web", [python, "-m", *web], environ | {"WINNOW_DATABASE_POOL": "1"}),
        Program("beat", [python, "-m", *beat], environ),
        # First it may finish what it has in hand; then it gives it back to the queue.
        Program("worker", [python, "-m", *worker], environ, ((signal.SIGTERM, 5), (signal.SIGQUIT, 12))),
    ]


def _usable_port(port: int) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError) as error:
            raise CommandError(f"Port {port} cannot be used ({error}). Choose another: up --port 8001") from error
    return port


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()
