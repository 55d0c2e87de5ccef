"""Views that belong to no app: whether the site lives, whether it can serve, and the page of an unexpected error."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import redis
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config import context

if TYPE_CHECKING:
    from django.http import HttpRequest

RETRY_AFTER_SECONDS = "5"
UNAVAILABLE = "The database does not answer at the moment. Nothing of this request was saved; try again."
UNEXPECTED = "Something went wrong on our side. Try again; if it happens again, report this request id."


@require_safe
@never_cache
def health_live(request: HttpRequest) -> HttpResponse:
    """Answer 200 while the process can answer at all."""
    return HttpResponse("live\n", content_type="text/plain")


@require_safe
@never_cache
def health_ready(request: HttpRequest) -> HttpResponse:
    """Answer 200 where the database answers, else 503; a silent Redis is told but takes nothing out of service."""
    database, doorbell = _database_answers(), _redis_answers()
    body = {"database": database, "redis": doorbell}
    if database:
        return JsonResponse(body)
    return JsonResponse(body, status=503, headers={"Retry-After": RETRY_AFTER_SECONDS})


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _redis_answers() -> bool:
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.25, socket_connect_timeout=0.25)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer an unexpected error with nothing but the request's id, by which its log line is found.

    A database that does not answer is no fault of the request: 503, and when to come back.
    """
    is_away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    status = 503 if is_away else 500
    request_id = context.request_id.get()
    if request.path.startswith("/api/"):
        code, message = ("unavailable", UNAVAILABLE) if is_away else ("server_error", UNEXPECTED)
        response: HttpResponse = JsonResponse({"code": code, "message": message, "request_id": request_id}, status=status)
    else:
        response = HttpResponse(render_to_string(f"{status}.html", {"request_id": request_id}), status=status)
    if is_away:
        response.headers["Retry-After"] = RETRY_AFTER_SECONDS
    return response
