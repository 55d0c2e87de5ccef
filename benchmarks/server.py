"""Winnow under uvicorn for the duration of a measurement, and a signed-in client that keeps its connection."""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from importlib import import_module
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from accounts.models import User
from config.embedded.process import spawn, stop

HOST = "127.0.0.1"
START_SECONDS = 30


@contextmanager
def web_server() -> Iterator[int]:
    """One uvicorn process as `up` runs it; yields its port."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "config.asgi:application", "--host", HOST, "--port", str(port)]
    command += ["--lifespan", "off", "--ws", "none", "--no-access-log", "--log-level", "warning"]
    environ = {**os.environ, "WINNOW_DATABASE_POOL": "1", "WINNOW_LOG_LEVEL": "WARNING"}
    process = spawn(command, output=subprocess.DEVNULL, death_signal=signal.SIGKILL, environ=environ, cwd=settings.BASE_DIR)
    try:
        _wait(port)
        yield port
    finally:
        stop(process, (signal.SIGTERM, 5))


@contextmanager
def worker() -> Iterator[None]:
    """One process that does the jobs, as `up` runs it."""
    command = [sys.executable, "-m", "celery", "--quiet", "--app", "config.worker", "worker", "--loglevel", "WARNING", "--concurrency", "1"]
    command += ["--without-gossip", "--without-mingle"]
    process = spawn(command, output=subprocess.DEVNULL, death_signal=signal.SIGKILL, environ={**os.environ}, cwd=settings.BASE_DIR)
    try:
        yield
    finally:
        stop(process, (signal.SIGTERM, 5), (signal.SIGQUIT, 5))


def _wait(port: int) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        try:
            asked = http.client.HTTPConnection(HOST, port, timeout=2)
            asked.request("GET", "/health/ready")
            if asked.getresponse().status == HTTPStatus.OK:
                return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(f"The web server was not ready within {START_SECONDS} s.")


class Client:
    """A signed-in browser's worth of HTTP: one connection, one cookie."""

    def __init__(self, port: int, user: User) -> None:
        self.connection = http.client.HTTPConnection(HOST, port, timeout=30)
        self.headers = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={_session(user)}"}

    @property
    def cookie(self) -> Any:
        """The session, as a browser is given it."""
        name, _, value = self.headers["Cookie"].partition("=")
        return {"name": name, "value": value, "url": f"http://{HOST}:{self.connection.port}"}

    def get(self, path: str) -> str:
        self.connection.request("GET", path, headers=self.headers)
        response = self.connection.getresponse()
        body = response.read().decode()
        if response.status != HTTPStatus.OK:
            raise RuntimeError(f"{path} answered {response.status}.")
        return body


def find_chromium(own: str) -> str:
    """A Chromium: $CHROMIUM, Playwright's `own`, or one on PATH. FileNotFoundError without any."""
    candidates = [
        os.environ.get("CHROMIUM"),
        own,
        *map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")),
    ]
    found = next((path for path in candidates if path and Path(path).exists()), None)
    if found is None:
        raise FileNotFoundError("No Chromium was found. Install one, or name it in CHROMIUM.")
    return found


def _session(user: User) -> str:
    store: Any = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    return str(store.session_key)
