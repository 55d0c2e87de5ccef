"""Every command finds a database: the server's, that of a running `up`, or one of its own while it lasts."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from config.embedded.errors import EmbeddedError
from config.embedded.servers import Servers, read_env

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
# They ask no server, or start what they need themselves.
WITHOUT_SERVICES = frozenset(
    {"", "help", "version", "check", "test", "testcluster", "collectstatic", "findstatic", "spectacular", "startapp"}
)
ABOUT_MIGRATIONS = frozenset({"migrate", "makemigrations", "showmigrations", "sqlmigrate", "squashmigrations", "up"})

# Those started by this process, for `up` to watch.
started: Servers | None = None


@contextmanager
def services(argv: list[str]) -> Iterator[None]:
    """Put into the environment the services that a command may use, and stop afterwards what was started for it."""
    command = argv[1] if len(argv) > 1 else ""
    if "DATABASE_URL" in os.environ or command in WITHOUT_SERVICES or command.startswith("-") or "--help" in argv:
        yield
        return
    if "REDIS_URL" in os.environ:
        sys.exit("REDIS_URL is set and DATABASE_URL is not. Set both to use servers of your own, or none.")
    is_check = command == "up" and "--check" in argv
    is_bench = command == "bench"  # on a disk that keeps its promises, since commits are what it measures
    is_pictures = command == "pictures"
    with _state_folder(is_throw_away=is_check or is_bench or is_pictures) as state:
        if command not in ("up", "bench", "pictures") and _attach(state):
            yield
            return
        with _own_servers(state, command, is_durable=not (is_check or is_pictures)):
            yield


@contextmanager
def _state_folder(*, is_throw_away: bool) -> Iterator[Path]:
    if not is_throw_away:
        yield Path(os.environ.get("WINNOW_STATE_DIR", ROOT / ".local")).resolve()
        return
    state = Path(tempfile.mkdtemp(prefix="winnow-state-"))
    state.chmod(0o711)  # the account PostgreSQL drops to must get through
    try:
        yield state
    finally:
        shutil.rmtree(state, ignore_errors=True)


def _attach(state: Path) -> bool:
    """Use the servers of a running command on this state folder, where there is one."""
    servers = Servers(state)
    if not servers.lock.is_taken():
        return False
    try:
        os.environ.update(read_env(servers.env_file))
    except FileNotFoundError:
        sys.exit(f"{servers.lock.holder()} is starting or stopping the servers in {state}. Try again in a moment.")
    return True


@contextmanager
def _own_servers(state: Path, command: str, *, is_durable: bool) -> Iterator[None]:
    global started
    servers = Servers(state, is_durable=is_durable)
    signal.signal(signal.SIGTERM, _exit)  # so that what we started is stopped in order
    try:
        # `up` loads its code meanwhile, and waits for them itself.
        servers.begin(f"manage.py {command}")
        if command != "up":
            servers.finish()
    except EmbeddedError as error:
        sys.exit(str(error))
    started = servers
    os.environ.update(servers.environ)
    try:
        if command not in ABOUT_MIGRATIONS:
            _migrate()
        yield
    finally:
        started = None
        servers.stop()


def _migrate() -> None:
    """Bring a database that nobody has started `up` on to the shape the command expects."""
    command = [sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity", "0"]
    if subprocess.run(command, stdout=sys.stderr, check=False).returncode:
        sys.exit("The database could not be brought up to date.")


def _exit(number: int, frame: object) -> NoReturn:
    sys.exit(128 + number)
