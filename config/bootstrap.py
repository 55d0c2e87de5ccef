"""Set-up with the standard library alone: a virtual environment that holds exactly what the lock file says.

It runs before every command and costs nothing once a stamp in the environment equals the lock.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
DEV_COMMANDS = frozenset({"test", "testcluster", "bench", "pictures"})

_IMPORTS = """
import contextlib, importlib
for name in (
    "config.asgi", "config.worker", "config.beat", "config.check", "config.services", "config.management.commands.up",
    "config.management.commands.migrate", "operations.management.commands.demo", "celery.bin.celery", "celery.apps.worker", "celery.apps.beat",
    "celery.concurrency.prefork", "celery.worker.consumer", "kombu.transport.redis", "uvicorn.main", "uvicorn.supervisors", "uvicorn.loops.uvloop",
    "uvicorn.protocols.http.httptools_impl", "psycopg_pool", "redis.asyncio", "pytest", "xdist.dsession", "pytest_django.plugin",
    "hypothesis.strategies", "factory", "playwright.sync_api",
):
    with contextlib.suppress(ImportError):
        importlib.import_module(name)
from django.db.migrations.loader import MigrationLoader
MigrationLoader(None)
"""


class SetUpError(Exception):
    """Set-up cannot go on; the text says what to do."""


def set_up(argv: list[str]) -> None:
    """Return where this process may go on; else install what is missing and start again inside `.venv`.

    With WINNOW_SETUP=off (a container image) nothing is looked at.
    """
    if os.environ.get("WINNOW_SETUP") == "off":
        return
    try:
        with _only_one(ROOT / ".local" / "setup.lock"):
            ensure_packages(VENV, lock_for(argv))
    except SetUpError as error:
        sys.exit(str(error))
    if not runs_inside(VENV):
        sys.stdout.flush()
        python = str(python_of(VENV))
        os.execv(python, [python, *argv])  # noqa: S606 (the same command again, with the packages)


def lock_for(argv: list[str]) -> Path:
    """Return the lock file that a command needs."""
    needs_dev = len(argv) > 1 and argv[1] in DEV_COMMANDS
    return ROOT / ("requirements-dev.lock" if needs_dev else "requirements.lock")


def python_of(venv: Path) -> Path:
    return venv / "bin" / "python"


def runs_inside(venv: Path) -> bool:
    """Whether this process already runs on the environment's Python."""
    return venv.exists() and venv.samefile(sys.prefix)


def fingerprint(lock: Path) -> str:
    """Return what a stamp must hold: the lock's content and the Python it was installed for, and no path."""
    digest = hashlib.sha256(lock.read_bytes())
    digest.update("{}.{}".format(*sys.version_info).encode())
    return digest.hexdigest()


def stamp_of(venv: Path, lock: Path) -> Path:
    return venv / f".winnow-{lock.stem}"


def is_current(venv: Path, lock: Path) -> bool:
    """Whether the environment holds the lock's packages; the development lock holds all of the others'."""
    dev = lock.with_name("requirements-dev.lock")
    return any(_stamp_equals(venv, candidate) for candidate in {lock, dev})


def _stamp_equals(venv: Path, lock: Path) -> bool:
    try:
        return stamp_of(venv, lock).read_text() == fingerprint(lock)
    except FileNotFoundError:
        return False


def ensure_packages(venv: Path, lock: Path) -> None:
    """Install the lock's packages where the environment's stamp differs; raise SetUpError where that fails."""
    if is_current(venv, lock):
        return
    if venv.is_symlink():
        # Somebody else's environment, perhaps in use by other checkouts.
        say(f".venv is a link and its packages differ from {lock.name}; it is used as it stands.")
        return
    started = time.monotonic()
    say(f"Fetching the Python packages of {lock.name} into .venv ...")
    if not python_of(venv).exists():
        shutil.rmtree(venv, ignore_errors=True)
        # Without pip inside it also works where Debian's python3-venv is missing.
        _run([base_python(), "-m", "venv", "--without-pip", str(venv)])
    for stamp in venv.glob(".winnow-*"):
        stamp.unlink()
    _run(install_command(venv, lock))
    warm_up(venv)
    stamp_of(venv, lock).write_text(fingerprint(lock))
    say(f"Python packages ready after {time.monotonic() - started:.1f} s.")


def install_command(venv: Path, lock: Path) -> list[str]:
    """Return the command that installs a lock: uv where it is on PATH, else this Python's pip."""
    python = str(python_of(venv))
    if uv := shutil.which("uv"):
        return [uv, "pip", "sync", "--quiet", "--require-hashes", "--python", python, str(lock)]
    if not has_pip():
        raise SetUpError("Python's pip is missing. On Debian or Ubuntu: apt-get install python3-pip. Elsewhere: python3 -m ensurepip")
    pip = [base_python(), "-m", "pip", "--python", python, "--disable-pip-version-check", "install", "--quiet", "--no-compile"]
    return [*pip, "--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", str(lock)]


def warm_up(venv: Path) -> None:
    """Import once what a start imports, so that Python keeps it compiled: later starts take a third of the time.

    Also where PYTHONDONTWRITEBYTECODE would have each start compile again. Compiling every development package costs 21 s of processor time, this 8.
    """
    environ = {**os.environ, "WINNOW_SETUP": "off", "DJANGO_SETTINGS_MODULE": "config.settings"}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    # Nothing depends on it: where an import fails, the command itself will say so.
    subprocess.run([str(python_of(venv)), "-c", _IMPORTS], cwd=ROOT, env=environ, capture_output=True, check=False)


def base_python() -> str:
    """Return the Python outside the environment; the one inside has no pip."""
    return str(getattr(sys, "_base_executable", sys.executable))


def has_pip() -> bool:
    return subprocess.run([base_python(), "-c", "import pip"], capture_output=True, check=False).returncode == 0


def say(text: str) -> None:
    print(f"set-up | {text}", file=sys.stderr, flush=True)


def _run(command: list[str]) -> None:
    # What they print goes to stderr, so that a command's own output (--json) stays clean.
    if subprocess.run(command, cwd=ROOT, stdout=sys.stderr, check=False).returncode:
        raise SetUpError(f"Set-up failed at: {' '.join(command)}\nMend what it says above and run the same command again.")


@contextmanager
def _only_one(path: Path) -> Iterator[None]:
    """Let one set-up of this checkout run at a time: `up` and `test` may start at the same moment."""
    path.parent.mkdir(exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Waiting for another set-up of this folder ...")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
