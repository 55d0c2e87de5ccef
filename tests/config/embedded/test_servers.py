"""Our own PostgreSQL and Valkey: started, locked, stopped, and what a kill leaves behind."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
import pytest
import redis

from config.embedded.errors import EmbeddedError
from config.embedded.lock import StateLock
from config.embedded.process import Account, is_alive, make_socket_folder, socket_folder
from config.embedded.servers import Servers, kept_secret, read_env, write_env

ROOT = Path(__file__).resolve().parents[3]
KEEPER = """
import sys, signal
from pathlib import Path
from config.embedded.servers import Servers
servers = Servers(Path(sys.argv[1]))
servers.start("a test")
print(servers.postgres.process.pid, servers.valkey.process.pid, flush=True)
signal.pause()
"""


@pytest.fixture
def state():
    # Not tmp_path, whose parents nobody else may enter: as root PostgreSQL runs as somebody else.
    folder = Path(tempfile.mkdtemp(prefix="winnow-state-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def private_state(state):
    """A folder that only its owner may enter, as a checkout below /root is."""
    state.chmod(0o700)
    return state


def pid_of(server):
    assert server.process is not None
    return server.process.pid


def write_note(servers_environ, text):
    with psycopg.connect(servers_environ["DATABASE_OWNER_URL"]) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS note (text text)")
        connection.execute("INSERT INTO note VALUES (%s)", [text])


def read_notes(servers_environ):
    with psycopg.connect(servers_environ["DATABASE_OWNER_URL"]) as connection:
        return [row[0] for row in connection.execute("SELECT text FROM note")]


def test_start_answers_on_private_sockets_and_stop_leaves_nothing_running(state):
    servers = Servers(state)
    environ = servers.start("a test")
    pids = [pid_of(servers.postgres), pid_of(servers.valkey)]
    modes = [stat.S_IMODE(server.sockets.stat().st_mode) for server in (servers.postgres, servers.valkey)]
    write_note(environ, "kept")
    redis.Redis.from_url(environ["REDIS_URL"]).set("bell", 1)
    attached = read_env(servers.env_file)

    servers.stop()

    assert attached == environ
    assert modes == [0o700, 0o700]
    assert [is_alive(pid) for pid in pids] == [False, False]
    assert not servers.env_file.exists()
    assert not StateLock(state).is_taken()


def test_a_second_supervisor_is_refused_and_told_who_runs(state):
    first = Servers(state)
    first.start("manage.py up")

    with pytest.raises(EmbeddedError, match=r"Already running: manage\.py up \(process \d+\)"):
        Servers(state).start("another")

    first.stop()


def test_a_killed_supervisor_leaves_no_process_and_loses_no_row(state):
    keeper = subprocess.Popen([sys.executable, "-c", KEEPER, str(state)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert keeper.stdout is not None
    pids = [int(word) for word in keeper.stdout.readline().split()]
    write_note(read_env(state / "env"), "acknowledged")

    keeper.kill()
    keeper.wait()

    end = time.monotonic() + 15
    while any(is_alive(pid) for pid in pids) and time.monotonic() < end:
        time.sleep(0.05)
    assert [is_alive(pid) for pid in pids] == [False, False]
    keeper.stdout.close()
    again = Servers(state)
    environ = again.start("a test")
    assert read_notes(environ) == ["acknowledged"]
    again.stop()


def test_a_dead_server_is_started_again_with_its_rows(state):
    servers = Servers(state)
    environ = servers.start("a test")
    write_note(environ, "committed")
    pid = pid_of(servers.postgres)
    os.killpg(pid, signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)  # dead, and left for its supervisor to notice

    restarted = servers.restart_dead()

    assert restarted == ["postgres"]
    assert read_notes(environ) == ["committed"]
    servers.stop()


def test_servers_run_from_a_folder_that_nobody_else_may_enter(private_state):
    servers = Servers(private_state)

    environ = servers.start("a test")
    write_note(environ, "kept")
    notes = read_notes(environ)
    data = servers.postgres.data
    servers.stop()

    assert notes == ["kept"]
    if os.geteuid() == 0:
        assert data.parent.parent == Path("/var/lib/winnow")
        shutil.rmtree(data.parent)


def test_an_interrupted_first_start_is_repaired(state):
    (state / "postgres").mkdir(mode=0o700)
    (state / "postgres" / "half").write_text("written")
    servers = Servers(state)

    servers.start("a test")
    servers.stop()

    assert not (state / "postgres" / "half").exists()


def test_a_cluster_whose_making_was_killed_is_made_again(state):
    (state / "postgres").mkdir(mode=0o700)
    (state / "postgres" / "PG_VERSION").write_text("18\n")
    (state / "postgres.unfinished").touch()
    servers = Servers(state)

    environ = servers.start("a test")
    write_note(environ, "kept")
    servers.stop()
    again = Servers(state)
    notes = read_notes(again.start("a test"))
    again.stop()

    assert notes == ["kept"]


def test_servers_that_were_begun_are_not_found_before_they_answer_and_leave_nothing_when_stopped(state):
    servers = Servers(state)

    servers.begin("a test")
    is_told = servers.env_file.exists()
    valkey = pid_of(servers.valkey)
    servers.stop()

    assert not is_told
    assert not is_alive(valkey)
    assert not StateLock(state).is_taken()


def test_socket_folder_is_short_enough_for_a_long_temporary_folder(state, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", "/tmp/" + "long/" * 30)

    folder = socket_folder("pg", state)

    assert len(str(folder / ".s.PGSQL.5432.lock")) <= 103


def test_a_socket_folder_put_there_by_somebody_else_is_refused(state):
    real = state / "real"
    real.mkdir()
    link = state / "link"
    link.symlink_to(real)

    with pytest.raises(EmbeddedError, match="belongs to someone else"):
        make_socket_folder(link, Account(os.getuid(), os.getgid(), is_other=False))


def test_kept_secret_stays_the_same_and_private(state):
    path = state / "secret"

    first, second = kept_secret(path), kept_secret(path)

    assert first == second
    assert len(first) >= 50
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_env_file_is_private(state):
    write_env(state / "env", {"A": "b=c", "D": ""})

    assert read_env(state / "env") == {"A": "b=c", "D": ""}
    assert stat.S_IMODE((state / "env").stat().st_mode) == 0o600
