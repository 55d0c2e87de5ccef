"""The request as views of the API see it, and what makes a function one of them."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, cast

from django.http import HttpResponseBase
from rest_framework.decorators import api_view, parser_classes, permission_classes
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from accounts.api.permissions import IsMember, TokenMayWrite
from accounts.models import Organization, User
from accounts.permissions import Access


class MemberApiRequest(Request):
    """A request by a member, below `/api/v1/<organization>/`, after `IsMember`."""

    user: User
    organization: Organization
    access: Access


def member_api(*methods: str, parsers: Sequence[type[BaseParser]] = ()) -> Callable[[Callable[..., HttpResponseBase]], Any]:
    """A view of the API for members of the organization in the path, which it gets on the request. Tokens that only read may not write.

    `parsers` read its bodies where they are not JSON.
    """

    def decorate(view: Callable[..., HttpResponseBase]) -> Any:
        @wraps(view)
        def call(request: Request, organization: str, **rest: Any) -> HttpResponseBase:
            return view(cast(MemberApiRequest, request), **rest)

        if parsers:
            call = parser_classes(parsers)(call)

        # Membership first: what is not yours is absent, also for a token that may only read.
        return api_view(methods)(permission_classes([IsMember, TokenMayWrite])(call))

    return decorate
