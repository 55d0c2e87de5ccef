"""The main job, done once over HTTP as a browser would: the steps of `up --check`."""

from __future__ import annotations

import http.client
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from accounts.models import Membership
from accounts.roles import Role
from config.celery import app

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Say = Callable[[str, str], None]

ANSWER_SECONDS = 10
MOST_REDIRECTS = 5
WORKER_SECONDS = 20


class CheckError(Exception):
    """A step did not find what it must; the text says what."""


@dataclass(frozen=True)
class Page:
    """An answer: where it came from in the end, its status and text, and the hidden fields of its forms."""

    path: str
    status: int
    text: str
    hidden: Mapping[str, str]

    def must_show(self, words: str) -> None:
        if words not in self.text:
            raise CheckError(f"{self.path} does not show {words!r}.")


class _HiddenFields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "input" and values.get("type") == "hidden" and values.get("name"):
            self.found.setdefault(str(values["name"]), values.get("value") or "")


@dataclass
class Browser:
    """As much of a browser as forms need: cookies, redirects, one connection kept open."""

    host: str
    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._connection = http.client.HTTPConnection(self.host, self.port, timeout=ANSWER_SECONDS)

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
        parser = _HiddenFields()
        parser.feed(text)
        return Page(path, status, text, parser.found)

    def _send(self, method: str, path: str, fields: Mapping[str, str] | None) -> tuple[int, str, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = None
        if fields is not None:
            body = urlencode(fields)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        text = response.read().decode(errors="replace")
        for cookie in response.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        target = urlsplit(response.headers.get("Location", ""))
        return response.status, target._replace(scheme="", netloc="").geturl(), text


@dataclass
class Visit:
    """What the steps share: who is where, and what earlier steps found."""

    host: str
    port: int
    password: str
    browsers: dict[str, Browser] = field(default_factory=dict)

    def browser(self, person: str) -> Browser:
        """Return this person's own browser, so that two of them are two sign-ins."""
        return self.browsers.setdefault(person, Browser(self.host, self.port))

    def close(self) -> None:
        for browser in self.browsers.values():
            browser.close()


def serve(visit: Visit) -> None:
    visit.browser("nobody").get("/health/ready").must_show('"redis": true')


def reach_the_worker(visit: Visit) -> None:
    for _ in range(WORKER_SECONDS):
        if app.control.ping(timeout=1.0, limit=1):
            return
    raise CheckError(f"No worker answered within {WORKER_SECONDS} s.")


def show_sign_in(visit: Visit) -> None:
    page = visit.browser("nobody").get("/accounts/login/")
    if "csrfmiddlewaretoken" not in page.hidden:
        raise CheckError("The sign-in page holds no form.")


def sign_in(visit: Visit) -> None:
    for _role, email in demo_sign_ins():
        browser = visit.browser(email)
        page = browser.submit(browser.get("/accounts/login/"), login=email, password=visit.password)
        if page.path.startswith("/accounts/login"):
            raise CheckError(f"{email} could not sign in.")


STEPS: tuple[Callable[[Visit], None], ...] = (serve, reach_the_worker, show_sign_in, sign_in)


def run(host: str, port: int, password: str, *, say: Say) -> bool:
    """Do the steps in order, saying how long each took; return whether all went well. The first failure ends it."""
    visit = Visit(host, port, password)
    try:
        for step in STEPS:
            name = step.__name__.replace("_", " ")
            began = time.monotonic()
            try:
                step(visit)
            except (CheckError, OSError, http.client.HTTPException) as error:
                say("check", f"{name}: FAILED: {error}")
                return False
            say("check", f"{name}: {(time.monotonic() - began) * 1000:.0f} ms")
    finally:
        visit.close()
    return True


def demo_sign_ins() -> list[tuple[str, str]]:
    """Return (role, e-mail) of one person for each of the roles that a newcomer tries first."""
    found = []
    for role in (Role.PRODUCT_OWNER, Role.DEVELOPER, Role.SCRUM_MASTER, Role.ADMINISTRATOR):
        membership = Membership.objects.unscoped().filter(role=role).select_related("user").order_by("pk").first()
        if membership:
            found.append((role.label.lower(), membership.user.email))
    return found
