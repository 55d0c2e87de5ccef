"""Callers of the API: signed in by a token, or by a browser's session."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.test import Client

from accounts.services.tokens import create_token

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.test.client import _MonkeyPatchedWSGIResponse as Response

    from accounts.models import Organization, User


class Caller:
    """Speaks JSON to one organization's part of the API."""

    def __init__(self, organization: str, headers: Mapping[str, str] | None = None, client: Client | None = None) -> None:
        self.client = client or Client()
        self.base = f"/api/v1/{organization}/"
        self.headers = dict(headers or {})

    def send(self, method: str, path: str, body: Any = None, *, content_type: str = "application/json", **headers: str) -> Response:
        """`body` is dumped unless it is text or bytes already; headers in Python's spelling (`if_match`)."""
        data = body if isinstance(body, str | bytes) else b"" if body is None else json.dumps(body)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        path = path if path.startswith("/") else self.base + path
        return self.client.generic(method, path, data, content_type=content_type, headers={**self.headers, **named})

    def get(self, path: str, **headers: str) -> Response:
        return self.send("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: str) -> Response:
        return self.send("POST", path, body, **headers)

    def put(self, path: str, body: Any, **headers: str) -> Response:
        return self.send("PUT", path, body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> Response:
        return self.send("PATCH", path, body, **headers)


def call_by_token(user: User, organization: Organization, *, can_write: bool = True) -> Caller:
    """A program with a fresh token of the person."""
    _, secret = create_token(organization=organization, user=user, name="test", by=user, can_write=can_write)
    return Caller(organization.slug, {"Authorization": f"Bearer {secret}"})


def call_signed_in(user: User, organization: Organization, *, enforce_csrf_checks: bool = False) -> Caller:
    """A browser with a session."""
    client = Client(enforce_csrf_checks=enforce_csrf_checks)
    client.force_login(user)
    return Caller(organization.slug, client=client)
