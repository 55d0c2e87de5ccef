"""pytest plugin (named in pyproject.toml): a throw-away database and Valkey, so that plain pytest and IDEs need no more.

The first run of a state of the migrations builds a template database; every process of a run clones it in well under
a second. WINNOW_TEST_CLUSTER names the env file of a running `manage.py testcluster`, which saves starting one.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from psycopg import sql

from config.embedded.errors import EmbeddedError
from config.embedded.process import is_alive
from config.embedded.servers import Servers, read_env
from config.embedded.valkey import Valkey

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE_PREFIX, CLONE_PREFIX = "winnow_template_", "winnow_test_"
KEPT_TEMPLATES = 8
_SCHEMA_MODULES = ("config/settings.py", "config/database.py", "accounts/tenancy.py", "activity/tables.py")
DROP_TRIES = 40
KEPT_TABLES = ("django_migrations", "django_content_type", "auth_permission")
EMPTY_TRIES = 5
_TEMPLATE_LOCK = 7_410_219  # any number that nobody else takes


class QuickHasher(PBKDF2PasswordHasher):
    """Passwords of test rows in microseconds; a server under test can check them all the same."""

    iterations = 1


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """Bring the services before pytest-django reads the settings; xdist's workers share the controller's cluster."""
    try:
        if "PYTEST_XDIST_WORKER" not in os.environ:
            os.environ.update(_cluster(early_config))
        os.environ["REDIS_URL"] = _valkey(early_config)
    except EmbeddedError as error:
        raise pytest.UsageError(str(error)) from error
    return (yield)


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    from django.conf import settings

    settings.PASSWORD_HASHERS = [f"{__name__}.{QuickHasher.__name__}", *settings.PASSWORD_HASHERS]
    settings.WHITENOISE_AUTOREFRESH = True  # static files are looked for when asked for, not all of them by each test's client


def _cluster(config: pytest.Config) -> dict[str, str]:
    """Return the environment of a cluster: the named one, this checkout's, or one of our own beside another run."""
    if path := os.environ.get("WINNOW_TEST_CLUSTER"):
        if not Path(path).exists():
            raise EmbeddedError(f"WINNOW_TEST_CLUSTER names {path}, which does not exist. Is `testcluster` running?")
        return read_env(Path(path))
    servers = Servers(ROOT / ".local" / "test", is_durable=False)
    try:
        environ = servers.start("a test run")
    except EmbeddedError:
        if not servers.lock.is_taken():
            raise
        state = Path(tempfile.mkdtemp(prefix="winnow-test-"))
        state.chmod(0o711)  # the account PostgreSQL drops to must get through
        config.add_cleanup(lambda: shutil.rmtree(state, ignore_errors=True))
        servers = Servers(state, is_durable=False)
        environ = servers.start("a test run")
    config.add_cleanup(servers.stop)
    return environ


def _valkey(config: pytest.Config) -> str:
    """Start a Valkey for this process alone, so that no other run rings its bells; return its URL."""
    state = Path(tempfile.mkdtemp(prefix="winnow-test-"))
    config.add_cleanup(lambda: shutil.rmtree(state, ignore_errors=True))
    valkey = Valkey(state, is_durable=False)
    valkey.start()
    config.add_cleanup(valkey.stop)
    return valkey.url


@contextmanager
def cloned_database() -> Iterator[str]:
    """Point Django's connection to a fresh copy of the migrated template; drop the copy afterwards."""
    from django.db import connection

    with _owner() as owner:
        _drop_left_behind(owner)
        template = _ensure_template(owner)
        clone = f"{CLONE_PREFIX}{os.getpid()}_{uuid.uuid4().hex[:8]}"
        _create_database(owner, clone, template)
    original = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = clone
    try:
        yield clone
    finally:
        connection.close()
        connection.settings_dict["NAME"] = original
        with _owner() as owner:
            _drop_database(owner, clone)


def empty_tables() -> None:
    """Delete every row that a test committed, as `flush` would, at a tenth of its cost: tables that hold none are left alone.

    The rows of KEPT_TABLES come with the migrations. Triggers and keys rest meanwhile, which takes a superuser.
    """
    from django.db import connection

    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], user="postgres", dbname=connection.settings_dict["NAME"]) as superuser:
        query = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> ALL(%s)"
        tables = [str(name) for (name,) in superuser.execute(query, [list(KEPT_TABLES)])]
        for tries_left in reversed(range(EMPTY_TRIES)):
            try:
                _delete_all(superuser, tables)
            except psycopg.errors.DeadlockDetected:  # with a server under test that still reads two tables in another order
                superuser.rollback()
                if not tries_left:
                    raise
            else:
                return


def _delete_all(superuser: psycopg.Connection[tuple[object, ...]], tables: Sequence[str]) -> None:
    """Delete all rows in one transaction, behind those that are still being written."""
    names = {table: sql.Identifier(table) for table in tables}
    superuser.execute("SET session_replication_role = replica")
    superuser.execute(sql.SQL("LOCK TABLE {} IN EXCLUSIVE MODE").format(sql.SQL(", ").join(names.values())))
    has_rows = sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})")
    filled = sql.SQL(" UNION ALL ").join(has_rows.format(sql.Literal(table), name) for table, name in names.items())
    for (table,) in superuser.execute(filled).fetchall():
        superuser.execute(sql.SQL("DELETE FROM {}").format(names[str(table)]))
    superuser.commit()


def schema_fingerprint() -> str:
    """Return a hash of all that decides what a migrated database looks like."""
    digest = hashlib.sha256()
    sources = [*ROOT.glob("*/migrations/*.py"), *(ROOT / name for name in _SCHEMA_MODULES)]
    for path in [*sorted(sources), ROOT / "requirements-dev.lock"]:
        digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _owner() -> psycopg.Connection[tuple[object, ...]]:
    from django.conf import settings

    return psycopg.connect(settings.DATABASE_OWNER_URL, autocommit=True)


def _databases(owner: psycopg.Connection[tuple[object, ...]], prefix: str) -> list[str]:
    """Return the databases whose names begin so, newest first."""
    query = "SELECT datname FROM pg_database WHERE starts_with(datname, %s) ORDER BY oid DESC"
    return [str(row[0]) for row in owner.execute(query, [prefix])]


def _create_database(owner: psycopg.Connection[tuple[object, ...]], name: str, template: str) -> None:
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    owner.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))


def _ensure_template(owner: psycopg.Connection[tuple[object, ...]]) -> str:
    """Return the name of a database migrated to this checkout's state; build it where it is the first time."""
    from django.core.management import call_command
    from django.db import connection

    name = TEMPLATE_PREFIX + schema_fingerprint()
    owner.execute("SELECT pg_advisory_lock(%s)", [_TEMPLATE_LOCK])  # released with the connection
    if name in _databases(owner, name):
        return name
    draft = f"{CLONE_PREFIX}{os.getpid()}_draft"
    _create_database(owner, draft, "template1")
    original = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = draft
    try:
        call_command("migrate", verbosity=0)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = original
    owner.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(draft), sql.Identifier(name)))
    for old in _databases(owner, TEMPLATE_PREFIX)[KEPT_TEMPLATES:]:
        _drop_database(owner, old)
    return name


def _drop_left_behind(owner: psycopg.Connection[tuple[object, ...]]) -> None:
    """Drop the copies of runs that were killed."""
    for name in _databases(owner, CLONE_PREFIX):
        pid = int(name.removeprefix(CLONE_PREFIX).split("_")[0])
        if not is_alive(pid):
            _drop_database(owner, name)


def _drop_database(owner: psycopg.Connection[tuple[object, ...]], name: str) -> None:
    """Drop it with whoever is connected. The server's own vacuum may be at it for a moment, and only a superuser may send that away.

    What cannot be dropped at all is left for the next run: a test that passed does not fail for it."""
    statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    for _ in range(DROP_TRIES):
        try:
            owner.execute(statement)
        except psycopg.errors.InsufficientPrivilege:
            time.sleep(0.25)
        else:
            return
