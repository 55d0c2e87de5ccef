"""The whole of `manage.py up`, from the outside."""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psycopg
import pytest

from config.embedded.servers import Servers, read_env
from config.management.commands.test import pytest_arguments

ROOT = Path(__file__).resolve().parents[2]
OF_THE_TEST_RUN = {"DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "SECRET_KEY", "WINNOW_EMBEDDED"}


@pytest.fixture
def state():
    folder = Path(tempfile.mkdtemp(prefix="winnow-state-"))
    folder.chmod(0o711)  # as root PostgreSQL runs as somebody else
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def environ(state):
    inherited = {name: value for name, value in os.environ.items() if name not in OF_THE_TEST_RUN}
    return inherited | {"WINNOW_SETUP": "off", "WINNOW_STATE_DIR": str(state)}


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def manage(environ):
    def run(*arguments):
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False, timeout=120)

    return run


@pytest.fixture
def runner(environ, port):
    command = [sys.executable, "manage.py", "up", "--port", str(port), "--workers", "1"]
    process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "stop it with Ctrl-C" in line:
            break
    else:
        pytest.fail("".join(lines))
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def processes_of(state):
    """Whatever names the state folder in its command line or environment, and lives."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
            is_dead = (folder / "stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
        except OSError:
            continue
        if str(state).encode() in words and not is_dead:
            found.append(words.split(b"\0")[:4])
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="death signals are Linux's; elsewhere the next start cleans up")
def test_up_serves_lets_commands_in_and_leaves_nothing_when_killed(runner, state, port, manage):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready") as answer:
        assert answer.read() == b'{"database": true, "redis": true}'
    with psycopg.connect(read_env(state / "env")["DATABASE_OWNER_URL"]) as connection:
        connection.execute("CREATE TABLE note AS SELECT 'acknowledged' AS text")

    attached = manage("shell", "--no-imports", "-c", "from accounts.models import User; print(User.objects.count() >= 0)")
    assert (attached.returncode, attached.stdout) == (0, "True\n"), attached.stderr
    second = manage("up")
    assert second.returncode == 1
    assert re.search(r"Already running: manage\.py up \(process \d+\)", second.stderr)

    runner.kill()

    end = time.monotonic() + 20
    while processes_of(state) and time.monotonic() < end:
        time.sleep(0.1)
    assert processes_of(state) == []
    again = Servers(state)
    with psycopg.connect(again.start("a test")["DATABASE_OWNER_URL"]) as connection:
        assert connection.execute("SELECT text FROM note").fetchall() == [("acknowledged",)]
    again.stop()


def test_a_command_without_running_services_brings_its_own(state, manage):
    result = manage("shell", "--no-imports", "-c", "from accounts.models import User; print(User.objects.count())")

    assert (result.returncode, result.stdout) == (0, "0\n"), result.stderr
    assert processes_of(state) == []


def test_up_names_a_port_that_is_taken(manage, port):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()

        result = manage("up", "--port", str(port))

    assert result.returncode == 1
    assert f"Port {port} cannot be used" in result.stderr


@pytest.mark.parametrize(
    ("given", "passed_on"),
    [
        ([], ["-n", "2", "--dist", "worksteal"]),
        (["-x"], ["-n", "2", "--dist", "worksteal", "-x"]),
        (["tests/config"], ["tests/config"]),
        (["-n0"], ["-n0"]),
        (["-q", "--pdb"], ["-q", "--pdb"]),
    ],
)
def test_the_whole_suite_runs_in_two_processes(given, passed_on):
    assert pytest_arguments(given) == passed_on
