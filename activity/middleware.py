"""The one handler that maps a domain's refusal, raised anywhere in a view, to the answer it gets."""

from collections.abc import Callable

from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from activity.errors import DomainError, UnwritableError


class DomainErrorMiddleware:
    """Answers a refusal that no form took: a page that says why, or for HTMX a message beside the page, which stays as it is."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if is_of_nul(error):
            error = UnwritableError()
        if not isinstance(error, DomainError) or request.path.startswith("/api/"):
            return None  # the API has its own handler
        if getattr(request, "htmx", False) and not request.htmx.boosted:  # type: ignore[attr-defined]  # set by django_htmx's middleware
            response = render(request, "components/toast_oob.html", {"text": error.message, "tone": "error"}, status=error.status)
            response["HX-Reswap"] = "none"
            return response
        return render(request, "refused.html", {"status": error.status, "message": error.message}, status=error.status)


def is_of_nul(error: BaseException) -> bool:
    """Whether the database refused a text with a NUL in it. Texts are checked where they are cleaned; a key or a code is only looked for."""
    return isinstance(error, DataError) and "NUL (0x00)" in str(error)
