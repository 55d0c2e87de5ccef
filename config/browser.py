"""As much of a browser as `up --check` needs: pages and forms over one kept connection, with the standard library."""

from __future__ import annotations

import http.client
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

ANSWER_SECONDS = 10
MOST_REDIRECTS = 5
IDLE_SECONDS = 2  # the server closes a connection that was idle for 5 s; it is not asked at that moment


class CheckError(Exception):
    """A step did not find what it must; the text says what."""


@dataclass(frozen=True)
class Page:
    """An answer: where it came from in the end, its text, and what a person could follow or fill in there."""

    path: str
    text: str
    hidden: Mapping[str, str]
    choices: Mapping[str, list[str]]  # radio buttons: their values by name
    ways: list[str]  # paths of links and forms, in the page's order

    def must_show(self, words: str) -> None:
        if words not in self.text:
            raise CheckError(f"{self.path} does not show {words!r}.")

    def way(self, part: str) -> str:
        """The first path on the page that contains `part`."""
        found = next((way for way in self.ways if part in way), None)
        if found is None:
            raise CheckError(f"{self.path} leads to no {part!r}.")
        return found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.hidden: dict[str, str] = {}
        self.choices: dict[str, list[str]] = {}
        self.ways: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        name = values.get("name")
        if tag == "input" and name and values.get("type") == "hidden":
            self.hidden.setdefault(name, values.get("value", ""))
        elif tag == "input" and name and values.get("type") == "radio":
            self.choices.setdefault(name, []).append(values.get("value", ""))
        elif way := values.get("href" if tag == "a" else "action"):
            self.ways.append(_local(way))


def _local(address: str) -> str:
    return urlsplit(address)._replace(scheme="", netloc="").geturl()


@dataclass
class Browser:
    """Cookies, redirects, one connection kept open: a person of its own."""

    host: str
    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._connection = http.client.HTTPConnection(self.host, self.port, timeout=ANSWER_SECONDS)
        self._used_at = 0.0

    def get(self, path: str) -> Page:
        """Fetch a page, following redirects; raise CheckError for anything but success."""
        return self._follow("GET", path, None)

    def submit(self, page: Page, path: str = "", **fields: str) -> Page:
        """Send a page's form with its hidden fields, to its own address or another."""
        return self._follow("POST", path or page.path, {**page.hidden, **fields})

    def close(self) -> None:
        self._connection.close()

    def _follow(self, method: str, path: str, fields: Mapping[str, str] | None) -> Page:
        for _ in range(MOST_REDIRECTS):
            status, target, text = self._send(method, path, fields)
            if not target:
                break
            method, path, fields = "GET", target, None
        if status >= http.HTTPStatus.BAD_REQUEST:
            raise CheckError(f"{method} {path} answered {status}.")
        reader = _Reader()
        reader.feed(text)
        return Page(path, text, reader.hidden, reader.choices, reader.ways)

    def _send(self, method: str, path: str, fields: Mapping[str, str] | None) -> tuple[int, str, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = None
        if fields is not None:
            body = urlencode(fields)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if time.monotonic() - self._used_at > IDLE_SECONDS:
            self._connection.close()  # it opens itself again
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        text = response.read().decode(errors="replace")
        self._used_at = time.monotonic()
        for cookie in response.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return response.status, _local(response.headers.get("Location", "")), text
