"""What a public page knows of its visitor: the address, and how often it came."""

import ipaddress
import time

from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.http import HttpRequest

from intake.errors import TooManyRequestsError

LIMIT, WINDOW = 20, 3600  # requests from one address to one form, in so many seconds


def visitor_network(request: HttpRequest) -> str:
    """The visitor's IPv4 address or IPv6 /64. Forwarded addresses count only as far as our own proxies wrote them."""
    address = request.META.get("REMOTE_ADDR", "")
    if settings.PROXY_COUNT:
        hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
        if len(hops) >= settings.PROXY_COUNT:
            address = hops[-settings.PROXY_COUNT]
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        parsed = parsed.ipv4_mapped or parsed
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def count_visit(*, name: str, network: str, limit: int = LIMIT, window: int = WINDOW) -> None:
    """Count one request; TooManyRequestsError beyond `limit` in the window. Kept in the database, so it holds with an empty Redis."""
    slot, passed = divmod(int(time.time()), window)
    key = f"visits:{name}:{network}:{slot}"
    with transaction.atomic(), connection.cursor() as cursor:
        # The cache has no atomic count: a flood in parallel would read the same number.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
        count = cache.get(key, 0) + 1
        if count <= limit:
            cache.set(key, count, timeout=window)
    if count > limit:
        wait = window - passed
        raise TooManyRequestsError(
            f"Too many requests came from your address. Nothing was sent; what you wrote is kept below. Try again in {max(1, wait // 60)} minutes.",
            retry_after=wait,
        )
