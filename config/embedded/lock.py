"""One supervisor for a state folder."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

from config.embedded.errors import EmbeddedError

if TYPE_CHECKING:
    from pathlib import Path


class StateLock:
    """Held while servers run on a state folder; the kernel drops it with its process, however that ends."""

    def __init__(self, state: Path) -> None:
        self.path = state / "lock"
        self._descriptor: int | None = None

    def acquire(self, holder: str) -> None:
        """Take the lock and leave the holder's name for others; raise EmbeddedError where it is taken."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)  # not inherited by children
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise EmbeddedError(f"Already running: {self.holder()} holds {self.path.parent}.") from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{holder} (process {os.getpid()})".encode())
        self._descriptor = descriptor

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def is_taken(self) -> bool:
        """Whether somebody else holds it at this moment."""
        try:
            self.acquire("a command that looks")
        except EmbeddedError:
            return True
        self.release()
        return False

    def holder(self) -> str:
        """Name who holds the lock, as far as it said so."""
        return self.path.read_text(errors="replace") or "another command"
