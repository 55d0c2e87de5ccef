"""Set-up, without installing anything."""

import shutil
import subprocess
import sys

import pytest

from config import bootstrap


@pytest.fixture
def lock(tmp_path):
    for name in ("requirements.lock", "requirements-dev.lock"):
        (tmp_path / name).write_text(f"{name}==1\n")
    return tmp_path / "requirements.lock"


@pytest.fixture
def venv(tmp_path):
    folder = tmp_path / "venv"
    folder.mkdir()
    return folder


@pytest.fixture
def commands(monkeypatch):
    """The commands that set-up would run; each one succeeds."""
    ran: list[list[str]] = []
    monkeypatch.setattr(bootstrap, "_run", ran.append)
    monkeypatch.setattr(bootstrap, "warm_up", lambda venv: None)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    return ran


def stamp(venv, lock):
    bootstrap.stamp_of(venv, lock).write_text(bootstrap.fingerprint(lock))


@pytest.mark.parametrize(
    ("command", "name"), [("test", "requirements-dev.lock"), ("bench", "requirements-dev.lock"), ("up", "requirements.lock")]
)
def test_lock_for_takes_the_tools_only_where_they_are_needed(command, name):
    assert bootstrap.lock_for(["manage.py", command]).name == name


def test_lock_for_no_command():
    assert bootstrap.lock_for(["manage.py"]).name == "requirements.lock"


def test_ensure_packages_makes_the_environment_and_stamps_it(venv, lock, commands, monkeypatch):
    monkeypatch.setattr(shutil, "rmtree", lambda *_, **__: None)  # as if `venv` had made the folder again

    bootstrap.ensure_packages(venv, lock)

    assert [command[1:3] for command in commands] == [["-m", "venv"], ["-m", "pip"]]
    assert bootstrap.is_current(venv, lock)


def test_ensure_packages_does_nothing_for_an_equal_stamp(venv, lock, commands):
    stamp(venv, lock)

    bootstrap.ensure_packages(venv, lock)

    assert commands == []


def test_the_development_packages_hold_the_others(venv, lock, commands):
    stamp(venv, lock.with_name("requirements-dev.lock"))

    bootstrap.ensure_packages(venv, lock)

    assert commands == []


def test_the_runtime_packages_do_not_hold_the_tools(venv, lock):
    stamp(venv, lock)

    assert not bootstrap.is_current(venv, lock.with_name("requirements-dev.lock"))


def test_a_changed_lock_is_installed_again(venv, lock, commands):
    stamp(venv, lock)
    lock.write_text("changed==2\n")

    assert not bootstrap.is_current(venv, lock)


def test_a_linked_environment_is_used_as_it_stands(tmp_path, venv, lock, commands, capsys):
    link = tmp_path / "link"
    link.symlink_to(venv)

    bootstrap.ensure_packages(link, lock)

    assert commands == []
    assert "is a link" in capsys.readouterr().err


def test_a_failed_installation_leaves_no_stamp(venv, lock, monkeypatch):
    def fail(command):
        raise bootstrap.SetUpError("no network")

    monkeypatch.setattr(bootstrap, "_run", fail)
    stamp(venv, lock)
    lock.write_text("changed==2\n")
    lock.with_name("requirements-dev.lock").write_text("changed==2\n")

    with pytest.raises(bootstrap.SetUpError):
        bootstrap.ensure_packages(venv, lock)

    assert not bootstrap.is_current(venv, lock)


def test_install_command_prefers_uv(venv, lock, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: "/bin/uv")

    command = bootstrap.install_command(venv, lock)

    assert command[:3] == ["/bin/uv", "pip", "sync"]
    assert "--require-hashes" in command


def test_install_command_takes_the_pip_outside_the_environment(venv, lock, commands):
    command = bootstrap.install_command(venv, lock)

    assert command[:5] == [bootstrap.base_python(), "-m", "pip", "--python", str(bootstrap.python_of(venv))]


def test_install_command_asks_for_pip_where_there_is_none(venv, lock, monkeypatch, commands):
    monkeypatch.setattr(bootstrap, "has_pip", lambda: False)

    with pytest.raises(bootstrap.SetUpError, match="apt-get install python3-pip"):
        bootstrap.install_command(venv, lock)


def test_set_up_is_off_in_a_container(monkeypatch):
    monkeypatch.setenv("WINNOW_SETUP", "off")
    monkeypatch.setattr(bootstrap, "ensure_packages", lambda *_: pytest.fail("looked at the packages"))

    bootstrap.set_up(["manage.py", "up"])


def test_a_second_set_up_waits_for_the_first(tmp_path):
    path = tmp_path / "setup.lock"
    program = f"from config.bootstrap import _only_one; from pathlib import Path\nwith _only_one(Path({str(path)!r})): print('in')"

    with bootstrap._only_one(path):
        second = subprocess.Popen(
            [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=bootstrap.ROOT
        )
        assert second.stderr is not None
        assert "Waiting" in second.stderr.readline()
        assert second.poll() is None
    output, _ = second.communicate(timeout=10)

    assert output == "in\n"
