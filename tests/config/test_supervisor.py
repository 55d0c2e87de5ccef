"""The runner's loop, with small programs."""

import os
import signal
import subprocess
import sys
import time

import pytest

from config.embedded.process import is_alive
from config.supervisor import Program, Supervisor


@pytest.fixture
def said():
    return []


@pytest.fixture
def supervise(tmp_path, said):
    started = []

    def make(*programs):
        supervisor = Supervisor(programs, folder=tmp_path, say=lambda name, text: said.append((name, text)))
        started.append(supervisor)
        supervisor.start()
        return supervisor

    yield make
    for supervisor in started:
        supervisor.stop()


def program(name, code, **options):
    return Program(name, [sys.executable, "-u", "-c", code], dict(os.environ), **options)


def within(seconds, is_so):
    """Over when it is so, or when the time is up: the assertion after it tells which."""
    end = time.monotonic() + seconds
    return lambda: is_so() or time.monotonic() > end


def test_output_carries_the_name_of_its_program(supervise, said):
    supervisor = supervise(program("web", "print('one'); print('two', end='')"))

    supervisor.run_until(within(10, lambda: ("web", "two") in said))

    assert said[:2] == [("web", "one"), ("web", "two")]


def test_what_dies_is_started_again(supervise, said):
    supervisor = supervise(program("worker", "print('started'); raise SystemExit(3)"))

    supervisor.run_until(within(10, lambda: said.count(("worker", "started")) == 2))

    assert said.count(("worker", "started")) == 2
    assert ("worker", "ended with 3; starting again in 1 s") in said


def test_what_a_dead_program_left_behind_is_killed(supervise, said):
    child = "import subprocess; print(subprocess.Popen(['sleep', '60']).pid)"
    supervisor = supervise(program("web", child))
    supervisor.run_until(within(10, lambda: len(said) == 2))
    pid = int(said[0][1])

    supervisor.run_until(within(5, lambda: not is_alive(pid)))
    assert not is_alive(pid)


def test_stop_asks_first_and_kills_what_does_not_listen(supervise, tmp_path, said):
    polite = "import signal, sys; signal.signal(15, lambda *_: sys.exit(print('bye'))); print('ready'); signal.pause()"
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print('ready'); time.sleep(60)"
    supervisor = supervise(program("polite", polite), program("deaf", deaf, stop_steps=((signal.SIGTERM, 0.2), (signal.SIGTERM, 0.2))))
    supervisor.run_until(within(10, lambda: len(said) == 2))

    supervisor.stop()

    assert ("polite", "bye") in said
    assert not [running for running in supervisor._running if running.process.poll() is None]


def test_a_child_dies_with_its_parent(tmp_path):
    parent = (
        "import signal, subprocess; from config.embedded.process import spawn\n"
        "child = spawn(['sleep', '60'], output=subprocess.DEVNULL, death_signal=signal.SIGTERM)\n"
        "print(child.pid, flush=True); signal.pause()"
    )
    process = subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    pid = int(process.stdout.readline())

    process.kill()
    process.wait()
    process.stdout.close()

    end = time.monotonic() + 5
    while is_alive(pid) and time.monotonic() < end:
        time.sleep(0.02)
    assert not is_alive(pid)


def test_programs_start_by_name_and_the_rest_later_once(said, tmp_path):
    wait = "import signal; print('here', flush=True); signal.pause()"
    supervisor = Supervisor(
        [program("web", wait), program("beat", wait)], folder=tmp_path, say=lambda name, text: said.append((name, text))
    )
    supervisor.start("web")
    supervisor.run_until(within(10, lambda: bool(said)), tick=0.01)
    first = list(said)

    supervisor.start()
    supervisor.run_until(within(10, lambda: len(said) == 2), tick=0.01)
    supervisor.stop()

    assert (first, said) == ([("web", "here")], [("web", "here"), ("beat", "here")])
