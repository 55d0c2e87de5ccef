"""Statements by hand, and tables measured after much was written."""

from datetime import UTC, datetime

import pytest
from django.db import connection, transaction
from django.db.utils import DataError

from activity.models import Tally
from activity.statements import execute, execute_several, measure_after_commit

YEAR_END = datetime(2030, 12, 31, tzinfo=UTC)


def known_rows():
    """How many rows the planner believes the table has; -1 where nobody has looked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples::int FROM pg_class WHERE oid = 'activity_tally'::regclass")
        return cursor.fetchone()[0]


def make_tallies(first, last):
    Tally.objects.bulk_create(Tally(name=str(number), count=1, ends_at=YEAR_END) for number in range(first, last))


@pytest.mark.django_db
def test_a_table_is_measured_after_many_rows_by_the_application_itself(django_capture_on_commit_callbacks):
    with connection.cursor() as cursor:
        if cursor.connection.info.server_version < 17_00_00:
            pytest.skip("before PostgreSQL 17 only the owner may")
    make_tallies(0, 1_500)
    with django_capture_on_commit_callbacks(execute=True) as few:
        measure_after_commit(999, Tally)
    with django_capture_on_commit_callbacks(execute=True):
        measure_after_commit(1_500, Tally)
    after_many = known_rows()
    make_tallies(1_500, 20_000)
    with django_capture_on_commit_callbacks(execute=True):
        measure_after_commit(18_500, Tally)
    make_tallies(20_000, 21_000)
    with django_capture_on_commit_callbacks(execute=True):
        measure_after_commit(1_000, Tally)

    assert (few, after_many, known_rows()) == ([], 1_500, 20_000)


@pytest.mark.django_db(transaction=True)
def test_the_shared_cursor_ends_with_its_connection_and_is_left_out_where_queries_are_counted(django_assert_num_queries):
    before = execute("SELECT pg_backend_pid()", [])
    again = execute("SELECT pg_backend_pid()", [])
    connection.close()
    after = execute("SELECT pg_backend_pid()", [])
    with django_assert_num_queries(1):
        nothing = execute("DELETE FROM activity_tally WHERE count > %s", [1])

    assert (again == before, after == before, nothing) == (True, False, [])


@pytest.mark.django_db(transaction=True)
def test_a_statement_by_hand_is_seen_by_watchers_and_refused_after_an_error():
    seen = []

    def watch(run, sql, *rest):
        seen.append(sql)
        return run(sql, *rest)

    with connection.execute_wrapper(watch):
        watched = execute("SELECT %s::int", [1])
    with transaction.atomic():
        with pytest.raises(DataError), transaction.atomic():
            execute("SELECT 1 / %s::int", [0])
        first = execute_several("SELECT 7, 8; SELECT 9")
        transaction.set_rollback(True)
        with pytest.raises(transaction.TransactionManagementError):
            execute("SELECT 1", [])

    assert (watched, seen, first) == ([(1,)], ["SELECT %s::int"], [(7, 8)])
