"""Large bodies in front of the server itself."""

from __future__ import annotations

import select
import socket
from urllib.parse import urlsplit

from django.conf import settings

MEGABYTE = 2**20
MOST = 200


def test_a_body_in_pieces_without_end_is_answered_while_it_comes(asgi_server):
    address = urlsplit(asgi_server)
    head = f"POST /acme/CHK-1/files/ HTTP/1.1\r\nHost: {address.netloc}\r\nTransfer-Encoding: chunked\r\n\r\n"
    piece = f"{MEGABYTE:x}\r\n".encode() + bytes(MEGABYTE) + b"\r\n"
    with socket.create_connection((address.hostname, address.port), timeout=20) as wire:
        wire.sendall(head.encode())
        sent = 0
        while sent < MOST and not select.select([wire], [], [], 0)[0]:
            wire.sendall(piece)
            sent += 1
        answer = wire.recv(4096)

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert sent < MOST
    assert sent * MEGABYTE > 5 * settings.ATTACHMENT_MAX_BYTES
