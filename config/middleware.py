"""Middleware of the whole site: request id, content security policy, privacy of signed-in pages."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.cache import patch_cache_control, patch_vary_headers

from config import context
from config.bodies import TOO_LARGE, largest_body
from config.marks import show_marks

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    GetResponse = Callable[[HttpRequest], HttpResponse]

_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


class RequestIdMiddleware:
    """Give each request an id, kept from a proxy where it is well formed; logs and error pages name it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if settings.PROXY_COUNT and _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        token = context.request_id.set(request_id)
        try:
            response = self.get_response(request)
        finally:
            context.request_id.reset(token)
        response.headers["X-Request-ID"] = request_id
        return response


class ContentSecurityPolicyMiddleware:
    """Forbid scripts, styles and frames from anywhere but this site; a view may set a policy of its own."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", settings.CONTENT_SECURITY_POLICY)
        return response


class BodyLimitMiddleware:
    """Refuse (413) a request whose body was larger than any page takes, and of which only the beginning is there."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if TOO_LARGE not in getattr(request, "scope", ()):
            return self.get_response(request)
        message = f"What was sent has more than {largest_body() // 2**20} MB, the most that is taken at once. Nothing of it was saved."
        if request.path.startswith("/api/"):
            return JsonResponse({"code": "too_large", "message": message, "request_id": context.request_id.get()}, status=413)
        if request.headers.get("HX-Request"):
            toast = render_to_string("components/toast_oob.html", {"text": message, "tone": "error"})
            return HttpResponse(toast, status=413, headers={"HX-Reswap": "none"})
        return HttpResponse(render_to_string("refused.html", {"status": 413, "message": message}), status=413)


class VisibleMarksMiddleware:
    """Show marks that turn the direction of text in whatever people wrote, on every page."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not response.streaming and response.headers.get("Content-Type", "").startswith("text/html"):
            shown = show_marks(response.content)
            if shown is not response.content:
                response.content = shown
        return response


class PrivatePagesMiddleware:
    """Keep pages of signed-in people out of every cache, and say that a page differs for HTMX."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        patch_vary_headers(response, ["HX-Request", "HX-Target"])
        # Asked of the session's key, so that a page which never looked at its reader costs no query.
        # A view that says "private" itself has thought about it: such as of a picture that a browser keeps and asks about.
        is_known = settings.SESSION_COOKIE_NAME in request.COOKIES or request.headers.get("Authorization")
        if is_known and "private" not in response.headers.get("Cache-Control", ""):
            patch_cache_control(response, no_store=True, private=True)
        return response
