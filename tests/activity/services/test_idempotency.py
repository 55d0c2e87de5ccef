"""The same act twice is one act."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.http import QueryDict
from django.test import RequestFactory
from django.utils import timezone

from accounts.models import Organization
from activity.errors import ConflictError, IdempotencyMismatchError, InvalidError
from activity.http import once
from activity.models import IdempotencyKey
from activity.services.acts import one_act
from activity.services.idempotency import forget_keys, run_once
from tests.factories.accounts import make_organization, make_user


def create() -> dict[str, int]:
    return {"id": make_organization().pk}


@pytest.mark.django_db
def test_repeat_gets_the_first_result():
    user = make_user()

    first, is_repeat = run_once(key="a", by=user, body={"name": "x"}, act=create)
    again = run_once(key="a", by=user, body={"name": "x"}, act=create)

    assert (is_repeat, again, Organization.objects.count()) == (False, (first, True), 1)


@pytest.mark.django_db
def test_key_with_another_body_is_refused():
    user = make_user()
    run_once(key="a", by=user, body={"name": "x"}, act=create)

    with pytest.raises(IdempotencyMismatchError):
        run_once(key="a", by=user, body={"name": "y"}, act=create)


@pytest.mark.django_db
def test_keys_belong_to_their_person_and_visitors_share_theirs():
    for by in (make_user(), make_user(), None, AnonymousUser()):
        run_once(key="a", by=by, body={}, act=create)

    assert Organization.objects.count() == 3


@pytest.mark.django_db
def test_refused_act_stores_nothing_and_may_be_tried_again():
    def refuse():
        make_organization()
        raise ConflictError("no")

    with pytest.raises(ConflictError):
        run_once(key="a", by=None, body={}, act=refuse)

    assert (Organization.objects.count(), run_once(key="a", by=None, body={}, act=create)[1]) == (0, False)


@pytest.mark.django_db
def test_without_key_each_time_is_an_act_of_its_own():
    run_once(key="", by=None, body={}, act=create)
    run_once(key="", by=None, body={}, act=create)

    assert Organization.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["k" * 121, "nul\x00"])
def test_key_that_cannot_be_stored_is_refused(key):
    with pytest.raises(InvalidError):
        run_once(key=key, by=None, body={}, act=create)


@pytest.mark.django_db
def test_old_keys_are_forgotten():
    run_once(key="old", by=None, body={}, act=create)
    run_once(key="new", by=None, body={}, act=create)
    IdempotencyKey.objects.filter(key="old").update(at=timezone.now() - timedelta(days=8))

    assert forget_keys() == 1
    assert IdempotencyKey.objects.get().key == "new"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_guarded", [True, False], ids=["guarded", "guard off"])
def test_double_click_makes_one_row(is_guarded):
    """Both requests have looked before either has written; only the key's row makes the second wait."""
    both_inside = threading.Barrier(2)

    def click() -> None:
        try:
            both_inside.wait(5)
            if is_guarded:
                run_once(key="a", by=None, body={}, act=slow_create)
            else:
                _check_then_write()
        finally:
            connection.close()

    def slow_create() -> dict[str, int]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.2)")
        return create()

    both_looked = threading.Barrier(2)

    def _check_then_write() -> None:
        with one_act():
            is_known = IdempotencyKey.objects.filter(key="a").exists()
            both_looked.wait(5)
            if not is_known:
                create()

    clicks = [threading.Thread(target=click) for _ in range(2)]
    for thread in clicks:
        thread.start()
    for thread in clicks:
        thread.join()

    assert Organization.objects.count() == (1 if is_guarded else 2)


def posted(path: str = "/acme/new/", key: str = "", header: str = "", **fields: str):
    request = RequestFactory().post(path, {**fields, "idempotency_key": key, "csrfmiddlewaretoken": key + header})
    if header:
        request.META["HTTP_IDEMPOTENCY_KEY"] = header
    request.user = AnonymousUser()
    return request


@pytest.mark.django_db
def test_once_reads_the_key_from_field_or_header_and_ignores_the_token():
    first, _ = once(posted(key="a", title="x"), create)

    assert once(posted(header="a", title="x"), create) == (first, True)


@pytest.mark.django_db
@pytest.mark.parametrize("other", [{"title": "y"}, {"path": "/acme/other/", "title": "x"}, {"title": "x", "more": "1"}])
def test_once_refuses_another_form_under_the_same_key(other):
    once(posted(key="a", title="x"), create)

    with pytest.raises(IdempotencyMismatchError):
        once(posted(key="a", **other), create)


@pytest.mark.django_db
def test_once_tells_repeated_fields_apart():
    one, two = posted(key="a"), posted(key="a")
    one.POST = QueryDict("idempotency_key=a&item=1")
    two.POST = QueryDict("idempotency_key=a&item=1&item=2")
    once(one, create)

    with pytest.raises(IdempotencyMismatchError):
        once(two, create)
