"""How much of a request's body is taken in. Django's handler keeps a body on disk before it looks at the request, however large it is."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.conf import settings

from backlog.views.attachments import AT_ONCE, BODY_ROOM
from intake.importers.text import MAX_BYTES

Message = MutableMapping[str, Any]
TOO_LARGE = "winnow.body_is_too_large"
"""What the scope of a request holds whose body was not taken in; the middleware refuses it before anybody reads the little that was."""


def largest_body() -> int:
    """Bytes of the largest body that any page takes: an import's file, or the files of one upload."""
    return max(AT_ONCE * settings.ATTACHMENT_MAX_BYTES, MAX_BYTES) + BODY_ROOM


class BoundedBody:
    """`receive` of an ASGI request, which ends the body where it says that it is too large, or where it becomes so while it comes.

    A body that comes in pieces gets the length that it turned out to have: without one Django takes it for empty, and views ask it first.
    What follows a refusal is thrown away piece by piece: it is read, so that the sender comes to see the answer, and kept nowhere.
    """

    def __init__(self, scope: dict[str, Any], receive: Callable[[], Awaitable[Message]]) -> None:
        self.scope = scope
        self.receive = receive
        self.most = largest_body()
        self.taken = 0
        self.is_refused = False

    async def __call__(self) -> Message:
        if self.is_refused:
            return await self._until_gone()
        declared = self._declared()
        if (declared or 0) > self.most:
            return self._refused()
        message = await self.receive()
        self.taken += len(message.get("body", b""))
        if self.taken > self.most:
            return self._refused()
        if declared is None and self.taken and not message.get("more_body"):
            self.scope["headers"] = [*self.scope["headers"], (b"content-length", str(self.taken).encode())]
        return message

    def _declared(self) -> int | None:
        """Content-Length; None where there is none. The server refuses one that is no number."""
        length = next((value for name, value in self.scope["headers"] if name == b"content-length"), b"")
        return int(length) if length.isdigit() else None

    def _refused(self) -> Message:
        self.is_refused = self.scope[TOO_LARGE] = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def _until_gone(self) -> Message:
        while (message := await self.receive())["type"] == "http.request":
            pass
        return message
