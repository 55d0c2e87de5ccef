"""Journeys: Winnow under uvicorn on the test database, and real browsers in front of it."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, sync_playwright

from config.embedded.process import spawn, stop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from accounts.models import User

HOST = "127.0.0.1"
START_SECONDS = 30
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
# No traffic of the browser's own: a journey talks to Winnow and to nobody else.
QUIET = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-gpu",
    "--disable-quic",
]
# A window starts one process for its page instead of three: none in store, none for a list below the address bar that nobody sees.
# Only the last list on a command line counts, so the first line repeats what Playwright switches off for the sake of journeys.
UNUSED = [
    "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades", "HttpsFirstBalancedModeAutoEnable",
    "MediaRouter", "NetworkTimeServiceQuerying", "OptimizationHints", "PaintHolding", "PreconnectToSearch",
    "SpareRendererForSitePerProcess", "WebUIOmniboxAimPopup", "WebUIOmniboxPopup",
]  # fmt: skip


# --- servers --------------------------------------------------------------------------------------


def _environ(**more: str) -> dict[str, str]:
    database = connection.settings_dict["NAME"]  # the copy that this test process works on
    urls = {name: os.environ[name].replace("/winnow?", f"/{database}?") for name in ("DATABASE_URL", "DATABASE_OWNER_URL")}
    return {**os.environ, **urls, "EMAIL_URL": "dummymail://", "WINNOW_LOG_LEVEL": "WARNING", **more}


@contextmanager
def _program(name: str, command: list[str], environ: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as output:
        process = spawn(
            [sys.executable, "-m", *command], output=output, death_signal=signal.SIGKILL, environ=environ, cwd=settings.BASE_DIR
        )
    try:
        yield process
    finally:
        stop(process, (signal.SIGTERM, 5))
    if text := log.read_text(errors="replace").strip():
        print(f"--- {name} ---\n{text}")  # pytest shows it with a test that failed


@pytest.fixture(scope="session")
def _asgi_process(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    address = f"http://{HOST}:{port}"
    command = ["uvicorn", "config.asgi:application", "--host", HOST, "--port", str(port), "--lifespan", "off", "--ws", "none"]
    command += ["--no-access-log", "--no-proxy-headers", "--log-level", "warning", "--timeout-graceful-shutdown", "1"]
    log = tmp_path_factory.mktemp("asgi") / "log"
    with _program("uvicorn", command, _environ(SITE_URL=address), log) as process:
        _wait_until_ready(process, port, log)
        yield address


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while True:
        asked = http.client.HTTPConnection(HOST, port, timeout=2)
        try:
            asked.request("GET", "/health/ready")
            if asked.getresponse().status == http.HTTPStatus.OK:
                return
        except OSError:
            pass
        finally:
            asked.close()
        if process.poll() is not None or time.monotonic() > end:
            pytest.fail(f"uvicorn did not start:\n{log.read_text(errors='replace')}")
        time.sleep(0.05)


@pytest.fixture
def asgi_server(transactional_db: None, _asgi_process: str) -> str:
    """The address of Winnow under uvicorn, on this test's committed rows."""
    return _asgi_process


@pytest.fixture(scope="session")
def _worker_process(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    command = ["celery", "--quiet", "--app", "config.celery", "worker", "--pool", "solo", "--loglevel", "WARNING"]
    command += ["--without-gossip", "--without-mingle"]
    with _program("worker", command, _environ(), tmp_path_factory.mktemp("worker") / "log"):
        yield


@pytest.fixture
def task_worker(transactional_db: None, _worker_process: None) -> None:
    """A Celery worker on the test database and this process's own Valkey. It starts beside the test; tasks wait for it."""


# --- browsers -------------------------------------------------------------------------------------


def _find_chromium(playwright: Playwright) -> str | None:
    """Return a Chromium: $CHROMIUM, Playwright's own, or one on PATH."""
    candidates = [os.environ.get("CHROMIUM"), playwright.chromium.executable_path]
    candidates += [shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")]
    return next((path for path in candidates if path and Path(path).exists()), None)


@pytest.fixture(scope="session")
def _playwright() -> Iterator[Playwright]:
    # Playwright's synchronous interface runs an event loop in this thread, in which Django would refuse every query.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        yield playwright
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def browser(_playwright: Playwright) -> Iterator[Browser]:
    """One Chromium for all journeys of this process."""
    path = _find_chromium(_playwright)
    if path is None:
        sentence = "No Chromium found. `apt-get install chromium` or `.venv/bin/playwright install chromium` brings one."
        if os.environ.get("CI") == "true":
            pytest.fail(sentence)
        pytest.skip(sentence)
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    chromium = _playwright.chromium.launch(executable_path=path, args=[*QUIET, f"--disable-features={','.join(UNUSED)}", *sandbox])
    yield chromium
    chromium.close()


@pytest.fixture
def new_context(browser: Browser, asgi_server: str) -> Iterator[Callable[..., BrowserContext]]:
    """Make browser contexts, each a person of its own; a script error or a refused resource in any fails the test."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def make(*, phone: bool = False, **options: object) -> BrowserContext:
        shape = PHONE if phone else {"viewport": {"width": 1280, "height": 800}}
        context = browser.new_context(base_url=asgi_server, **{**shape, **options})  # type: ignore[arg-type]  # its options as keywords
        context.set_default_timeout(10_000)
        context.on("weberror", lambda error: faults.append(f"script: {error.error}"))
        context.on("console", lambda message: faults.extend(_fault_in(message)))
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()
    assert faults == []


def _fault_in(message: ConsoleMessage) -> list[str]:
    """A broken policy or script is a fault; an answer of 4xx or 5xx is the test's own business, a request that leaving a page cut off is nobody's."""
    is_answer = "Failed to load resource: the server responded" in message.text
    is_cut_off = message.text.startswith(("htmx:sendAbort", "htmx:afterRequest"))
    return [f"console: {message.text}"] if message.type == "error" and not is_answer and not is_cut_off else []


@pytest.fixture
def page(new_context: Callable[..., BrowserContext]) -> Page:
    """A desktop window of a person of its own."""
    return new_context().new_page()


@pytest.fixture
def open_as(new_context: Callable[..., BrowserContext], asgi_server: str) -> Callable[..., Page]:
    """Open a window as somebody who is signed in already; options as of `new_context`."""

    def open_as(user: User, **options: object) -> Page:
        context = new_context(**options)
        sign_in(context, user, asgi_server)
        return context.new_page()

    return open_as


def sign_in(context: BrowserContext, user: User, address: str) -> None:
    """Give all pages of the context the person's session."""
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": address}])
