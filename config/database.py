"""The two database roles: the owner migrates, the application runs and may not change what is append-only."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection
from environ import Env
from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Iterator

# Words alike (similar titles), exclusion of overlapping time boxes, search without accents. All three are trusted:
# the owner of the database may create them.
EXTENSIONS = ("pg_trgm", "btree_gist", "unaccent")
_MIGRATION_LOCK = 7_410_218  # any number that nobody else takes


@contextmanager
def owner_connection() -> Iterator[None]:
    """Let the default connection speak as the owner of the tables, on the same database."""
    before = connection.settings_dict
    owner = Env.db_url_config(settings.DATABASE_OWNER_URL)
    options = {**before["OPTIONS"], **owner.get("OPTIONS", {})}
    options.pop("pool", None)
    connection.close()
    connection.settings_dict = {
        **before,
        **{name: owner[name] for name in ("USER", "PASSWORD", "HOST", "PORT")},
        "OPTIONS": options,
    }
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = before


@contextmanager
def migration_lock() -> Iterator[None]:
    """Let one process migrate at a time; two web containers may start together."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_MIGRATION_LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_MIGRATION_LOCK])


def create_extensions() -> None:
    """Create what the migrations build on."""
    with connection.cursor() as cursor:
        for name in EXTENSIONS:
            cursor.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(name)))


def grant_privileges() -> None:
    """Let the application's role use every table, and only add to and read from the append-only ones.

    Nothing to do where one role serves both: then the triggers on those tables are the only guard.
    """
    role = Env.db_url_config(settings.DATABASE_URL)["USER"]
    if role == connection.settings_dict["USER"]:
        return
    grants = [
        "GRANT USAGE ON SCHEMA public TO {role}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
        "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
    ]
    with connection.cursor() as cursor:
        if cursor.connection.info.server_version >= 17_00_00:
            grants.append("GRANT MAINTAIN ON ALL TABLES IN SCHEMA public TO {role}")  # to measure what an import left, with ANALYZE
        for grant in grants:
            cursor.execute(sql.SQL(grant).format(role=sql.Identifier(role)))
        tables = set(connection.introspection.table_names(cursor)) & set(settings.APPEND_ONLY_TABLES)
        for table in sorted(tables):
            revoke = sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {role}")
            cursor.execute(revoke.format(table=sql.Identifier(table), role=sql.Identifier(role)))
