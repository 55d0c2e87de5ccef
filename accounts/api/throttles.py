"""How often a program, a person or a stranger may ask the API."""

from typing import TYPE_CHECKING

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from activity.services.limits import count_use, network_of

if TYPE_CHECKING:
    from rest_framework.views import APIView  # which imports this module, by the settings


class MinuteLimit(BaseThrottle):
    """Counts each token, else each person, else each address.

    The framework's own throttles keep their counts in the cache, where two requests at once read the same number.
    """

    _wait = 0

    def allow_request(self, request: Request, view: "APIView") -> bool:
        is_known = request.user.is_authenticated
        limit = settings.API_REQUESTS_A_MINUTE if is_known else settings.API_REQUESTS_A_MINUTE_OF_STRANGERS
        self._wait = count_use(name=f"api:{_caller(request)}", limit=limit, window=60)
        return self._wait == 0

    def wait(self) -> float:
        return self._wait


def _caller(request: Request) -> str:
    if request.auth is not None:
        return f"token:{request.auth.pk}"
    return f"person:{request.user.pk}" if request.user.is_authenticated else f"address:{network_of(request)}"
