"""The bytes of an attachment as an answer, for pages and for programs."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import IO

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

from activity.errors import GoneError
from backlog.models import Attachment
from backlog.services.attachments import path_of

_PIECE = 64 * 1024
# Should a browser show it after all, it may do nothing: no script, no form, no frame, nothing loaded, no origin.
HARMLESS = {
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def hand_out(attachment: Attachment, *, is_head: bool = False, is_async: bool = False) -> HttpResponseBase:
    """The file, to be saved: of the type that its content has, never guessed, and without any right in a browser.

    It is read piece by piece; under ASGI (`is_async`) in threads. GoneError (410) where the bytes are not kept any more.
    """
    headers = {
        "Content-Disposition": content_disposition_header(True, attachment.name) or "attachment",
        "Content-Length": str(attachment.size),
        **HARMLESS,
    }
    try:
        file = path_of(attachment).open("rb")
    except FileNotFoundError as error:
        raise GoneError(
            f"The bytes of “{attachment.name}” are not kept any more. Ask who runs the server for a backup of its files."
        ) from error
    if is_head:
        file.close()
        return HttpResponse(content_type=attachment.media_type, headers=headers)
    pieces = _PiecesInThreads(file) if is_async else _Pieces(file)
    return StreamingHttpResponse(pieces, content_type=attachment.media_type, headers=headers)


class _Read:
    """A file that is read piece by piece; the response closes it, also where nobody read any."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.close = file.close


class _Pieces(_Read):
    def __iter__(self) -> Iterator[bytes]:
        while piece := self.file.read(_PIECE):
            yield piece


class _PiecesInThreads(_Read):
    async def __aiter__(self) -> AsyncIterator[bytes]:
        while piece := await asyncio.to_thread(self.file.read, _PIECE):
            yield piece
