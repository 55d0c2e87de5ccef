"""Nonsense in the environment stops the start with a sentence that names it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import environment

ROOT = Path(__file__).resolve().parents[2]
SERVER = {
    "DATABASE_URL": "postgres://winnow_app:x@db/winnow",
    "REDIS_URL": "redis://redis/0",
    "SECRET_KEY": "k3y-0f-a-test-" * 5,
    "SITE_URL": "https://winnow.example.org",
}


def load_settings(environ):
    command = [sys.executable, "-c", "import config.settings"]
    return subprocess.run(command, cwd=ROOT, env={"PATH": os.environ["PATH"], **environ}, capture_output=True, text=True, check=False)


def test_settings_load_without_any_service():
    assert load_settings({}).returncode == 0


def test_settings_load_for_a_server():
    assert load_settings(SERVER).returncode == 0


@pytest.mark.parametrize("name", ["REDIS_URL", "SECRET_KEY", "SITE_URL"])
def test_a_server_needs_each_of_its_names(name):
    result = load_settings({key: value for key, value in SERVER.items() if key != name})

    assert result.returncode == 1
    assert f"Set the {name} environment variable" in result.stderr


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("DATABASE_URL", "sqlite:///db.sqlite3", "Winnow runs on PostgreSQL only"),
        ("DATABASE_OWNER_URL", "mysql://db/winnow", "DATABASE_OWNER_URL must start with postgres://"),
        ("REDIS_URL", "memcached://redis", "REDIS_URL must start with"),
        ("SECRET_KEY", "changeme", "SECRET_KEY must be at least"),
        ("SITE_URL", "winnow.example.org", "must be a bare address"),
        ("WINNOW_PROXY_COUNT", "many", "WINNOW_PROXY_COUNT is 'many'"),
        ("WINNOW_LOG_FORMAT", "xml", "WINNOW_LOG_FORMAT is 'xml'"),
        ("WINNOW_DATABASE_POL", "1", "Nothing reads WINNOW_DATABASE_POL"),
    ],
)
def test_nonsense_is_named(name, value, sentence):
    result = load_settings({**SERVER, name: value})

    assert result.returncode == 1
    assert sentence in result.stderr


@pytest.mark.parametrize(
    "value",
    ["", "ftp://a", "http://", "http://a/path", "http://a?q", "http://a#f", "http://u:p@a", "http://a:99999", "http://[::1"],
)
def test_parse_site_url_refuses(value):
    with pytest.raises(ImproperlyConfigured, match="SITE_URL"):
        environment.parse_site_url(value)


def test_parse_site_url_keeps_port_and_address_of_version_6():
    site = environment.parse_site_url("http://[::1]:8000/")

    assert site == environment.Site(origin="http://[::1]:8000", host="[::1]", is_secure=False)


@pytest.mark.parametrize(
    ("value", "broker", "cache"),
    [
        ("redis://h:1", "redis://h:1/0", "redis://h:1/1"),
        ("rediss://u:p@h/4", "rediss://u:p@h/4", "rediss://u:p@h/5"),
        ("unix:///run/s", "redis+socket:///run/s?virtual_host=0", "unix:///run/s?db=1"),
        ("unix:///run/s?db=2", "redis+socket:///run/s?virtual_host=2", "unix:///run/s?db=3"),
    ],
)
def test_parse_redis_url(value, broker, cache):
    urls = environment.parse_redis_url(value)

    assert (urls.broker, urls.cache) == (broker, cache)


@pytest.mark.parametrize("value", ["http://h", "redis://h/name", "unix:///s?db=-1"])
def test_parse_redis_url_refuses(value):
    with pytest.raises(ImproperlyConfigured, match="REDIS_URL"):
        environment.parse_redis_url(value)


@pytest.mark.parametrize("value", ["-1", "6", "1.5", "", "²", "99999999999999999999"])
def test_checked_number_refuses(value):
    with pytest.raises(ImproperlyConfigured, match="N is"):
        environment.checked_number("N", value, 0, 5)


@pytest.mark.parametrize("value", ["short", "a" * 60, "django-insecure-" + "abcdefghij" * 5])
def test_checked_secret_key_refuses(value):
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY"):
        environment.checked_secret_key(value)
