import pytest
from django.db import connection


@pytest.mark.django_db
def test_tests_run_as_the_application():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")

        assert cursor.fetchone() == ("winnow_app",)


@pytest.mark.django_db(transaction=True)
def test_flush_works_for_transactional_tests(django_user_model):
    django_user_model.objects.create(email="ada@example.org")

    assert django_user_model.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_flush_works_for_transactional_tests_2(django_user_model):
    assert django_user_model.objects.count() == 0
