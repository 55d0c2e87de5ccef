"""The two roles: tests run as the application, migrations and flushes as the owner."""

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from activity.models import Event
from config.database import owner_connection
from tests.factories.accounts import make_organization


def role():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        return cursor.fetchone()[0]


def refusal(statement):
    with pytest.raises(ProgrammingError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    return str(caught.value)


@pytest.mark.django_db
def test_tests_run_as_the_application():
    assert role() == "winnow_app"


@pytest.mark.django_db
@pytest.mark.parametrize("table", settings.APPEND_ONLY_TABLES)
@pytest.mark.parametrize("change", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_application_may_only_add_to_append_only_tables(table, change):
    assert f"permission denied for table {table}" in refusal(change.format(table))


@pytest.mark.django_db
def test_the_application_may_not_create_tables():
    assert "permission denied for schema public" in refusal("CREATE TABLE mine (id int)")


@pytest.mark.django_db
def test_the_application_may_not_truncate():
    assert "permission denied for table accounts_user" in refusal("TRUNCATE accounts_user CASCADE")


@pytest.mark.django_db(transaction=True)
def test_owner_connection_is_the_owner_on_the_same_database_and_goes_back():
    database = connection.settings_dict["NAME"]

    with owner_connection():
        assert (role(), connection.settings_dict["NAME"]) == ("winnow_owner", database)

    assert (role(), connection.settings_dict["NAME"]) == ("winnow_app", database)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("time", [1, 2])
def test_transactional_tests_leave_nothing(django_user_model, time):
    assert django_user_model.objects.count() == 0

    django_user_model.objects.create(email="ada@example.org")


@pytest.mark.django_db(transaction=True)
def test_flush_empties_append_only_tables_too():
    make_organization()
    assert Event.objects.exists()

    call_command("flush", verbosity=0, interactive=False)

    assert (Event.objects.count(), role()) == (0, "winnow_app")
