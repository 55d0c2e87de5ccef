"""The entry point for uvicorn."""

import os
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any

import django
from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from config.loading import without_collecting

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


class SynchronousChain(ASGIHandler):
    """Middleware and view as one synchronous call in one thread.

    Every view here is synchronous, the streams too: what they answer with is iterated by the loop. Django's own handler would hop
    between loop and thread for the view and for each middleware that looks at it, which cost a page a fifth of its time.
    """

    def load_middleware(self, is_async: bool = False) -> None:  # the handler asks for the other one
        super().load_middleware(is_async=False)

    async def __call__(self, scope: dict[str, Any], receive: Callable[..., Awaitable[Any]], send: Callable[..., Awaitable[Any]]) -> None:
        await super().__call__(scope, BoundedBody(scope, receive), send)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        return await sync_to_async(self.get_response, thread_sensitive=True)(request)


with without_collecting():
    django.setup(set_prefix=False)
    from config.bodies import BoundedBody  # it asks the apps, which are there from now on

    application = SynchronousChain()
    import_module(settings.ROOT_URLCONF)  # the first request needs it
