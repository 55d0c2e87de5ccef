"""Statements sent one behind the other, in one round trip."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def pipelined() -> Iterator[None]:
    """Send what is executed inside without waiting for each answer; the first fetch, or the end, waits for all.

    For statements by hand whose row counts nobody asks: the ORM looks at its answers at once. An error surfaces at that wait, as
    Django's own, and the transaction is broken as usual.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield
