"""The path decides the organization: one query tells whether the person belongs to it, and views get it on the request."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url
from django_htmx.http import HttpResponseClientRedirect

from accounts.permissions import find_access


def sign_in_first(request: HttpRequest) -> HttpResponseBase:
    """A page sends to the sign-in; a fragment tells htmx to go there, so that no sign-in page lands inside a page."""
    if getattr(request, "htmx", False):
        here = request.headers.get("HX-Current-URL", "")
        path = "/" + here.split("/", 3)[3] if here.count("/") >= 3 else "/"
        response = HttpResponseClientRedirect(f"{resolve_url('account_login')}?{_next(path)}")
        response.status_code = 204
        return response
    return redirect_to_login(request.get_full_path())


def _next(path: str) -> str:
    return urlencode({"next": path})


class OrganizationMiddleware:
    """Takes `organization` out of the URL's arguments and puts `organization` and `access` on the request; 404 where the person has no access."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: dict[str, Any]) -> HttpResponseBase | None:
        if "organization" not in kwargs or request.path.startswith("/api/"):
            return None  # the API authenticates first and answers in JSON
        slug = kwargs.pop("organization")
        if not request.user.is_authenticated:
            return sign_in_first(request)
        access = find_access(user=request.user, slug=slug)
        if access is None:
            raise Http404("No such organization.")
        request.organization = access.organization  # type: ignore[attr-defined]  # see accounts.http.MemberRequest
        request.access = access  # type: ignore[attr-defined]
        return None
