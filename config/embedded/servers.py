"""The servers of one state folder together, and the environment by which everything else finds them."""

from __future__ import annotations

import os
import secrets
from functools import cached_property
from typing import TYPE_CHECKING

from config.embedded.lock import StateLock
from config.embedded.postgres import APP_ROLE, OWNER_ROLE, Postgres
from config.embedded.valkey import Valkey

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

DATABASE = "winnow"


class Servers:
    """PostgreSQL and Valkey on a state folder, locked against a second supervisor."""

    def __init__(self, state: Path, *, is_durable: bool = True) -> None:
        self.state = state
        self.lock = StateLock(state)
        self.postgres = Postgres(state, is_durable=is_durable)
        self.valkey = Valkey(state, is_durable=is_durable)

    @property
    def env_file(self) -> Path:
        return self.state / "env"

    @cached_property
    def environ(self) -> dict[str, str]:
        """What names them; known before they answer, since their sockets' places are."""
        return {
            "DATABASE_URL": self.postgres.url(APP_ROLE, DATABASE),
            "DATABASE_OWNER_URL": self.postgres.url(OWNER_ROLE, DATABASE),
            "REDIS_URL": self.valkey.url,
            "SECRET_KEY": kept_secret(self.state / "secret_key"),
            "WINNOW_EMBEDDED": "1",
            "WINNOW_STATE_DIR": str(self.state),
        }

    def start(self, holder: str) -> dict[str, str]:
        """Start both and return the environment that names them; raise EmbeddedError where they run already."""
        self.begin(holder)
        self.finish()
        return self.environ

    def begin(self, holder: str) -> None:
        """Start both without waiting for an answer; raise EmbeddedError where they run already."""
        self.lock.acquire(holder)
        try:
            self.env_file.unlink(missing_ok=True)  # of one that was killed: nobody comes in before both answer
            self.postgres.begin()
            self.valkey.begin()
        except BaseException:
            self.stop()
            raise

    def finish(self) -> None:
        """Return when both answer; from here on other commands find them."""
        try:
            self.postgres.finish()
            self.postgres.ensure_database(DATABASE)
            self.valkey.finish()
            write_env(self.env_file, self.environ)
        except BaseException:
            self.stop()
            raise

    def restart_dead(self) -> list[str]:
        """Start again what died; return the names. From the main thread, see `spawn`."""
        restarted = []
        servers: list[tuple[str, Postgres | Valkey]] = [("postgres", self.postgres), ("valkey", self.valkey)]
        for name, server in servers:
            if server.process and server.process.poll() is not None:
                server.start()
                restarted.append(name)
        return restarted

    def stop(self) -> None:
        """Stop both, the database last, and let the state folder go."""
        self.env_file.unlink(missing_ok=True)
        self.valkey.stop()
        self.postgres.stop()
        self.lock.release()


def kept_secret(path: Path, *, length: int = 50) -> str:
    """Return the secret in a file that only its owner can read; make one of so many random bytes the first time."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    value = secrets.token_urlsafe(length)
    with os.fdopen(descriptor, "w") as file:
        file.write(value)
    return value


def write_env(path: Path, environ: Mapping[str, str]) -> None:
    """Write NAME=value lines, readable by their owner alone; the file appears whole or not at all."""
    draft = path.with_suffix(".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.writelines(f"{name}={value}\n" for name, value in environ.items())
    draft.replace(path)


def read_env(path: Path) -> dict[str, str]:
    """Read what `write_env` wrote."""
    lines = path.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line)
