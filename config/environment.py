"""What the environment may say, checked: a value that makes no sense stops the start with a sentence that names it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

MIN_SECRET_LENGTH = 50

# Every name read by settings or by the runner. Another WINNOW_ name is a typing error somebody would search for.
KNOWN_NAMES = frozenset(
    {
        "WINNOW_ATTACHMENT_MB",
        "WINNOW_DATABASE_POOL",
        "WINNOW_EMBEDDED",
        "WINNOW_LOG_FORMAT",
        "WINNOW_LOG_LEVEL",
        "WINNOW_MEDIA_DIR",
        "WINNOW_PROXY_COUNT",
        "WINNOW_REAL_DATA",
        "WINNOW_SETUP",
        "WINNOW_STATE_DIR",
        "WINNOW_TEST_CLUSTER",
    }
)


def refuse_unknown_names(environ: Mapping[str, str]) -> None:
    """Refuse a WINNOW_ variable that nothing reads."""
    unknown = sorted(name for name in environ if name.startswith("WINNOW_") and name not in KNOWN_NAMES)
    if unknown:
        raise ImproperlyConfigured(f"Nothing reads {', '.join(unknown)}. Known names: {', '.join(sorted(KNOWN_NAMES))}.")


def checked_secret_key(value: str) -> str:
    """Return the key, or refuse one that is short or a placeholder."""
    if len(value) < MIN_SECRET_LENGTH or len(set(value)) < 5 or value.startswith("django-insecure-"):
        raise ImproperlyConfigured(
            f"SECRET_KEY must be at least {MIN_SECRET_LENGTH} random characters. Make one with: "
            "python3 -c 'import secrets; print(secrets.token_urlsafe(50))'"
        )
    return value


@dataclass(frozen=True)
class Site:
    """The address people type: https decides about cookies and HSTS, the host about allowed hosts."""

    origin: str
    host: str
    is_secure: bool


def parse_site_url(value: str) -> Site:
    """Read SITE_URL; refuse anything but a bare http(s) origin."""
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError as error:
        raise ImproperlyConfigured(f"SITE_URL {value!r} is not an address: {error}.") from error
    is_origin = parts.scheme in {"http", "https"} and parts.hostname and not parts.username
    if not is_origin or parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ImproperlyConfigured(f"SITE_URL {value!r} must be a bare address such as https://winnow.example.org (no path, no sign-in).")
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else str(parts.hostname)
    origin = f"{parts.scheme}://{host}" + (f":{port}" if port else "")
    return Site(origin=origin, host=host, is_secure=parts.scheme == "https")


def check_database_url(name: str, value: str) -> str:
    """Return a PostgreSQL URL, or refuse any other database: locks, COPY and the roles need PostgreSQL."""
    if urlsplit(value).scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(f"{name} must start with postgres:// or postgresql://; Winnow runs on PostgreSQL only.")
    return value


@dataclass(frozen=True)
class RedisUrls:
    """One server, three ways to name it: as the client, as Celery's broker, and as the volatile cache."""

    client: str
    broker: str
    cache: str


def parse_redis_url(value: str) -> RedisUrls:
    """Derive the broker's and the cache's database from one URL: the broker has the named one, the cache the next."""
    parts = urlsplit(value)
    if parts.scheme == "unix":
        database = parse_qs(parts.query).get("db", ["0"])[0]
    elif parts.scheme in {"redis", "rediss"}:
        database = parts.path.strip("/") or "0"
    else:
        raise ImproperlyConfigured("REDIS_URL must start with redis://, rediss:// or unix://.")
    if not database.isdecimal():
        raise ImproperlyConfigured(f"REDIS_URL names the database {database!r}; it must be a number.")
    following = str(int(database) + 1)
    if parts.scheme == "unix":
        return RedisUrls(
            client=f"unix://{parts.path}?db={database}",
            broker=f"redis+socket://{parts.path}?virtual_host={database}",
            cache=f"unix://{parts.path}?db={following}",
        )
    server = parts._replace(path="").geturl()
    client = parts._replace(path=f"/{database}").geturl()
    return RedisUrls(client=client, broker=client, cache=parts._replace(path=f"/{following}").geturl() or server)


def checked_choice(name: str, value: str, choices: Collection[str]) -> str:
    """Return the value where it is one of the choices."""
    if value not in choices:
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be one of {', '.join(sorted(choices))}.")
    return value


def checked_number(name: str, value: str, low: int, high: int) -> int:
    """Return the number where it is whole and within bounds."""
    if not value.isascii() or not value.isdecimal() or not low <= int(value) <= high:
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be a whole number from {low} to {high}.")
    return int(value)
