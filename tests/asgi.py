"""A browser's open stream, without a server: the application is called as uvicorn calls it.

It is the one that uvicorn serves. Django's own handler would render a refusal in a thread whose connection nobody closes.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import connections

from config.asgi import SynchronousChain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, MutableMapping

    from django.test import Client


class Page:
    """One open page of a signed-in browser."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.text = ""
        self.is_closed = asyncio.Event()
        self.leaves = asyncio.Event()
        self.reads = asyncio.Event()  # cleared: a reader that stops reading
        self.reads.set()
        self._news = asyncio.Condition()

    @property
    def lines(self) -> list[str]:
        """What was told: `topic version note`."""
        return [line.removeprefix("data: ") for line in self.text.split("\n") if line.startswith("data: ")]

    async def until(self, is_so: Callable[[Page], object], *, within: float = 3) -> None:
        """Wait until the page has what `is_so` asks for."""
        async with asyncio.timeout(within), self._news:
            await self._news.wait_for(lambda: bool(is_so(self)))

    async def receive(self) -> dict[str, Any]:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.leaves.wait()
        return {"type": "http.disconnect"}

    _asked = False

    async def send(self, message: MutableMapping[str, Any]) -> None:
        await self.reads.wait()
        async with self._news:
            if message["type"] == "http.response.start":
                self.status = message["status"]
                self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            else:
                self.text += message.get("body", b"").decode()
                if not message.get("more_body"):
                    self.is_closed.set()
            self._news.notify_all()


@contextlib.asynccontextmanager
async def open_page(client: Client, organization: str, *topics: str) -> AsyncIterator[Page]:
    """The stream of a page that shows these topics (`team:checkout=12`), open until the block ends."""
    page = Page()
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "https" if settings.SECURE_SSL_REDIRECT else "http",
        "path": f"/{organization}/live/",
        "query_string": urlencode([("t", topic) for topic in topics]).encode(),
        "headers": [(b"host", b"testserver"), (b"cookie", cookies.encode())],
        "server": ("testserver", 80),
    }
    running = asyncio.create_task(SynchronousChain()(scope, page.receive, page.send))
    try:
        await page.until(lambda page: page.status > 0 or running.done())
        yield page
    finally:
        page.leaves.set()
        with contextlib.suppress(asyncio.CancelledError):
            await running


async def in_thread(work: Callable[[], Any]) -> Any:
    """Do what needs the database beside open streams, as another process would."""

    def do() -> Any:
        try:
            return work()
        finally:
            connections.close_all()

    return await asyncio.to_thread(do)


async def open_pages(stack: contextlib.AsyncExitStack, client: Client, organization: str, topics: Iterable[str], count: int) -> list[Page]:
    """Several pages of one browser."""
    wanted = list(topics)
    return [await stack.enter_async_context(open_page(client, organization, *wanted)) for _ in range(count)]
