"""Children that do not outlive us, and the account they run under."""

from __future__ import annotations

import ctypes
import hashlib
import os
import pwd
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from config.embedded.errors import EmbeddedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_PR_SET_PDEATHSIG = 1
_SOCKET_PATH_LIMIT = 103  # bytes of a Unix socket's path, on Linux and macOS
_UNPRIVILEGED_ACCOUNTS = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """Who a server runs as: ourselves, or as root the account it drops to (PostgreSQL refuses root)."""

    uid: int
    gid: int
    is_other: bool

    @classmethod
    def for_servers(cls) -> Account:
        if os.geteuid() != 0:
            return cls(os.getuid(), os.getgid(), is_other=False)
        for name in _UNPRIVILEGED_ACCOUNTS:
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return cls(entry.pw_uid, entry.pw_gid, is_other=True)
        raise EmbeddedError(
            f"PostgreSQL refuses to run as root, and no account named {' or '.join(_UNPRIVILEGED_ACCOUNTS)} exists. "
            "Start as an ordinary user."
        )

    def own(self, path: Path) -> None:
        if self.is_other:
            os.chown(path, self.uid, self.gid)

    def can_run(self, program: Path) -> bool:
        return self._succeeds([str(program), "--version"])

    def can_enter(self, folder: Path) -> bool:
        return self._succeeds(["test", "-x", str(folder)])

    def _succeeds(self, command: Sequence[str]) -> bool:
        try:
            return run_as(self, command).returncode == 0
        except PermissionError:
            return False


def run_as(account: Account, command: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
    """Run a command to its end under the account and return its output."""
    if not account.is_other:
        return subprocess.run(command, capture_output=True, cwd="/", check=False)
    return subprocess.run(command, capture_output=True, cwd="/", check=False, user=account.uid, group=account.gid, extra_groups=[])


def spawn(
    command: Sequence[str],
    *,
    output: IO[bytes] | int,
    death_signal: signal.Signals,
    account: Account | None = None,
    environ: Mapping[str, str] | None = None,
    cwd: str | Path = "/",
) -> subprocess.Popen[bytes]:
    """Start a child in its own session. On Linux it gets the signal when we die, also by kill -9.

    The signal follows the thread that spawned it, so call this from the main thread only.
    """
    drop = account if account and account.is_other else None
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        cwd=cwd,
        env=environ,
        user=drop.uid if drop else None,
        group=drop.gid if drop else None,
        extra_groups=[] if drop else None,
        start_new_session=True,
        preexec_fn=_die_with_parent(death_signal),  # noqa: PLW1509 (set before any thread starts; no other way)
    )


def _die_with_parent(death_signal: signal.Signals) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None  # elsewhere the next start finds the old server by its pid file
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def set_death_signal() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:  # we died before the signal was set
            os._exit(1)

    return set_death_signal


def stop(process: subprocess.Popen[bytes], *steps: tuple[signal.Signals, float]) -> None:
    """Signal a child, each step waiting its seconds; kill its group where none helps."""
    for number, seconds in steps:
        if process.poll() is not None:
            return
        process.send_signal(number)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
    if process.poll() is None:
        kill_group(process)
        process.wait()


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill a child and whatever it left behind."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def is_alive(pid: int) -> bool:
    """Whether a process runs; a zombie that nobody reaps (a container without an init) does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return True
    return state != "Z"


def socket_folder(server: str, state: Path) -> Path:
    """Return the private folder of a server's socket: in a short place, the same one for the same state folder."""
    name = f"winnow-{os.getuid()}-{server}-{hashlib.sha256(str(state).encode()).hexdigest()[:10]}"
    folder = Path(tempfile.gettempdir()) / name
    if len(os.fsencode(folder)) + len("/.s.PGSQL.5432.lock") > _SOCKET_PATH_LIMIT:
        folder = Path("/tmp") / name  # noqa: S108 (checked for its owner below)
    return folder


def make_socket_folder(folder: Path, account: Account) -> None:
    """Make the folder with access for its owner alone; refuse one that somebody else put there."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid not in {account.uid, os.getuid()}:
        raise EmbeddedError(f"{folder} belongs to someone else. Remove it, or set TMPDIR to a folder of yours.")
    folder.chmod(0o700)
    account.own(folder)
