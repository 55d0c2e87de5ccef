"""Headers that every answer carries, and the page of an unexpected error."""

import logging

import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client
from django.urls import include, path

from config.urls import handler500 as handler500  # noqa: PLC0414 (Django looks it up in the URL module, which is this one)


def fail(request):
    raise RuntimeError("a secret of the code")


def lose_database(request):
    raise OperationalError("connection refused")


def plain(request):
    return HttpResponse("plain")


urlpatterns = [
    path("fail/", fail),
    path("api/fail/", fail),
    path("away/", lose_database),
    path("plain/", plain),
    path("", include("config.urls")),
]


@pytest.fixture
def client(settings):
    settings.ROOT_URLCONF = __name__
    return Client(raise_request_exception=False)


def test_no_script_but_our_own(client):
    policy = client.get("/health/live").headers["Content-Security-Policy"]

    assert "script-src 'self';" in policy
    assert "unsafe" not in policy


def test_a_page_differs_for_htmx(client):
    assert "HX-Request" in client.get("/plain/").headers["Vary"]


def test_a_page_for_nobody_may_be_kept(client):
    assert "Cache-Control" not in client.get("/plain/").headers


@pytest.mark.parametrize("signed_in", [{"headers": {"Authorization": "Bearer x"}}, {"headers": {"Cookie": "sessionid=x"}}])
def test_a_page_for_somebody_is_kept_nowhere(client, signed_in):
    assert "no-store" in client.get("/plain/", **signed_in).headers["Cache-Control"]


def test_an_unexpected_error_shows_its_request_id_and_nothing_else(client, caplog):
    with caplog.at_level(logging.ERROR):
        response = client.get("/fail/")

    text = response.content.decode()
    assert response.status_code == 500
    assert response.headers["X-Request-ID"] in text
    assert "secret" not in text


def test_an_unexpected_error_of_the_api_is_an_object(client):
    response = client.get("/api/fail/")

    assert response.status_code == 500
    assert response.json()["code"] == "server_error"
    assert response.json()["request_id"] == response.headers["X-Request-ID"]


def test_a_silent_database_is_no_fault_of_the_request(client):
    response = client.get("/away/")

    assert response.status_code == 503
    assert response.headers["Retry-After"] == "5"


def test_a_request_id_from_outside_counts_only_behind_a_proxy(client, settings):
    given = {"headers": {"X-Request-ID": "abcdefgh-1234"}}

    assert client.get("/plain/", **given).headers["X-Request-ID"] != "abcdefgh-1234"

    settings.PROXY_COUNT = 1
    assert client.get("/plain/", **given).headers["X-Request-ID"] == "abcdefgh-1234"
    assert client.get("/plain/", headers={"X-Request-ID": "a\tb<script>"}).headers["X-Request-ID"] != "a\tb<script>"


@pytest.mark.django_db
def test_ready_while_the_database_answers(client):
    assert client.get("/health/ready").json() == {"database": True, "redis": True}


@pytest.mark.django_db
def test_ready_also_without_redis(client, settings):
    settings.REDIS_URL = "unix:///nonexistent"

    response = client.get("/health/ready")

    assert response.status_code == 200
    assert response.json() == {"database": True, "redis": False}
