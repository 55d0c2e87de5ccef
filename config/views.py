"""Views that belong to no app: whether the site lives, whether it can serve, and the page of an unexpected error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import redis
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django.http import HttpResponse, HttpResponseServerError, JsonResponse
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config import context

if TYPE_CHECKING:
    from django.http import HttpRequest

RETRY_AFTER_SECONDS = "5"


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
    """Answer an unexpected error with nothing but the request's id, by which its log line is found."""
    request_id = context.request_id.get()
    if "application/json" in request.headers.get("Accept", "") or request.path.startswith("/api/"):
        message = "Something went wrong on our side. Nothing of this request was saved."
        return JsonResponse({"code": "server_error", "message": message, "request_id": request_id}, status=500)
    return HttpResponseServerError(render_to_string("500.html", {"request_id": request_id}))
