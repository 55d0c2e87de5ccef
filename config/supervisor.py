"""Keep a few programs running: their output with a name before it, started again when they die, stopped in order.

One thread does it all: a death signal follows the thread that spawned a child (see `embedded.process.spawn`).
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

from config.embedded.process import kill_group, spawn, stop

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

FIRST_DELAY, LONGEST_DELAY = 1.0, 30.0  # seconds before a program that died is started again
STEADY_AFTER = 60.0  # a program that ran this long begins with the first delay again
TICK, QUICK_TICK = 0.2, 0.03  # seconds; the quick one is for those who wait for the end


@dataclass(frozen=True)
class Program:
    """What to run, and how to ask it to stop: signals in order, with the seconds each may take."""

    name: str
    command: Sequence[str]
    environ: Mapping[str, str]
    stop_steps: tuple[tuple[signal.Signals, float], ...] = ((signal.SIGTERM, 10),)


@dataclass
class _Running:
    program: Program
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    delay: float = FIRST_DELAY
    start_at: float | None = None  # when to start it again
    output: IO[bytes] | None = None
    rest: bytes = field(default=b"", repr=False)  # the beginning of a line


class Supervisor:
    """Runs programs until told to stop; `say(name, text)` gets every line."""

    def __init__(self, programs: Sequence[Program], *, folder: Path, say: Callable[[str, str], None]) -> None:
        self._running = [_Running(program) for program in programs]
        self._folder = folder
        self._say = say
        self._selector = selectors.DefaultSelector()
        self.deaths = 0  # how often a program ended that was not asked to

    def start(self, *names: str) -> None:
        """Start the programs of these names, or all that were not started yet."""
        for running in self._running:
            if running.process is None and running.program.name in (names or {running.program.name}):
                self._start(running)

    def run_until(self, is_over: Callable[[], bool], *, tick: float = TICK) -> None:
        """Pass on output and restart what dies, asking every `tick` seconds, or more often, whether it is over."""
        while not is_over():
            self._pass_on_output(tick)
            self._restart_dead()

    def stop(self) -> None:
        """Ask all to stop at once, then wait for each, in the order they were named."""
        alive = [(each.process, each.program.stop_steps) for each in self._running if each.process and each.process.poll() is None]
        for process, ((first, _), *_) in alive:
            process.send_signal(first)
        for process, ((_, seconds), *later) in alive:
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                stop(process, *later)
            kill_group(process)
        self._close()

    def kill(self) -> None:
        """End all at once; for programs whose work nobody will ask for."""
        for running in self._running:
            if running.process:
                kill_group(running.process)
                running.process.wait()
        self._close()

    def _close(self) -> None:
        for running in self._running:
            self._drain(running)
        self._selector.close()

    def _start(self, running: _Running) -> None:
        read_end, write_end = os.pipe()
        os.set_blocking(read_end, False)
        program = running.program
        running.process = spawn(program.command, output=write_end, death_signal=signal.SIGTERM, environ=program.environ, cwd=self._folder)
        os.close(write_end)
        running.started_at, running.start_at = time.monotonic(), None
        running.output = os.fdopen(read_end, "rb", buffering=0)
        self._selector.register(running.output, selectors.EVENT_READ, running)

    def _restart_dead(self) -> None:
        now = time.monotonic()
        for running in self._running:
            if running.start_at is not None:
                if now >= running.start_at:
                    self._start(running)
            elif running.process and (code := running.process.poll()) is not None:
                self.deaths += 1
                kill_group(running.process)  # children it left behind hold ports and connections
                self._drain(running)
                if now - running.started_at > STEADY_AFTER:
                    running.delay = FIRST_DELAY
                self._say(running.program.name, f"ended with {code}; starting again in {running.delay:.0f} s")
                running.start_at = now + running.delay
                running.delay = min(running.delay * 2, LONGEST_DELAY)

    def _pass_on_output(self, seconds: float) -> None:
        for key, _ in self._selector.select(seconds):
            self._read(key.data)

    def _drain(self, running: _Running) -> None:
        """Pass on the last words of a program that has ended."""
        while running.output:
            self._read(running)

    def _read(self, running: _Running) -> None:
        """Pass on whole lines; at the end of the output also the beginning of one."""
        if running.output is None:
            return
        data = running.output.read(65536)
        if not data:
            self._selector.unregister(running.output)
            running.output.close()
            running.output = None
        *lines, running.rest = (running.rest + (data or b"\n")).split(b"\n")
        for line in lines:
            if text := line.decode(errors="replace").rstrip():
                self._say(running.program.name, text)
