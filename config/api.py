"""The API's routes and the one shape of its errors: `{code, message, fields?, request_id}`."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import DataError
from django.http import Http404, HttpResponse
from django.urls import include, path
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework import exceptions
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from activity.api import BodyTooLargeError, VersionConflictError, etag
from activity.errors import DomainError, UnwritableError
from activity.middleware import is_of_nul
from config import context

CODES = {
    400: "malformed",
    401: "not_signed_in",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    413: "too_large",
    415: "wrong_type",
    422: "invalid",
    429: "too_many",
}

Fields = dict[str, list[str]]


def error_answer(
    status: int, message: str, *, code: str = "", fields: Fields | None = None, headers: dict[str, str] | None = None, **more: Any
) -> Response:
    body: dict[str, Any] = {"code": code or CODES.get(status, "error"), "message": _writable(message)}
    if fields:
        body["fields"] = {_writable(name): [_writable(part) for part in parts] for name, parts in fields.items()}
    return Response({**body, **more, "request_id": context.request_id.get()}, status=status, headers=headers)


def _writable(text: str) -> str:
    """A refusal may repeat what was sent, and half a character cannot be sent back."""
    return text.encode(errors="replace").decode()


def handle_error(error: Exception, _context: Mapping[str, Any]) -> HttpResponse | None:
    """Turn a refusal into its answer; None lets anything else become a 500."""
    match error:
        case VersionConflictError():
            return error_answer(error.status, error.message, code=error.code, current=error.current, headers={"ETag": etag(error.version)})
        case DataError() if is_of_nul(error):
            return handle_error(UnwritableError(), _context)
        case DomainError():
            return error_answer(
                error.status, error.message, code=error.code, fields={error.field: [error.message]} if error.field else None
            )
        case Http404():
            return error_answer(404, "There is nothing here, or it is not yours to see.")
        case RequestDataTooBig():
            return error_answer(413, BodyTooLargeError.default_detail)
        case PermissionDenied():
            return error_answer(403, "Your role here does not allow this.")
        case exceptions.Throttled():
            seconds = int(getattr(error, "wait", None) or 1)
            message = f"Too many requests in the last minute. Nothing was done; try again in {seconds} second{'' if seconds == 1 else 's'}."
            return error_answer(429, message, headers={"Retry-After": str(seconds)})
        case exceptions.ValidationError():
            return error_answer(422, "Some fields cannot be accepted. Nothing was saved.", fields=_flat(error.detail))
        case exceptions.APIException():
            return error_answer(error.status_code, str(error.detail), headers=_headers(error))
        case _:
            return None


def _headers(error: exceptions.APIException) -> dict[str, str]:
    challenge, wait = getattr(error, "auth_header", ""), getattr(error, "wait", None)
    return ({"WWW-Authenticate": challenge} if challenge else {}) | ({"Retry-After": str(int(wait) + 1)} if wait else {})


def _flat(detail: Any, prefix: str = "") -> Fields:
    """Nested errors of a serializer by dotted path."""
    if isinstance(detail, dict):
        flat: Fields = {}
        for name, inner in detail.items():
            flat |= _flat(inner, f"{prefix}.{name}" if prefix else str(name))
        return flat
    return {prefix or "body": [str(part) for part in detail] if isinstance(detail, list) else [str(detail)]}


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # the library has no types here
    """How the description tells programs to sign in."""

    target_class = "accounts.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "description": "A token of yours for one organization: `Authorization: Bearer wnw_...`"}


@extend_schema(exclude=True)
@api_view(["GET", "POST", "PUT", "PATCH", "DELETE"])
def nothing_here(request: Request, rest: str) -> Response:
    """A path that leads nowhere answers like an object that is not yours."""
    raise Http404


urlpatterns = [
    path("schema.json", SpectacularJSONAPIView.as_view(), name="api-schema"),
    path("<short:organization>/", include("accounts.api.urls")),
    path("<short:organization>/", include("backlog.api.urls")),
    path("<short:organization>/", include("prioritization.api.urls")),
    path("<short:organization>/", include("refinement.api.urls")),
    path("<path:rest>", nothing_here),
]
