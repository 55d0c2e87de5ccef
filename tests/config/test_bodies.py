"""A body that is larger than any page takes is refused while it comes, called as uvicorn calls it."""

import asyncio
import json
import tempfile

import pytest

from config.asgi import SynchronousChain
from config.bodies import BoundedBody

# Hardly any asks the database; the mark makes them run before the browsers, whose driver keeps a loop going in this thread.
pytestmark = pytest.mark.django_db

PIECE = b"x" * 65_536
LENGTH = (b"content-type", b"multipart/form-data; boundary=x")


@pytest.fixture
def most(monkeypatch):
    """The largest body of any page, lowered to a megabyte."""
    monkeypatch.setattr("config.bodies.largest_body", lambda: 2**20)
    monkeypatch.setattr("config.middleware.largest_body", lambda: 2**20)
    return 2**20


@pytest.fixture
def kept(monkeypatch):
    """The sizes of what Django wrote where it keeps bodies."""
    sizes = []

    class Kept(tempfile.SpooledTemporaryFile[bytes]):
        def write(self, piece):
            sizes.append(len(piece))
            return super().write(piece)

    monkeypatch.setattr("django.core.handlers.asgi.tempfile.SpooledTemporaryFile", Kept)
    return sizes


def post(path, pieces, *headers):
    """Send the pieces as fast as they are taken, and then wait. Returns the answer, and how many pieces were taken before it."""
    return asyncio.run(_post(path, pieces, headers))


async def _post(path, pieces, headers):
    told, taken, done = {"body": b""}, [0], asyncio.Event()

    async def receive():
        if done.is_set() or taken[0] == pieces:
            await done.wait()
            return {"type": "http.disconnect"}
        taken[0] += 1
        await asyncio.sleep(0)
        return {"type": "http.request", "body": PIECE, "more_body": taken[0] < pieces}

    async def send(message):
        told["body"] += message.get("body", b"")
        told.setdefault("status", message.get("status"))
        if message["type"] == "http.response.body" and not message.get("more_body"):
            done.set()

    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "scheme": "http", "path": path, "query_string": b"",
        "headers": [(b"host", b"testserver"), LENGTH, *headers], "server": ("testserver", 80),
    }  # fmt: skip
    await SynchronousChain()(scope, receive, send)
    return told["status"], told["body"].decode(), taken[0]


@pytest.mark.parametrize("length", [(), ((b"content-length", b"99999999999"),)])
def test_a_body_without_end_is_refused_as_soon_as_it_is_too_large(most, kept, length):
    status, page, _ = post("/acme/CHK-1/files/", 10_000, *length)

    assert status == 413
    assert "more than 1 MB, the most that is taken at once. Nothing of it was saved." in page
    assert sum(kept) == (0 if length else most)


def test_programs_and_fragments_are_told_in_their_own_shape(most):
    status, answer, _ = post("/api/v1/acme/items/CHK-1/files/", 40)
    fragment = post("/acme/CHK-1/files/", 40, (b"hx-request", b"true"))

    assert (status, json.loads(answer)["code"]) == (413, "too_large")
    assert fragment[0] == 413
    assert 'hx-swap-oob="beforeend:#toasts"' in fragment[1]


def test_a_body_of_the_most_is_taken(most):
    status, _, taken = post("/acme/CHK-1/files/", most // len(PIECE))

    assert (status, taken) == (302, 16)  # to the sign-in


def test_a_body_in_pieces_gets_the_length_that_it_has():
    pieces = [{"type": "http.request", "body": b"half", "more_body": True}, {"type": "http.request", "body": b" a sentence"}]
    scope = {"headers": [(b"host", b"testserver")]}

    async def receive():
        return pieces.pop(0)

    async def read():
        body = BoundedBody(scope, receive)
        return [(await body())["body"] for _ in range(2)]

    assert asyncio.run(read()) == [b"half", b" a sentence"]
    assert scope["headers"][-1] == (b"content-length", b"15")
